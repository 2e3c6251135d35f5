"""What istiod's webhook refuses in a Gateway, and what it warns of."""

import pytest

from kubectl_meshfix.validation.gateway import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "gw", "namespace": "shop"},
    "spec": {
        "servers": [
            {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"], "tls": {"httpsRedirect": True}},
            {
                "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
                "hosts": ["a.example.com"],
                "tls": {"mode": "MUTUAL", "serverCertificate": "/a", "privateKey": "/b", "caCertificates": "/c"},
            },
        ]
    },
}
PLAIN, SAFE = "/spec/servers/0", "/spec/servers/1"
HOST, PORT, TLS = f"{PLAIN}/hosts/0", f"{PLAIN}/port", f"{SAFE}/tls"
TCP = {"port": {"number": 70, "name": "tcp", "protocol": "TCP"}, "hosts": ["*"]}
SOCKET = {f"{PORT}/number": 0, f"{PLAIN}/bind": "unix:///run/a"}
CREDENTIAL = {TLS: {"mode": "SIMPLE", "credentialName": "c"}}
SIMPLE = {TLS: {"mode": "SIMPLE", "serverCertificate": "/a", "privateKey": "/b"}}
PAIR = {"serverCertificate": "/a", "privateKey": "/b"}
OWN = {TLS: {"mode": "ISTIO_MUTUAL"}}
THROUGH = {TLS: {"mode": "PASSTHROUGH"}}
SUITES, VERSION = f"{TLS}/cipherSuites", f"{TLS}/minProtocolVersion"

