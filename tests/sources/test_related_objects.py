"""What is read beside a target on a cluster, request by request."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources.reader import Reader
from kubectl_meshfix.sources.related_objects import read_owners, read_related, read_related_to_many
from tests.sources.proxies.stand_in import StandIn, standing_in

LABELS = {"app": "cart", "tier": "web"}


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server for one test."""
    with standing_in() as found:
        yield found


def item(kind: Kind, name: str, owner: tuple[Kind, str] | None = None, *, version: str = "", **more: Any) -> dict[str, Any]:
    """An object of the namespace shop, and what controls it."""
    metadata: dict[str, Any] = {"name": name, "namespace": "shop", "labels": LABELS}
    if owner:
        above, of = owner
        reference = {"apiVersion": version or api_version(above), "kind": above.kind, "name": of, "uid": of, "controller": True}
        metadata["ownerReferences"] = [reference]
    return {"apiVersion": api_version(kind), "kind": kind.kind, "metadata": metadata, **more}


def api_version(kind: Kind) -> str:
    """As objects have it."""
    return f"{kind.group}/{kind.versions[0]}" if kind.group else kind.versions[0]


def decoded(kind: Kind, raw: Mapping[str, Any]) -> Object:
    """An object as it is read."""
    found: Object = msgspec.convert(raw, kind.struct)
    return found


def asked(server: StandIn) -> list[str]:
    """Every list and object that was asked for: its plural, and a selector or a name."""
    lines = [line.removeprefix("GET ").replace("&limit=500", "").replace("?limit=500", "") for line in server.requests]
    return [line.partition("/namespaces/shop/")[2] for line in lines]


POD = item(kinds.POD, "cart-1-x", (kinds.REPLICA_SET, "cart-1"))


def about(kind: str, name: str) -> str:
    """The list of events about an object."""
    return f"events?fieldSelector=involvedObject.kind={kind},involvedObject.name={name}"


SELECTOR = "labelSelector=app=cart,tier=web"


@pytest.mark.parametrize(
    ("kind", "spec", "objects", "requests"),
    [
        (
            kinds.DEPLOYMENT,
            {"selector": {"matchLabels": LABELS}},
            [item(kinds.REPLICA_SET, "cart-1", (kinds.DEPLOYMENT, "cart"), spec={"selector": {"matchLabels": {"hash": "1"}}}), POD],
            [
                f"replicasets?{SELECTOR}",
                "pods?labelSelector=hash=1",
                about("Deployment", "cart"),
                about("ReplicaSet", "cart-1"),
                about("Pod", "cart-1-x"),
            ],
        ),
        (
            kinds.DEPLOYMENT,
            {"selector": {"matchLabels": LABELS}},
            [],
            [f"replicasets?{SELECTOR}", f"pods?{SELECTOR}", about("Deployment", "cart")],
        ),
        (
            kinds.STATEFUL_SET,
            {"selector": {"matchLabels": LABELS}},
            [item(kinds.POD, "cart-0", (kinds.STATEFUL_SET, "cart")), item(kinds.POD, "of-nobody")],
            [f"pods?{SELECTOR}", about("StatefulSet", "cart"), about("Pod", "cart-0")],
        ),
        (kinds.REPLICATION_CONTROLLER, {"selector": LABELS}, [], [f"pods?{SELECTOR}", about("ReplicationController", "cart")]),
        (
            kinds.CRON_JOB,
            {},
            [item(kinds.JOB, "cart-1", (kinds.CRON_JOB, "cart"), spec={"selector": {"matchLabels": LABELS}})],
            ["jobs", f"pods?{SELECTOR}", about("CronJob", "cart"), about("Job", "cart-1")],
        ),
        (kinds.SERVICE, {}, [], []),
    ],
)
def test_makers_and_pods_come_by_their_selectors(
    server: StandIn, kind: Kind, spec: dict[str, Any], objects: list[dict[str, Any]], requests: list[str]
) -> None:
    """Those of the newest generation, with the events about each; an object that makes no pods has none."""
    server.objects = [*objects]
    template = {"template": {"metadata": {"labels": LABELS}, "spec": {"containers": []}}} if kind in kinds.TEMPLATED else {}
    reader = Reader(server.connection())
    target = decoded(kind, item(kind, "cart", spec={**template, **spec}))
    reader.objects[target.ref.key] = target
    read_related(reader, target)

    assert asked(server) == requests


