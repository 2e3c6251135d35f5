"""Servers of Istio's Gateways: the port, what they share it with, and TLS."""

import pytest

from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire
from tests.traffic.gateway.scenes import PODS, ask, files, http, https, routes, server

SHOP = server("shop", "80 HTTP", "shop.example.com")
SECURE = server("shop", "443 HTTPS", "shop.example.com", "mode: SIMPLE, credentialName: shop-tls")
VS = routes("shop", "shop.example.com", "shop")


def test_a_plain_request_is_for_the_virtual_service_of_its_host() -> None:
    """Port 80 of the Service leads to container port 8080, where the server listens, and whose VirtualService has the routes."""
    found = ask(files(PODS, SHOP, VS), "shop/shop", http())

    assert (found.host.domain, str(found.host.by)) == ("shop.example.com", "VirtualService shop/shop")
    assert [rule.at.path for rule in found.host.rules if rule.at] == ["/spec/http/0"]
    assert (found.taken.port, found.taken.number, found.taken.is_tls_terminated) == (8080, 80, False)
    assert found.told("wayIn") == {"ingress/spec/ports/0": "Service edge/ingress leads from port 80 to container port 8080."}


def test_a_node_port_leads_in_too() -> None:
    """Callers of a node's port reach the container port behind it."""
    assert ask(files(PODS, SHOP, VS), "shop/shop", http(port=30080)).taken.port == 8080


def test_a_port_that_no_service_has_is_refused() -> None:
    """Nobody outside connects to a port that the gateway's Services do not have, and the step names those that they have."""
    found = ask(files(PODS, SHOP, VS), "shop/shop", http(port=8888))

    assert found.failure is Failure.REFUSED
    assert found.told("wayIn") == {"ingress/spec/ports": "No Service of the gateway has port 8888. ingress has 80, 443, 9000."}


def test_a_port_without_a_server_is_refused() -> None:
    """The Service has the port, and no server listens behind it; the one for the host is told of."""
    found = ask(files(PODS, SHOP, VS), "shop/shop", https())

    assert found.failure is Failure.REFUSED
    assert found.told("server") == {"shop/spec/servers/0": "It listens on another port: 80, which is container port 8080."}


def test_a_server_without_routes_answers_404() -> None:
    """A server for HTTP listens without any VirtualService (404), one for TCP does not listen at all."""
    assert ask(files(PODS, SHOP), "shop/shop", http()).failure is Failure.NO_ROUTE
    tcp = server("shop", "9000 TCP", "'*'")
    assert ask(files(PODS, tcp), "shop/shop", Request(scheme=Scheme.TCP, host="x", port=9000)).failure is Failure.REFUSED


def test_tls_ends_at_the_server_of_its_name() -> None:
    """The server's certificate is taken to be good, which a step says; the Secret is sought where the pods are."""
    found = ask(files(PODS, SECURE, VS), "shop/shop", https())

    assert found.host.domain == "shop.example.com"
    assert (found.taken.is_tls, found.taken.is_tls_terminated, found.taken.sni) == (True, True, "shop.example.com")
    assert found.told("certificate") == {"shop/spec/servers/0": "Secret edge/shop-tls is not read; it is taken to hold a good certificate."}


@pytest.mark.parametrize(
    ("hosts", "name", "failure"),
    [
        ("'*.example.com'", "a.b.example.com", None),
        ("'*.example.com'", "example.com", Failure.TLS_REFUSED),
        ("shop.example.com", "10.0.0.1", Failure.TLS_REFUSED),
        ("'*'", "10.0.0.1", None),
        ("shop.example.com", "other.example.com", Failure.TLS_REFUSED),
    ],
)
def test_wildcards_of_sni(hosts: str, name: str, failure: Failure | None) -> None:
    """A wildcard covers names at any depth and not the domain itself; an address is no name, and only ``*`` takes it."""
    mesh = files(PODS, server("shop", "443 HTTPS", hosts, "mode: SIMPLE, credentialName: c"), routes("shop", "'*'", "shop"))
    found = ask(mesh, "shop/shop", https(name))

    assert (found.value if isinstance(found.value, Failure) else None) is failure


