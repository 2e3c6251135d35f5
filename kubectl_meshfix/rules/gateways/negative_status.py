"""MF511: Istio says in an object's status that it does not do what the object asks for."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import of_object
from kubectl_meshfix.resources.meta import Condition, Object
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.conditions import ABOUT, INPUTS, negative

_EFFECTS = {
    ("Gateway", "Accepted"): "Istio does not configure this Gateway.",
    ("Gateway", "Programmed"): "The Gateway has no pods or no address, and clients may not reach it.",
    ("Gateway", "ResolvedRefs"): "A listener lacks what it refers to, and is not built.",
    ("Route", "Accepted"): "No proxy follows this route there.",
    ("Route", "Programmed"): "Proxies do not follow this route yet.",
    ("Route", "ResolvedRefs"): "Requests for a backend that is not resolved fail.",
    ("", "istio.io/WaypointBound"): "Traffic bypasses the waypoint, its routes and its policies.",
    ("", "ZtunnelAccepted"): "ztunnel does not enforce all of this policy as it is written.",
    ("", "WaypointAccepted"): "The waypoint does not enforce all of this policy.",
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each object with a condition that says no, once (`analyzers/conditions/conditions.go`)."""
    for owner, conditions in negative(mesh):
        path, first = conditions[0]
        yield Finding(
            resource=owner.ref,
            path=path,
            message=f"Istio sets {first.type} to {first.status} ({first.reason}). {_effect(owner, first)}",
            evidence=tuple(f"{condition.type}: {condition.message or condition.reason}" for _, condition in conditions),
            fix=manual("Correct what the condition's message names.", _command(owner)),
        )


def _effect(owner: Object, condition: Condition) -> str:
    kind = "Gateway" if owner.kind == "Gateway" else "Route" if owner.kind.endswith("Route") else ""
    return _EFFECTS[kind, condition.type]


def _command(owner: Object) -> str:
    kind = of_object(owner)
    return f"kubectl describe {kind.singular if not kind.group else kind.resource} {owner.name}{owner.ref.namespace_flag}"


RULE = Rule(
    code="MF511",
    name="negative-status",
    severity=Severity.WARNING,
    inputs=(),
    optional=tuple(dict.fromkeys(INPUTS)),
    about=ABOUT,
    words=("conditions",),
    aliases=("IST0171",),
    summary="Istio says in an object's status that it does not do what the object asks for",
    check=check,
)
