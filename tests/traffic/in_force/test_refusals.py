"""Which patch makes what proxies refuse: words of a real Envoy, and the EnvoyFilters that made it say them."""

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from kubectl_meshfix.mesh.answers import Answers, Connected, Push, Sync
from kubectl_meshfix.mesh.envoy_words import read_words
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.proxies import refused_configuration
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.in_force.refusals import refusals
from tests.rules.asking import asked

ISTIOD = Ref("v1", "Pod", "istio-system", "istiod-1")
TYPES = "type.googleapis.com/envoy.extensions.filters.http."
ROUTER = {
    "filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager", "subFilter": {"name": "envoy.filters.http.router"}}}
}
NO_NAME = ": Proto constraint validation failed (LocalRateLimitValidationError.StatPrefix: value length must be at least 1 characters)"
LISTENERS = (
    f"Error adding/updating listener(s) 10.0.102.146_7000: goo.gle/debugproto   \n{NO_NAME}\n0.0.0.0_80: goo.gle/debugproto   \n{NO_NAME}\n"
)
UNKNOWN = "Didn't find a registered implementation for 'x' with type URL: 'acme.Filter'"
SCRIPT = "script load error: [string \"function envoy_on_request(h\"]:1: ')' expected near '<eof>'"

MISSING = "cluster manager: cluster provided LB specified but cluster '{}' did not provide one. Check cluster documentation."
CLUSTERS = ("outbound|80||server.demo.svc.cluster.local", "outbound|9000||server.demo.svc.cluster.local")
LOCAL_LB = "Error adding/updating cluster(s) " + ", ".join(f"{name}: {MISSING.format(name)}" for name in CLUSTERS)
NEGATIVE = "Invalid duration: Expected positive duration: "
WILDCARD = "Only a single wildcard domain is permitted in route 15014"

LIMIT = {"name": "limit", "typed_config": {"@type": f"{TYPES}local_ratelimit.v3.LocalRateLimit"}}
MUTATION = {"name": "headers", "typed_config": {"@type": f"{TYPES}header_mutation.v3.HeaderMutation"}}
FOREIGN = {
    "name": "x",
    "typed_config": {"@type": "type.googleapis.com/udpa.type.v1.TypedStruct", "type_url": "type.googleapis.com/acme.Filter"},
}
LUA = {"name": "lua", "typed_config": {"@type": f"{TYPES}lua.v3.Lua", "inline_code": "function envoy_on_request(h"}}


def http(value: object, context: str = "SIDECAR_OUTBOUND") -> dict[str, Any]:
    """A patch that inserts an HTTP filter before the router."""
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": context, "listener": ROUTER},
        "patch": {"operation": "INSERT_BEFORE", "value": value},
    }


def cluster(value: object, **match: object) -> dict[str, Any]:
    """A patch that merges something into clusters."""
    return {
        "applyTo": "CLUSTER",
        "match": {"context": "SIDECAR_OUTBOUND", "cluster": match},
        "patch": {"operation": "MERGE", "value": value},
    }


def envoy_filter(name: str, *patches: object, namespace: str = "demo", app: str = "client") -> dict[str, Any]:
    """An EnvoyFilter for the pods of an app."""
    selector = {"workloadSelector": {"labels": {"app": app}}} if app else {}
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**selector, "configPatches": list(patches)},
    }


def pod(name: str, app: str = "client") -> dict[str, Any]:
    """A pod with a proxy."""
    containers = [{"name": "app", "image": "app:1"}, {"name": "istio-proxy", "image": "istio/proxyv2:1.31.0"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "demo", "labels": {"app": app}},
        "spec": {"containers": containers},
    }


def connected(name: str, kind: str, error: str) -> Connected:
    """A proxy that refuses something."""
    pushes = (Push(type=kind, sync=Sync.ERROR, error=error),)
    return Connected(namespace="demo", name=name, istiod=ISTIOD, version="1.31.0", pushes=pushes)


def mesh(objects: Sequence[object], *proxies: Connected) -> Mesh:
    """Objects, and the answers of one istiod."""
    read = from_texts({"a.yaml": yaml.safe_dump_all(objects)})[0].mesh
    return Mesh(read.objects, live=True).with_answers(Answers(connected=proxies, is_every_istiod=True))


def blamed(objects: Sequence[object], kind: str, error: str) -> list[tuple[str, int]]:
    """The patches that can have made one proxy refuse something."""
    (found,) = refusals(mesh([*objects, pod("client-1")], connected("client-1", kind, error)))
    return [(item.envoy_filter.name, item.number) for item in found.culprits]


