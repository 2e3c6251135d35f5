"""What the schemas of Istio and the Gateway API do not allow."""

from typing import Any

import pytest

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.written import KEPT
from kubectl_meshfix.validation.schema.tables import table
from kubectl_meshfix.validation.schema.walk import violations
from kubectl_meshfix.validation.violation import Violation


def virtual_service(**route: Any) -> dict[str, Any]:
    """A VirtualService with one HTTP route."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "a"},
        "spec": {"hosts": ["a"], "http": [{"route": [{"destination": {"host": "a"}}], **route}]},
    }


def only(value: dict[str, Any]) -> Violation:
    """The one violation of an object."""
    (found,) = violations(value)
    return found


@pytest.mark.parametrize(
    ("route", "path", "says", "correction"),
    [
        ({"timout": "5s"}, "/timout", 'http[0] has no field "timout" (did you mean timeout?)', "timeout"),
        ({"retries": {"per_try_timeout": "1s"}}, "/retries/per_try_timeout", "(did you mean perTryTimeout?)", "perTryTimeout"),
        ({"retries": {"timeout": "1s"}}, "/retries/timeout", ', which is a field of http[0]', None),
        ({"attempts": 3}, "/attempts", ", which is a field of retries", None),
        ({"timeout": "5s", "timout": "5s"}, "/timout", "(did you mean timeout?)", None),
        ({"zzz": 1}, "/zzz", 'http[0] has no field "zzz" in Istio 1.31', None),
        ({"timeout": 5}, "/timeout", "http[0].timeout is a number and must be a string", None),
        ({"timeout": "5"}, "/timeout", 'http[0].timeout is "5", which is no duration of 1ms or more, such as 5s', None),
        ({"timeout": "0s"}, "/timeout", "which is no duration of 1ms or more", None),
        ({"retries": {"attempts": "3"}}, "/retries/attempts", "is a string and must be a number", 3),
        ({"retries": {"attempts": 3.5}}, "/retries/attempts", "is a fraction and must be a number", None),
        ({"retries": {"attempts": 2**31}}, "/retries/attempts", "and must be -2147483648 to 2147483647", None),
        ({"retries": []}, "/retries", "is a list and must be a map", None),
        ({"match": {}}, "/match", "is a map and must be a list", None),
        ({"match": [{"uri": {"exact": "/", "prefix": "/"}}]}, "/match/0/uri", "has exact and prefix, and may have only one of them", None),
        ({"mirrors": [{"percentage": {"value": 1}}]}, "/mirrors/0", "mirrors[0] has no destination", None),
        ({"corsPolicy": {"unmatchedPreflights": "forward"}}, "/corsPolicy/unmatchedPreflights", "(did you mean FORWARD?)", "FORWARD"),
        ({"headers": {"request": {"set": {"a": 1}}}}, "/headers/request/set/a", 'headers.request.set.a is a number', "1"),
    ],
)  # fmt: skip
def test_what_a_route_may_not_be(route: dict[str, Any], path: str, says: str, correction: Any) -> None:
    """Each violation is at its place, says what is wrong, and corrects it where one thing can be meant."""
    found = only(virtual_service(**route))

    assert found.path == f"/spec/http/0{path}"
    assert says in found.says
    assert found.correction == correction


@pytest.mark.parametrize(
    "route",
    [{"timeout": None}, {"zzz": None}, {"retries": {"attempts": 3.0}}, {"match": [{"uri": {"exact": "/", "prefix": None}}]}],
)  # fmt: skip
def test_null_is_absent_and_a_whole_fraction_is_a_number(route: dict[str, Any]) -> None:
    """The API server drops a null, and reads 3.0 as 3."""
    assert [found for found in violations(virtual_service(**route)) if "zzz" not in found.says] == []


def test_fields_beside_the_spec() -> None:
    """What stands beside the spec may be one of its fields."""
    found = only({**virtual_service(), "hosts": ["a"]})

    assert (found.path, found.says) == ("/hosts", 'the object has no field "hosts", which is a field of spec')


def test_a_version_that_no_kind_has() -> None:
    """An EnvoyFilter has only one version. Of the Gateway API, a cluster may have versions that are gone since."""
    envoy_filter = {"apiVersion": "networking.istio.io/v1", "kind": "EnvoyFilter", "spec": {"zzz": 1}}
    route = {"apiVersion": "gateway.networking.k8s.io/v1alpha2", "kind": "HTTPRoute", "spec": {"zzz": 1}}

    assert only(envoy_filter).says == "EnvoyFilter has no version v1, only v1alpha3"
    assert list(violations(route)) == []


def test_listeners_are_told_apart_by_their_names() -> None:
    """Two of a name are refused, in the place of the second."""
    listener = {"name": "http", "port": 80, "protocol": "HTTP"}
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "spec": {"gatewayClassName": "istio", "listeners": [listener, {**listener, "port": 8080}]},
    }

    assert only(gateway).path == "/spec/listeners/1"
    assert only(gateway).says == "listeners has two entries with name http"


def test_one_of_two_has_to_be_there() -> None:
    """A TrafficExtension is WebAssembly or Lua."""
    extension: dict[str, Any] = {"apiVersion": "extensions.istio.io/v1alpha1", "kind": "TrafficExtension", "spec": {}}

    assert only(extension).says == "spec has none of wasm and lua, and must have one"


def test_every_kind_that_is_kept_has_a_table() -> None:
    """Of each kind of Istio and the Gateway API the fields are known, in the versions that are read; v1 has those of what came before."""
    for kind in kinds.KINDS:
        if kind.struct in KEPT:
            found = table({"apiVersion": f"{kind.group}/{kind.versions[0]}", "kind": kind.kind})

            assert found, kind
            assert set(kind.versions) <= {*found.versions, "v1beta1", "v1alpha2"}, kind
    assert table({"apiVersion": "v1", "kind": "Service"}) is None
    assert table({"apiVersion": "serving.istio.io/v1", "kind": "../../x"}) is None


def test_a_field_that_is_missing_because_it_is_misspelt() -> None:
    """One fault is one violation, as is what a patch says to kustomize none."""
    entry = {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "$patch": "merge", "spec": {"host": ["a.example.com"]}}

    assert only(entry).correction == "hosts"


HTTP = {"name": "http", "port": 80, "protocol": "HTTP"}
HTTPS = {"name": "https", "port": 443, "protocol": "HTTPS"}
SERVED = {"certificateRefs": [{"name": "a"}]}


@pytest.mark.parametrize(
    ("kind", "spec", "path", "says"),
    [
        ("HTTPRoute", {"rules": [{"backendRefs": [{"name": "a"}]}]}, "/rules/0/backendRefs/0", "has no port, which a Service needs"),
        ("HTTPRoute", {"rules": [{"backendRefs": [{"name": "a", "kind": "Other", "group": "x"}]}]}, "", ""),
        ("HTTPRoute", {"rules": [{"matches": [{"path": {"value": "a"}}]}]}, "/rules/0/matches/0/path/value", "must begin with /"),
        ("HTTPRoute", {"rules": [{"matches": [{"path": {"type": "Exact"}}]}]}, "", ""),
        ("HTTPRoute", {"rules": [{"matches": [{"path": {"value": "a", "type": "RegularExpression"}}]}]}, "", ""),
        ("HTTPRoute", {"rules": [{"filters": [{"type": "URLRewrite"}]}]}, "/rules/0/filters/0", "has no urlRewrite"),
        ("GRPCRoute", {"rules": [{"backendRefs": [{"name": "a"}]}]}, "/rules/0/backendRefs/0", "has no port"),
        ("Gateway", {"listeners": [{**HTTP, "tls": SERVED}]}, "/listeners/0/tls", "cannot be used with the protocol HTTP"),
        ("Gateway", {"listeners": [{**HTTPS, "tls": {**SERVED, "mode": "Passthrough"}}]}, "/listeners/0/tls/mode", "is Passthrough"),
        ("Gateway", {"listeners": [{**HTTPS, "tls": SERVED}, HTTP]}, "", ""),
    ],
)
def test_what_the_gateway_api_says_in_cel(kind: str, spec: dict[str, Any], path: str, says: str) -> None:
    """What the API server refuses of Gateways and routes whose fields are right."""
    whole = spec if kind != "Gateway" else {"gatewayClassName": "istio", **spec}
    found = list(violations({"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "spec": whole}))

    assert [(row.path, says in row.says) for row in found] == ([(f"/spec{path}", True)] if path else [])


WAYPOINT = {"context": "WAYPOINT", "waypoint": {"portNumber": 80}}


@pytest.mark.parametrize(
    ("kind", "spec", "path"),
    [
        ("networking.istio.io/v1alpha3 EnvoyFilter", {"configPatches": [{"match": {"context": "WAYPOINT"}}]}, "/configPatches/0/match"),
        ("networking.istio.io/v1alpha3 EnvoyFilter", {"configPatches": [{"match": {"waypoint": {}}}]}, "/configPatches/0/match/waypoint"),
        ("networking.istio.io/v1alpha3 EnvoyFilter", {"configPatches": [{"match": WAYPOINT}, {"match": {"context": "ANY"}}, {}]}, ""),
        ("telemetry.istio.io/v1 Telemetry", {"metrics": [{"reportingInterval": "0.5ms"}]}, "/metrics/0/reportingInterval"),
        ("telemetry.istio.io/v1 Telemetry", {"metrics": [{"reportingInterval": "1.5ms"}, {}]}, ""),
    ],
)
def test_what_istio_says_in_cel(kind: str, spec: dict[str, Any], path: str) -> None:
    """What the API server refuses, and istiod would not."""
    version, name = kind.split()
    found = list(violations({"apiVersion": version, "kind": name, "spec": spec}))

    assert [(row.path, row.effect) for row in found] == ([(f"/spec{path}", "the API server refuses the object")] if path else [])
