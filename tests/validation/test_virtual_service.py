"""What istiod's webhook refuses in a VirtualService, and what it warns of."""

import pytest

from kubectl_meshfix.validation.virtual_service import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "hosts": ["cart"],
        "http": [
            {
                "match": [{"uri": {"prefix": "/a"}}],
                "route": [{"destination": {"host": "cart"}, "weight": 90}, {"destination": {"host": "cart", "subset": "v2"}, "weight": 10}],
            }
        ],
    },
}
ROUTE = "/spec/http/0"
HOST, GATEWAYS, EXPORTS, MATCH = "/spec/hosts/0", "/spec/gateways", "/spec/exportTo", f"{ROUTE}/match/0"
TO, DESTINATION = f"{ROUTE}/route/0", f"{ROUTE}/route/0/destination"
GATEWAY = {GATEWAYS: ["infra/gw"], HOST: "cart.example.com"}
DELEGATE = {"/spec/hosts": GONE}
DELEGATES = {f"{ROUTE}/route": GONE, f"{ROUTE}/delegate": {"name": "d"}}
REDIRECT = {f"{ROUTE}/route": GONE, f"{ROUTE}/redirect": {"uri": "/b"}}
DIRECT = {f"{ROUTE}/route": GONE, f"{ROUTE}/directResponse": {"status": 200}}
CLAIM = f"{MATCH}/headers/@request.auth.claims.sub"
TLS = {
    **GATEWAY,
    "/spec/http": GONE,
    "/spec/tls": [{"match": [{"sniHosts": ["cart.example.com"]}], "route": [{"destination": {"host": "cart"}}]}],
}
SNI = "/spec/tls/0/match/0/sniHosts"
TCP = {"/spec/http": GONE, "/spec/tcp": [{"match": [{"port": 1}], "route": [{"destination": {"host": "cart"}}]}]}
CORS, FAULT, RETRIES, REWRITE = f"{ROUTE}/corsPolicy", f"{ROUTE}/fault", f"{ROUTE}/retries", f"{ROUTE}/rewrite"
HEADERS, MIRRORS, RESPONSE = f"{ROUTE}/headers", f"{ROUTE}/mirrors", f"{ROUTE}/directResponse"
RETRY = {RETRIES: {"attempts": 1}}
REGEX = {REWRITE: {"uriRegexRewrite": {"match": "a", "rewrite": "b"}}}
LONG = "a" * 1024
ON = f"{RETRIES}/retryOn"

