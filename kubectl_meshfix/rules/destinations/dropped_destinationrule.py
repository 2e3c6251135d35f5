"""MF421: a part of a DestinationRule is dropped, because another one for the same host has it too."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.merging import Dropped, dropped


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule of which no proxy uses a ``trafficPolicy`` or a subset that it sets."""
    for found in dropped(mesh):
        yield _finding(found)


def _finding(found: Dropped) -> Finding:
    other = found.used[0]
    part, path = found.parts[0]
    what = part if part == "trafficPolicy" else f"the {part}"
    more = f" and {len(found.parts) - 1} more" if len(found.parts) > 1 else ""
    effect = "This one's has no effect." if found.is_order_known else "Istio uses only the older one's."
    return Finding(
        resource=found.rule.ref,
        path=path,
        message=f"{other.ref} for the same host sets {what}{more} too. {effect}",
        evidence=tuple(f"{name} is dropped" for name, _ in found.parts),
        fix=manual(f"Merge both into {other.ref}.", why="Istio merges subsets of different names, and no settings."),
    )


RULE = Rule(
    code="MF421",
    name="dropped-destinationrule",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE,),
    optional=control_plane.INPUTS,
    about=(kinds.DESTINATION_RULE,),
    compares=(kinds.DESTINATION_RULE,),
    aliases=("KIA0201",),
    summary="A DestinationRule's settings are dropped, because another has them too",
    check=check,
)