@pytest.mark.parametrize(
    ("kind", "error", "resources", "reason"),
    [
        ("CDS", f"{NEGATIVE}goo.gle/debugproto   \nseconds: -3\n", (), f"{NEGATIVE}seconds: -3"),
        ("LDS", LISTENERS, ("10.0.102.146_7000", "0.0.0.0_80"), NO_NAME[2:]),
        ("LDS", " ".join(LISTENERS.split()), ("10.0.102.146_7000", "0.0.0.0_80"), NO_NAME[2:]),
        (
            "LDS",
            'Error adding/updating listener(s) virtualInbound: goo.gle/debugonly    \nstat_prefix: "x"\n' + NO_NAME,
            ("virtualInbound",),
            NO_NAME[2:],
        ),
        ("LDS", f"Error adding/updating listener(s) mine: {UNKNOWN}\n", ("mine",), UNKNOWN),
        ("RDS", WILDCARD, (), WILDCARD),
        ("CDS", LOCAL_LB, CLUSTERS, MISSING.format(CLUSTERS[0])),
        ("LDS", "", (), ""),
    ],
)  # fmt: skip
def test_words_name_what_is_refused_and_why(kind: str, error: str, resources: tuple[str, ...], reason: str) -> None:
    """The resources and the first reason are read, without the messages that Envoy prints between them."""
    words = read_words(Push(type=kind, sync=Sync.ERROR, error=error))

    assert words.resources == resources
    assert words.reason == reason


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (LIMIT, LISTENERS),
        (FOREIGN, f"Error adding/updating listener(s) 0.0.0.0_80: {UNKNOWN}\n"),
        (LUA, f"Error adding/updating listener(s) 0.0.0.0_80: {SCRIPT}\n"),
    ],
    ids=["type", "name", "script"],
)
def test_the_patch_that_the_words_fit_is_blamed(value: object, error: str) -> None:
    """Among patches of the same listeners, the one whose filter Envoy names."""
    assert blamed([envoy_filter("other", http(MUTATION)), envoy_filter("all", http(MUTATION), http(value))], "LDS", error) == [("all", 1)]


def test_words_that_fit_none_blame_all_that_change_it() -> None:
    """Patches of another type, of other pods, of another side and of other clusters are left out."""
    objects = [
        envoy_filter("one", cluster({"connect_timeout": "1s"}), http(MUTATION)),
        envoy_filter("two", cluster({"connect_timeout": "2s"}, service="server.demo.svc.cluster.local"), app=""),
        envoy_filter("root", cluster({"connect_timeout": "3s"}), namespace="istio-system", app=""),
        envoy_filter("elsewhere", cluster({"connect_timeout": "3s"}), namespace="other", app=""),
        envoy_filter("others", cluster({"connect_timeout": "3s"}), app="server"),
        envoy_filter("catalog", cluster({"connect_timeout": "3s"}, service="catalog.demo.svc.cluster.local")),
    ]

    assert sorted(blamed(objects, "CDS", LOCAL_LB)) == [("one", 0), ("root", 0), ("two", 0)]


def test_a_negative_duration_is_known_by_its_value() -> None:
    """Envoy prints the seconds, and the patch has them with their unit."""
    objects = [envoy_filter("a", cluster({"connect_timeout": "5s"})), envoy_filter("b", cluster({"connect_timeout": "-3s"}))]

    assert blamed(objects, "CDS", "Invalid duration: Expected positive duration: seconds: -3") == [("b", 0)]


@pytest.mark.parametrize(("name", "side"), [("virtualInbound", "SIDECAR_INBOUND"), ("0.0.0.0_80", "SIDECAR_OUTBOUND")])
def test_a_listener_tells_its_side(name: str, side: str) -> None:
    """Only patches of the side that the refused listener is on are blamed."""
    objects = [envoy_filter("in", http(LIMIT, "SIDECAR_INBOUND")), envoy_filter("out", http(LIMIT, "SIDECAR_OUTBOUND"))]
    error = f"Error adding/updating listener(s) {name}: {NO_NAME[2:]}\n"

    assert blamed(objects, "LDS", error) == [("in" if side == "SIDECAR_INBOUND" else "out", 0)]


def test_one_patch_is_one_finding_for_all_proxies() -> None:
    """However many proxies refuse it, and in whatever order their words list what they refuse."""
    lines = LISTENERS.removeprefix("Error adding/updating listener(s) ")
    first, second = lines.split("\n0.0.0.0_80: ")
    turned = f"Error adding/updating listener(s) 0.0.0.0_80: {second.rstrip()}\n{first}\n"
    objects = [envoy_filter("limit", http(LIMIT)), *(pod(f"client-{number}") for number in range(5))]
    proxies = [connected(f"client-{number}", "LDS", turned if number % 2 else LISTENERS) for number in range(5)]

    (found,) = asked(refused_configuration.RULE, mesh(objects, *proxies))

    assert found.resource.name == "limit"
    assert found.message.startswith("5 proxies, of Pod demo/client-0, Pod demo/client-1 and 3 more, refuse")


def test_what_another_rule_says_of_the_object_is_not_said_twice() -> None:
    """A filter after the router is MF705's, which knows a better fix."""
    after = http(MUTATION)
    after["patch"]["operation"] = "INSERT_AFTER"
    router = "envoy.filters.http.router"
    words = f"Error: terminal filter named {router} of type {router} must be the last filter in a http filter chain."
    error = f"Error adding/updating listener(s) 0.0.0.0_80: {words}\n"

    assert not asked(refused_configuration.RULE, mesh([envoy_filter("a", after), pod("client-1")], connected("client-1", "LDS", error)))


def test_without_a_patch_the_workload_is_named() -> None:
    """Something refused that no EnvoyFilter changes is a finding all the same."""
    (found,) = asked(refused_configuration.RULE, mesh([pod("client-1")], connected("client-1", "LDS", LISTENERS)))

    assert found.resource.name == "client-1"
    assert found.fix
    assert not found.fix.patches


def test_a_proxy_of_no_pod_that_was_read_is_named() -> None:
    """A machine outside of the cluster has no pod here."""
    (found,) = asked(refused_configuration.RULE, mesh([pod("other")], connected("machine", "LDS", LISTENERS)))

    assert found.resource == Ref("v1", "Pod", "demo", "machine")
