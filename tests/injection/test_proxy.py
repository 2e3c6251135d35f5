"""What a template says of its proxy and of the mesh."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.intent import is_ambient, is_wanted
from kubectl_meshfix.injection.proxy import (
    has_native_proxy,
    has_proxy,
    image_version,
    injected_revision,
    is_gateway,
    is_redirected,
    is_running,
    running_proxies,
)
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.resources.core import Container, Pod, PodSpec, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from tests.injection.installations import as_workload, decoded, deployment, mesh

INJECT, REVISION, MODE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode"
STATUS = "sidecar.istio.io/status"
APP = Container(name="app", image="app:1")
PROXY = Container(name="istio-proxy", image="proxyv2:1")
NATIVE = Container(name="istio-proxy", image="proxyv2:1", restart_policy="Always")
PLACEHOLDER = Container(name="istio-proxy", image="auto")
ZTUNNEL = Container(name="istio-proxy", image="ztunnel:1", args=("proxy", "ztunnel"))


def template(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **spec: Any) -> PodTemplate:
    """A pod's template."""
    return PodTemplate(metadata=Meta(labels=labels or {}, annotations=annotations or {}), spec=PodSpec(**spec))


@pytest.mark.parametrize(
    ("spec", "proxy", "native"),
    [
        (PodSpec(containers=(APP,)), False, False),
        (PodSpec(containers=(APP, PROXY)), True, False),
        (PodSpec(containers=(APP,), init_containers=(NATIVE,)), True, True),
        (PodSpec(containers=(APP,), init_containers=(PROXY,)), True, False),
        (PodSpec(containers=(APP, NATIVE)), True, False),
        (PodSpec(containers=(APP, PLACEHOLDER)), False, False),
        (PodSpec(containers=(ZTUNNEL,)), False, False),
        (PodSpec(containers=(APP, Container(name="istio-proxy"))), False, False),
    ],
)
def test_a_proxy_is_a_container_with_an_image(spec: PodSpec, proxy: bool, native: bool) -> None:
    """A placeholder that the injector fills in is no proxy yet, and ztunnel, whose container has the same name, is none at all."""
    assert (has_proxy(spec), has_native_proxy(spec)) == (proxy, native)


@pytest.mark.parametrize(
    ("namespace", "pod", "spec", "ambient"),
    [
        ({}, {}, {}, False),
        ({MODE: "ambient"}, {}, {}, True),
        ({MODE: "ambient"}, {MODE: "none"}, {}, False),
        ({MODE: "ambient"}, {MODE: "other"}, {}, True),
        ({MODE: "none"}, {MODE: "ambient"}, {}, True),
        ({MODE: "none"}, {}, {}, False),
        ({MODE: "Ambient"}, {}, {}, False),
        ({}, {MODE: "ambient"}, {}, True),
        ({MODE: "ambient"}, {MODE: "ambient"}, {"host_network": True}, False),
        ({MODE: "ambient"}, {}, {"containers": (PROXY,)}, False),
    ],
)
def test_ambient(namespace: dict[str, str], pod: dict[str, str], spec: dict[str, Any], ambient: bool) -> None:
    """A pod's label goes before its namespace's; the host's network and a sidecar exclude ambient."""
    assert is_ambient(namespace, view_pod("shop", template(pod, **spec))) is ambient


def test_a_pod_enrolled_in_ambient_says_so() -> None:
    """The CNI agent annotates what it redirects; a pod that waits for it is not redirected yet."""
    assert is_redirected({"ambient.istio.io/redirection": "enabled"})
    assert not is_redirected({"ambient.istio.io/redirection": "pending"})
    assert not is_redirected({})


@pytest.mark.parametrize(
    ("labels", "annotations", "containers", "gateway"),
    [
        ({}, {}, [{"name": "app", "image": "app:1"}, {"name": "router", "image": "r:1", "args": ["router"]}], False),
        ({}, {}, [{"name": "app", "image": "app:1"}, {"name": "istio-proxy", "image": "p:1", "args": ["proxy", "sidecar"]}], False),
        ({}, {"inject.istio.io/templates": "sidecar, gateway"}, [{"name": "app", "image": "app:1"}], True),
        ({}, {"inject.istio.io/templates": "sidecar"}, [{"name": "app", "image": "app:1"}], False),
        ({}, {}, [{"name": "app", "image": "app:1"}], False),
        ({}, {}, [{"name": "istio-proxy", "image": "auto"}], True),
        ({}, {}, [{"name": "app", "image": "app:1"}, {"name": "istio-proxy", "image": "auto"}], False),
        ({}, {}, [{"name": "app", "image": "app:1"}, {"name": "istio-proxy", "image": "p:1", "args": ["proxy", "router"]}], True),
        ({}, {}, [{"name": "istio-proxy", "image": "ztunnel:1", "args": ["proxy", "ztunnel"]}], False),
        ({}, {"inject.istio.io/templates": "gateway"}, [{"name": "app", "image": "app:1"}], True),
        ({"gateway.istio.io/managed": "istio.io-mesh-controller"}, {}, [{"name": "app", "image": "app:1"}], True),
        ({}, {}, [], False),
    ],
)
def test_gateways(labels: dict[str, str], annotations: dict[str, str], containers: list[dict[str, Any]], gateway: bool) -> None:
    """A gateway is a proxy by itself, or what the gateway template or controller makes."""
    assert is_gateway(as_workload(deployment(labels, annotations=annotations, spec={"containers": containers}))) is gateway


