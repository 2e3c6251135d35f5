"""Which objects other than EnvoyFilters make what proxies refuse: words of a real Envoy, and the objects that made it say them."""

from typing import Any

import pytest
import yaml

from kubectl_meshfix.mesh.answers import Answers, Connected, Push, Sync
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.proxies import refused_configuration
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked

HOST = "cart.shop.svc.cluster.local"
SIZE = (
    f'goo.gle/debugstr   \nname: "outbound|80||{HOST}"\ntype: EDS\nlb_policy: RING_HASH\n: Proto constraint validation failed '
    "(ClusterValidationError.RingHashLbConfig: embedded message failed validation | caused by RingHashLbConfigValidationError.Min..."
)
TABLE = f"Error adding/updating cluster(s) outbound|80||{HOST}: The table size of maglev must be prime number"
TWO = f"{TABLE}, outbound|80||other.example.com: The table size of maglev must be prime number"
FIELD = "Not supported field in StreamInfo: NO_SUCH_FIELD"
EXPRESSION = (
    "Error adding/updating listener(s) 0.0.0.0_80: failed to create an expression: No overload found in reference resolve step for foo\n"
)
TAKEN = (
    "Error adding/updating listener(s) 0.0.0.0_15001: error adding listener: '0.0.0.0_15001' has duplicate address '0.0.0.0:15001' as "
    "existing listener, to check if the listener has duplicated addresses with other listeners or 'enable_reuse_port' is set to 'false' "
    "for the listener\n"
)
JWKS = (
    "Error adding/updating listener(s) virtualInbound: Provider 'origins-0' in jwt_authn config has invalid local jwks: Jwks RSA [n] or "
    "[e] field is missing or has a parse error\n"
)
BALANCER = {"loadBalancer": {"consistentHash": {"httpHeaderName": "x", "ringHash": {"minimumRingSize": 9000000}}}}
ROUTE = [{"destination": {"host": "cart"}}]


def made(kind: str, spec: dict[str, Any], name: str = "made", version: str = "networking.istio.io/v1") -> dict[str, Any]:
    """An object in namespace shop."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def rule(name: str = "made", host: str = "cart", **spec: Any) -> dict[str, Any]:
    """A DestinationRule."""
    return made("DestinationRule", {"host": host, **(spec or {"trafficPolicy": BALANCER})}, name)


def headers(value: str, name: str = "made") -> dict[str, Any]:
    """A VirtualService that adds a header to responses."""
    http = [{"headers": {"response": {"add": {"x-f": value}}}, "route": ROUTE}]
    return made("VirtualService", {"hosts": ["cart"], "http": http}, name)


def logging(expression: str = "foo(1)", **spec: Any) -> dict[str, Any]:
    """A Telemetry that filters access logs."""
    logs = [{"providers": [{"name": "envoy"}], "filter": {"expression": expression}}]
    return made("Telemetry", {"accessLogging": logs, **spec}, version="telemetry.istio.io/v1")


def tokens(**jwt: Any) -> dict[str, Any]:
    """A RequestAuthentication."""
    return made("RequestAuthentication", {"jwtRules": [{"issuer": "a", **jwt}]}, version="security.istio.io/v1")


def entry(port: int) -> dict[str, Any]:
    """A ServiceEntry with a port."""
    ports = [{"number": 443, "name": "tls", "protocol": "TLS"}, {"number": port, "name": "tcp", "protocol": "TCP"}]
    return made("ServiceEntry", {"hosts": ["other.example.com"], "ports": ports, "resolution": "DNS"})


def mesh(kind: str, error: str, *objects: dict[str, Any]) -> Mesh:
    """A Pod with its Service and these objects, whose proxy refuses something."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"}}
    service["spec"] = {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80}]}
    containers = [{"name": "cart", "image": "cart:1"}, {"name": "istio-proxy", "image": "proxyv2:1.31.0"}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cart-1", "namespace": "shop", "labels": {"app": "cart"}},
        "spec": {"containers": containers},
    }
    read = from_texts({"a.yaml": yaml.safe_dump_all([service, pod, *objects])})[0].mesh
    push = Push(type=kind, sync=Sync.ERROR, error=error)
    row = Connected(namespace="shop", name="cart-1", istiod=Ref("v1", "Pod", "istio-system", "istiod-1"), version="1.31.0", pushes=(push,))
    return read.with_answers(Answers(connected=(row,)))


POD = ("Pod", "/spec")


