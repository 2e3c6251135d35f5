"""What istiod's webhook refuses in a Sidecar, and what it warns of."""

import pytest

from kubectl_meshfix.validation.sidecar import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "all", "namespace": "shop"},
    "spec": {
        "workloadSelector": {"labels": {"app": "cart"}},
        "ingress": [
            {"port": {"number": 80, "protocol": "HTTP", "name": "http"}, "defaultEndpoint": "127.0.0.1:8080"},
            {
                "port": {"number": 443, "protocol": "HTTPS"},
                "tls": {"mode": "SIMPLE", "serverCertificate": "/a", "privateKey": "/b"},
            },
        ],
        "egress": [{"port": {"number": 9080, "protocol": "HTTP", "name": "e"}, "hosts": ["infra/*"]}, {"hosts": ["./*"]}],
        "outboundTrafficPolicy": {"mode": "ALLOW_ANY", "egressProxy": {"host": "proxy.infra", "port": {"number": 80}}},
        "inboundConnectionPool": {"tcp": {"maxConnections": 1}},
    },
}
IN, SAFE, OUT, LAST = "/spec/ingress/0", "/spec/ingress/1", "/spec/egress/0", "/spec/egress/1"
ENDPOINT, TLS, HOSTS = f"{IN}/defaultEndpoint", f"{SAFE}/tls", f"{LAST}/hosts"
LABELS, POLICY = "/spec/workloadSelector/labels", "/spec/outboundTrafficPolicy"
PROXY = f"{POLICY}/egressProxy"
SOCKET = {f"{OUT}/port/number": 0, f"{OUT}/bind": "unix:///a"}
OTHER = {"port": {"number": 0, "protocol": "TCP"}, "bind": "unix:///a", "hosts": ["./*"]}
POOL = {f"{IN}/connectionPool/http/maxRetries": 1}