def test_plain_text_to_tls_and_tls_to_plain_text() -> None:
    """A port for TLS takes no plain text, and one for plain HTTP no TLS."""
    assert ask(files(PODS, SECURE, VS), "shop/shop", http(port=443)).failure is Failure.NO_FILTER_CHAIN
    assert ask(files(PODS, SHOP, VS), "shop/shop", https(port=80)).failure is Failure.TLS_TO_PLAIN_TEXT
    assert ask(files(PODS, SHOP, VS), "shop/shop", Request(scheme=Scheme.TCP, host="x", port=80)).failure is Failure.NOT_HTTP


def test_https_after_http_is_skipped() -> None:
    """HTTPS on a port where an earlier Gateway reads plain HTTP is skipped, with the reason; plain HTTP goes on working."""
    mesh = files(PODS, server("a", "443 HTTP", "'*'"), SECURE, VS)

    assert ask(mesh, "shop/shop", https()).failure is Failure.TLS_TO_PLAIN_TEXT
    told = ask(mesh, "shop/shop", https()).told("server")
    assert told["shop/spec/servers/0"] == "It is skipped: HTTPS cannot share port 8443 with HTTP of Gateway shop/a."


def test_servers_of_other_addresses_do_not_share_a_port() -> None:
    """HTTPS after plain HTTP is kept where that one binds another address."""
    bound = server("a", "443 HTTP", "'*'").replace("  - port:", "  - bind: 10.0.0.1\n    port:")
    found = ask(files(PODS, bound, SECURE, VS), "shop/shop", https())

    assert not any("skipped" in sentence for sentence in found.told("server").values())


def test_plain_http_after_https_is_kept() -> None:
    """TLS first and plain HTTP second live on one port: TLS goes by SNI, plain text to the other."""
    mesh = files(PODS, SECURE, server("z", "443 HTTP", "'*'"), VS, routes("z", "'*'", "z"))

    assert ask(mesh, "shop/shop", https()).host.domain == "shop.example.com"
    assert ask(mesh, "shop/shop", http(port=443)).host.domain == "*"


def test_of_two_servers_for_a_host_the_first_is_kept() -> None:
    """The younger Gateway's server for TLS is skipped whole, and its VirtualService with it: 404 (in files names decide)."""
    mesh = files(PODS, SECURE, server("other", "443 HTTPS", "shop.example.com, b.example.com", "mode: SIMPLE, credentialName: c"), VS)
    found = ask(mesh, "shop/shop", https())

    assert found.failure is Failure.NO_ROUTE
    assert found.told("server")["shop/spec/servers/0"] == (
        "It is skipped whole: shop.example.com has a TLS server on this port already, Gateway shop/other."
    )
    assert found.told("virtualService") == {"shop/spec/gateways": "It is for shop, not for gateway shop/other."}


def test_an_exact_host_takes_what_a_wildcard_has_routes_for() -> None:
    """With a wildcard Gateway a and an exact Gateway b, routes on a alone are no help: SNI leads to b, and Envoy does not go back."""
    mesh = files(
        PODS,
        server("a", "443 HTTPS", "'*.example.com'", "mode: SIMPLE, credentialName: a"),
        server("b", "443 HTTPS", "shop.example.com", "mode: SIMPLE, credentialName: b"),
        routes("shop", "shop.example.com", "a"),
    )

    assert ask(mesh, "shop/a", https()).failure is Failure.NO_ROUTE
    assert ask(mesh, "shop/a", https("x.example.com", headers=(("host", "shop.example.com"),))).host.domain == "shop.example.com"
    assert ask(mesh, "shop/a", https(headers=(("host", "x.example.com"),))).failure is Failure.NO_ROUTE


def test_hosts_with_two_namespaces_are_rejected_by_envoy() -> None:
    """Two servers for one host under different namespaces escape istiod's check, and Envoy rejects the listener: not known."""
    ending = "mode: SIMPLE, credentialName: c"
    mesh = files(PODS, server("a", "443 HTTPS", "shop/s.example.com", ending), server("b", "443 HTTPS", "web/s.example.com", ending))

    assert list(ask(mesh, "shop/a", https("s.example.com")).told("overlap").values()) == [
        "Two servers on port 8443 are for s.example.com. Envoy rejects the listener and keeps the last good one, or has none."
    ]


def test_a_secret_of_another_namespace_is_denied() -> None:
    """A credentialName with another namespace than the pods' is not delivered, so the handshake fails."""
    mesh = files(PODS, server("shop", "443 HTTPS", "shop.example.com", "mode: SIMPLE, credentialName: shop/tls"), VS)

    assert ask(mesh, "shop/shop", https()).failure is Failure.TLS_REFUSED