@pytest.mark.parametrize(
    ("kind", "error", "objects", "expected"),
    [
        pytest.param("CDS", SIZE, [rule()], ("DestinationRule", "/spec/trafficPolicy"), id="a balancer that Envoy does not take"),
        pytest.param("CDS", TABLE, [rule()], ("DestinationRule", "/spec/trafficPolicy"), id="as a list of clusters"),
        pytest.param("CDS", TABLE, [rule(subsets=[{"name": "v1", "trafficPolicy": BALANCER}])], POD, id="of a subset that is not refused"),
        pytest.param(
            "CDS",
            TABLE.replace("80||", "80|v1|"),
            [rule(subsets=[{"name": "v1", "trafficPolicy": BALANCER}])],
            ("DestinationRule", "/spec/subsets/0/trafficPolicy"),
            id="of a subset that is",
        ),
        pytest.param("CDS", TABLE, [rule(host="other.example.com")], POD, id="of another host"),
        pytest.param("CDS", TWO, [rule(), entry(80)], POD, id="a cluster of another host is refused too"),
        pytest.param("CDS", "Invalid duration: -5", [rule()], POD, id="no cluster is named"),
        pytest.param(
            "RDS", FIELD, [headers("%NO_SUCH_FIELD%")], ("VirtualService", "/spec/http/0/headers/response/add/x-f"), id="an operator"
        ),
        pytest.param(
            "RDS",
            "Incorrect configuration: 100%. Couldn't find valid command at position 3",
            [headers("100%"), headers("%REQ(x)%", "other")],
            ("VirtualService", "/spec/http/0/headers/response/add/x-f"),
            id="a per cent",
        ),
        pytest.param("RDS", FIELD, [headers("NO_SUCH_FIELD"), headers("%REQ(x)%", "other")], POD, id="no operator of it"),
        pytest.param(
            "LDS", EXPRESSION, [logging()], ("Telemetry", "/spec/accessLogging/0/filter/expression"), id="an expression of an access log"
        ),
        pytest.param("LDS", EXPRESSION, [logging(selector={"matchLabels": {"app": "db"}})], POD, id="for other pods"),
        pytest.param("LDS", TAKEN, [entry(15001)], ("ServiceEntry", "/spec/ports/1/number"), id="a port of the proxy's own"),
        pytest.param("LDS", TAKEN, [entry(9000)], POD, id="another port"),
        pytest.param("LDS", JWKS, [tokens(jwks="{}")], ("RequestAuthentication", "/spec/jwtRules/0/jwks"), id="keys that are none"),
        pytest.param("LDS", JWKS, [tokens(jwksUri="https://keys.example.com")], POD, id="keys from elsewhere"),
        pytest.param("LDS", "something new", [tokens(jwks="{}"), logging(), rule(), entry(15001)], POD, id="words that lead nowhere"),
    ],
)
def test_words_lead_to_the_object(kind: str, error: str, objects: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    """Where Envoy's words lead to one object the finding is about it, and where they lead to none it is about the workload."""
    (found,) = asked(refused_configuration.RULE, mesh(kind, error, *objects))

    assert (found.resource.kind, found.path) == expected


def test_several_are_a_choice() -> None:
    """Where the words fit two objects, none of them is accused: both are named, and the finding is about the workload."""
    (found,) = asked(refused_configuration.RULE, mesh("RDS", FIELD, headers("%NO_SUCH_FIELD%", "a"), headers("a%NO_SUCH_FIELD%", "b")))

    assert found.resource.kind == "Pod"
    assert found.fix
    assert "one of VirtualService shop/a, VirtualService shop/b" in found.fix.summary


@pytest.mark.parametrize(
    ("value", "expected"), [({"connect_timeout": "3s"}, "Pod"), ({"maglev_lb_config": {"table_size": "table size"}}, "EnvoyFilter")]
)
def test_a_patch_that_the_words_are_about_comes_first(value: dict[str, Any], expected: str) -> None:
    """Where Envoy's words are about a patch of an EnvoyFilter it is that; else the patch is as likely as the other object."""
    patch = {"operation": "MERGE", "value": value}
    spec = {"configPatches": [{"applyTo": "CLUSTER", "match": {"context": "SIDECAR_OUTBOUND"}, "patch": patch}]}
    (found,) = asked(
        refused_configuration.RULE, mesh("CDS", TABLE, rule(), made("EnvoyFilter", spec, version="networking.istio.io/v1alpha3"))
    )

    assert found.resource.kind == expected
    assert expected == "EnvoyFilter" or {text.split(":")[0] for text in found.evidence} >= {"changes them too"}
