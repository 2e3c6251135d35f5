"""MF955: proxies that neither take nor refuse what istiod sends."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.in_force.pushes import Unanswered, unanswered
from kubectl_meshfix.mesh.answers import changes
from kubectl_meshfix.mesh.moments import span
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

LISTED = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with such proxies (`pilot/pkg/xds/statusgen.go debugSyncStatus`: STALE)."""
    for found in unanswered(mesh):
        pod = found.pods[0]
        yield Finding(
            resource=found.workload.ref,
            path="/spec",
            message=f"{_who(found)} not answered for {span(found.since)} to the {changes(found.types)} that istiod sent: "
            "they are not in force.",
            evidence=tuple(str(item.ref) for item in found.pods[:LISTED]),
            fix=manual(
                "Find in the proxy's log what it waits for.", f"kubectl logs {pod.name}{pod.ref.namespace_flag} -c istio-proxy --tail=50"
            ),
        )


def _who(found: Unanswered) -> str:
    return "Its proxy has" if len(found.pods) == 1 else f"{len(found.pods)} of its proxies have"


RULE = Rule(
    code="MF955",
    name="unanswered-push",
    severity=Severity.WARNING,
    inputs=(kinds.POD,),
    optional=kinds.WORKLOADS,
    of_answers=True,
    summary="Proxies neither take nor refuse what istiod sends",
    check=check,
)
