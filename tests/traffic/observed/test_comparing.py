"""What a proxy has, held against what is predicted of it."""

import json
from typing import Any

import pytest

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.answers import Answers, Connected, Proxy, Push, Sync
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.observed.asking import standing
from kubectl_meshfix.traffic.observed.dump import config
from kubectl_meshfix.traffic.observed.joining import Answered, joined
from tests.traffic.observed.scenes import asked, compared, dump, mesh, odd, part, predicted, recorded, steps

POD = Ref("v1", "Pod", "demo", "client-7fc5f9f5c-xb4gv")
ISTIOD = Ref("v1", "Pod", "istio-system", "istiod-5798d8fd54-9rgz8")

AGREE = [
    ("http://server/v2", "listener, route, clusters, endpoints and TLS"),
    ("http://server/both", "listener, route, clusters, endpoints and TLS"),
    ("http://server/go", "listener and route"),
    ("http://server/fixed", "listener and route"),
    ("http://server/none", "listener and route"),
    ("server:9000", "listener, route, clusters, endpoints and TLS"),
    ("server:7000", "listener, route, clusters, endpoints and TLS"),
    ("http://server:7000/v2", "listener, route, clusters, endpoints and TLS"),
    ("http://legacy/", "listener, route, clusters, endpoints and TLS"),
    ("http://api.example.com/", "listener, route, clusters and TLS"),
    ("http://nobody.example.com/", "listener and route"),
    ("https://nobody.example.com/", "listener and route"),
]


@pytest.mark.parametrize(("url", "parts"), AGREE)
def test_a_proxy_of_a_healthy_mesh_has_what_is_predicted(url: str, parts: str) -> None:
    """Whatever is asked for, a real proxy has it as predicted, stage by stage, and the verdict stays."""
    made = asked("predicted", url)

    assert odd(made) == []
    assert f"The proxy of {POD} has what is predicted: {parts}." in map(sentence, steps(made))
    assert made.arrives == predicted(mesh("predicted"), url).arrives


def test_shares_and_conditions_are_those_of_the_proxy() -> None:
    """A weighted route that needs a header by a regular expression is found in the proxy too, and not without the header."""
    made = asked("predicted", "http://server/both", headers=["x-user: anna"])

    assert "server.demo.svc.cluster.local:80 subset v1 (90 %) and" in " ".join(map(sentence, steps(made)))
    assert odd(made) == []


@pytest.mark.parametrize("host", ["shop.example.com", "other.example.com"])
def test_a_gateway_has_what_is_predicted(host: str) -> None:
    """A gateway's proxy is asked like a caller's, for a host that it has routes for and for one that it has none for."""
    made = asked("predicted", f"http://{host}/", caller="demo gateway/gw")

    assert odd(made) == []
    assert steps(made)[-1].status is Status.PASS


def test_a_route_that_was_removed_while_nobody_pushed_is_told() -> None:
    """The proxy still has the route of a VirtualService that is gone, because no istiod runs."""
    made = asked("stale", "http://server/v2")

    assert odd(made) == [
        (
            f"The route of {POD} sends to server.demo.svc.cluster.local:80 subset v2; predicted is one that sends to "
            "server.demo.svc.cluster.local:80."
        ),
        "No pod of Deployment istio-system/istiod is ready, so proxies get nothing new.",
    ]
    assert made.arrives is None


def test_endpoints_without_the_new_pod_and_old_tls_are_told() -> None:
    """A pod that began after the last push is not among the proxy's endpoints, and a DestinationRule that is gone still counts there."""
    found = odd(asked("stale", "http://legacy/"))

    assert found[:2] == [
        (
            f"{POD} has, for legacy.demo.svc.cluster.local:80, Deployment demo/legacy port 8080; predicted: "
            "Deployment demo/legacy port 8080 (2 pods)."
        ),
        f"{POD} sends mutual TLS to Deployment demo/legacy; predicted is plain text.",
    ]


def test_what_did_not_change_is_as_predicted_under_a_dead_istiod() -> None:
    """A request that no later change touches is as predicted, and nothing is said of istiod."""
    assert odd(asked("stale", "server:9000")) == []


def test_a_route_that_an_envoy_filter_changed_names_it() -> None:
    """An EnvoyFilter gave the route a timeout: the difference is told, and the EnvoyFilter as its likely reason."""
    made = asked("patched", "http://server/v2")

    assert odd(made) == [
        (
            f"The route of {POD} sends to server.demo.svc.cluster.local:80 subset v2 with a timeout of 7 s; predicted is one that sends "
            "to server.demo.svc.cluster.local:80 subset v2."
        ),
        "EnvoyFilter demo/timeouts changes this proxy, and may have changed this.",
    ]


def _difference(found: dict[str, Any], url: str = "http://server/v2", answers: Answers | None = None) -> list[str]:
    world = mesh("predicted", answers)
    return odd(compared(world, predicted(world, url), {**recorded("predicted")["dumps"], "demo/client": found}))


