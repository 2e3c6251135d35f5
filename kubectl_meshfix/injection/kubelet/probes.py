"""Probes of a pod with a proxy that nobody moved to the proxy's agent: whether the proxy refuses them."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.early import is_captured_inbound
from kubectl_meshfix.injection.kubelet.controllers import events
from kubectl_meshfix.injection.probes import PortProbe, requests
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.injector_config import InjectorValues

_CLOSED = ("connection reset by peer", ": EOF", "error reading server preface")
"""How kubelet tells of a connection that a proxy accepted and closed (`k8s.io/kubernetes/pkg/probe`)."""


def inspect_probes(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    """A step for each container whose probes reach the proxy as they are, and that is not well."""
    direct: dict[str, PortProbe] = {}
    for probe in requests(pod.spec):
        if is_captured_inbound(probe.port, pod.metadata.annotations, InjectorValues()):
            direct.setdefault(probe.container, probe)
    closed = [event.message for event in events(mesh, pod.ref) if event.reason == "Unhealthy" and _tells_of_closing(event.message)]
    for index, status in enumerate(pod.status.container_statuses):
        probe_of = direct.get(status.name)
        if probe_of is None or (status.ready and status.restart_count == 0):
            continue
        at = Where(resource=pod.ref, path=join("status", "containerStatuses", index))
        found = tuple(text for text in closed if f":{probe_of.port}" in text)
        if found:
            yield step(checks.PROBES_CLOSED, at, evidence=(found[-1], f"{status.restart_count} restarts"), container=status.name)
        elif status.restart_count > 1 or (status.state.running and not status.ready):
            state = f"restarted {status.restart_count} times" if status.restart_count else "not ready"
            yield step(checks.PROBES_DIRECT, at, container=status.name, state=state, port=probe_of.port)


def _tells_of_closing(message: str) -> bool:
    return any(words in message for words in _CLOSED)
