"""References to a Service's port are found in objects of any kind."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.named_ports import named_ports, named_services

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"backend": {"serviceName": "cart", "servicePort": "web"}}, [("/backend/servicePort", "", "cart", "web")]),
        ({"a": {"service": "cart", "port": "web"}}, [("/a/port", "", "cart", "web")]),
        ({"a": {"serviceName": "cart", "service": "other", "port": "web"}}, [("/a/port", "", "cart", "web")]),
        ({"a": {"serviceName": 1, "service": "cart", "portName": "web"}}, [("/a/portName", "", "cart", "web")]),
        ({"a": {"kind": "Service", "name": "cart", "sectionName": "web"}}, [("/a/sectionName", "", "cart", "web")]),
        ({"a": {"kind": "", "group": "", "serviceName": "cart", "port": "web"}}, [("/a/port", "", "cart", "web")]),
        ({"a": {"kind": "Service", "group": "core", "name": "cart", "port": "web"}}, [("/a/port", "", "cart", "web")]),
        ({"a": {"kind": "TraefikService", "serviceName": "cart", "port": "web"}}, []),
        ({"a": {"group": "example.com", "serviceName": "cart", "port": "web"}}, []),
        ({"a": {"kind": "Service", "group": "example.com", "name": "cart", "port": "web"}}, []),
        ({"a": {"name": "cart", "port": "web"}}, []),
        ({"service": {"name": "cart", "port": {"name": "web"}}}, [("/service/port/name", "", "cart", "web")]),
        ({"service": {"name": "cart", "port": {"number": "web"}}}, []),
        ({"service": {"name": "cart", "port": 80}}, []),
        ({"service": {"name": "cart", "port": "80"}}, []),
        ({"service": {"name": "cart", "port": ""}}, []),
        ({"service": {"name": ["cart"], "port": "web"}}, []),
        (
            {"service": {"name": "cart", "ports": ["web", 80, {"name": "admin"}]}},
            [("/ports/0", "", "cart", "web"), ("/ports/2/name", "", "cart", "admin")],
        ),
        ({"service": {"name": "cart", "ports": "web"}}, []),
        ({"service": {"name": "cart", "toPorts": ["web"]}}, [("/toPorts/0", "", "cart", "web")]),
        ({"service": {"name": "cart", "number": ["web"]}}, [("/number/0", "", "cart", "web")]),
        ({"a": {"serviceName": "cart", "serviceNamespace": "bank", "port": "web"}}, [("/a/port", "bank", "cart", "web")]),
        (
            {"a": {"serviceName": "cart", "namespace": "shop", "serviceNamespace": "bank", "port": "web"}},
            [("/a/port", "shop", "cart", "web")],
        ),
    ],
)
def test_a_service_and_a_port_by_name_belong_together(value: Json, found: list[tuple[str, ...]]) -> None:
    """Fields that hold a Service's name, or a name below a field for Services, with a port beside it that is no number."""
    prefix = "/service" if found and found[0][0].startswith(("/ports", "/toPorts", "/number")) else ""
    assert list(named_ports(value)) == [(prefix + path, *rest) for path, *rest in found]


@pytest.mark.parametrize(
    "holder",
    ["alertmanagers", "backend", "backends", "backendServices", "mirroring", "mirrors", "service", "serviceRef", "serviceRefs", "services"],
)
def test_a_name_below_a_field_for_services_is_a_services(holder: str) -> None:
    """Alone and in a list, as APIs spell it."""
    one, several = ({holder: of} for of in ({"name": "cart", "port": "web"}, [{"name": "cart", "port": "web"}]))

    assert list(named_ports(one, "/spec")) == [(f"/spec/{holder}/port", "", "cart", "web")]
    assert list(named_ports(several)) == [(f"/{holder}/0/port", "", "cart", "web")]
    assert list(named_services([one])) == [("", "cart")]


def test_the_search_has_an_end() -> None:
    """An object that holds itself is searched once, and no deeper than any reference is."""
    row: Json = {"serviceName": "cart", "port": "web"}
    ring: Json = {"row": row, "again": row}
    ring["ring"] = ring
    deep, deeper = ({"row": row}, {"row": row})
    for _ in range(39):
        deep = {"in": deep}
    for _ in range(40):
        deeper = {"in": deeper}

    assert list(named_ports(ring)) == [("/row/port", "", "cart", "web")]
    assert len(list(named_ports(deep))) == 1
    assert not list(named_ports(deeper))