def test_events_of_five_pods_are_read(server: StandIn) -> None:
    """Those that are in trouble come first."""
    pods = [item(kinds.POD, f"cart-{number}", (kinds.STATEFUL_SET, "cart")) for number in range(7)]
    for pod in pods[:4]:
        pod["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    server.objects = [*pods]
    reader = Reader(server.connection())
    target = decoded(kinds.STATEFUL_SET, item(kinds.STATEFUL_SET, "cart", spec={"selector": {"matchLabels": LABELS}}))
    reader.objects[target.ref.key] = target
    read_related(reader, target)

    assert asked(server)[2:] == [about("Pod", f"cart-{number}") for number in (4, 5, 6, 0, 1)]


CHAIN = [
    item(kinds.REPLICA_SET, "cart-1", (kinds.DEPLOYMENT, "cart")),
    item(kinds.DEPLOYMENT, "cart"),
]


@pytest.mark.parametrize(
    ("owner", "version", "objects", "requests"),
    [
        ((kinds.REPLICA_SET, "cart-1"), "", CHAIN, ["replicasets/cart-1", "deployments/cart"]),
        ((kinds.REPLICA_SET, "cart-1"), "", [], ["replicasets/cart-1"]),
        ((kinds.REPLICA_SET, "cart-1"), "example.com/v1", CHAIN, []),
        ((kinds.SERVICE, "cart"), "", CHAIN, []),
        (None, "", CHAIN, []),
    ],
)
def test_owners_are_read_upwards(
    server: StandIn, owner: tuple[Kind, str] | None, version: str, objects: list[dict[str, Any]], requests: list[str]
) -> None:
    """As long as they make pods and are there; then the events about the pod."""
    server.objects = [*objects]
    reader = Reader(server.connection())
    pod = decoded(kinds.POD, item(kinds.POD, "cart-1-x", owner, version=version))
    assert isinstance(pod, Pod)
    read_owners(reader, pod)
    assert asked(server) == requests
    server.requests.clear()
    read_related(Reader(server.connection()), pod)
    assert asked(server) == [*requests, about("Pod", "cart-1-x")]


def test_a_circle_of_owners_has_an_end(server: StandIn) -> None:
    """Nobody makes oneself, but a name may be used again."""
    server.objects = [item(kinds.REPLICA_SET, "cart", (kinds.REPLICA_SET, "cart"))]
    read_owners(Reader(server.connection()), decoded(kinds.POD, item(kinds.POD, "x", (kinds.REPLICA_SET, "cart"))))

    assert asked(server) == ["replicasets/cart"] * 5


@pytest.mark.parametrize(
    ("wanted", "requests"),
    [
        ({kinds.DEPLOYMENT}, ["replicasets", "pods"]),
        ({kinds.STATEFUL_SET}, ["pods"]),
        ({kinds.DEPLOYMENT, kinds.CRON_JOB, kinds.STATEFUL_SET}, ["jobs", "replicasets", "pods"]),
        ({kinds.DEPLOYMENT, kinds.POD}, ["replicasets"]),
        ({kinds.STATEFUL_SET, kinds.POD}, []),
        ({kinds.POD}, []),
        ({kinds.NAMESPACE}, []),
        ({kinds.NAMESPACE, kinds.DAEMON_SET}, ["pods"]),
    ],
)
def test_what_belongs_to_many_is_listed_once(server: StandIn, wanted: set[Kind], requests: list[str]) -> None:
    """Makers and pods, as far as they are not the targets themselves; no events."""
    read_related_to_many(Reader(server.connection()), wanted, "shop")

    assert asked(server) == requests
