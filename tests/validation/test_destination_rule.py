"""What istiod's webhook refuses in a DestinationRule, and what it warns of."""

import pytest

from kubectl_meshfix.validation.destination_rule import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "host": "cart",
        "trafficPolicy": {
            "loadBalancer": {},
            "connectionPool": {"tcp": {"maxConnections": 1}, "http": {"maxRetries": 1}},
            "outlierDetection": {"interval": "1s"},
            "tls": {"mode": "SIMPLE"},
            "portLevelSettings": [{"port": {"number": 80}, "tls": {"mode": "DISABLE"}}],
        },
        "subsets": [{"name": "v1", "labels": {"version": "v1"}}, {"name": "v2"}],
    },
}
POLICY, SUBSET, EXPORTS = "/spec/trafficPolicy", "/spec/subsets/0", "/spec/exportTo"
BALANCER, POOL, OUTLIER, TLS, PORT = (
    f"{POLICY}/{name}" for name in ("loadBalancer", "connectionPool", "outlierDetection", "tls", "portLevelSettings/0")
)
TUNNEL, HASH, LOCALITY, ZONE = (
    f"{POLICY}/tunnel",
    f"{BALANCER}/consistentHash",
    f"{BALANCER}/localityLbSetting",
    f"{BALANCER}/zoneAwareLbSetting",
)
WARMUP, HTTP, TCP = f"{BALANCER}/warmup", f"{POOL}/http", f"{POOL}/tcp"
THROUGH = {TUNNEL: {"targetHost": "a.b", "targetPort": 443}}
COOKIE = {HASH: {"httpCookie": {"name": "c", "attributes": [{"name": "a"}, {"name": "b"}]}}}
MAGLEV = {HASH: {"useSourceIp": True, "maglev": {"tableSize": 65537}}}
SELECTOR = {"/spec/workloadSelector": {"matchLabels": {"app": "a"}}}
MUTUAL = {TLS: {"mode": "MUTUAL", "clientCertificate": "/a", "privateKey": "/b"}}
CREDENTIAL = {TLS: {"mode": "SIMPLE", "credentialName": "c"}}
CONFIG_MAP = {TLS: {"mode": "SIMPLE", "credentialName": "configmap://shop/ca"}}
UNVERIFIED = {TLS: {"mode": "SIMPLE", "insecureSkipVerify": True}}
FAILOVER = {LOCALITY: {"failover": [{"from": "a", "to": "b"}]}}
KEEPALIVE = {f"{HTTP}/http2KeepAlive": {"interval": "1s", "timeout": "1s"}}
REGION = "topology.kubernetes.io/region"


def spread(*froms: str, **to: int) -> dict[str, object]:
    """Traffic of some localities, distributed all alike."""
    return {LOCALITY: {"distribute": [{"from": name, "to": to or {"z": 100}} for name in froms]}}


def shares(**to: int) -> dict[str, object]:
    """Traffic distributed to some localities."""
    return spread("a", **to)


