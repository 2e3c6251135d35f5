"""The ports that belong to the proxy, and those that containers declare."""

import pytest

from kubectl_meshfix.mesh.reserved_ports import RESERVED, SERVED, declared_ports, is_reserved
from kubectl_meshfix.mesh.workloads import workload
from tests.injection.installations import decoded


@pytest.mark.parametrize(
    ("number", "protocol", "reserved"),
    [
        (15006, "TCP", True),
        (15053, "TCP", True),
        (15053, "UDP", True),
        (15053, "SCTP", False),
        (15006, "UDP", False),
        (15007, "TCP", False),
        (53, "UDP", False),
    ],
)
def test_a_port_belongs_to_the_proxy_by_its_number_and_protocol(number: int, protocol: str, reserved: bool) -> None:
    """All of them for TCP, and that of the DNS proxy for UDP."""
    assert is_reserved(number, protocol) is reserved


def test_the_proxys_ports() -> None:
    """As Istio's documentation lists them, and those among them that answer from outside."""
    ports = [15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090]

    assert [number for number in range(14_900, 15_200) if is_reserved(number, "TCP")] == ports
    assert [number for number in range(14_900, 15_200) if is_reserved(number, "UDP")] == [15053]
    assert sorted(SERVED) == [15020, 15021, 15090]
    assert RESERVED[15008] == "HBONE"


def test_ports_are_declared_by_containers_that_keep_running() -> None:
    """By a pod's containers, and by init containers that are sidecars; not by those that end before the others start."""
    init = [
        {"name": "once", "ports": [{"containerPort": 1}]},
        {"name": "beside", "restartPolicy": "Always", "ports": [{"containerPort": 2}]},
    ]
    containers = [{"name": "none"}, {"name": "main", "ports": [{"containerPort": 3}, {"containerPort": 4, "protocol": "UDP"}]}]
    spec = {"template": {"spec": {"containers": containers, "initContainers": init}}}
    item = workload(decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart"}, "spec": spec}))
    assert item

    assert [(path, name, port.container_port, port.protocol) for path, name, port in declared_ports(item)] == [
        ("/spec/template/spec/containers/1/ports/0/containerPort", "main", 3, "TCP"),
        ("/spec/template/spec/containers/1/ports/1/containerPort", "main", 4, "UDP"),
        ("/spec/template/spec/initContainers/1/ports/0/containerPort", "beside", 2, "TCP"),
    ]
