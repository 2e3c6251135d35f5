"""Who spells a port's name: SRV names and variables in templates, and annotations of cloud providers."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.port_name_mentions import annotation, in_templates, srv_name, variable
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.meta import Meta, Object
from tests.fixes.objects import made

CART = Service(metadata=Meta(name="cart-db", namespace="shop"))
SRV, VARIABLE = "_http-web._tcp.cart-db.shop.svc", "CART_DB_SERVICE_PORT_HTTP_WEB"


def test_names_are_as_dns_and_kubelet_make_them() -> None:
    """The record's name in the cluster's domain, and the variable in capitals."""
    assert (srv_name(CART, "http-web"), variable(CART, "http-web")) == (SRV, VARIABLE)


def caller(text: str, field: str = "args", *, namespace: str = "shop", init: bool = False) -> Object:
    """A workload with a text in a command, an argument or a variable."""
    texts: dict[str, Any] = {field: [text]} if field != "env" else {"env": [{"name": "A", "value": text}]}
    containers = {"initContainers" if init else "containers": [{"name": "none"}, {"name": "main", **texts}]}
    return made("apps/v1", "Deployment", {"template": {"spec": containers}}, name="caller", namespace=namespace)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (caller(f"dig {SRV}.cluster.local"), SRV.removesuffix(".svc")),
        (caller("_http-web._tcp.cart-db", "command"), "_http-web._tcp.cart-db"),
        (caller("_http-web._tcp.cart-db", namespace="bank"), None),
        (caller("_http-web._tcp.cart-db.shop", namespace="bank"), "_http-web._tcp.cart-db.shop"),
        (caller("_http._tcp.cart-db"), None),
        (caller("_http-web._udp.cart-db"), None),
        (caller("_http-web._tcp.cart-db", init=True), "_http-web._tcp.cart-db"),
        (caller(f"curl $({VARIABLE})", "env"), VARIABLE),
        (caller(f"curl $({VARIABLE})", namespace="bank"), None),
        (caller(f"curl $({VARIABLE}S)"), None),
        (caller(f"curl $(MY_{VARIABLE})"), None),
        (caller("curl cart-db"), None),
    ],
)
def test_templates_spell_a_ports_name(found: Object, text: str | None) -> None:
    """In commands, arguments and variables of any container: a whole name, in the workload's own namespace unless it names another."""
    assert in_templates(Mesh([CART, found]), CART, "http-web") == (((found.ref, text),) if text else ())


@pytest.mark.parametrize(
    ("key", "value", "refers"),
    [
        ("cloud.google.com/app-protocols", '{"http-web": "HTTP2"}', True),
        ("service.alpha.kubernetes.io/app-protocols", '{"http-web": "HTTP2"}', True),
        ("cloud.google.com/backend-config", '{"ports": {"http-web": "x"}}', True),
        ("beta.cloud.google.com/backend-config", '{"ports": {"http-web": "x"}}', True),
        ("service.beta.kubernetes.io/aws-load-balancer-ssl-ports", "443,http-web", True),
        ("service.beta.kubernetes.io/aws-load-balancer-ssl-ports", "443,http-web-2", False),
        ("service.beta.kubernetes.io/aws-load-balancer-ssl-ports", "*", False),
        ("example.com/ports", "http-web", False),
    ],
)
def test_annotations_of_cloud_providers_name_ports(key: str, value: str, refers: bool) -> None:
    """As words of their own."""
    service = Service(metadata=Meta(name="cart-db", namespace="shop", annotations={"a": "b", key: value}))

    assert annotation(service, "http-web") == (key if refers else "")
