"""Sentences that rules about routing share."""

from collections.abc import Iterable, Sequence

from kubectl_meshfix.rules.absence import sentence
from kubectl_meshfix.traffic.route.targets import RouteTarget


def effect(target: RouteTarget) -> str:
    """The consequence as a sentence."""
    return sentence(consequence(target))


def consequence(target: RouteTarget) -> str:
    """What happens to traffic to a host, port or subset for which there is no cluster; a clause."""
    if target.is_mirror:
        return "nothing is mirrored"
    return "requests fail with 503" if target.kind == "http" else "connections are closed"


def few(values: Sequence[object]) -> str:
    """Values for a message: the first four, and how many there are beside them."""
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    return f"{listed(values[:4])}{more}"


def listed(values: Iterable[object]) -> str:
    """Values for a sentence."""
    return ", ".join(map(str, values))