CASES = [
    Case("a name is a DNS label", {"/metadata/name": "gw.shop"}, "/metadata/name", {"/metadata/name": "Gw-1"}),
    Case("a server is needed", {"/spec/servers": []}, "/spec"),
    Case("names of ports are unique", {f"{PORT}/name": "https"}, f"{SAFE}/port/name", {f"{PORT}/name": "https2"}),
    Case(
        "a redirect of HTTPS is warned of",
        {f"{TLS}/httpsRedirect": True},
        f"{TLS}/httpsRedirect",
        {f"{TLS}/httpsRedirect": False},
        is_warning=True,
    ),
    Case("a host is needed", {f"{PLAIN}/hosts": []}, PLAIN),
    Case("a host has no short name", {HOST: "shop"}, HOST, {HOST: "shop."}),
    Case("a host is one", {HOST: "a_b.example.com"}, HOST, {HOST: "a-b.example.com"}),
    Case("a host has no scheme", {HOST: "https://a.example.com"}, HOST, {HOST: "a.example.com"}, correction="a.example.com"),
    Case("IPv6 is no host", {HOST: "fd00::1"}, HOST, {HOST: "10.0.0.1"}),
    Case("a wildcard is a whole part", {HOST: "*a.example.com"}, HOST, {HOST: "*.example.com"}),
    Case("a namespace is there", {HOST: "/a.example.com"}, HOST, {HOST: "*/a.example.com"}),
    Case("a host is there", {HOST: "shop/"}, HOST, {HOST: "shop/*"}),
    Case("a namespace is a DNS label", {HOST: "shop_1/*"}, HOST, {HOST: "./*"}),
    Case("a namespace is not excluded", {HOST: "~/*"}, HOST, {HOST: "shop/*.example.com"}),
    Case("a port is needed", {PORT: GONE}, PLAIN),
    Case("a protocol is needed", {f"{PORT}/protocol": GONE}, PORT),
    Case("a protocol is known", {f"{PORT}/protocol": "HTPP"}, f"{PORT}/protocol", {f"{PORT}/protocol": "grpc-web"}, correction="HTTP"),
    Case("a number is needed", {f"{PORT}/number": 0}, PORT, SOCKET),
    Case("a number is a port's", {f"{PORT}/number": 65536}, f"{PORT}/number", {f"{PORT}/number": 65535}),
    Case("targetPort has no effect", {f"{PORT}/targetPort": 8080}, f"{PORT}/targetPort", {f"{PORT}/targetPort": 0}, removes=True),
    Case("a port's name is needed", {f"{PORT}/name": ""}, PORT),
    Case("a socket has no number", {**SOCKET, f"{PORT}/number": 80}, f"{PORT}/number", SOCKET),
    Case("a socket is a file", {**SOCKET, f"{PLAIN}/bind": "unix://"}, f"{PLAIN}/bind", {**SOCKET, f"{PLAIN}/bind": "unix://@a"}),
    Case("an address is one of IP", {f"{PLAIN}/bind": "a"}, f"{PLAIN}/bind", {f"{PLAIN}/bind": "::"}),
    Case("HTTPS needs TLS", {TLS: GONE}, SAFE, CREDENTIAL),
    Case("TCP has no TLS", {"/spec/servers/2": {**TCP, "tls": {}}}, "/spec/servers/2/tls", {"/spec/servers/2": TCP}),
    Case("HTTP has no certificates", {f"{PLAIN}/tls/caCertificates": "/a"}, f"{PLAIN}/tls/caCertificates", {f"{PLAIN}/tls": {}}),
    Case("HTTP does not terminate TLS", {f"{PLAIN}/tls": {"mode": "SIMPLE", "credentialName": "c"}}, f"{PLAIN}/tls"),
    Case(
        "old versions without ciphers are warned of",
        {VERSION: "TLSV1_1"},
        VERSION,
        {VERSION: "TLSV1_1", SUITES: ["AES128-SHA"]},
        is_warning=True,
    ),
    Case(
        "unknown ciphers are warned of",
        {SUITES: ["AES128-SHA512"]},
        f"{SUITES}/0",
        {SUITES: ["ALL", "!ADH", "AES128-SHA"]},
        removes=True,
        is_warning=True,
    ),
    Case("ciphers are told once", {SUITES: ["AES128-SHA"] * 2}, f"{SUITES}/1", {SUITES: ["AES128-SHA"]}, removes=True, is_warning=True),
    *(
        Case(f"the mesh's own certificate has no {name}", {TLS: {"mode": "ISTIO_MUTUAL", name: value}}, f"{TLS}/{name}", OWN)
        for name, value in (
            ("serverCertificate", "/a"),
            ("privateKey", "/a"),
            ("caCertificates", "/a"),
            ("tlsCertificates", [PAIR]),
            ("credentialName", "c"),
            ("credentialNames", ["c"]),
        )
    ),
    *(
        Case(
            f"{name} is ignored where TLS goes through",
            {TLS: {"mode": "AUTO_PASSTHROUGH", name: value}},
            f"{TLS}/{name}",
            THROUGH,
            removes=True,
            is_warning=True,
        )
        for name, value in (("caCrl", "/a"), ("serverCertificate", "/a"), ("credentialNames", ["c"]), ("tlsCertificates", [PAIR]))
    ),
    Case("certificates come from one place", {**CREDENTIAL, f"{TLS}/credentialNames": ["d"]}, TLS, CREDENTIAL),
    Case("files are another place", {f"{TLS}/credentialName": "c"}, TLS, SIMPLE),
    Case("mutual TLS needs who signs clients", {f"{TLS}/caCertificates": ""}, TLS, {TLS: {"mode": "MUTUAL", "credentialName": "c"}}),
    Case("optional mutual TLS does too", {**SIMPLE, f"{TLS}/mode": "OPTIONAL_MUTUAL"}, TLS, SIMPLE),
    Case("a server needs a certificate", {f"{TLS}/serverCertificate": ""}, TLS, CREDENTIAL),
    Case("a server needs a key", {f"{TLS}/privateKey": ""}, TLS, {TLS: {"mode": "SIMPLE", "tlsCertificates": [PAIR]}}),
    Case(
        "each of several certificates has a key",
        {TLS: {"mode": "SIMPLE", "tlsCertificates": [PAIR, {"serverCertificate": "/a"}]}},
        f"{TLS}/tlsCertificates/1",
    ),
    Case(
        "a third certificate is warned of",
        {TLS: {"mode": "SIMPLE", "tlsCertificates": [PAIR] * 3}},
        f"{TLS}/tlsCertificates",
        {TLS: {"mode": "SIMPLE", "tlsCertificates": [PAIR] * 2}},
        is_warning=True,
    ),
    Case("SIMPLE revokes nothing", {**SIMPLE, f"{TLS}/caCrl": "/d"}, f"{TLS}/caCrl", {f"{TLS}/caCrl": "/d"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_what_istiod_makes_of_gateway_api_may_do_more() -> None:
    """Its names have more signs, and it may exclude all namespaces."""
    made = {"/metadata/name": "gw~a.b", HOST: "~/*"}

    assert {violation.path for violation in found(violations, changed(GOOD, made))} == {"/metadata/name", HOST}
    assert found(violations, changed(GOOD, {**made, "/metadata/annotations/internal.istio.io~1gateway-semantics": "gateway"})) == []


def test_a_revocation_in_a_credential_is_refused() -> None:
    """With a credential istiod looks at ``caCrl`` only where TLS goes through, in which the credential is ignored too."""
    tls = {"mode": "PASSTHROUGH", "credentialName": "c", "caCrl": "/d"}

    said = found(violations, changed(GOOD, {TLS: tls}))

    assert [violation.path for violation in said if not violation.is_warning] == [f"{TLS}/caCrl"]


def test_a_gateway_may_get_its_name_later() -> None:
    """``generateName`` makes it."""
    assert found(violations, changed(GOOD, {"/metadata/name": GONE})) == []


def test_what_can_be_written_instead_is_said() -> None:
    """TLS for TCP, and a credential where a Gateway has no files."""
    tcp, udp = ({**TCP, "port": {"number": 70, "name": "x", "protocol": word}, "tls": {}} for word in ("TCP", "MONGO"))
    first, second = (found(violations, changed(GOOD, {"/spec/servers/2": server}))[0].says for server in (tcp, udp))
    without = found(violations, changed(GOOD, {TLS: {"mode": "SIMPLE"}}))

    assert "; write TLS to add it to TCP" in first
    assert "write TLS" not in second
    assert all("or a credentialName" in violation.says for violation in without)
    assert without
