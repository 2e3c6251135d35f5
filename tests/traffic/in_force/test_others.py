"""Proxies that are connected to none, too old, about to lose their certificate, and whose requests fail."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from kubectl_meshfix.injection.in_force.certificates import overdue
from kubectl_meshfix.injection.in_force.connections import unconnected
from kubectl_meshfix.mesh.answers import Answers, Connected, Failures, Istiod, Proxy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.proxies import certificate_not_renewed, failed_requests, unconnected_proxy, unsupported_proxy_version
from kubectl_meshfix.rules.rule import Severity
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.in_force.versions import apart
from tests.injection.installations import istiod
from tests.rules.asking import asked

ISTIOD = Ref("v1", "Pod", "istio-system", "istiod-1")
NOW = "2026-03-01T12:00:00Z"


def pod(name: str = "cart-1", *, ready: bool = True, started: str = "2026-03-01T11:00:00Z", env: Mapping[str, str] = {}) -> dict[str, Any]:
    """A running pod with a proxy."""
    proxy = {"name": "istio-proxy", "image": "proxyv2@sha256:1d9b", "env": [{"name": key, "value": value} for key, value in env.items()]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "cart"}},
        "spec": {"containers": [{"name": "cart", "image": "cart:1"}, proxy]},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "startTime": started,
            "conditions": [{"type": "Ready", "status": str(ready)}],
        },
    }


def istiod_pod(*, ready: bool = True) -> dict[str, Any]:
    """A pod of istiod's."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "istiod-1", "namespace": "istio-system", "labels": {"app": "istiod"}},
        "spec": {"containers": [{"name": "discovery", "image": "pilot:1.31.0"}]},
        "status": {"phase": "Running", "podIP": "10.0.0.2", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def mesh(answers: Answers, *objects: dict[str, Any]) -> Mesh:
    """A cluster with an istiod's Deployment, and what was answered."""
    read = from_texts({"a.yaml": yaml.safe_dump_all(objects)})[0].mesh
    return Mesh([istiod(), *read.objects], live=True, taken_at=NOW).with_answers(answers)


def ref(name: str = "cart-1") -> Ref:
    """A pod's."""
    return Ref("v1", "Pod", "shop", name)


def served(name: str = "cart-1", version: str = "1.31.0") -> Connected:
    """A proxy that an istiod serves."""
    return Connected(namespace="shop", name=name, istiod=ISTIOD, version=version)


CUT_OFF = Answers(is_every_istiod=True, proxies=(Proxy(pod=ref(), is_connected=False),))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(CUT_OFF, 1, id="nobody serves it"),
        pytest.param(Answers(is_every_istiod=True), 1, id="it was not asked itself"),
        pytest.param(Answers(proxies=CUT_OFF.proxies), 1, id="it says so, and an istiod did not answer"),
        pytest.param(Answers(), 0, id="nobody says so"),
        pytest.param(Answers(is_every_istiod=True, connected=(served(),), proxies=CUT_OFF.proxies), 0, id="it renews its connection"),
        pytest.param(Answers(is_every_istiod=True, proxies=(Proxy(pod=ref(), is_connected=True),)), 0, id="it went to another istiod"),
        pytest.param(Answers(is_every_istiod=True, connected=(served(),)), 0, id="an istiod serves it"),
    ],
)
def test_unconnected_is_who_nobody_serves(answers: Answers, expected: int) -> None:
    """The union of all istiods counts; a proxy's own word where that is not whole."""
    assert len(list(unconnected(mesh(answers, pod(), istiod_pod())))) == expected


def test_a_doubtful_proxy_is_a_warning() -> None:
    """Where not every istiod answered, the proxy may only be renewing its connection."""
    sure, doubtful = (
        asked(unconnected_proxy.RULE, mesh(answers, pod(), istiod_pod())) for answers in (CUT_OFF, Answers(proxies=CUT_OFF.proxies))
    )

    assert [item.severity for item in (*sure, *doubtful)] == [None, Severity.WARNING]


@pytest.mark.parametrize(("started", "expected"), [("2026-03-01T11:59:30Z", 0), ("2026-03-01T11:58:00Z", 1), ("soon", 0), ("", 0)])
def test_a_new_pod_has_a_minute(started: str, expected: int) -> None:
    """A pod that is not ready yet may be about to connect."""
    assert len(list(unconnected(mesh(CUT_OFF, pod(ready=False, started=started), istiod_pod())))) == expected


def test_an_istiod_that_is_gone_is_one_finding() -> None:
    """However many proxies it leaves, also those that are just trying again."""
    answers = Answers(is_every_istiod=True, proxies=tuple(Proxy(pod=ref(f"cart-{at}"), is_connected=bool(at % 2)) for at in range(20)))

    (found,) = asked(unconnected_proxy.RULE, mesh(answers, *(pod(f"cart-{at}") for at in range(20)), istiod_pod(ready=False)))

    assert str(found.resource) == "Deployment istio-system/istiod"
    assert "20 proxies are connected to none" in found.message