@pytest.mark.parametrize(
    ("namespace", "labels", "annotations", "wanted"),
    [
        ({}, {}, {}, False),
        ({"istio-injection": "enabled"}, {}, {}, True),
        ({"istio-injection": "true"}, {}, {}, True),
        ({"istio-injection": "disabled"}, {}, {}, False),
        ({"istio-injection": "disabled", REVISION: "r1"}, {}, {}, False),
        ({"istio-injection": "disabled"}, {INJECT: "true"}, {}, True),
        ({REVISION: "gone"}, {}, {}, True),
        ({REVISION: ""}, {}, {}, False),
        ({"istio-injection": "enabled"}, {INJECT: "false"}, {}, False),
        ({"istio-injection": "enabled"}, {}, {INJECT: "false"}, False),
        ({}, {}, {INJECT: "true"}, True),
        ({}, {INJECT: "True"}, {}, True),
        ({}, {REVISION: "r1"}, {}, True),
        ({MODE: "ambient"}, {}, {}, True),
        ({MODE: "ambient"}, {MODE: "none"}, {}, False),
        ({}, {MODE: "ambient"}, {}, True),
    ],
)
def test_what_asks_for_the_mesh(namespace: dict[str, str], labels: dict[str, str], annotations: dict[str, str], wanted: bool) -> None:
    """A pod's own word goes before its namespace's; whether anybody hears it is another question."""
    assert is_wanted(namespace, template(labels, annotations)) is wanted


def test_a_workload_whose_own_label_says_that_it_is_managed_is_a_gateway() -> None:
    """The controller labels the Deployment that it makes; its pods' template need not repeat it."""
    made = msgspec.to_builtins(deployment())
    labels = {"gateway.istio.io/managed": "istio.io-gateway-controller"}
    managed = decoded({**made, "metadata": {**made["metadata"], "labels": labels}})

    assert is_gateway(as_workload(managed))
    assert not is_gateway(as_workload(decoded(made)))


@pytest.mark.parametrize(
    ("phase", "address", "deleted", "running"),
    [
        ("Running", "10.1.2.3", None, True),
        ("Pending", "10.1.2.3", None, False),
        ("Succeeded", "10.1.2.3", None, False),
        ("Running", "", None, False),
        ("Running", "10.1.2.3", "2026-03-01T12:00:00Z", False),
    ],
)
def test_a_pod_that_can_be_reached(phase: str, address: str, deleted: str | None, running: bool) -> None:
    """It runs, has an address, and is not on its way out."""
    metadata = {"name": "a", "namespace": "shop", **({"deletionTimestamp": deleted} if deleted else {})}
    spec = {"containers": [{"name": "istio-proxy", "image": "p:1"}]}
    pod = decoded({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {"phase": phase, "podIP": address}})

    assert isinstance(pod, Pod)
    assert is_running(pod) is running
    assert [found.name for found in running_proxies(mesh(pod))] == (["a"] if running else [])
    assert running_proxies(mesh(pod), "other") == ()


@pytest.mark.parametrize(
    ("annotations", "revision"),
    [
        ({}, ""),
        ({STATUS: '{"revision": "r1"}'}, "r1"),
        ({STATUS: '{"revision": "r1"}', REVISION: "prod"}, "r1"),
        ({STATUS: '{"revision": ""}', REVISION: "r1"}, "r1"),
        ({STATUS: "{}", REVISION: "r1"}, "r1"),
        ({STATUS: "[]", REVISION: "r1"}, "r1"),
        ({STATUS: "{", REVISION: "r1"}, "r1"),
        ({REVISION: "r1"}, "r1"),
    ],
)
def test_the_revision_that_injected_a_pod(annotations: dict[str, str], revision: str) -> None:
    """The injector's own note comes first, where it can be read and names one."""
    assert injected_revision(Pod(metadata=Meta(name="a", annotations=annotations), spec=PodSpec())) == revision


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("docker.io/istio/proxyv2:1.30.0", "1.30.0"),
        ("localhost:5000/istio/proxyv2:1.30.0-distroless", "1.30.0"),
        ("proxyv2:1.30.0-debug@sha256:0a", "1.30.0"),
        ("proxyv2:1.30.0-distroless-x", "1.30.0-distroless-x"),
        ("localhost:5000/istio/proxyv2", ""),
        ("proxyv2@sha256:0a", ""),
        ("", ""),
    ],
)
def test_the_version_of_an_image(image: str, version: str) -> None:
    """The tag without its variant; a registry's port and a digest are no tags."""
    assert image_version(image) == version
