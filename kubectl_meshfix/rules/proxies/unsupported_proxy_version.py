"""MF952: proxies of a version that their istiod does not support."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import INPUTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.in_force.versions import Apart, apart

LISTED = 3
RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with such proxies, by what the proxies and their istiods report."""
    for found in apart(mesh):
        ref = found.workload.ref
        command = (f"kubectl rollout restart {ref.kind.lower()} {ref.name}{ref.namespace_flag}",) if ref.kind in RESTARTED else ()
        distance, effect = "newer than", "Istio does not support that: it may lack configuration that it needs."
        fix = manual("Upgrade istiod first, or pin the proxy's image to its version.")
        if found.minors > 0:
            distance = f"{found.minors} minor versions older than"
            effect = "Istio supports one: it may refuse newer configuration."
            fix = manual("Replace the pods, once new ones get a newer proxy.", *command)
        yield Finding(
            resource=ref,
            path="/spec",
            message=f"{_who(found)} Istio {found.proxy.text}, {distance} istiod {found.istiod.text}. {effect}",
            evidence=tuple(f"{pod.ref} reports {found.proxy.text}" for pod in found.pods[:LISTED]),
            fix=fix,
        )


def _who(found: Apart) -> str:
    return "Its proxy runs" if len(found.pods) == 1 else f"{len(found.pods)} of its proxies run"


RULE = Rule(
    code="MF952",
    name="unsupported-proxy-version",
    severity=Severity.WARNING,
    inputs=(kinds.POD,),
    optional=tuple(dict.fromkeys((*INPUTS, *kinds.WORKLOADS))),
    of_answers=True,
    summary="Proxies run a version that their istiod does not support",
    check=check,
)