CASES = [
    Case("a selector has no wildcard", {f"{LABELS}/app": "*"}, f"{LABELS}/app", {"/spec/workloadSelector": GONE}),
    Case("a selector without labels is warned of", {LABELS: {}}, "/spec/workloadSelector", is_warning=True),
    Case("something is configured", {"/spec": {"egress": []}}, "/spec", {"/spec": {"outboundTrafficPolicy": {}}}),
    Case("ingress has a port", {f"{IN}/port": GONE}, IN),
    Case("ingress has no targetPort", {f"{IN}/port/targetPort": 1}, f"{IN}/port/targetPort", {f"{IN}/port/targetPort": 0}, removes=True),
    Case("a name of ingress is a DNS label", {f"{IN}/port/name": "a_b"}, f"{IN}/port/name", {f"{IN}/port/name": ""}),
    Case("a protocol of ingress is known", {f"{IN}/port/protocol": "AMQP"}, f"{IN}/port/protocol", {f"{IN}/port/protocol": ""}),
    Case("ingress has a number", {f"{IN}/port/number": 0}, f"{IN}/port"),
    Case("a number of ingress is a port's", {f"{IN}/port/number": 65536}, f"{IN}/port/number", {f"{IN}/port/number": 65535}),
    Case("a bind of ingress is an address", {f"{IN}/bind": "unix:///a"}, f"{IN}/bind", {f"{IN}/bind": "0.0.0.0"}),
    Case("ports of ingress are unique", {f"{SAFE}/port/number": 80}, f"{SAFE}/port/number", {f"{SAFE}/port/number": 81}),
    Case("an endpoint is of the pod", {ENDPOINT: "10.0.0.1:80"}, ENDPOINT, {ENDPOINT: "[::1]:80"}),
    Case("an endpoint has a port", {ENDPOINT: "127.0.0.1"}, ENDPOINT, {ENDPOINT: ":80"}),
    Case("IPv6 is in brackets", {ENDPOINT: "::1:80"}, ENDPOINT, {ENDPOINT: "[::]:80"}),
    Case("an endpoint's port is a number", {ENDPOINT: ":http"}, ENDPOINT, {ENDPOINT: "0.0.0.0:80"}),
    Case("an endpoint's port is a port", {ENDPOINT: ":0"}, ENDPOINT, {ENDPOINT: ":1"}),
    Case("an endpoint's socket is a file", {ENDPOINT: "unix://a"}, ENDPOINT, {ENDPOINT: "unix:///a"}),
    *(
        Case(f"a Sidecar has no {name}", {f"{TLS}/{name}": value}, f"{TLS}/{name}", {f"{TLS}/{name}": type(value)()})
        for name, value in (("subjectAltNames", ["a"]), ("httpsRedirect", True))
    ),
    *(
        Case(f"a Sidecar has no {name}", {TLS: {"mode": "SIMPLE", name: value}}, f"{TLS}/{name}", {f"{TLS}/credentialName": ""})
        for name, value in (("credentialName", "c"), ("credentialNames", ["c"]))
    ),
    Case(
        "a Sidecar has no tlsCertificates",
        {TLS: {"mode": "SIMPLE", "tlsCertificates": [{"serverCertificate": "/a", "privateKey": "/b"}]}},
        f"{TLS}/tlsCertificates",
    ),
    Case("a Sidecar has no mode of the mesh", {TLS: {"mode": "ISTIO_MUTUAL"}}, f"{TLS}/mode"),
    Case("TLS is for ports of TLS", {f"{SAFE}/port/protocol": "TCP"}, TLS, {f"{SAFE}/port/protocol": "tls"}),
    Case("TLS has what servers have", {f"{TLS}/privateKey": ""}, TLS),
    Case("a pool is not empty", {f"{IN}/connectionPool": {}}, f"{IN}/connectionPool", POOL),
    Case("a pool of HTTP for TCP is warned of", {**POOL, f"{IN}/port/protocol": "TCP"}, f"{IN}/connectionPool/http", POOL, is_warning=True),
    Case(
        "the pool of all ports is one",
        {"/spec/inboundConnectionPool/tcp/maxConnections": -1},
        "/spec/inboundConnectionPool/tcp/maxConnections",
    ),
    Case("egress without a port is the last", {f"{OUT}/port": GONE}, OUT, {f"{LAST}/port": {"number": 1}}),
    Case("egress has no targetPort", {f"{OUT}/port/targetPort": 1}, f"{OUT}/port/targetPort", removes=True),
    Case("a name of egress is a DNS label", {f"{OUT}/port/name": "a_b"}, f"{OUT}/port/name", {f"{OUT}/port/name": ""}),
    Case("a protocol of egress is known", {f"{OUT}/port/protocol": "HTPP"}, f"{OUT}/port/protocol", correction="HTTP"),
    Case("a number of egress is a port's", {f"{OUT}/port/number": 65536}, f"{OUT}/port/number", {f"{OUT}/port/number": 65535}),
    Case("a bind of egress is an address", {f"{OUT}/bind": "unix:///a"}, f"{OUT}/bind", {f"{OUT}/bind": "127.0.0.1"}),
    Case("egress without a number is a socket", {f"{OUT}/port/number": 0}, f"{OUT}/port", SOCKET),
    Case("a socket of egress is a file", {**SOCKET, f"{OUT}/bind": "unix://a"}, f"{OUT}/bind", SOCKET),
    Case(
        "a socket is not captured",
        {**SOCKET, f"{OUT}/captureMode": "IPTABLES"},
        f"{OUT}/captureMode",
        {**SOCKET, f"{OUT}/captureMode": "NONE"},
    ),
    Case("ports of egress are unique", {f"{LAST}/port": {"number": 9080}}, f"{LAST}/port/number", {f"{LAST}/port": {"number": 9081}}),
    Case("sockets of egress are unique", {**SOCKET, LAST: OTHER}, f"{LAST}/bind", {LAST: OTHER}),
    Case("egress has hosts", {HOSTS: []}, LAST),
    Case("a host of egress has a namespace", {HOSTS: ["a.example.com"]}, f"{HOSTS}/0", {HOSTS: ["*/a.example.com"]}),
    Case("a namespace is a DNS label", {HOSTS: ["shop_1/*"]}, f"{HOSTS}/0", {HOSTS: ["~shop/*"]}),
    Case("a host of egress is in full", {HOSTS: ["./cart"]}, f"{HOSTS}/0", {HOSTS: ["./cart.shop.svc.cluster.local"]}),
    Case("a host of egress is no address", {HOSTS: ["./10.0.0.1"]}, f"{HOSTS}/0", {HOSTS: ["./*.1a"]}),
    Case("a wildcard of egress is a whole part", {HOSTS: ["./*a.b"]}, f"{HOSTS}/0", {HOSTS: ["./*.a.b"]}),
    Case("a host of egress is there", {HOSTS: ["./"]}, f"{HOSTS}/0", {HOSTS: ["~/a.b"]}),
    Case(
        "a host twice is warned of",
        {HOSTS: ["./a.b", "shop/a.b"]},
        f"{HOSTS}/1",
        {HOSTS: ["./a.b", "x/a.b"]},
        removes=True,
        is_warning=True,
    ),
    Case(
        "a host after all is warned of", {HOSTS: ["./*", "./a.b"]}, f"{HOSTS}/1", {HOSTS: ["./*", "~./a.b"]}, removes=True, is_warning=True
    ),
    Case("all after a host is warned of", {HOSTS: ["./a.b", "./*"]}, f"{HOSTS}/1", {HOSTS: ["x/a.b", "./*"]}, is_warning=True),
    Case(
        "all hosts are alone", {HOSTS: ["*/*", "~infra/*", "./*"]}, HOSTS, {HOSTS: ["*/*"]}, correction=["*/*", "~infra/*"], is_warning=True
    ),
    Case("a proxy is for all calls", {f"{POLICY}/mode": GONE}, PROXY, {POLICY: {"mode": "REGISTRY_ONLY"}}),
    Case("a proxy has a host", {f"{PROXY}/host": ""}, PROXY),
    Case("a proxy's host has no wildcard", {f"{PROXY}/host": "*.infra"}, f"{PROXY}/host", {f"{PROXY}/host": "proxy"}),
    Case("a proxy has a port", {f"{PROXY}/port": GONE}, PROXY),
    Case("a proxy's port is one", {f"{PROXY}/port/number": 65536}, f"{PROXY}/port/number", {f"{PROXY}/port/number": 65535}),
    Case("a proxy's subset is a DNS label", {f"{PROXY}/subset": "v_1"}, f"{PROXY}/subset", {f"{PROXY}/subset": "v1"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_the_mode_without_one_is_named() -> None:
    """A Sidecar that says none has REGISTRY_ONLY, for istiod's webhook; the files of TLS cannot be a credential."""
    (proxy,) = found(violations, changed(GOOD, {f"{POLICY}/mode": GONE}))
    files = found(violations, changed(GOOD, {TLS: {"mode": "SIMPLE"}}))

    assert "outboundTrafficPolicy.mode is REGISTRY_ONLY" in proxy.says
    assert files
    assert not any("credentialName" in violation.says for violation in files)
