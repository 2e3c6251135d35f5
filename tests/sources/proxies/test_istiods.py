"""Which istiods are asked, and when all of them were."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.answers import NotAsked
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.sources.proxies import statistics
from kubectl_meshfix.sources.proxies.gathering import gather
from kubectl_meshfix.sources.proxies.parties import is_istiod
from tests.sources.proxies.stand_in import ANSWERS, StandIn, istiod_deployment, istiod_pod, proxied_pod, standing_in

SHOP_ALONE = {kinds.POD: Coverage(namespaces=frozenset({"shop"}))}
"""Pods of istio-system were not read."""


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server with an istiod that answers, wherever it is looked for."""
    with standing_in() as found:
        answers = {"/metrics?": (ANSWERS / "istiod.txt").read_bytes(), "/debug/syncz": (ANSWERS / "syncz.json").read_bytes()}
        for place in ("istio-system/istiod-1", "istio-system/istiod-2", "west/istiod-1"):
            found.pods[f"{place}:15014"] = lambda target: answers[target]
        yield found


def mesh_of(*objects: dict[str, Any], coverage: Mapping[kinds.Kind, Coverage] | None = None) -> Mesh:
    """A live mesh of these objects."""
    structs = {"Pod": Pod, "Deployment": Deployment, "MutatingWebhookConfiguration": MutatingWebhookConfiguration}
    return Mesh((msgspec.convert(item, structs[item["kind"]]) for item in objects), live=True, coverage=coverage)


def injector(namespace: str) -> dict[str, Any]:
    """A webhook that calls an istiod of a namespace."""
    client = {"service": {"name": "istiod", "namespace": namespace, "path": "/inject"}}
    webhook = {"name": "rev.namespace.sidecar-injector.istio.io", "clientConfig": client}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": f"injector-{namespace}"},
        "webhooks": [webhook],
    }


def pod(name: str = "istiod-1", namespace: str = "istio-system", **metadata: Any) -> dict[str, Any]:
    """An istiod's pod."""
    found = istiod_pod(name)
    found["metadata"] |= {"namespace": namespace, **metadata}
    return found


def without_discovery() -> dict[str, Any]:
    """A pod with istiod's label that is none."""
    found = pod("istiod-2")
    found["spec"]["containers"] = [{"name": "app", "image": "app"}]
    return found


def with_a_container_before() -> dict[str, Any]:
    """An istiod with another container."""
    found = pod("istiod-2")
    found["spec"]["containers"].insert(0, {"name": "app", "image": "app"})
    return found


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (pod(), True),
        (with_a_container_before(), True),
        (without_discovery(), False),
        (pod(labels={"app": "other"}), False),
        (pod(labels={}), False),
    ],
)
def test_an_istiod_has_a_label_and_a_container(item: dict[str, Any], expected: bool) -> None:
    """Either alone may be anybody's."""
    assert is_istiod(msgspec.convert(item, Pod)) is expected


ELSEWHERE = "no pod of one is there; it may run elsewhere"


@pytest.mark.parametrize(
    ("objects", "asked", "missing", "is_every"),
    [
        ([istiod_deployment(), pod()], ["istio-system/istiod-1"], {}, True),
        ([istiod_deployment(), pod(), pod("istiod-2", deletionTimestamp="2026-03-01T12:00:00Z")], ["istio-system/istiod-1"], {}, True),
        ([istiod_deployment(), pod(), without_discovery()], ["istio-system/istiod-1"], {}, True),
        ([istiod_deployment()], [], {}, True),
        ([injector("west")], [], {"istiods in namespace west": ELSEWHERE}, False),
        ([injector("west"), pod(namespace="west")], ["west/istiod-1"], {}, True),
        ([injector("west"), pod()], [], {"istiods in namespace west": ELSEWHERE}, False),
        (
            [injector("west"), istiod_deployment(), pod()],
            ["istio-system/istiod-1"],
            {"istiods in namespace west": ELSEWHERE},
            False,
        ),
        ([], [], {"istiods in namespace istio-system": ELSEWHERE}, False),
        ([pod()], ["istio-system/istiod-1"], {}, False),
    ],
)
def test_istiods_are_looked_for_where_a_control_plane_is_known(
    server: StandIn, objects: list[dict[str, Any]], asked: list[str], missing: dict[str, str], is_every: bool
) -> None:
    """In its namespace, or in Istio's own where none is known; one of which there is nothing may run in another cluster."""
    answers = gather(server.connection(), mesh_of(*objects))

    assert [f"{row.pod.namespace}/{row.pod.name}" for row in answers.istiods] == asked
    assert answers.missing == tuple(NotAsked(subject=subject, reason=reason) for subject, reason in missing.items())
    assert answers.is_every_istiod is is_every


def test_pods_that_were_not_read_are_listed(server: StandIn) -> None:
    """Only istiods among them are asked."""
    server.objects = [pod(), without_discovery(), proxied_pod("cart", "istio-system")]

    answers = gather(server.connection(), mesh_of(istiod_deployment(), coverage=SHOP_ALONE))

    assert [row.pod.name for row in answers.istiods] == ["istiod-1"]
    assert (answers.missing, answers.is_every_istiod) == ((), True)
    assert server.requests[0] == "GET /api/v1/namespaces/istio-system/pods?labelSelector=app=istiod&limit=500"


def test_istiods_that_may_not_be_looked_for_are_missing(server: StandIn) -> None:
    """With the server's words, and nobody claims to know all."""
    server.refused = {"pods"}

    answers = gather(server.connection(), mesh_of(istiod_deployment(), coverage=SHOP_ALONE))

    words = 'pods is forbidden: User "jane" cannot list resource "pods" in API group ""'
    assert answers.missing == (NotAsked(subject="istiods in namespace istio-system", reason=words),)
    assert answers.is_every_istiod is False


@pytest.mark.parametrize(
    ("container", "value", "are_there"),
    [("discovery", "west", False), ("discovery", "Kubernetes", True), ("discovery", "", True), ("other", "west", True)],
)
def test_proxies_of_the_istiods_own_cluster_count(server: StandIn, container: str, value: str, are_there: bool) -> None:
    """Its container says which that is; one that says nothing is of the cluster ``Kubernetes``."""
    istiod = pod()
    istiod["spec"]["containers"].append({"name": "other", "image": "app"})
    next(item for item in istiod["spec"]["containers"] if item["name"] == container)["env"] = [{"name": "CLUSTER_ID", "value": value}]

    answers = gather(server.connection(), mesh_of(istiod_deployment(), istiod))

    assert bool(answers.connected) is are_there


def test_what_nobody_foresaw_ends_no_run(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in reading an answer is a reason, and the others are there."""

    def failing(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(statistics, "istiod_of", failing)
    answers = gather(server.connection(), mesh_of(istiod_deployment(), pod()))

    (gap,) = answers.missing
    assert gap.subject == "istiod istio-system/istiod-1: metrics"
    assert gap.reason.startswith("kubectl-meshfix failed with ZeroDivisionError (")
    assert "secret" not in gap.reason
    assert len(answers.connected) == 3
