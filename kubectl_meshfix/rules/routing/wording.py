"""Sentences that rules about routing share."""

from collections.abc import Iterable, Sequence

from kubectl_meshfix.rules.absence import sentence
from kubectl_meshfix.rules.rule import Severity
from kubectl_meshfix.traffic.route.targets import RouteTarget


def effect(target: RouteTarget) -> str:
    """The consequence as a sentence."""
    return sentence(consequence(target))


def consequence(target: RouteTarget) -> str:
    """What happens to traffic to a host, port or subset for which there is no cluster; a clause."""
    if target.is_mirror:
        return "nothing is mirrored"
    happens = "requests fail with 503" if target.kind == "http" else "connections are closed"
    return f"{happens} once it has a weight" if target.is_idle else happens


def severity(target: RouteTarget, told: Severity | None = None) -> Severity | None:
    """The severity of a finding about a target, which is ``told`` for others: what gets no request today is no error yet."""
    return Severity.WARNING if target.is_idle and told is None else told


def few(values: Sequence[object]) -> str:
    """Values for a message: the first four, and how many there are beside them."""
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    return f"{listed(values[:4])}{more}"


def listed(values: Iterable[object]) -> str:
    """Values for a sentence."""
    return ", ".join(map(str, values))
