"""All answers of one run: whom is asked what, who is left out of a sample, and that one pod holds nobody up."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.answers import Answers, NotAsked
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.sources.proxies import gathering, parties, questions
from kubectl_meshfix.sources.proxies.gathering import gather
from kubectl_meshfix.sources.proxies.parties import question_for, sample
from tests.sources.proxies.stand_in import ANSWERS, SILENT, StandIn, istiod_deployment, istiod_pod, proxied_pod, standing_in

STATISTICS = (ANSWERS / "proxy.txt").read_bytes()
MERGES = [{"name": "ISTIO_PROMETHEUS_ANNOTATIONS", "value": '{"scrape":"true","path":"/metrics","port":"8080"}'}]


def mesh_of(*objects: dict[str, Any]) -> Mesh:
    """A live mesh of these objects."""
    structs = {"Pod": Pod, "Deployment": Deployment}
    return Mesh((msgspec.convert(item, structs[item["kind"]]) for item in objects), live=True)


def with_istiod(server: StandIn, *pods: dict[str, Any]) -> Mesh:
    """A mesh with an istiod that answers, and pods whose proxies do."""
    istiod = {"/metrics?": (ANSWERS / "istiod.txt").read_bytes(), "/debug/syncz": (ANSWERS / "syncz.json").read_bytes()}
    server.pods["istio-system/istiod-1:15014"] = lambda target: istiod[target]
    for pod in pods:
        for port in (15020, 15090):
            server.pods[f"{pod['metadata']['namespace']}/{pod['metadata']['name']}:{port}"] = lambda _: STATISTICS
    return mesh_of(istiod_deployment(), istiod_pod(), *pods)


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server for one test."""
    with standing_in() as found:
        yield found


def reasons(answers: Answers) -> set[str]:
    """Why something is missing."""
    return {gap.reason for gap in answers.missing}


def test_istiods_and_proxies_are_asked_once_each(server: StandIn) -> None:
    """An istiod has two questions and a proxy one; all that they say is there, and nothing is missing."""
    answers = gather(server.connection(), with_istiod(server, proxied_pod("cart"), proxied_pod("db")))

    assert [row.version for row in answers.istiods] == ["1.31.0"]
    assert [(row.pod.name, row.is_connected) for row in answers.proxies] == [("cart", True), ("db", True)]
    assert [row.name.partition("-")[0] for row in answers.connected] == ["client", "server", "server"]
    assert (answers.of, answers.is_every_istiod, answers.missing) == (2, True, ())
    assert len(server.requests) == 4


def test_nothing_is_sent_that_is_not_meant(server: StandIn) -> None:
    """Every request is a GET of one of the questions; no Secret is among them, and no port but the mesh's own."""
    gather(server.connection(), with_istiod(server, proxied_pod("cart"), proxied_pod("shop-metrics", env=MERGES)))

    ways = {f":{found.port}/proxy{found.path}" for found in questions.QUESTIONS} | {"/portforward?ports=15014"}
    assert all(line.startswith("GET /api/v1/namespaces/") and any(way in line for way in ways) for line in server.requests)
    assert not [line for line in server.requests if "secret" in line.lower()]


@pytest.mark.parametrize(
    ("env", "annotations", "port"),
    [
        ([], {}, 15020),
        (MERGES, {}, 15090),
        ([], {"status.sidecar.istio.io/port": "8080"}, 15090),
        ([], {"status.sidecar.istio.io/port": "15020"}, 15020),
        ([], {"prometheus.io/scrape": "true", "prometheus.io/port": "15020"}, 15020),
        ([{"name": "OTHER", "value": "x"}], {}, 15020),
    ],
)
def test_no_question_reaches_an_application(env: Sequence[dict[str, str]], annotations: dict[str, str], port: int) -> None:
    """The agent is asked only if it would ask nobody else, and only on its own port; otherwise Envoy alone is."""
    pod = proxied_pod("cart", env=env)
    pod["metadata"]["annotations"] = annotations

    assert question_for(msgspec.convert(pod, Pod)).port == port
    pod["spec"]["containers"].pop()
    assert question_for(msgspec.convert(pod, Pod)).port == 15090