def test_without_any_reason_the_prediction_is_doubted() -> None:
    """Where a healthy mesh differs and nothing explains it, our own mistake is named as a possibility, and where to report it."""
    found = dump("predicted")
    _endpoints(found, "outbound|80|v2|").clear()

    assert _difference(found) == [
        f"{POD} has, for server.demo.svc.cluster.local:80 subset v2, no endpoint; predicted: Deployment demo/server-v2 port 8080.",
        "Nothing that was read explains it. If it stays so, the prediction is wrong: please report it.",
    ]


def _endpoints(found: dict[str, Any], cluster: str) -> list[Any]:
    rows = part(found, "Endpoints")["dynamic_endpoint_configs"]
    ends: list[Any] = next(
        row["endpoint_config"]["endpoints"] for row in rows if row["endpoint_config"]["cluster_name"].startswith(cluster)
    )
    return ends


def test_unhealthy_endpoints_are_told() -> None:
    """An endpoint that the proxy ejected is there, and gets nothing."""
    found = dump("predicted")
    _endpoints(found, "outbound|80|v2|")[0]["lb_endpoints"][0]["health_status"] = "UNHEALTHY"

    assert _difference(found)[0] == (
        f"{POD} sends nothing to Deployment demo/server-v2 port 8080 of server.demo.svc.cluster.local:80 subset v2: "
        "they are unhealthy for it."
    )


@pytest.mark.parametrize(
    ("kind", "key", "url", "said"),
    [
        ("Listeners", "dynamic_listeners", "http://server/v2", "has no listener for port 80; predicted is one that reads HTTP."),
        ("Routes", "dynamic_route_configs", "http://server/v2", "has no route configuration 80; predicted is a route that sends to"),
        ("Clusters", "dynamic_active_clusters", "http://server/v2", "has no cluster server.demo.svc.cluster.local:80 subset v2, which"),
    ],
)
def test_what_the_proxy_lacks_is_told(kind: str, key: str, url: str, said: str) -> None:
    """A resource that is predicted and not there is named."""
    found = dump("predicted")
    del part(found, kind)[key]

    assert said in _difference(found, url)[0]


def test_a_cluster_that_should_not_be_there_is_told() -> None:
    """A subset that no DestinationRule defines has a cluster in the proxy."""
    found = dump("predicted")
    rows = part(found, "Clusters")["dynamic_active_clusters"]
    row = json.loads(json.dumps(next(row for row in rows if row["cluster"]["name"].startswith("outbound|80|v2|"))))
    row["cluster"]["name"] = "outbound|80|v3|server.demo.svc.cluster.local"
    rows.append(row)

    assert (
        _difference(found, "http://server/none")[0] == f"{POD} has cluster server.demo.svc.cluster.local:80 subset v3; predicted is none."
    )


def test_a_listener_of_another_kind_is_told() -> None:
    """A port that is TCP in the proxy and HTTP by its Service's name differs in its listener alone."""
    found = dump("predicted")
    listeners = {row["name"]: row["active_state"]["listener"] for row in part(found, "Listeners")["dynamic_listeners"]}
    tcp = next(item for name, item in listeners.items() if name.endswith("_9000"))
    listeners["0.0.0.0_80"]["filter_chains"] = tcp["filter_chains"]

    assert _difference(found)[0] == f"Listener 0.0.0.0_80 of {POD} hands on the bytes; predicted is one that reads HTTP."


def test_a_match_that_is_not_evaluated_makes_the_route_unknown() -> None:
    """A route before the one that matches asks for something that only Envoy knows."""
    found = dump("predicted")
    for row in part(found, "Routes")["dynamic_route_configs"]:
        for host in row["route_config"]["virtual_hosts"]:
            host["routes"][0]["match"]["runtime_fraction"] = {"default_value": {"numerator": 1}}

    assert _difference(found) == [f"Which route of {POD} matches is not evaluated: the match runtime_fraction."]


def test_the_address_decides_which_listener_it_is() -> None:
    """Where a Service's address is not known and the port has listeners of single addresses, nothing is claimed."""
    world = mesh("predicted")
    made = predicted(world, "http://server:7000/v2")
    places = standing(world, made)[:1]
    without = [Answered(of=_without_address(place), config=config(json.dumps(dump("predicted")).encode())) for place in places]

    assert odd(joined(world, made, without)) == [f"Which listener of {POD} takes port 7000 depends on the address that is called."]


def _without_address(place: Any) -> Any:
    import msgspec  # noqa: PLC0415

    ways = []
    for branch, hop in place.ways:
        address = msgspec.structs.replace(hop.chosen.address, address="", entry=None)
        ways.append((branch, msgspec.structs.replace(hop, chosen=msgspec.structs.replace(hop.chosen, address=address))))
    return msgspec.structs.replace(place, ways=tuple(ways))