CASES = [
    # the object
    Case("a delegate has no gateways", {**DELEGATE, GATEWAYS: ["infra/gw"]}, GATEWAYS, DELEGATE),
    Case("a delegate has no TCP", {**DELEGATE, **TCP}, "/spec/tcp", TCP),
    Case("a claim is for gateways", {CLAIM: {"exact": "a"}}, CLAIM, {**GATEWAY, CLAIM: {"exact": "a"}}),
    Case("a claim is not for sidecars too", {**GATEWAY, f"{GATEWAYS}/1": "mesh", CLAIM: {}}, CLAIM),
    Case("a host is one", {HOST: "cart_1"}, HOST, {HOST: "10.0.0.1"}),
    Case("sidecars have no wildcard for all", {HOST: "*"}, HOST, {**GATEWAY, HOST: "*"}),
    Case(
        "hosts do not overlap",
        {"/spec/hosts/1": "*.b", "/spec/hosts/2": "a.b"},
        "/spec/hosts/2",
        {"/spec/hosts/1": "*.b", "/spec/hosts/2": "b"},
    ),
    Case("hosts do not overlap the other way", {"/spec/hosts/1": "a.b", "/spec/hosts/2": "*.b"}, "/spec/hosts/2"),
    Case("hosts are told once", {"/spec/hosts/1": "cart"}, "/spec/hosts/1", {"/spec/hosts/1": "carts"}, removes=True),
    Case("there is a route", {"/spec/http": []}, "/spec", TCP),
    Case("exports are namespaces", {EXPORTS: ["~"]}, f"{EXPORTS}/0", {EXPORTS: ["."]}),
    # names of gateways
    Case("a gateway has a namespace", {**GATEWAY, GATEWAYS: ["/gw"]}, f"{GATEWAYS}/0", {**GATEWAY, GATEWAYS: ["gw"]}),
    Case("a gateway has a name", {**GATEWAY, GATEWAYS: ["infra/"]}, f"{GATEWAYS}/0", GATEWAY),
    Case("a gateway's name is a DNS label", {**GATEWAY, GATEWAYS: ["infra/g.w"]}, f"{GATEWAYS}/0", {**GATEWAY, GATEWAYS: ["infra/g-w"]}),
    Case("a gateway's namespace is one", {**GATEWAY, GATEWAYS: ["./gw"]}, f"{GATEWAYS}/0", correction="gw"),
    Case("a bare name is one", {**GATEWAY, GATEWAYS: ["g_w"]}, f"{GATEWAYS}/0", {**GATEWAY, GATEWAYS: ["mesh", "gw"]}),
    Case(
        "an older name is warned of",
        {**GATEWAY, GATEWAYS: ["gw.infra.svc.cluster.local"]},
        f"{GATEWAYS}/0",
        GATEWAY,
        correction="infra/gw",
        is_warning=True,
    ),
    # matches
    Case("a header has a name", {f"{MATCH}/headers": {"": {}}}, f"{MATCH}/headers/"),
    Case("a header's name has no space", {f"{MATCH}/headers/a b": {}}, f"{MATCH}/headers/a b", {f"{MATCH}/headers/:path": {}}),
    Case("a header's name has no colon", {f"{MATCH}/headers/:host": {}}, f"{MATCH}/headers/:host", {f"{MATCH}/headers/x_a,b": {}}),
    Case("a claim has a name", {f"{MATCH}/headers/@request.auth.claims": {}}, f"{MATCH}/headers/@request.auth.claims"),
    Case(
        "a prefix of a header is not empty",
        {f"{MATCH}/headers/a": {"prefix": ""}},
        f"{MATCH}/headers/a/prefix",
        {f"{MATCH}/headers/a": {"exact": ""}},
    ),
    Case(
        "an absent header may be any",
        {f"{MATCH}/withoutHeaders/a": {"regex": "+"}},
        f"{MATCH}/withoutHeaders/a/regex",
        {f"{MATCH}/withoutHeaders/a": {"regex": "*"}},
    ),
    Case("an expression is not empty", {f"{MATCH}/uri": {"regex": ""}}, f"{MATCH}/uri/regex", {f"{MATCH}/uri": {"prefix": ""}}),
    Case("an expression is RE2's", {f"{MATCH}/uri": {"regex": "(?=a)"}}, f"{MATCH}/uri/regex", {f"{MATCH}/uri": {"regex": r"(?i)\pL"}}),
    Case(
        "an expression is 1024 bytes long", {f"{MATCH}/uri": {"regex": LONG + "a"}}, f"{MATCH}/uri/regex", {f"{MATCH}/uri": {"regex": LONG}}
    ),
    Case(
        "repetitions multiply to 1000",
        {f"{MATCH}/uri": {"regex": "(a{500}){3}"}},
        f"{MATCH}/uri/regex",
        {f"{MATCH}/uri": {"regex": "((a{500})*b{0}){2}"}},
    ),
    *(
        Case(
            f"a prefix of {name} is not empty",
            {f"{MATCH}/{name}": {"prefix": ""}},
            f"{MATCH}/{name}/prefix",
            {f"{MATCH}/{name}": {"prefix": "a"}},
        )
        for name in ("scheme", "method", "authority")
    ),
    Case(
        "a parameter has an expression",
        {f"{MATCH}/queryParams/a": {"regex": "["}},
        f"{MATCH}/queryParams/a/regex",
        {f"{MATCH}/queryParams/a": {"exact": ""}},
    ),
    Case("a match has a port", {f"{MATCH}/port": 65536}, f"{MATCH}/port", {f"{MATCH}/port": 0}),
    Case(
        "source labels are Kubernetes'",
        {f"{MATCH}/sourceLabels/app": "a b"},
        f"{MATCH}/sourceLabels/app",
        {f"{MATCH}/sourceLabels/app": "a"},
    ),
    Case("a match has gateways", {f"{MATCH}/gateways": ["a/b/c"]}, f"{MATCH}/gateways/0", {f"{MATCH}/gateways": ["gw.infra.svc"]}),
    Case(
        "a source's namespace is one",
        {f"{MATCH}/sourceNamespace": "shop/a"},
        f"{MATCH}/sourceNamespace",
        {f"{MATCH}/sourceNamespace": "shop"},
    ),
    # what a route has together
    Case("a route that delegates has no redirect", {**DELEGATES, f"{ROUTE}/redirect": {"uri": "/b"}}, f"{ROUTE}/redirect", DELEGATES),
    Case("a route that delegates has no route", {f"{ROUTE}/delegate": {"name": "d"}}, f"{ROUTE}/route", DELEGATES),
    Case("a delegate does not delegate", {**DELEGATE, f"{ROUTE}/delegate": {"name": "d"}}, f"{ROUTE}/delegate", DELEGATES),
    Case("a route answers somehow", {f"{ROUTE}/route": GONE}, ROUTE, REDIRECT),
    *(
        Case(f"a route has no {name} beside a redirect", {**REDIRECT, f"{ROUTE}/{name}": value}, f"{ROUTE}/{name}", REDIRECT)
        for name, value in (
            ("route", [{"destination": {"host": "a"}}]),
            ("fault", {"abort": {"httpStatus": 500}}),
            ("rewrite", {"uri": "/c"}),
            ("directResponse", {"status": 200}),
        )
    ),
    *(
        Case(f"a route has no {name} beside its own answer", {**DIRECT, f"{ROUTE}/{name}": value}, f"{ROUTE}/{name}", DIRECT)
        for name, value in (
            ("route", [{"destination": {"host": "a"}}]),
            ("fault", {"abort": {"httpStatus": 500}}),
            ("rewrite", {"uri": "/c"}),
        )
    ),
    Case("a route has one way to mirror", {f"{ROUTE}/mirror": {"host": "a"}, MIRRORS: [{"destination": {"host": "a"}}]}, ROUTE),
    # destinations
    Case("a destination is needed", {DESTINATION: GONE}, TO),
    Case("a destination has a host", {f"{DESTINATION}/host": ""}, DESTINATION),
    Case("a destination is not all", {f"{DESTINATION}/host": "*"}, f"{DESTINATION}/host", {f"{DESTINATION}/host": "*.b"}),
    Case("a destination has no scheme", {f"{DESTINATION}/host": "http://a"}, f"{DESTINATION}/host", correction="a"),
    Case("a destination is no address of IPv6", {f"{DESTINATION}/host": "fd00::1"}, f"{DESTINATION}/host"),
    Case("a subset is a DNS label", {f"{DESTINATION}/subset": "v_1"}, f"{DESTINATION}/subset", {f"{DESTINATION}/subset": ""}),
    Case("a destination's port is needed", {f"{DESTINATION}/port": {}}, f"{DESTINATION}/port", {f"{DESTINATION}/port": {"number": 1}}),
    Case("a destination's port is one", {f"{DESTINATION}/port/number": 65536}, f"{DESTINATION}/port/number"),
    Case("a weight is not negative", {f"{TO}/weight": -1}, f"{TO}/weight", {f"{TO}/weight": 1000}),
    Case("weights are not all 0", {f"{TO}/weight": 0, f"{ROUTE}/route/1/weight": 0}, f"{ROUTE}/route", {f"{TO}/weight": 0}),
    Case(
        "a single one needs no weight",
        {f"{TO}/weight": GONE, f"{ROUTE}/route/1/weight": GONE},
        f"{ROUTE}/route",
        {f"{TO}/weight": 0, f"{ROUTE}/route/1": GONE},
    ),
    # headers
    *(
        Case(f"{way} has named headers", {f"{place}/{way.replace('.', '/')}": value}, f"{place}/{way.replace('.', '/')}/{end}")
        for place, way, value, end in (
            (f"{TO}/headers", "request.add", {"": "a"}, ""),
            (HEADERS, "request.set", {"": "a"}, ""),
            (HEADERS, "response.remove", [""], "0"),
        )
    ),
    Case(
        "a pseudo header is not set",
        {f"{HEADERS}/request/set/:path": "a"},
        f"{HEADERS}/request/set/:path",
        {f"{HEADERS}/request/set/:authority": "a"},
    ),
    Case(
        "a host is not removed",
        {f"{HEADERS}/request/remove": ["Host"]},
        f"{HEADERS}/request/remove/0",
        {f"{HEADERS}/request/set/Host": "a"},
    ),
    Case(
        "a response has no host",
        {f"{HEADERS}/response/add/host": "a"},
        f"{HEADERS}/response/add/host",
        {f"{HEADERS}/response/add/hosts": "a"},
    ),
    *(
        Case(
            f"a value is not {value!r}", {f"{HEADERS}/request/set/a": value}, f"{HEADERS}/request/set/a", {f"{HEADERS}/request/set/a": edge}
        )
        for value, edge in (
            ("a\nb", "a\tb"),
            ("%", "%%"),
            ("%A", "%A%"),
            ("%A(b%", "%A(b)%"),
            ("%A([b])%", '%A(["b"] )%'),
            ('%A(["b" "c"])%', '%A( ["b", "c"])%'),
            ('%A(["b\\', '%A(["b\\""]) %'),
            ('%A(["b"]x)%', "%A(b[)%"),
            ("%A(b)x%", ""),
        )
    ),
    # cross-origin requests
    Case(
        "an origin is not empty",
        {f"{CORS}/allowOrigins": [{"exact": ""}]},
        f"{CORS}/allowOrigins/0",
        {f"{CORS}/allowOrigins": [{"exact": "*"}]},
    ),
    Case(
        "an origin is an expression",
        {f"{CORS}/allowOrigins": [{"regex": "*"}]},
        f"{CORS}/allowOrigins/0/regex",
        {f"{CORS}/allowOrigins": [{"regex": ".*"}]},
    ),
    Case(
        "a method is in capitals",
        {f"{CORS}/allowMethods": ["get"]},
        f"{CORS}/allowMethods/0",
        {f"{CORS}/allowMethods": ["*"]},
        correction="GET",
    ),
    Case("a method is known", {f"{CORS}/allowMethods": ["PURGE"]}, f"{CORS}/allowMethods/0", {f"{CORS}/allowMethods": ["TRACE"]}),
    Case("an allowed header is one", {f"{CORS}/allowHeaders": ["a b"]}, f"{CORS}/allowHeaders/0", {f"{CORS}/allowHeaders": ["*"]}),
    Case("an exposed header is named", {f"{CORS}/exposeHeaders": [""]}, f"{CORS}/exposeHeaders/0", {f"{CORS}/exposeHeaders": ["a"]}),
    Case("an age is of seconds", {f"{CORS}/maxAge": "1.5s"}, f"{CORS}/maxAge", {f"{CORS}/maxAge": "1s"}),
    Case("an age is not 0", {f"{CORS}/maxAge": "0s"}, f"{CORS}/maxAge", {f"{CORS}/maxAge": "24h"}),
    # faults
    Case("a fault is not empty", {FAULT: {}}, FAULT, {FAULT: {"delay": {}}}),
    Case(
        "a percentage is not over 100",
        {f"{FAULT}/abort": {"httpStatus": 500, "percentage": {"value": 100.1}}},
        f"{FAULT}/abort/percentage/value",
    ),
    Case(
        "a percentage is not tiny",
        {f"{FAULT}/delay/percentage/value": 0.00009},
        f"{FAULT}/delay/percentage/value",
        {f"{FAULT}/delay/percentage/value": 0.0001},
    ),
    Case(
        "a status of gRPC is known",
        {f"{FAULT}/abort/grpcStatus": "14"},
        f"{FAULT}/abort/grpcStatus",
        {f"{FAULT}/abort/grpcStatus": "UNAVAILABLE"},
    ),
    Case(
        "a status of gRPC is in capitals", {f"{FAULT}/abort/grpcStatus": "not-found"}, f"{FAULT}/abort/grpcStatus", correction="NOT_FOUND"
    ),
    Case("errors of HTTP/2 are not made", {f"{FAULT}/abort/http2Error": "a"}, f"{FAULT}/abort/http2Error"),
    Case(
        "a status of HTTP is 200 or more",
        {f"{FAULT}/abort/httpStatus": 199},
        f"{FAULT}/abort/httpStatus",
        {f"{FAULT}/abort/httpStatus": 200},
    ),
    Case("a status of HTTP is not 0", {f"{FAULT}/abort/httpStatus": 0}, f"{FAULT}/abort/httpStatus", {f"{FAULT}/abort/httpStatus": 599}),
    Case("a delay lasts", {f"{FAULT}/delay/fixedDelay": "0s"}, f"{FAULT}/delay/fixedDelay", {f"{FAULT}/delay/fixedDelay": "1ms"}),
    Case("a delay does not grow", {f"{FAULT}/delay/exponentialDelay": "1s"}, f"{FAULT}/delay/exponentialDelay"),
    # mirrors
    Case(
        "a mirror's percentage is one",
        {f"{ROUTE}/mirrorPercentage/value": -1},
        f"{ROUTE}/mirrorPercentage/value",
        {f"{ROUTE}/mirrorPercentage/value": 0},
    ),
    Case("an older percentage is warned of", {f"{ROUTE}/mirrorPercent": 1}, f"{ROUTE}/mirrorPercent", is_warning=True),
    Case("an older percentage is one", {f"{ROUTE}/mirror_percent": 101}, f"{ROUTE}/mirror_percent"),
    Case("a mirror has a host", {f"{ROUTE}/mirror": {"host": "a_b"}}, f"{ROUTE}/mirror/host", {f"{ROUTE}/mirror": {"host": "a"}}),
    Case("each mirror has a destination", {MIRRORS: [{}]}, f"{MIRRORS}/0", {MIRRORS: [{"destination": {"host": "a"}}]}),
    Case("each mirror has a host", {MIRRORS: [{"destination": {}}]}, f"{MIRRORS}/0/destination"),
    Case(
        "each mirror's percentage is one",
        {MIRRORS: [{"destination": {"host": "a"}, "percentage": {"value": 101}}]},
        f"{MIRRORS}/0/percentage/value",
    ),
    # redirects and direct responses
    Case("a redirect has one path", {**REDIRECT, f"{ROUTE}/redirect/prefixRewrite": "/c"}, f"{ROUTE}/redirect", REDIRECT),
    Case(
        "a prefix is rewritten where one matches",
        {**REDIRECT, f"{ROUTE}/redirect": {"prefixRewrite": "/c"}, f"{MATCH}/uri": {"exact": "/a"}},
        f"{MATCH}/uri",
        {**REDIRECT, f"{ROUTE}/redirect": {"prefixRewrite": "/c"}},
    ),
    Case(
        "a redirect says where to",
        {**REDIRECT, f"{ROUTE}/redirect": {"redirectCode": 301}},
        f"{ROUTE}/redirect",
        {**REDIRECT, f"{ROUTE}/redirect": {"port": 0}},
    ),
    Case(
        "a redirect is 300 or more",
        {**REDIRECT, f"{ROUTE}/redirect/redirectCode": 299},
        f"{ROUTE}/redirect/redirectCode",
        {**REDIRECT, f"{ROUTE}/redirect/redirectCode": 0},
    ),
    Case(
        "a redirect is below 400",
        {**REDIRECT, f"{ROUTE}/redirect/redirectCode": 400},
        f"{ROUTE}/redirect/redirectCode",
        {**REDIRECT, f"{ROUTE}/redirect/redirectCode": 399},
    ),
    Case(
        "a scheme is in small letters",
        {**REDIRECT, f"{ROUTE}/redirect/scheme": "HTTPS"},
        f"{ROUTE}/redirect/scheme",
        REDIRECT,
        correction="https",
    ),
    Case(
        "another scheme is none",
        {**REDIRECT, f"{ROUTE}/redirect/scheme": "ftp"},
        f"{ROUTE}/redirect/scheme",
        {**REDIRECT, f"{ROUTE}/redirect/scheme": "http"},
    ),
    Case(
        "a redirect's port is one",
        {**REDIRECT, f"{ROUTE}/redirect/port": 65536},
        f"{ROUTE}/redirect/port",
        {**REDIRECT, f"{ROUTE}/redirect/port": 65535},
    ),
    Case("an answer has a status", {**DIRECT, f"{RESPONSE}/status": 0}, RESPONSE, DIRECT),
    Case("an answer's status is one", {**DIRECT, f"{RESPONSE}/status": 601}, f"{RESPONSE}/status", {**DIRECT, f"{RESPONSE}/status": 599}),
    Case(
        "a large body is warned of",
        {**DIRECT, f"{RESPONSE}/body/string": "a" * 102401},
        f"{RESPONSE}/body",
        {**DIRECT, f"{RESPONSE}/body/string": "a" * 102400},
        is_warning=True,
    ),
    Case(
        "a huge body is refused",
        {**DIRECT, f"{RESPONSE}/body/bytes": "AAAA" * 349526},
        f"{RESPONSE}/body",
        {**DIRECT, f"{RESPONSE}/body/bytes": "AAAA"},
    ),
    # retries, rewrites and the rest
    Case("attempts are not negative", {f"{RETRIES}/attempts": -1}, f"{RETRIES}/attempts", {RETRIES: {}}),
    *(
        Case(
            f"{name} needs attempts",
            {RETRIES: {"attempts": 0, name: value}},
            f"{RETRIES}/{name}",
            {RETRIES: {"attempts": 1, name: value}},
            removes=True,
        )
        for name, value in (("perTryTimeout", "1s"), ("retryOn", "5xx"), ("retryRemoteLocalities", False))
    ),
    Case(
        "a try has a time",
        {**RETRY, f"{RETRIES}/perTryTimeout": "0s"},
        f"{RETRIES}/perTryTimeout",
        {**RETRY, f"{RETRIES}/perTryTimeout": "1ms"},
    ),
    Case("a backoff is one", {**RETRY, f"{RETRIES}/backoff": "0s"}, f"{RETRIES}/backoff", RETRY),
    Case("a condition is known", {**RETRY, ON: "5xx,always"}, ON, {**RETRY, ON: "5xx,503,unavailable"}),
    Case("a condition has no space before it", {**RETRY, ON: "5xx, reset"}, ON, {**RETRY, ON: "5xx,reset"}, correction="5xx,reset"),
    Case("a condition is spelt so", {**RETRY, ON: "GATEWAY_ERROR,conect-failure"}, ON, correction="gateway-error,connect-failure"),
    Case("a condition's status is one", {**RETRY, ON: "599"}, ON, {**RETRY, ON: "504"}),
    Case("a rewrite has one path", {**REGEX, f"{REWRITE}/uri": "/b"}, REWRITE, REGEX),
    Case("a rewrite is not empty", {REWRITE: {"uri": ""}}, REWRITE, {REWRITE: {"authority": "a"}}),
    Case("an expression has a replacement", {**REGEX, f"{REWRITE}/uriRegexRewrite/rewrite": ""}, f"{REWRITE}/uriRegexRewrite", REGEX),
    Case(
        "what is replaced is an expression", {**REGEX, f"{REWRITE}/uriRegexRewrite/match": "("}, f"{REWRITE}/uriRegexRewrite/match", REGEX
    ),
    Case(
        "a host is set once",
        {REWRITE: {"authority": "a"}, f"{HEADERS}/request/set": {"Host": "b"}},
        f"{HEADERS}/request/set/Host",
        {f"{HEADERS}/request/set": {"Host": "b"}},
    ),
    Case(
        "a host is not set and added",
        {f"{HEADERS}/request": {"set": {"host": "a"}, "add": {":authority": "b"}}},
        f"{HEADERS}/request/add/:authority",
    ),
    Case("a timeout is one", {f"{ROUTE}/timeout": "0s"}, f"{ROUTE}/timeout", {f"{ROUTE}/timeout": "1h"}),
    # TLS and TCP
    Case("a route of TLS has a match", {**TLS, "/spec/tls/0/match": []}, "/spec/tls/0", TLS),
    Case("a match of TLS has hosts", {**TLS, SNI: []}, "/spec/tls/0/match/0", TLS),
    Case("SNI is within the hosts", {**TLS, SNI: ["b.example.com"]}, f"{SNI}/0", {**TLS, HOST: "*.com", SNI: ["*.example.com"]}),
    Case("SNI is no wider than a host", {**TLS, SNI: ["*.example.com"]}, f"{SNI}/0"),
    Case("SNI is a host", {**TLS, SNI: ["cart_1.example.com"]}, f"{SNI}/0"),
    Case("SNI of an address is warned of", {**TLS, SNI: ["10.0.0.1"]}, f"{SNI}/0", TLS, is_warning=True),
    Case(
        "SNI between networks has a port",
        {**TLS, HOST: "*", SNI: ["outbound_.x_._.a.b"]},
        f"{SNI}/0",
        {**TLS, HOST: "*", SNI: ["outbound_.80_._.a.b"]},
    ),
    Case("SNI is 255 letters long", {**TLS, HOST: "*", SNI: ["outbound_.80_._.a." + "b" * 255]}, f"{SNI}/0"),
    Case("SNI of sidecars is a host", {**TLS, GATEWAYS: ["mesh"], SNI: ["outbound_.80_._.a.b"]}, f"{SNI}/0", {**TLS, GATEWAYS: ["mesh"]}),
    Case("a block is one", {**TLS, "/spec/tls/0/match/0/destinationSubnets": ["10.0.0.0/33"]}, "/spec/tls/0/match/0/destinationSubnets/0"),
    Case(
        "an older name in TLS is warned of",
        {**TLS, "/spec/tls/0/match/0/gateways": ["a.b"]},
        "/spec/tls/0/match/0/gateways/0",
        correction="b/a",
        is_warning=True,
    ),
    Case("a route of TLS has destinations", {**TLS, "/spec/tls/0/route": []}, "/spec/tls/0", TLS),
    Case("a route of TCP has destinations", {**TCP, "/spec/tcp/0/route": []}, "/spec/tcp/0", TCP),
    Case(
        "a match of TCP has a port",
        {**TCP, "/spec/tcp/0/match/0/port": 65536},
        "/spec/tcp/0/match/0/port",
        {**TCP, "/spec/tcp/0/match/0/gateways": ["a.b"]},
    ),
    Case("a block of TCP is one", {**TCP, "/spec/tcp/0/match/0/destinationSubnets": ["a"]}, "/spec/tcp/0/match/0/destinationSubnets/0"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_what_istiod_makes_of_gateway_api_may_do_more() -> None:
    """Its gateways have other names, and its destinations are whatever the API has."""
    made = {**GATEWAY, GATEWAYS: ["infra/gw~a.b"], f"{DESTINATION}/host": "*"}

    assert {violation.path for violation in found(violations, changed(GOOD, made))} == {f"{GATEWAYS}/0", f"{DESTINATION}/host"}
    assert found(violations, changed(GOOD, {**made, "/metadata/annotations/internal.istio.io~1route-semantics": "gateway"})) == []


def test_only_names_before_the_first_bare_one_are_read() -> None:
    """As istiod stops there, what comes after it is not refused."""
    assert found(violations, changed(GOOD, {**GATEWAY, GATEWAYS: ["gw", "infra/"]})) == []