def test_mutual_wants_a_certificate_of_the_caller() -> None:
    """MUTUAL refuses a caller without a certificate, ISTIO_MUTUAL one without a certificate of the mesh; OPTIONAL_MUTUAL takes both."""
    failures = {}
    for mode in ("MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"):
        mesh = files(PODS, server("shop", "443 HTTPS", "shop.example.com", f"mode: {mode}, credentialName: c"), VS)
        failures[mode] = isinstance(ask(mesh, "shop/shop", https()).value, Failure)
        if mode == "ISTIO_MUTUAL":
            wire = Wire(transport=Transport.ISTIO, sni="shop.example.com", identity="cluster.local/ns/shop/sa/cart", by_proxy=True)
            assert ask(mesh, "shop/shop", http(port=443), wire, 8443).taken.identity == wire.identity

    assert failures == {"MUTUAL": True, "OPTIONAL_MUTUAL": False, "ISTIO_MUTUAL": True}


def test_mutual_tls_of_the_mesh_meets_another_certificate() -> None:
    """A sidecar that expects the mesh's certificate does not take the one of a Secret."""
    wire = Wire(transport=Transport.ISTIO, sni="shop.example.com", by_proxy=True)

    assert ask(files(PODS, SECURE, VS), "shop/shop", http(port=443), wire, 8443).failure is Failure.BAD_CERTIFICATE


def test_an_egress_gateway_takes_the_sni_of_the_subset() -> None:
    """Mutual TLS names ``outbound_.443_…`` unless a DestinationRule says otherwise, and a server with a concrete host does not take it."""
    mesh = files(PODS, server("shop", "443 HTTPS", "shop.example.com", "mode: ISTIO_MUTUAL"), VS)
    wire = Wire(transport=Transport.ISTIO, sni="outbound_.443_._.ingress.edge.svc.cluster.local", by_proxy=True)

    assert ask(mesh, "shop/shop", http(port=443), wire, 8443).failure is Failure.TLS_REFUSED


def test_passthrough_needs_tls_routes() -> None:
    """TLS that goes on is routed by ``tls`` blocks; a VirtualService with ``http`` is not used, and nothing listens."""
    through = server("shop", "443 TLS", "shop.example.com", "mode: PASSTHROUGH")

    found = ask(files(PODS, through, routes("shop", "shop.example.com", "shop", kind="tls")), "shop/shop", https())
    assert [(each.value.host, each.value.port) for each in found.targets] == [("catalog.shop.svc.cluster.local", 0)]
    assert (found.taken.is_tls, found.taken.is_tls_terminated) == (True, False)
    missing = ask(files(PODS, through, VS), "shop/shop", https())
    assert missing.failure is Failure.REFUSED
    assert missing.told("virtualService") == {"shop/spec": "It has no tls route for this server."}


def test_of_two_routes_for_an_sni_the_first_is_taken() -> None:
    """The second ``tls`` block for the same names is skipped, with a step."""
    mesh = files(
        PODS,
        server("shop", "443 TLS", "'*.example.com'", "mode: PASSTHROUGH"),
        routes("one", "a.example.com", "shop", kind="tls"),
        routes("two", "a.example.com", "shop", kind="tls"),
    )
    found = ask(mesh, "shop/shop", https("a.example.com"))

    assert [each.value.at.resource.name for each in found.targets if each.value.at] == ["one"]
    assert found.told("virtualService")["two/spec/tls/0/match/0"].startswith("Its route for a.example.com is skipped")


def test_tls_that_ends_at_a_tls_server_needs_tcp_routes() -> None:
    """TLS of a TLS server ends there, and the bytes go where a ``tcp`` block says; a ``tls`` block is no help."""
    ends = server("shop", "443 TLS", "shop.example.com", "mode: SIMPLE, credentialName: c")

    found = ask(files(PODS, ends, routes("shop", "shop.example.com", "shop", kind="tcp")), "shop/shop", https())
    assert found.targets[0].value.host == "catalog.shop.svc.cluster.local"
    assert (found.taken.is_tls_terminated, found.taken.is_http) == (True, False)
    assert ask(files(PODS, ends, routes("shop", "shop.example.com", "shop", kind="tls")), "shop/shop", https()).failure is Failure.REFUSED