CASES = [
    Case("a host is needed", {"/spec/host": ""}, "/spec"),
    Case("a host is one", {"/spec/host": "cart_1"}, "/spec/host", {"/spec/host": "*"}),
    Case("a policy is not empty", {POLICY: {"portLevelSettings": []}}, POLICY, {POLICY: {"retryBudget": {}}}, removes=True),
    Case(
        "a tunnel is no proxy protocol", {**THROUGH, f"{POLICY}/proxyProtocol": {}}, POLICY, {f"{POLICY}/proxyProtocol": {"version": "V2"}}
    ),
    Case("a tunnel has a protocol", {**THROUGH, f"{TUNNEL}/protocol": "connect"}, f"{TUNNEL}/protocol", THROUGH, correction="CONNECT"),
    Case(
        "another protocol is none",
        {**THROUGH, f"{TUNNEL}/protocol": "GET"},
        f"{TUNNEL}/protocol",
        {**THROUGH, f"{TUNNEL}/protocol": "POST"},
    ),
    Case("a tunnel has a host", {**THROUGH, f"{TUNNEL}/targetHost": ""}, TUNNEL),
    Case(
        "a tunnel's host is one",
        {**THROUGH, f"{TUNNEL}/targetHost": "*.b"},
        f"{TUNNEL}/targetHost",
        {**THROUGH, f"{TUNNEL}/targetHost": "fd00::1"},
    ),
    Case("a tunnel has a port", {**THROUGH, f"{TUNNEL}/targetPort": 0}, TUNNEL),
    Case(
        "a tunnel's port is one",
        {**THROUGH, f"{TUNNEL}/targetPort": 65536},
        f"{TUNNEL}/targetPort",
        {**THROUGH, f"{TUNNEL}/targetPort": 65535},
    ),
    # outlier detection
    Case(
        "an ejection lasts a millisecond",
        {f"{OUTLIER}/baseEjectionTime": "0.9ms"},
        f"{OUTLIER}/baseEjectionTime",
        {f"{OUTLIER}/baseEjectionTime": "1ms"},
    ),
    Case("an interval is of milliseconds", {f"{OUTLIER}/interval": "1.5ms"}, f"{OUTLIER}/interval", {f"{OUTLIER}/interval": "0.002s"}),
    Case("an interval is not negative", {f"{OUTLIER}/interval": "-1s"}, f"{OUTLIER}/interval", {f"{OUTLIER}/interval": "1h1m"}),
    Case(
        "consecutiveErrors is warned of",
        {f"{OUTLIER}/consecutiveErrors": 1},
        f"{OUTLIER}/consecutiveErrors",
        {f"{OUTLIER}/consecutiveErrors": 0},
        removes=True,
        is_warning=True,
    ),
    Case(
        "local errors are counted apart",
        {f"{OUTLIER}/consecutiveLocalOriginFailures": 1},
        f"{OUTLIER}/consecutiveLocalOriginFailures",
        {f"{OUTLIER}/consecutiveLocalOriginFailures": 0},
    ),
    *(
        Case(f"{name} is a percentage", {f"{OUTLIER}/{name}": value}, f"{OUTLIER}/{name}", {f"{OUTLIER}/{name}": edge})
        for name, value, edge in (("maxEjectionPercent", 101, 100), ("minHealthPercent", -1, 0))
    ),
    # pools
    Case("a pool is not empty", {POOL: {}}, POOL, {POOL: {"tcp": {}}}),
    *(
        Case(f"{name} is not negative", {f"{place}/{name}": -1}, f"{place}/{name}", {f"{place}/{name}": 0})
        for place, name in (
            (HTTP, "http1MaxPendingRequests"),
            (HTTP, "http2MaxRequests"),
            (HTTP, "maxRequestsPerConnection"),
            (HTTP, "maxRetries"),
            (HTTP, "maxConcurrentStreams"),
            (TCP, "maxConnections"),
        )
    ),
    *(
        Case(f"{place.rpartition('/')[2]}.{name} is a duration", {f"{place}/{name}": "0s"}, f"{place}/{name}", {f"{place}/{name}": "1ms"})
        for place, name in (
            (HTTP, "idleTimeout"),
            (TCP, "connectTimeout"),
            (TCP, "maxConnectionDuration"),
            (f"{TCP}/tcpKeepalive", "time"),
            (f"{TCP}/tcpKeepalive", "interval"),
        )
    ),
    Case("a timeout of TCP may be off", {f"{TCP}/idleTimeout": "1.5ms"}, f"{TCP}/idleTimeout", {f"{TCP}/idleTimeout": "0s"}),
    Case(
        "a protocol is not kept and upgraded",
        {f"{HTTP}/h2UpgradePolicy": "UPGRADE", f"{HTTP}/useClientProtocol": True},
        f"{HTTP}/useClientProtocol",
        {f"{HTTP}/h2UpgradePolicy": "DO_NOT_UPGRADE", f"{HTTP}/useClientProtocol": True},
    ),
    Case("keepalive has an interval", {**KEEPALIVE, f"{HTTP}/http2KeepAlive/interval": GONE}, f"{HTTP}/http2KeepAlive", KEEPALIVE),
    Case("keepalive has a timeout", {**KEEPALIVE, f"{HTTP}/http2KeepAlive/timeout": GONE}, f"{HTTP}/http2KeepAlive", KEEPALIVE),
    Case("keepalive's interval is one", {**KEEPALIVE, f"{HTTP}/http2KeepAlive/interval": "0s"}, f"{HTTP}/http2KeepAlive/interval"),
    Case("keepalive's timeout is one", {**KEEPALIVE, f"{HTTP}/http2KeepAlive/timeout": "0s"}, f"{HTTP}/http2KeepAlive/timeout"),
    # load balancing
    Case("a cookie has a name", {**COOKIE, f"{HASH}/httpCookie/name": ""}, f"{HASH}/httpCookie", COOKIE),
    Case("an attribute has a name", {**COOKIE, f"{HASH}/httpCookie/attributes/0": {}}, f"{HASH}/httpCookie/attributes/0", COOKIE),
    Case("an attribute is set once", {**COOKIE, f"{HASH}/httpCookie/attributes/1/name": "a"}, f"{HASH}/httpCookie/attributes/1/name"),
    Case(
        "the older size of a ring is warned of",
        {HASH: {"useSourceIp": True, "minimumRingSize": 1}},
        f"{HASH}/minimumRingSize",
        {HASH: {"useSourceIp": True}},
        is_warning=True,
    ),
    Case("a ring has one size", {HASH: {"useSourceIp": True, "minimumRingSize": 1, "ringHash": {}}}, f"{HASH}/minimumRingSize"),
    Case("a table has a size", {**MAGLEV, f"{HASH}/maglev/tableSize": 0}, f"{HASH}/maglev", {**MAGLEV, f"{HASH}/maglev/tableSize": 1}),
    Case(
        "a size is prime", {**MAGLEV, f"{HASH}/maglev/tableSize": 9}, f"{HASH}/maglev/tableSize", {**MAGLEV, f"{HASH}/maglev/tableSize": 2}
    ),
    Case("a size is odd", {**MAGLEV, f"{HASH}/maglev/tableSize": 4}, f"{HASH}/maglev/tableSize", {**MAGLEV, f"{HASH}/maglev/tableSize": 3}),
    Case(
        "a size is limited",
        {**MAGLEV, f"{HASH}/maglev/tableSize": 5000011},
        f"{HASH}/maglev/tableSize",
        {**MAGLEV, f"{HASH}/maglev/tableSize": 4999999},
    ),
    Case("localities are ordered in one way", {LOCALITY: {}, ZONE: {}}, BALANCER, {ZONE: {}}),
    Case("traffic is spread or fails over", {**FAILOVER, f"{LOCALITY}/distribute": [{}]}, LOCALITY, FAILOVER),
    Case(
        "regions are ordered once",
        {**FAILOVER, f"{LOCALITY}/failoverPriority": [REGION]},
        f"{LOCALITY}/failoverPriority/0",
        {LOCALITY: {"failoverPriority": [REGION]}},
    ),
    Case("a share is not 0", shares(a=0, b=100), f"{LOCALITY}/distribute/0/to/a", shares(a=1, b=99)),
    Case("a share is no more than 100", shares(a=101), f"{LOCALITY}/distribute/0/to/a", shares(a=100)),
    Case("shares are 100 together", shares(a=50, b=49), f"{LOCALITY}/distribute/0/to", shares(a=50, b=50)),
    Case("shares are needed", {LOCALITY: {"distribute": [{"from": "a"}]}}, f"{LOCALITY}/distribute/0"),
    Case("a wildcard ends a locality", spread("*/a"), f"{LOCALITY}/distribute/0/from", spread("a/*")),
    Case("a locality has one wildcard", spread("a/*/*"), f"{LOCALITY}/distribute/0/from", spread("a/b/*")),
    Case("no part of a locality is empty", spread("a//b"), f"{LOCALITY}/distribute/0/from", spread("a/c/b/d")),
    *(
        Case(f"{one} and {other} overlap", spread(one, other), f"{LOCALITY}/distribute/1/from", spread(*edge))
        for one, other, edge in (
            ("*", "a", ("a", "*")),
            ("a", "a", ("a", "b")),
            ("a", "a/b", ("b", "a/b")),
            ("a/b", "a", ("a/b", "b")),
            ("a/*", "a/b/c", ("a/b/c", "a/*")),
            ("a/b", "a/b/c", ("a/c", "a/b/c")),
            ("a/b/c", "a/b", ("a/b/c", "a/c")),
            ("a/b/*", "a/b/c", ("a/b/c", "a/b/*")),
            ("a/b/c", "a/b/c", ("a/b/c", "a/b/d")),
        )
    ),
    Case(
        "zones fail over likewise",
        {ZONE: {"failoverPriority": ["a"]}, OUTLIER: GONE},
        ZONE,
        {ZONE: {"failoverPriority": ["a"]}},
        is_warning=True,
    ),
    Case("traffic fails over elsewhere", {**FAILOVER, f"{LOCALITY}/failover/0/to": "a"}, f"{LOCALITY}/failover/0"),
    Case("failover is of regions", {**FAILOVER, f"{LOCALITY}/failover/0/to": "a/b"}, f"{LOCALITY}/failover/0/to"),
    Case("failover has no wildcard", {**FAILOVER, f"{LOCALITY}/failover/0/from": "*"}, f"{LOCALITY}/failover/0/from"),
    Case(
        "zones are ordered already",
        {ZONE: {"failoverPriority": [REGION]}},
        f"{ZONE}/failoverPriority/0",
        {ZONE: {"failoverPriority": ["a"]}},
    ),
    Case(
        "zones fail over elsewhere",
        {ZONE: {"failover": [{"from": "a", "to": "a"}]}},
        f"{ZONE}/failover/0",
        {ZONE: {"failover": [{"from": "a"}]}},
    ),
    Case("a warmup has a duration", {WARMUP: {}}, WARMUP, {WARMUP: {"duration": "1s"}}),
    Case("a warmup's duration is one", {WARMUP: {"duration": "0s"}}, f"{WARMUP}/duration"),
    Case(
        "a warmup begins below 100",
        {WARMUP: {"duration": "1s", "minimumPercent": 101}},
        f"{WARMUP}/minimumPercent",
        {WARMUP: {"duration": "1s", "minimumPercent": 100}},
    ),
    Case(
        "a warmup is of some aggression",
        {WARMUP: {"duration": "1s", "aggression": 0}},
        f"{WARMUP}/aggression",
        {WARMUP: {"duration": "1s", "aggression": 0.1}},
    ),
    # TLS
    Case("a config map has a name", {**CONFIG_MAP, f"{TLS}/credentialName": "configmap://shop"}, f"{TLS}/credentialName", CONFIG_MAP),
    Case(
        "a config map is of the namespace",
        {**CONFIG_MAP, f"{TLS}/credentialName": "configmap://infra/ca"},
        f"{TLS}/credentialName",
        CONFIG_MAP,
    ),
    *(
        Case(f"{name} is no use where nothing is verified", {**UNVERIFIED, f"{TLS}/{name}": value}, f"{TLS}/{name}", UNVERIFIED)
        for name, value in (("caCertificates", "/a"), ("credentialName", "c"), ("subjectAltNames", ["a"]))
    ),
    Case(
        "mutual TLS may verify nothing too",
        {**MUTUAL, f"{TLS}/insecureSkipVerify": True, f"{TLS}/caCertificates": "/c"},
        f"{TLS}/caCertificates",
        {TLS: {"mode": "MUTUAL", "insecureSkipVerify": True, "credentialName": "c"}},
    ),
    *(
        Case(f"{name} is in the credential", {**CREDENTIAL, f"{TLS}/{name}": "/a"}, f"{TLS}/{name}", CREDENTIAL)
        for name in ("clientCertificate", "privateKey", "caCertificates", "caCrl")
    ),
    Case("mutual TLS has a certificate", {**MUTUAL, f"{TLS}/clientCertificate": ""}, TLS, MUTUAL),
    Case("mutual TLS has a key", {**MUTUAL, f"{TLS}/privateKey": ""}, TLS, {TLS: {"mode": "MUTUAL", "credentialName": "c"}}),
    # ports, subsets and the rest
    Case("settings of a port have a port", {f"{PORT}/port": GONE}, PORT),
    Case("settings of a port are some", {f"{PORT}/tls": GONE}, PORT, {PORT: {"port": {"number": 1}, "loadBalancer": {}}}),
    Case(
        "settings of a port are checked",
        {f"{PORT}/tls": {"mode": "MUTUAL", "privateKey": "/a"}},
        f"{PORT}/tls",
        {f"{PORT}/outlierDetection": {"consecutiveErrors": 1}},
    ),
    Case("names of subsets are unique", {"/spec/subsets/1/name": "v1"}, "/spec/subsets/1/name"),
    Case("a subset has a name", {f"{SUBSET}/name": ""}, SUBSET),
    Case("a subset's name is a DNS label", {f"{SUBSET}/name": "v_1"}, f"{SUBSET}/name", {f"{SUBSET}/name": "V-1"}),
    Case("a subset's labels are Kubernetes'", {f"{SUBSET}/labels/version": "v 1"}, f"{SUBSET}/labels/version", {f"{SUBSET}/labels": GONE}),
    Case(
        "a subset's policy is one",
        {f"{SUBSET}/trafficPolicy": {}},
        f"{SUBSET}/trafficPolicy",
        {f"{SUBSET}/trafficPolicy": {"outlierDetection": {"consecutiveErrors": 1}}},
        removes=True,
    ),
    Case("all namespaces are alone", {EXPORTS: [".", "*"]}, EXPORTS, {EXPORTS: ["*"]}, correction=["*"]),
    Case("a rule is not hidden", {EXPORTS: ["~"]}, f"{EXPORTS}/0", {EXPORTS: ["infra"]}),
    Case(
        "a rule of workloads is of its namespace",
        {**SELECTOR, EXPORTS: ["infra"]},
        EXPORTS,
        {**SELECTOR, EXPORTS: ["shop"]},
        correction=["."],
    ),
    Case(
        "a rule of workloads is for no other",
        {**SELECTOR, EXPORTS: [".", "infra"]},
        EXPORTS,
        {**SELECTOR, EXPORTS: ["."]},
        correction=["."],
    ),
    Case(
        "a selector has no wildcard",
        {"/spec/workloadSelector": {"matchLabels": {"app": "*"}}},
        "/spec/workloadSelector/matchLabels/app",
        SELECTOR,
    ),
    Case("a selector without labels is warned of", {"/spec/workloadSelector": {}}, "/spec/workloadSelector", SELECTOR, is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_an_object_without_a_namespace_is_not_judged_by_one() -> None:
    """Which namespace a config map and an export have to be of is not known then."""
    bare = {**SELECTOR, **CONFIG_MAP, EXPORTS: ["infra"], "/metadata/namespace": GONE}

    assert found(violations, changed(GOOD, bare)) == []


def test_a_million_is_tried_at_once() -> None:
    """The largest prime that a table may have is found to be one."""
    assert found(violations, changed(GOOD, {**MAGLEV, f"{HASH}/maglev/tableSize": 4999999})) == []