@pytest.mark.parametrize(("version", "expected"), [("1.31.2", 0), ("1.30.0", 0), ("1.29.5", 1), ("1.32.0", 1), ("", 0), ("unknown", 0)])
def test_a_proxy_may_be_one_minor_version_older(version: str, expected: int) -> None:
    """More is not supported, and neither is a newer one; what reports no version is not judged."""
    answers = Answers(istiods=(Istiod(pod=ISTIOD, version="1.31.0"),), connected=(served(version=version),))

    assert len(list(apart(mesh(answers, pod())))) == expected
    assert len(asked(unsupported_proxy_version.RULE, mesh(answers, pod()))) == expected


@pytest.mark.parametrize(
    ("left", "env", "expected"),
    [
        pytest.param(-1.0, {}, 1, id="ended"),
        pytest.param(0.0, {}, 0, id="another CA's at its end"),
        pytest.param(0.5, {}, 0, id="another CA's that is about to end"),
        pytest.param(5.9 * 3600, {"CA_ADDR": "istiod.istio-system.svc:15012"}, 1, id="late"),
        pytest.param(6.1 * 3600, {"CA_ADDR": "istiod.istio-system.svc:15012"}, 0, id="in time"),
        pytest.param(1000.0, {"CA_ADDR": "istiod.istio-system.svc:15012", "SECRET_TTL": "1h"}, 0, id="a short one in time"),
        pytest.param(800.0, {"CA_ADDR": "istiod.istio-system.svc:15012", "SECRET_TTL": "1h"}, 1, id="a short one late"),
    ],
)
def test_a_certificate_is_late_by_its_own_lifetime(left: float, env: dict[str, Any], expected: int) -> None:
    """When half of the time in which pilot-agent renews it is over, if its lifetime is known."""
    asking = mesh(Answers(proxies=(Proxy(pod=ref(), certificate_seconds=left),)), pod(env=env))

    assert len(list(overdue(asking))) == expected
    assert len(asked(certificate_not_renewed.RULE, asking)) == expected


@pytest.mark.parametrize(("left", "says", "severity"), [(0.0, "has ended and", "error"), (1.0, "ends in", "warning")])
def test_a_certificate_that_has_ended_is_an_error(left: float, says: str, severity: str) -> None:
    """One without a second left is not valid any more; before, requests still work."""
    answers = Answers(proxies=(Proxy(pod=ref(), certificate_seconds=left),))

    (found,) = asked(certificate_not_renewed.RULE, mesh(answers, pod(env={"CA_ADDR": "istiod.istio-system.svc:15012"})))

    assert says in found.message
    assert (found.severity or certificate_not_renewed.RULE.severity) == severity


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "catalog", "namespace": "shop"},
    "spec": {"ports": [{"name": "http", "port": 8000}]},
}


@pytest.mark.parametrize(
    ("flag", "count", "severities"),
    [
        ("NC", 10, [Severity.WARNING]),
        ("NC", 9, [None]),
        ("UF,URX", 5000, [None]),
        ("UH", 1, [None]),
        ("DC", 1000, []),
        ("-", 1000, []),
        ("FI", 1000, []),
    ],
)
def test_few_failures_alarm_nobody(flag: str, count: int, severities: list[Severity | None]) -> None:
    """Only what configuration alone explains is a warning; what the client did or somebody wants is nothing."""
    failures = (Failures(host="catalog.shop.svc.cluster.local", flag=flag, code=503, count=count),)

    found = asked(failed_requests.RULE, mesh(Answers(proxies=(Proxy(pod=ref(), failures=failures),)), pod(), SERVICE))

    assert [item.severity for item in found] == severities


def test_failures_are_counted_by_host_over_all_callers() -> None:
    """One finding at the Service, with who called it."""
    failures = (Failures(host="catalog.shop.svc.cluster.local", flag="UH", code=503, count=2),)
    answers = Answers(proxies=tuple(Proxy(pod=ref(f"cart-{at}"), failures=failures) for at in range(3)))

    (found,) = asked(failed_requests.RULE, mesh(answers, *(pod(f"cart-{at}") for at in range(3)), SERVICE))

    assert str(found.resource) == "Service shop/catalog"
    assert found.message.startswith("6 requests to catalog.shop.svc.cluster.local failed with UH")
    assert found.fix
    assert found.fix.commands == ("kubectl meshfix trace pod/cart-0 http://catalog.shop.svc.cluster.local:8000/ -n shop",)
