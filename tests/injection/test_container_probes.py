"""Kubelet's probes of a pod: which of them send a request to a container port, and which came after injection."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.probes import REWRITE, came_late, requests, rewrites
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.resources.core import Pod, PodSpec
from tests.injection.installations import injector, istiod, mesh

HTTP = {"httpGet": {"path": "/", "port": 8080}}
MOVED = {"httpGet": {"path": "/app-health/app/livez", "port": 15020}}
PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
TOLD = {**PROXY, "env": [{"name": "ISTIO_KUBE_APP_PROBERS", "value": "{}"}]}
OTHER = {**PROXY, "env": [{"name": "ISTIO_META_MESH_ID", "value": "a"}]}


def container(name: str = "app", **rest: Any) -> dict[str, Any]:
    """A container of the application's."""
    return {"name": name, "image": "app:1", "ports": [{"name": "web", "containerPort": 9090}], **rest}


@pytest.mark.parametrize(
    ("probe", "port"),
    [
        ({"httpGet": {"port": 8080}}, 8080),
        ({"httpGet": {"port": "web"}}, 9090),
        ({"httpGet": {"port": "other"}}, None),
        ({"httpGet": {"port": 0}}, None),
        ({"httpGet": {"port": 8080, "host": "example.com"}}, None),
        ({"httpGet": {"port": 8080, "path": "/app-health/app/livez"}}, None),
        ({"httpGet": {"port": 8080, "path": "/app-health"}}, 8080),
        ({"grpc": {"port": 9000}}, 9000),
        ({"tcpSocket": {"port": 8080}}, None),
        ({"exec": {"command": ["true"]}}, None),
    ],
)
def test_a_probe_that_sends_a_request_has_a_port(probe: dict[str, Any], port: int | None) -> None:
    """HTTP and gRPC to a port of the container, which may be named; what is moved, or goes to another host, is no such probe."""
    spec = msgspec.convert({"containers": [container(livenessProbe=probe)]}, PodSpec)

    assert [(found.path, found.container, found.kind, found.port) for found in requests(spec)] == (
        [] if port is None else [("/spec/containers/0/livenessProbe", "app", "livenessProbe", port)]
    )


def test_all_three_probes_of_what_keeps_running_count() -> None:
    """Also those of an init container that is a sidecar; not the proxy's own, nor those of an init container that ends."""
    probes: dict[str, Any] = {"livenessProbe": HTTP, "readinessProbe": HTTP, "startupProbe": HTTP}
    own = container("log", restartPolicy="Always", livenessProbe=HTTP)
    spec = msgspec.convert(
        {
            "containers": [{**PROXY, **probes}, container(**probes)],
            "initContainers": [container("setup", livenessProbe=HTTP), own],
        },
        PodSpec,
    )

    assert [found.path for found in requests(spec)] == [
        "/spec/containers/1/livenessProbe",
        "/spec/containers/1/readinessProbe",
        "/spec/containers/1/startupProbe",
        "/spec/initContainers/1/livenessProbe",
    ]


@pytest.mark.parametrize(
    ("containers", "late"),
    [
        ([container(livenessProbe=HTTP)], []),
        ([container(livenessProbe=HTTP), PROXY], []),
        ([container(livenessProbe=HTTP), OTHER], []),
        ([container(livenessProbe=HTTP), TOLD], ["app"]),
        ([container(livenessProbe=MOVED), container("log", livenessProbe=HTTP), PROXY], ["log"]),
        ([container(livenessProbe=MOVED, readinessProbe=HTTP), PROXY], ["app"]),
        ([container(), container("scan", livenessProbe=HTTP), PROXY], ["scan"]),
        ([container(), container("log", livenessProbe=HTTP), PROXY], []),
        ([container(), container("scan", livenessProbe=HTTP)], []),
    ],
)
def test_a_probe_that_came_after_injection(containers: list[dict[str, Any]], late: list[str]) -> None:
    """Its container is not in the template, or others were moved: the proxy was told of them, or one shows it."""
    pod = msgspec.convert({"metadata": {"name": "a"}, "spec": {"containers": containers}}, Pod)
    template = msgspec.convert({"containers": [container()], "initContainers": [container("log")]}, PodSpec)

    assert [probe.container for probe in came_late(pod, template)] == late


@pytest.mark.parametrize(
    ("value", "annotation", "moved"),
    [
        (True, None, True),
        (False, None, False),
        (None, None, True),
        (False, "true", True),
        (True, "false", False),
        (True, "0", False),
        (False, "yes", False),
        (True, "", True),
    ],
)
def test_whether_probes_are_moved(value: bool | None, annotation: str | None, moved: bool) -> None:
    """The annotation comes before the injector's value, unless it is no boolean; without an injector the chart's default holds."""
    values = {"sidecarInjectorWebhook": {"rewriteAppHTTPProbe": value}}
    installed = mesh(istiod(), *([] if value is None else [injector(values=values)]))

    assert rewrites(control_plane(installed, "default"), {} if annotation is None else {REWRITE: annotation}) is moved
    assert rewrites(None, {})