def test_a_refused_listener_is_quoted() -> None:
    """Envoy's own words about an update that it refused are the reason; they stand in the dump beside the listener in force."""
    found = dump("predicted")
    part(found, "Listeners")["dynamic_listeners"][0]["error_state"] = {"details": "error adding listener: no such filter."}
    part(found, "Routes")["dynamic_route_configs"].clear()

    assert _difference(found)[1] == "The proxy refused the newest configuration: error adding listener: no such filter."


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            Answers(connected=(Connected("demo", POD.name, ISTIOD, pushes=(Push("RDS", Sync.ERROR, "bad route"),)),)),
            "The proxy refused the newest configuration: bad route.",
        ),
        (
            Answers(connected=(Connected("demo", POD.name, ISTIOD, pushes=(Push("RDS", Sync.STALE),)),)),
            "istiod says STALE of RDS for this proxy.",
        ),
        (Answers(proxies=(Proxy(POD, is_connected=False),)), "The proxy has no connection to istiod, so it keeps what it had."),
    ],
)
def test_what_istiod_and_the_proxy_say_is_the_reason(answers: Answers, said: str) -> None:
    """What was answered to other questions explains a difference."""
    found = dump("predicted")
    part(found, "Routes")["dynamic_route_configs"].clear()

    assert _difference(found, answers=answers)[1] == said


def test_an_older_proxy_is_a_reason() -> None:
    """Proxy and istiod of different minor versions are named where something differs."""
    found = dump("predicted")
    part(found, "Bootstrap")["bootstrap"]["node"]["metadata"]["ISTIO_VERSION"] = "1.29.2"
    part(found, "Routes")["dynamic_route_configs"].clear()

    assert _difference(found)[1] == "The proxy is of version 1.29.2, its istiod of 1.31.0."


def test_an_object_that_is_younger_than_what_the_proxy_has_is_a_reason() -> None:
    """A VirtualService that was written after the proxy took anything at all cannot have arrived."""
    world, found = mesh("predicted"), dump("predicted")
    made = predicted(world, "http://server/v2")
    part(found, "Routes")["dynamic_route_configs"].clear()
    key = Ref("networking.istio.io/v1", "VirtualService", "demo", "server").key
    answers = [
        Answered(of=place, config=config(json.dumps(found).encode()), written={key: "2030-01-01T00:00:00Z"})
        for place in standing(world, made)
    ]

    assert (
        "VirtualService demo/server was written at 2030-01-01T00:00:00Z; what the proxy has of it is of "
        in odd(joined(world, made, answers))[1]
    )


def test_a_proxy_without_an_answer_changes_no_verdict() -> None:
    """Why a proxy was not asked is told, and what is predicted stays as it is."""
    world = mesh("predicted")
    made = compared(world, predicted(world, "http://server/v2"), {})

    assert odd(made)[0] == f"The proxy of {POD} was not asked: nothing listens on port 15000."
    assert made.arrives is True


def test_a_workload_without_a_ready_pod_is_told() -> None:
    """No pod is there to be asked."""
    world = mesh("predicted")
    made = predicted(world, "http://server/v2")
    nobody = mesh("predicted", without="Pod")

    assert odd(joined(world, made, [Answered(of=place) for place in standing(nobody, made)])) == [
        f"No pod of Deployment demo/{name} is ready, so no proxy was asked." for name in ("client", "server-v2")
    ]


def test_a_server_refuses_what_is_predicted_to_be_refused() -> None:
    """Plain text to a STRICT server has no filter chain in its own proxy either, and the mesh's TLS has one."""
    assert odd(asked("strict", "http://server/v2", caller="demo deploy/legacy")) == []
    assert next(sentence(step) for step in steps(asked("strict", "http://server/v2", caller="demo deploy/legacy"))) == (
        "The proxy's listener refuses plain text on port 8080."
    )


def test_a_server_that_still_refuses_is_told() -> None:
    """The PeerAuthentication is gone, and the server's proxy goes on to refuse plain text, because no istiod runs."""
    made = asked("stale", "http://server/v2", caller="demo deploy/legacy")

    assert odd(made) == [
        "Pod demo/server-v1-7c99dd6497-7swnl refuses plain text on port 8080; predicted is one that takes plain text and reads HTTP.",
        "No pod of Deployment istio-system/istiod is ready, so proxies get nothing new.",
        "Pod demo/server-v2-577687d4cf-5hwrf refuses plain text on port 8080; predicted is one that takes plain text and reads HTTP.",
    ]
    assert made.arrives is None


def test_a_server_without_its_listener_is_told() -> None:
    """A proxy that has no inbound listener at all has no configuration."""
    world = mesh("predicted")
    dumps = {**recorded("predicted")["dumps"], "demo/server-v2": {"configs": []}}

    assert odd(compared(world, predicted(world, "http://server/v2"), dumps))[0] == (
        "Pod demo/server-v2-577687d4cf-5hwrf has no listener virtualInbound."
    )


def test_no_recording_holds_secrets() -> None:
    """Nothing that is recorded holds a certificate, a key or a token."""
    text = json.dumps([recorded(name) for name in ("predicted", "patched", "strict", "stale")])

    assert "BEGIN" not in text
    assert "SecretsConfigDump" not in text
