"""Sentences that rules about routing share."""

from collections.abc import Iterable

from kubectl_meshfix.traffic.route.targets import RouteTarget


def consequence(target: RouteTarget) -> str:
    """What becomes of traffic to a host, port or subset for which there is no cluster."""
    if target.is_mirror:
        return "nothing is mirrored"
    return "requests fail with 503" if target.kind == "http" else "connections are closed"


def listed(values: Iterable[object]) -> str:
    """Values for a sentence."""
    return ", ".join(map(str, values))
