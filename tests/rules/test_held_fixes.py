"""What is said holds on the ports that are meant, and no fix is offered that leads to the next fault."""

import re

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import ALL, FILE

NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}"
HTTP = "{name: http, port: 7000}"
TCP = "{name: tcp-x, port: 7000}"


def service(name: str, port: str) -> str:
    """A Service of namespace shop."""
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{app: {name}}}, ports: [{port}]}}
"""


def routes(name: str, hosts: str, rest: str = "") -> str:
    """A VirtualService of namespace shop."""
    return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: shop}}
spec: {{hosts: [{hosts}], {rest}http: [{{route: [{{destination: {{host: cart, port: {{number: 7000}}}}}}]}}]}}
"""


def only(code: str, *documents: str) -> Diagnosis:
    """The one finding of a rule."""
    (found,) = (
        row for row in diagnose(from_texts({"a.yaml": "\n---\n".join((NAMESPACE, *documents))})[0], RULES).findings if row.code == code
    )
    return found


def test_an_unknown_host_is_routed_on_the_ports_of_the_others_too() -> None:
    """Sidecars route it on port 80, and on the HTTP ports of the hosts beside it."""
    alone = only("MF412", service("cart", HTTP), routes("cart", "cart.shop"))
    beside = only("MF412", service("cart", HTTP), service("pay", HTTP), routes("cart", "cart.shop, pay"))

    assert "on port 80 alone" in alone.message
    assert "on ports 80, 7000 alone" in beside.message


@pytest.mark.parametrize(
    "documents",
    [
        pytest.param((service("cart", TCP),), id="the Service has no HTTP port"),
        pytest.param((service("cart", HTTP), routes("first", "cart")), id="another VirtualService has the host"),
    ],
)
def test_a_dotted_host_is_not_replaced_where_the_routes_would_be_ignored(documents: tuple[str, ...]) -> None:
    """Under the Service's own name these routes would not be used."""
    fix = only("MF412", *documents, routes("cart", "cart.shop")).fix

    assert fix
    assert not fix.patches


def test_a_host_is_not_added_to_a_server_that_does_not_use_the_routes() -> None:
    """A server that passes TLS through uses no http routes."""
    gateway = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [www.example.com]}]
"""
    fix = only("MF411", service("cart", HTTP), gateway, routes("cart", "api.example.org", "gateways: [public], ")).fix

    assert fix
    assert not fix.patches


def test_tls_is_not_copied_onto_a_port_of_the_mesh() -> None:
    """Whether the pods take it there is for a person to say."""
    rule = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  trafficPolicy:
    tls: {mode: ISTIO_MUTUAL}
    portLevelSettings: [{port: {number: 7000}, loadBalancer: {simple: RANDOM}}]
"""
    fix = only("MF431", service("cart", HTTP), rule).fix

    assert fix
    assert not fix.patches


def test_a_deployment_that_cannot_be_read_ends_nothing() -> None:
    """Where the pods of a Service are not known, nothing is said of what they take."""
    example = next(example for example in ALL if str(example) == "MF603-bad-mTLS to pods without a sidecar")
    text = re.sub(r"image: \S+?(?=[,}\s])", "image: [{a: 1}]", example.text)
    report = diagnose(from_texts({FILE: text, **example.beside})[0], RULES)

    assert text != example.text
    assert "MF603" not in {row.code for row in report.findings}
