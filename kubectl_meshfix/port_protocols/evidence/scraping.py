"""Evidence of what Prometheus scrapes: metrics are served over HTTP, or over HTTPS by the scheme."""

from collections.abc import Iterator, Mapping, Sequence

from kubectl_meshfix.mesh import selectors
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import LabelSelector
from kubectl_meshfix.resources.networking import MonitorEndpoint, NamespaceSelector, PodMonitor, ServiceMonitor


def of_service(mesh: Mesh, service: Service, port: ServicePort, places: Sequence[tuple[Workload, int]]) -> Iterator[Witness]:
    """The evidence of a Service's annotations and of ServiceMonitors that select it; ``places`` are the container ports behind its port."""
    yield from _annotated(service.metadata.annotations, str(service.ref), {number for _, number in places})
    for monitor in mesh.all(ServiceMonitor):
        if _selects(monitor, monitor.spec.namespace_selector, monitor.spec.selector, service.namespace, service.labels):
            for endpoint in monitor.spec.endpoints:
                by_name = endpoint.port == port.name if endpoint.port else False
                if by_name or any(_is_at(workload, endpoint.target_port, number) for workload, number in places):
                    yield from _scraped(endpoint, f"{monitor.ref} scrapes it")


def of_pods(mesh: Mesh, workload: Workload, number: int) -> Iterator[Witness]:
    """The evidence of pods' annotations and of PodMonitors that select them for a container port."""
    yield from _annotated(workload.annotations, str(workload.ref), {number})
    for monitor in mesh.all(PodMonitor):
        if _selects(monitor, monitor.spec.namespace_selector, monitor.spec.selector, workload.namespace, workload.labels):
            for endpoint in monitor.spec.pod_metrics_endpoints:
                named = (endpoint.port or None, endpoint.port_number, endpoint.target_port)
                if any(_is_at(workload, target, number) for target in named):
                    yield from _scraped(endpoint, f"{monitor.ref} scrapes container port {number} of {workload.ref}")


def _annotated(annotations: Mapping[str, str], whose: str, numbers: set[int]) -> Iterator[Witness]:
    """The annotations that Prometheus' example configuration gave their meaning; the port is the pods', also on a Service."""
    port = annotations.get("prometheus.io/port", "").strip()
    if annotations.get("prometheus.io/scrape", "").strip().lower() == "true" and port.isdecimal() and int(port) in numbers:
        is_https = annotations.get("prometheus.io/scheme", "").strip().lower() == "https"
        text = f"prometheus.io/port {port}{' and scheme https' if is_https else ''} on {whose}"
        yield Witness(protocol=Protocol.HTTPS if is_https else Protocol.HTTP, strength=Strength.CLAIM, text=text)


def _scraped(endpoint: MonitorEndpoint, text: str) -> Iterator[Witness]:
    """HTTPS with a client certificate says nothing: it may be the mesh's mTLS, in front of an application that speaks HTTP."""
    if endpoint.scheme.lower() != "https":
        yield Witness(protocol=Protocol.HTTP, strength=Strength.CLAIM, text=text)
    elif not (endpoint.tls_config and (endpoint.tls_config.cert_file or endpoint.tls_config.cert)):
        yield Witness(protocol=Protocol.HTTPS, strength=Strength.CLAIM, text=f"{text} over HTTPS")


def _selects(
    monitor: ServiceMonitor | PodMonitor, where: NamespaceSelector, selector: LabelSelector, namespace: str, labels: Mapping[str, str]
) -> bool:
    return (where.any or namespace in (where.match_names or (monitor.namespace,))) and selectors.matches(selector, labels)


def _is_at(workload: Workload, target: int | str | None, number: int) -> bool:
    """Whether a container port's number or name means this one."""
    if isinstance(target, int):
        return target == number
    declared = (item for container in workload.spec.containers for item in container.ports)
    return bool(target) and any(item.name == target and item.container_port == number for item in declared)
