"""MF953: certificates of proxies that should have been renewed."""

from collections.abc import Iterator
from datetime import timedelta

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.in_force.certificates import Overdue, overdue
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.moments import span
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

LISTED = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with such certificates (`security/pkg/nodeagent/cache/secretcache.go`)."""
    for found in overdue(mesh):
        pod = found.pods[0]
        yield Finding(
            resource=found.workload.ref,
            path="/spec",
            message=f"{_which(found)} {_state(found)} was not renewed. {_effect(found)} fail.",
            evidence=tuple(str(item.ref) for item in found.pods[:LISTED]),
            fix=manual(
                "Find in the proxy's log why istiod signs no new one.",
                f"kubectl logs {pod.name}{pod.ref.namespace_flag} -c istio-proxy --tail=20",
            ),
            severity=None if found.is_over else Severity.WARNING,
        )


def _which(found: Overdue) -> str:
    return "The certificate of its proxy" if len(found.pods) == 1 else f"A certificate of {len(found.pods)} of its proxies"


def _state(found: Overdue) -> str:
    return "has ended and" if found.is_over else f"ends in {span(timedelta(seconds=found.seconds))} and"


def _effect(found: Overdue) -> str:
    return "Requests with mTLS" if found.is_over else "Then requests with mTLS"


RULE = Rule(
    code="MF953",
    name="certificate-not-renewed",
    severity=Severity.ERROR,
    inputs=(kinds.POD,),
    optional=(*kinds.WORKLOADS, *control_plane.INPUTS),
    of_answers=True,
    summary="A proxy's certificate should have been renewed",
    check=check,
)