def test_auto_passthrough_goes_by_the_sni_alone() -> None:
    """Mutual TLS of the mesh goes to the Service in its SNI; other TLS is refused."""
    mesh = files(PODS, server("shop", "443 TLS", "'*.local'", "mode: AUTO_PASSTHROUGH"))
    wire = Wire(transport=Transport.ISTIO, sni="outbound_.80_.v1_.catalog.shop.svc.cluster.local", by_proxy=True)
    target = ask(mesh, "shop/shop", http(port=443), wire, 8443).targets[0].value

    assert (target.host, target.port, target.subset) == ("catalog.shop.svc.cluster.local", 80, "v1")
    assert ask(mesh, "shop/shop", https()).failure is Failure.TLS_REFUSED


def test_ports_below_1024_of_unprivileged_pods_are_skipped() -> None:
    """Where a server's port is none of the Service's, the number is bound as it is, and unprivileged pods cannot."""
    unprivileged = PODS.replace("image: auto", "image: auto, env: [{name: ISTIO_META_UNPRIVILEGED_POD, value: 'true'}]")
    pods = unprivileged.replace("port: 80, targetPort: 8080", "port: 8000, targetPort: 80")
    found = ask(files(pods, SHOP, VS), "shop/shop", http(port=8000))

    assert found.failure is Failure.REFUSED
    assert list(found.told("server").values()) == ["It is skipped: port 80 is below 1024, and the pods are unprivileged."]


def test_files_without_the_gateway_assume_its_service() -> None:
    """The charts' gateway is rarely in files: its Service is taken to have the port, which a step says."""
    shop = SHOP.replace("istio: ingress", "istio: ingressgateway")
    found = ask(files(shop, VS), "shop/shop", http())

    assert found.host.domain == "shop.example.com"
    assert found.told("wayIn") == {"": "The gateway's Service is not known; it is taken to have port 80."}


def secret(namespace: str, data: str) -> str:
    """A Secret of the name that the servers' credentials have."""
    return (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: shop-tls, namespace: {namespace}}}\ntype: kubernetes.io/tls\ndata: {{{data}}}\n"
    )


def test_secrets_that_files_hold() -> None:
    """A Secret beside the pods with both keys is in order, one without is none; one elsewhere is told of, and the handshake is assumed."""
    both, one = "tls.crt: YQ==, tls.key: YQ==", "tls.crt: YQ==, tls.key: ''"

    assert list(ask(files(PODS, SECURE, VS, secret("edge", both)), "shop/shop", https()).told("certificate").values()) == [
        "Secret edge/shop-tls holds a certificate and its key; they are taken to be good."
    ]
    assert ask(files(PODS, SECURE, VS, secret("edge", one)), "shop/shop", https()).failure is Failure.TLS_REFUSED
    away = ask(files(PODS, SECURE, VS, secret("shop", both)), "shop/shop", https())
    assert away.host.domain == "shop.example.com"
    assert list(away.told("certificate").values()) == [
        "Secret edge/shop-tls is not in these files. They hold one of that name in shop, where the gateway does not look."
    ]


def test_who_takes_plain_ports_of_the_node() -> None:
    """Pods of the host's network listen on the port itself, others on that of a container which has it."""
    alone = PODS.split("---")[0]
    host = alone.replace("serviceAccountName: ingress", "hostNetwork: true")
    container = alone.replace("image: auto}", "image: auto, ports: [{containerPort: 8080, hostPort: 80}, {containerPort: 9}]}")
    shop = server("shop", "8080 HTTP", "'*'")

    assert "port 80" in next(iter(ask(files(host, SHOP, VS), "shop/shop", http()).told("wayIn").values()))
    found = ask(files(container, shop, VS), "shop/shop", http())
    assert found.host.domain == "shop.example.com"
    assert "8080" in found.told("wayIn")[""]
    assert "is taken to have port 81" in ask(files(container, shop, VS), "shop/shop", http(port=81)).told("wayIn")[""]


@pytest.mark.parametrize(("number", "is_skipped"), [(1023, True), (1024, False)])
def test_the_first_port_that_anybody_may_bind(number: int, *, is_skipped: bool) -> None:
    """Is 1024."""
    pods = PODS.replace("image: auto", "image: auto, env: [{name: ISTIO_META_UNPRIVILEGED_POD, value: 'true'}]")
    mesh = files(pods.replace("port: 9000", f"port: {number}"), server("shop", f"{number} HTTP", "'*'"), VS)
    found = ask(mesh, "shop/shop", http(port=number))

    assert (found.value is Failure.REFUSED) is is_skipped
