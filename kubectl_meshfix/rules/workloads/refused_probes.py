"""MF207: a probe that reaches the proxy in plain text, where it accepts only mutual TLS."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.injection.probes import PortProbe
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads
from kubectl_meshfix.rules.workloads.probe_rewriting import Unmoved, unmoved
from kubectl_meshfix.traffic.server import plain_text
from kubectl_meshfix.traffic.server.plain_text import strictly

_RESTARTED, _NOT_READY = "Kubelet restarts the container again and again.", "The pod never becomes ready."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with a sidecar whose probes are not moved to the proxy's agent, on ports that accept only mutual TLS."""
    for workload in user_workloads(mesh):
        for found in unmoved(mesh, workload):
            refused = {probe: by.reason for probe in found.probes if (by := strictly(mesh, workload, probe.port))}
            if refused:
                yield _finding(mesh, workload, found, refused)


def _finding(mesh: Mesh, workload: Workload, found: Unmoved, refused: dict[PortProbe, str]) -> Finding:
    first = next(iter(refused))
    failing = tuple(_failing(mesh.pods_of(workload), {probe.container for probe in refused}))
    cause = "came after injection" if found.came_late else "is not rewritten"
    who = f"Container {first.container}" if found.came_late else f"The {first.kind} of container {first.container}"
    probe = f"its {first.kind}" if found.came_late else "it"
    effect = _NOT_READY if first.kind == "readinessProbe" else _RESTARTED
    return Finding(
        resource=workload.ref,
        path=found.path,
        message=f"{who} {cause}: {probe} is plain text, which STRICT mTLS refuses on port {first.port}. {effect}",
        evidence=(found.why, *dict.fromkeys(refused.values()), *map(_spelt, refused), *failing),
        fix=found.fix,
        severity=Severity.ERROR if failing else None,
    )


def _spelt(probe: PortProbe) -> str:
    return f"{probe.container}: {probe.kind} on port {probe.port}"


def _failing(pods: Sequence[Pod], names: set[str]) -> Iterator[str]:
    """What the pods show: containers that are not ready, or were restarted."""
    for pod in pods:
        for status in pod.status.container_statuses:
            if status.name in names and has_proxy(pod.spec) and (status.restart_count > 1 or (status.state.running and not status.ready)):
                yield f"{pod.ref}: {status.name} is {'ready' if status.ready else 'not ready'}, {status.restart_count} restarts"


RULE = Rule(
    code="MF207",
    name="refused-probes",
    severity=Severity.WARNING,
    inputs=(kinds.PEER_AUTHENTICATION, *kinds.WORKLOADS),
    optional=plain_text.INPUTS,
    about=kinds.WORKLOADS,
    needs=(kinds.PEER_AUTHENTICATION,),
    summary="A probe reaches the proxy in plain text, and STRICT mutual TLS refuses it",
    check=check,
)
