"""Kubelet's probes of a pod, and whether the injector moves them to the proxy's agent (`pkg/kube/inject/app_probe.go`)."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.injection.proxy import INJECTED, proxy_container
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.core import Container, Pod, PodSpec, Probe
from kubectl_meshfix.resources.go_bool import go_bool

REWRITE = "sidecar.istio.io/rewriteAppHTTPProbers"
"""Annotation: a boolean, over the injector's ``sidecarInjectorWebhook.rewriteAppHTTPProbe``."""

_REWRITTEN, _PROBERS = "/app-health/", "ISTIO_KUBE_APP_PROBERS"
_FIELDS = (("livenessProbe", "liveness_probe"), ("readinessProbe", "readiness_probe"), ("startupProbe", "startup_probe"))


class PortProbe(msgspec.Struct, frozen=True):
    """A probe that sends a request to a container port: where it stands in the pod, its container, kind (``livenessProbe``) and port."""

    path: str
    container: str
    kind: str
    port: int


def rewrites(plane: ControlPlane | None, annotations: Mapping[str, str]) -> bool:
    """Whether the injector moves the probes of a new pod; an annotation that is no boolean is ignored (`ShouldRewriteAppHTTPProbers`)."""
    value = go_bool(annotations.get(REWRITE, ""))
    if value is not None:
        return value
    return plane.injector.values.rewrite_app_http_probe if plane and plane.injector else True


def requests(spec: PodSpec) -> Iterator[PortProbe]:
    """The probes of the pod's own containers that send HTTP or gRPC to a port, and are not moved.

    A TCP probe only opens a connection, which any proxy accepts; a command is run inside of the container.
    """
    running = [(f"/spec/containers/{index}", item) for index, item in enumerate(spec.containers)]
    running += [
        (f"/spec/initContainers/{index}", item) for index, item in enumerate(spec.init_containers) if item.restart_policy == "Always"
    ]
    for path, container in running:
        if container.name in INJECTED:
            continue
        for field, attribute in _FIELDS:
            probe = getattr(container, attribute)
            port = _port(container, probe) if probe else None
            if port is not None:
                yield PortProbe(f"{path}/{field}", container.name, field, port)


def came_late(pod: Pod, template: PodSpec) -> Iterator[PortProbe]:
    """The probes of an injected pod whose containers came after injection: others were moved, or they are not in its template."""
    proxy = proxy_container(pod.spec)
    if proxy is None:
        return
    known = {container.name for container in (*template.containers, *template.init_containers)}
    were_moved = _were_moved(pod.spec, proxy)
    yield from (probe for probe in requests(pod.spec) if were_moved or probe.container not in known)


def _were_moved(spec: PodSpec, proxy: Container) -> bool:
    """Whether the injector moved probes of a pod: the proxy was told of them, or one shows it (`DumpAppProbers`)."""
    if any(variable.name == _PROBERS for variable in proxy.env):
        return True
    return any(_is_moved(probe) for container in (*spec.containers, *spec.init_containers) for probe in container.probes)


def _is_moved(probe: Probe) -> bool:
    return probe.http_get is not None and probe.http_get.path.startswith(_REWRITTEN)


def _port(container: Container, probe: Probe) -> int | None:
    """The number of the port that a probe sends its request to; None for no request, another host, or a name that no port has."""
    if _is_moved(probe) or (probe.http_get and probe.http_get.host):
        return None
    port = probe.http_get.port if probe.http_get else probe.grpc.port if probe.grpc else None
    if isinstance(port, str):
        return next((item.container_port for item in container.ports if item.name == port), None)
    return port or None
