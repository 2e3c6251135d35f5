"""What was not looked at is told shortly, however much it is."""

from kubectl_meshfix.render.report.summary import unread
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Unread
from tests.render.findings import report


def forbidden(kind: str, where: str, user: str = "jane") -> Unread:
    """What a kube-apiserver says of a kind that may not be listed."""
    return Unread(kind=kind, reason=f'{kind} is forbidden: User "{user}" cannot list resource "{kind}" in API group ""{where}')


def test_what_one_person_may_not_list_is_one_line() -> None:
    """A line for each person and place; what is alone, and any other reason, keeps its own words."""
    cluster, space = " at the cluster scope", ' in the namespace "shop"'
    gaps = (forbidden("pods", cluster), Unread("nodes", "it is down"), forbidden("services", cluster), forbidden("events", space))
    told = report(context="lab", unreadable=(*gaps, Unread("jobs", "it is down")))

    assert unread(told, Screen(width=200)).splitlines() == [
        'Not checked, because User "jane" cannot list them at the cluster scope: pods, services.',
        "Not checked: nodes: it is down",
        'Not checked: events: events is forbidden: User "jane" cannot list resource "events" in API group "" in the namespace "shop"',
        "Not checked: jobs: it is down",
    ]
