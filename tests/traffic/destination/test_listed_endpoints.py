"""Endpoints that somebody wrote for a Service without a selector."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.traffic.destination.listed_endpoints import of_service
from tests.fixes.objects import made

SERVICE = made("v1", "Service", {"ports": [{"name": "web", "port": 80}]})
assert isinstance(SERVICE, Service)


def endpoints(*subsets: dict[str, Any]) -> Any:
    """Endpoints of the Service."""
    return made("v1", "Endpoints", {}, subsets=list(subsets))


def slices(endpoint: dict[str, Any], service: str = "cart", port: str = "web", **rest: Any) -> Any:
    """An EndpointSlice."""
    labels = {"kubernetes.io/service-name": service}
    ports = [{"name": "x", "port": 1}, {"name": port, "port": 8080}]
    return made("discovery.k8s.io/v1", "EndpointSlice", {}, name="cart-1", labels=labels, ports=ports, endpoints=[endpoint], **rest)


def found(*objects: Any, live: bool = True) -> list[tuple[str, int, object]] | None:
    """Address, port and readiness of each endpoint; None where nobody knows them."""
    assert isinstance(SERVICE, Service)
    ends = of_service(Mesh([SERVICE, *objects], live=live), SERVICE, SERVICE.spec.ports[0])
    return None if ends is None else [(item.address, item.port, item.ready) for item in ends]


@pytest.mark.parametrize(
    ("item", "rows"),
    [
        (slices({"addresses": ["1.1.1.1"], "conditions": {"ready": True}}), [("1.1.1.1", 8080, True)]),
        (slices({"addresses": ["1.1.1.1"]}), [("1.1.1.1", 8080, True)]),
        (slices({"addresses": ["1.1.1.1"], "conditions": {"ready": False}}), [("1.1.1.1", 8080, False)]),
        (slices({"addresses": ["1.1.1.1"], "conditions": {"ready": False, "terminating": True}}), []),
        (slices({"addresses": ["1.1.1.1"], "conditions": {"ready": True, "terminating": True}}), [("1.1.1.1", 8080, True)]),
        (slices({"addresses": ["1.1.1.1"]}, service="other"), []),
        (slices({"addresses": ["1.1.1.1"]}, port="y"), []),
        (slices({"addresses": ["1.1.1.1"]}, namespace="other"), []),
        (slices({"addresses": ["1.1.1.1"], "targetRef": {"kind": "Pod", "name": "gone"}}), []),
        (slices({"addresses": ["1.1.1.1"], "targetRef": {"kind": "Node", "name": "n"}}), [("1.1.1.1", 8080, True)]),
        (endpoints({"addresses": [{"ip": "1.1.1.1"}], "ports": [{"name": "web", "port": 8080}]}), [("1.1.1.1", 8080, True)]),
        (endpoints({"notReadyAddresses": [{"ip": "1.1.1.1"}], "ports": [{"name": "web", "port": 8080}]}), [("1.1.1.1", 8080, False)]),
        (endpoints({"addresses": [{"ip": "1.1.1.1"}], "ports": [{"name": "x", "port": 8080}]}), []),
    ],
)
def test_addresses_are_those_of_the_ports_name(item: Any, rows: list[tuple[str, int, object]]) -> None:
    """What is not ready is told apart, what ends is left out, and a pod that is gone is no endpoint."""
    assert found(item) == rows


def test_an_address_of_a_slice_and_of_endpoints_is_one() -> None:
    """Kubernetes mirrors Endpoints into slices."""
    older = endpoints({"addresses": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.2"}], "ports": [{"name": "web", "port": 8080}]})

    assert isinstance(SERVICE, Service)
    ends = of_service(Mesh([SERVICE, slices({"addresses": ["1.1.1.1"]}), older], live=True), SERVICE, SERVICE.spec.ports[0])

    assert ends
    assert sum(item.count for item in ends) == 2


def test_files_seldom_hold_endpoints() -> None:
    """That they hold none says nothing; on a cluster one of the two kinds is enough to know."""
    assert isinstance(SERVICE, Service)
    refused = {kind: Coverage(reason="forbidden") for kind in (kinds.ENDPOINTS, kinds.ENDPOINT_SLICE)}

    def known(*unread: kinds.Kind) -> bool:
        mesh = Mesh([SERVICE], live=True, coverage={kind: refused[kind] for kind in unread})
        assert isinstance(SERVICE, Service)
        return of_service(mesh, SERVICE, SERVICE.spec.ports[0]) is not None

    assert found(live=False) is None
    assert known()
    assert known(kinds.ENDPOINTS)
    assert known(kinds.ENDPOINT_SLICE)
    assert not known(kinds.ENDPOINTS, kinds.ENDPOINT_SLICE)
