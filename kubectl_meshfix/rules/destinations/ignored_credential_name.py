"""MF424: sidecars ignore a DestinationRule's ``credentialName``, and send plain text."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.consolidated import exports_of
from kubectl_meshfix.traffic.destination.effects.followers import has_sidecars
from kubectl_meshfix.traffic.destination.effects.originating import is_ignored_by_sidecars, originations
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route import routed


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule without a ``workloadSelector`` that no gateway needs and that pods with a sidecar use."""
    seen = set()
    for found in originations(mesh) if routed.are_known(mesh) else ():
        host = found.entry.host
        if not is_ignored_by_sidecars(found) or found.at in seen or any(row.at_gateway for row in routed.routed(mesh, host)):
            continue
        if not has_sidecars(mesh, exports_of(found.rule), found.rule.namespace):
            continue
        seen.add(found.at)
        is_known = mesh.knows(kinds.VIRTUAL_SERVICE, found.rule.namespace, found.rule)
        yield Finding(
            resource=found.at.resource,
            path=f"{found.at.path}/credentialName",
            message=f"Sidecars ignore credentialName without a workloadSelector. Requests to {host} leave them as plain text.",
            evidence=("no route of a gateway leads to this host",),
            fix=manual(
                "Add a workloadSelector with the labels of the pods that call the host.",
                why="Their service account has to be allowed to read the Secret.",
            ),
            severity=None if is_known else Severity.WARNING,
        )


RULE = Rule(
    code="MF424",
    name="ignored-credential-name",
    severity=Severity.ERROR,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=(*OPTIONAL, *WORKLOAD_INPUTS, *routed.INPUTS),
    about=(kinds.DESTINATION_RULE,),
    words=("credentialName",),
    summary="Sidecars ignore a DestinationRule's credentialName, and send plain text",
    check=check,
)
