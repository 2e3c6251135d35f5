"""What the rules about servers of gateways say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.gateways import gateway_port_not_on_service, gateway_server_ignored, shared_gateway_certificate
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF502

PORT = example(gateway_port_not_on_service.RULE)
FIRST = "  - name: http2\n    port: 80\n"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ((FIRST, FIRST), "http-8443"),
        ((FIRST, f"  - {{name: http-8443, port: 9443}}\n{FIRST}"), None),
        ((FIRST, f"  - {{name: http-8444, port: 9443}}\n{FIRST}"), "http-8443"),
        ((FIRST, "  - port: 80\n"), None),
        (("protocol: HTTP\n", "protocol: HTTP_PROXY\n"), None),
        (("protocol: HTTP\n", "protocol: Other\n"), "tcp-8443"),
    ],
)
def test_a_port_is_added_under_a_name_that_is_free(change: Change, name: str | None) -> None:
    """By hand where the name is taken, where a port has none, so that all need one, and where it would be no valid name."""
    (found,) = said(gateway_port_not_on_service.RULE, PORT, change)
    assert writes(found) == ([("add", "/spec/ports/-", {"name": name, "port": 8443, "targetPort": 8443})] if name else [])


# ---------------------------------------------------------------- MF503

PROTOCOLS = example(gateway_server_ignored.RULE, "HTTP and HTTPS on one port")
HOSTS = example(gateway_server_ignored.RULE, "two servers with one host")
SAME_HOST = ("IST0145", "KIA0301")


@pytest.mark.parametrize(
    ("text", "changes", "aliases"),
    [
        (PROTOCOLS, (), ()),
        (PROTOCOLS, (("admin.example", "shop.example"),), SAME_HOST),
        (HOSTS, (), SAME_HOST),
        (HOSTS, (("    - api.example.com\n", ""),), SAME_HOST),
    ],
)
def test_others_speak_of_servers_with_a_host_in_common(text: str, changes: tuple[Change, ...], aliases: tuple[str, ...]) -> None:
    """The codes of others are for one host in two servers, whatever the reason is why one is ignored."""
    assert [row.aliases for row in said(gateway_server_ignored.RULE, text, *changes)] == [aliases]


def test_a_server_between_two_others_is_told_by_one() -> None:
    """It shares a host with each: whichever of the Gateways is older, it may be the one that is ignored, and the files do not say."""
    third = """---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  selector: {istio: public-gateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [api.example.com], tls: {mode: SIMPLE, credentialName: web-tls}}
"""
    found = said(gateway_server_ignored.RULE, HOSTS + third)
    assert [(row.resource.name, row.message) for row in found] == [
        (
            "shop",
            "Gateway ingress/all has a TLS server for shop.example.com too. Istio ignores the one of the younger Gateway and its routes.",
        )
    ]


# ---------------------------------------------------------------- MF504

PAIR = example(shared_gateway_certificate.RULE, "two servers, one wildcard certificate")
LISTENERS = example(shared_gateway_certificate.RULE, "two listeners of a Kubernetes Gateway")
APART = "Use one server for all hosts of this certificate, or a certificate of its own for each server."
TOGETHER = "Move the hosts of this server to the server of port 443 https-cart, and remove it."
LAST = "    - stock.example.com\n    tls:\n"
THIRD = (
    "  - {port: {number: 443, name: https-x, protocol: HTTPS}, hosts: [x.example.com], tls: {mode: SIMPLE, credentialName: wildcard-tls}}\n"
)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((), [("/spec/servers/1/tls/credentialName", TOGETHER)]),
        (
            (("      credentialName: wildcard-tls", "      credentialNames: [wildcard-tls]"),),
            [("/spec/servers/1/tls/credentialNames", TOGETHER)],
        ),
        (
            (("      credentialName: wildcard-tls", "      serverCertificate: /etc/tls.crt\n      privateKey: /etc/tls.key"),),
            [("/spec/servers/1/tls", TOGETHER)],
        ),
        (((LAST, f"{LAST}      minProtocolVersion: TLSV1_3\n"),), [("/spec/servers/1/tls/credentialName", APART)]),
        (((LAST, f"{LAST}      caCertificates: /etc/ca.crt\n"),), [("/spec/servers/1/tls/credentialName", APART)]),
        (
            (("  servers:\n", f"  servers:\n{THIRD}"),),
            [("/spec/servers/1/tls/credentialName", APART), ("/spec/servers/2/tls/credentialName", APART)],
        ),
    ],
)
def test_servers_become_one_where_they_differ_in_hosts_alone(changes: tuple[Change, ...], told: list[tuple[str, str]]) -> None:
    """Two of them, with the same TLS in all that is written of it; the finding stands at what names the certificate."""
    found = said(shared_gateway_certificate.RULE, PAIR, *changes)
    assert list(zip([row.path for row in found], summaries(found), strict=True)) == told


def beside(name: str) -> str:
    """A Gateway of Istio's for the pods that istiod makes for a Kubernetes Gateway."""
    return f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: public-istio, namespace: ingress}}
spec:
  template:
    metadata: {{labels: {{gateway.networking.k8s.io/gateway-name: public}}}}
    spec: {{containers: [{{name: istio-proxy, image: istio/proxyv2, args: [proxy, router]}}]}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: ingress}}
spec:
  selector: {{gateway.networking.k8s.io/gateway-name: public}}
  servers:
  - port: {{number: 443, name: https, protocol: HTTPS}}
    hosts: [{name}.example.com]
    tls: {{mode: SIMPLE, credentialName: wildcard-tls}}
"""


@pytest.mark.parametrize(("name", "resource"), [("api", "public"), ("zebra", "zebra")])
def test_others_speak_of_istios_gateways_alone(name: str, resource: str) -> None:
    """Where one of the two is a listener of Kubernetes' Gateway, the first or the second, no code of others is for it."""
    one_listener = LISTENERS[: LISTENERS.index("  - name: stock")]
    found = said(shared_gateway_certificate.RULE, one_listener + beside(name))
    assert [(row.resource.name, row.aliases) for row in found] == [(resource, ())]
    assert [row.aliases for row in said(shared_gateway_certificate.RULE, PAIR)] == [("IST0138",)]