def test_whoever_cannot_be_reached_is_not_asked(server: StandIn) -> None:
    """A pod that is pending or on its way out, one without a proxy, and an istiod that is not ready are left alone."""
    pending, going, bare = proxied_pod("a"), proxied_pod("b"), proxied_pod("c")
    pending["status"] = {"phase": "Pending"}
    going["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"
    bare["spec"]["containers"].pop()

    answers = gather(server.connection(), mesh_of(istiod_deployment(), istiod_pod(is_ready=False), pending, going, bare))

    assert server.requests == []
    assert answers == Answers(is_every_istiod=True)


def test_two_hundred_proxies_of_which_one_is_dead_and_one_is_silent(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """All others answer meanwhile, with one request each; the two are missing, each with its reason."""
    brief = msgspec.structs.replace(questions.AGENT_STATISTICS, seconds=1.0)
    monkeypatch.setattr(parties, "AGENT_STATISTICS", brief)
    pods = [proxied_pod(f"cart-{number:03}", f"ns-{number % 7}") for number in range(200)]
    mesh = with_istiod(server, *pods)
    server.pods["ns-3/cart-010:15020"] = lambda _: SILENT
    del server.pods["ns-4/cart-011:15020"]
    started = time.monotonic()

    answers = gather(server.connection(), mesh)

    assert (len(answers.proxies), answers.of) == (198, 200)
    assert answers.missing == (
        NotAsked(subject="proxy of Pod ns-3/cart-010", reason="it did not answer within 1 s"),
        NotAsked(subject="proxy of Pod ns-4/cart-011", reason="nothing listens on port 15020"),
    )
    assert max(Counter(server.requests).values()) == 1
    assert len(server.requests) == 202
    assert time.monotonic() - started < 30


def test_all_together_have_their_time(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time for all is over, what has not answered is named, and what has is kept."""
    monkeypatch.setattr(gathering, "WORKERS", 2)
    mesh = with_istiod(server, *(proxied_pod(f"cart-{number}") for number in range(9)))
    for number in range(1, 9):
        server.pods[f"shop/cart-{number}:15020"] = lambda _: SILENT
    started = time.monotonic()

    answers = gather(server.connection(), mesh, seconds=1.5)

    assert time.monotonic() - started < 4
    assert [row.pod.name for row in answers.proxies] == ["cart-0"]
    assert answers.missing == tuple(
        NotAsked(subject=f"proxy of Pod shop/cart-{number}", reason="the 1.5 s for all were over") for number in range(1, 9)
    )


def test_without_rights_nothing_is_known(server: StandIn) -> None:
    """Who may not reach pods is told each right once a namespace, and no other way is tried."""
    server.refused = {"pods/proxy", "pods/portforward"}

    answers = gather(server.connection(), with_istiod(server, proxied_pod("cart"), proxied_pod("db")))

    assert reasons(answers) == {
        "not allowed to get pods/proxy in namespace istio-system",
        "not allowed to get pods/portforward in namespace istio-system",
        "not allowed to get pods/proxy in namespace shop",
    }
    assert (answers.istiods, answers.proxies, answers.connected, answers.is_every_istiod) == ((), (), (), False)
    assert len(server.requests) == 4


def test_metrics_alone_do_not_tell_who_is_connected(server: StandIn) -> None:
    """Without port-forward the metrics are there, and nobody claims to know every proxy of an istiod."""
    server.refused = {"pods/portforward"}

    answers = gather(server.connection(), with_istiod(server, proxied_pod("cart")))

    assert (len(answers.istiods), len(answers.proxies), answers.is_every_istiod) == (1, 1, False)
    assert [gap.subject for gap in answers.missing] == ["istiod istio-system/istiod-1: connected proxies"]


def test_an_istiod_that_runs_elsewhere_is_missing(server: StandIn) -> None:
    """Where no istiod is to be seen, proxies may be connected to one outside of the cluster."""
    answers = gather(server.connection(), mesh_of(proxied_pod("cart")))

    assert (answers.is_every_istiod, next(gap.subject for gap in answers.missing)) == (False, "istiods in namespace istio-system")


def test_an_answer_that_nobody_foresaw_is_missing(server: StandIn) -> None:
    """HTML in place of statistics is a reason, and the others are there."""
    mesh = with_istiod(server, proxied_pod("cart"), proxied_pod("db"))
    server.pods["shop/db:15020"] = lambda _: b"<html>please log in</html>"

    answers = gather(server.connection(), mesh)

    assert [row.pod.name for row in answers.proxies] == ["cart"]
    assert answers.missing == (NotAsked(subject="proxy of Pod shop/db", reason="it answers with HTML"),)


def owned(name: str, namespace: str, app: str) -> dict[str, Any]:
    """A pod of the Deployment ``app``."""
    pod = proxied_pod(name, namespace, app)
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-5f", "controller": True}
    pod["metadata"] |= {"ownerReferences": [owner], "labels": {"app": app, "pod-template-hash": "5f"}}
    return pod


def test_a_sample_is_spread_and_always_the_same() -> None:
    """Gateways come first, then a pod of each workload in turn of namespaces, then seconds; the order of reading does not count."""
    gateway = proxied_pod("edge", "zone")
    gateway["spec"]["containers"] = [{"name": "istio-proxy", "image": "proxyv2:1.31.0", "args": ["proxy", "router"]}]
    rows = [owned(f"{app}-5f-{number}", space, app) for space in ("a", "b") for app in ("cart", "db") for number in range(3)]
    makers = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app, "namespace": space}}
        for space in "ab"
        for app in ("cart", "db")
    ]
    mesh = mesh_of(gateway, *rows, *makers)
    pods = list(mesh.all(Pod))

    chosen = sample(mesh, pods, 6)

    assert [pod.ref.path for pod in chosen] == ["zone/edge", "a/cart-5f-0", "b/cart-5f-0", "a/db-5f-0", "b/db-5f-0", "a/cart-5f-1"]
    random.Random(1).shuffle(pods)
    assert sample(mesh, pods, 6) == chosen
    assert sample(mesh, pods, 99)[-1].ref.path == "b/db-5f-2"


def test_a_sample_says_of_how_many(server: StandIn) -> None:
    """One of two proxies is asked, and that there are two is known."""
    answers = gather(server.connection(), with_istiod(server, proxied_pod("cart"), proxied_pod("db")), largest=1)

    assert ([row.pod.name for row in answers.proxies], answers.of) == (["cart"], 2)
