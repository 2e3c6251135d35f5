"""What is read of a cluster, object by object and list by list, and what is noted of it."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError
from kubectl_meshfix.mesh.coverage import COMPLETE, Coverage, Refused
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.object_lists import list_objects, no_progress
from kubectl_meshfix.sources.object_names import list_names
from kubectl_meshfix.sources.reader import Reader
from kubectl_meshfix.sources.versions import IstioVersion, Versions, read_versions
from tests.sources.api.test_connection import Reply, Request, Script, Serve, in_turn, serve, status, surroundings, to

__all__ = ["serve", "surroundings"]

NO = status(403, "Forbidden", "services is forbidden.")
GONE = status(404, "NotFound", "not found")


def service(name: str, port: Any = 80, **metadata: Any) -> dict[str, Any]:
    """A Service as a server sends it."""
    return {"metadata": {"name": name, "namespace": "shop", **metadata}, "spec": {"ports": [{"port": port}]}}


def listed(*items: Any, kind: str = "ServiceList", meta: Mapping[str, Any] = {}) -> Reply:
    """A page."""
    return Reply(200, json.dumps({"kind": kind, "metadata": dict(meta), "items": items}).encode())


def by_path(replies: Mapping[str, Reply]) -> Script:
    """What the server says to each path, "not found" where it is not among them."""

    def script(request: Request) -> Reply:
        return replies.get(unquote(request.path), GONE)

    return script


# ---------------------------------------------------------------- lists of a kind

SERVICES = (kinds.SERVICE, "v1", None)


def test_pages_are_put_together(serve: Serve) -> None:
    """Each is told of with what came so far and what there is."""
    told: list[tuple[str, int, int]] = []
    pages = (listed(service("a"), service("b"), meta={"continue": "t", "remainingItemCount": 1}), listed(service("c")))
    objects, problems = list_objects(to(serve(in_turn(*pages))), *SERVICES, lambda *row: told.append(row))

    assert ([obj.name for obj in objects], problems) == (["a", "b", "c"], [])
    assert told == [("services", 2, 3), ("services", 3, 3)]


def test_a_list_that_starts_again_forgets_what_came_before(serve: Serve) -> None:
    """Objects and problems of pages that have grown too old count for nothing."""
    pages = (listed(service("old"), service("bad", "x"), meta={"continue": "t"}), status(410, "Expired", "old"), listed(service("new")))
    objects, problems = list_objects(to(serve(in_turn(*pages))), *SERVICES, no_progress)

    assert ([obj.name for obj in objects], problems) == (["new"], [])


@pytest.mark.parametrize(
    ("metadata", "ref", "path"),
    [
        ({"name": "a", "namespace": "shop"}, Ref("v1", "Service", "shop", "a"), "/spec/ports/0/port"),
        ({"name": "a"}, Ref("v1", "Service", None, "a"), "/spec/ports/0/port"),
        ({"name": "a", "namespace": ""}, Ref("v1", "Service", None, "a"), "/spec/ports/0/port"),
        ({"name": 5, "namespace": ["shop"]}, Ref("v1", "Service", None, ""), "/metadata/name"),
        ({}, Ref("v1", "Service", None, ""), "/spec/ports/0/port"),
        ("words", Ref("v1", "Service", None, ""), "/metadata"),
        (None, Ref("v1", "Service", None, ""), "/spec/ports/0/port"),
    ],
)
def test_what_does_not_decode_is_named_as_far_as_it_has_a_name(serve: Serve, metadata: Any, ref: Ref, path: str) -> None:
    """The others of its page are there all the same, nulls and all."""
    odd = {**service("x", "odd"), "metadata": metadata}
    fine = {**service("fine"), "status": None}
    objects, problems = list_objects(to(serve(lambda _: listed(odd, fine))), *SERVICES, no_progress)

    assert [obj.name for obj in objects] == ["fine"]
    assert [(problem.resource, problem.path, bool(problem.reason)) for problem in problems] == [(ref, path, True)]


def replica_set(name: str, *owners: dict[str, Any]) -> dict[str, Any]:
    """A ReplicaSet with owners."""
    return {"metadata": {"name": name, "namespace": "shop", "ownerReferences": [{"uid": "1", **owner} for owner in owners]}, "spec": {}}


def test_replica_sets_that_something_made_are_left_out(serve: Serve) -> None:
    """A Deployment's and a Rollout's; one that a person or another controller made stands for itself."""
    items = [
        replica_set("own"),
        replica_set("of-deployment", {"kind": "Deployment", "name": "a", "controller": True}),
        replica_set("of-rollout", {"kind": "Rollout", "name": "a", "controller": True}),
        replica_set("of-another", {"kind": "Other", "name": "a", "controller": True}),
        replica_set("not-controlled", {"kind": "Deployment", "name": "a"}),
    ]
    objects, _ = list_objects(to(serve(lambda _: listed(*items, kind="ReplicaSetList"))), kinds.REPLICA_SET, "v1", "shop", no_progress)

    assert [obj.name for obj in objects] == ["own", "of-another", "not-controlled"]


def test_objects_are_of_the_version_that_was_asked_for(serve: Serve) -> None:
    """A list does not say it of each; labels and fields go along."""
    server = serve(lambda _: listed({"metadata": {"name": "a", "namespace": "shop"}, "spec": {}}, kind="GatewayList"))
    objects, _ = list_objects(to(server), kinds.GATEWAY, "v1beta1", "shop", no_progress, labels="a=b", fields="c=d")

    assert [str(obj.api_version) for obj in objects] == ["networking.istio.io/v1beta1"]
    assert [request.path for request in server.requests] == [
        "/apis/networking.istio.io/v1beta1/namespaces/shop/gateways?labelSelector=a%3Db&fieldSelector=c%3Dd&limit=500"
    ]


# ---------------------------------------------------------------- names alone


@pytest.mark.parametrize(
    ("replies", "names", "asked"),
    [
        ([Reply(200, b'{"items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]}')], ["a", "b"], 1),
        ([Reply(200, b'{"items": null}')], [], 1),
        ([GONE, Reply(200, b'{"items": [{"metadata": {"name": "a"}}]}')], ["a"], 2),
        ([GONE], [], len(kinds.GATEWAY.versions)),
        ([NO], [], 1),
        ([status(500, "InternalError", "no")], [], 1),
    ],
)
def test_names_are_those_of_the_first_version_that_is_served(serve: Serve, replies: list[Reply], names: list[str], asked: int) -> None:
    """None where they may not be listed, and none of a kind that is not served."""
    server = serve(in_turn(*replies))

    assert [*list_names(to(server), kinds.GATEWAY, "shop")] == names
    versions = (kinds.GATEWAY.versions * 2)[:asked]
    assert [request.path for request in server.requests] == [
        f"/apis/networking.istio.io/{version}/namespaces/shop/gateways?limit=500" for version in versions
    ]
    assert {request.values("accept")[0] for request in server.requests} == {
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    }


# ---------------------------------------------------------------- a reader

CART = "/api/v1/namespaces/shop/services/cart"
ALL = "/api/v1/services?limit=500"
SHOP = "/api/v1/namespaces/shop/services?limit=500"


def test_an_object_is_kept_under_its_name(serve: Serve) -> None:
    """One that is not there, or is made in another way, is None, and its namespace was read all the same."""
    replies = {
        CART: Reply(200, json.dumps(service("cart")).encode()),
        CART.replace("cart", "odd"): Reply(200, json.dumps(service("odd", "x")).encode()),
    }
    reader = Reader(to(serve(by_path(replies))))

    cart = reader.get(kinds.SERVICE, "cart", "shop")
    assert cart is not None
    assert cart.name == "cart"
    assert reader.get(kinds.SERVICE, "odd", "shop") is None
    assert reader.get(kinds.SERVICE, "gone", "shop") is None
    assert [*reader.objects.values()] == [cart]
    assert reader.coverage(kinds.SERVICE) == Coverage(namespaces=frozenset({"shop"}))
    assert reader.coverage(kinds.POD) == Coverage(reason="it was not requested")


def test_the_first_version_of_a_kind_is_read(serve: Serve) -> None:
    """One by one, where no name leads elsewhere, and as a list, with its selectors."""
    server = serve(lambda _: GONE)
    reader = Reader(to(server))
    reader.get(kinds.GATEWAY, "a/../b c", "shop")
    reader.list(kinds.GATEWAY, "shop", labels="a=b", fields="c=d")

    assert [request.path for request in server.requests] == [
        "/apis/networking.istio.io/v1/namespaces/shop/gateways/a%2F..%2Fb%20c",
        "/apis/networking.istio.io/v1/namespaces/shop/gateways?labelSelector=a%3Db&fieldSelector=c%3Dd&limit=500",
    ]


def test_an_object_that_may_not_be_read_is_noted(serve: Serve) -> None:
    """By its namespace and name; one that has to be there ends the run."""
    reader = Reader(to(serve(by_path({CART: NO, "/api/v1/namespaces/shop": NO}))))

    assert reader.get(kinds.SERVICE, "cart", "shop") is None
    assert reader.get(kinds.NAMESPACE, "shop", None) is None
    assert reader.coverage(kinds.SERVICE) == Coverage(reason="services is forbidden")
    assert reader.get(kinds.SERVICE, "gone", "shop") is None
    assert reader.coverage(kinds.SERVICE) == Coverage(
        namespaces=frozenset({"shop"}), refused=(Refused("shop", "cart", "services is forbidden"),)
    )
    assert reader.refused == {kinds.SERVICE: "services is forbidden", kinds.NAMESPACE: "services is forbidden"}
    with pytest.raises(ForbiddenError):
        reader.get(kinds.SERVICE, "cart", "shop", required=True)


def test_a_list_is_kept_and_counted(serve: Serve) -> None:
    """Page by page; what does not decode is left out, and a kind that is read everywhere is known."""
    told: list[tuple[str, int, int]] = []
    pages = (listed(service("a"), service("b"), meta={"continue": "t", "remainingItemCount": 2}), listed(service("odd", "x"), service("c")))
    reader = Reader(to(serve(in_turn(*pages))), lambda *row: told.append(row))
    found = reader.list(kinds.SERVICE)

    assert [obj.name for obj in found] == ["a", "b", "c"]
    assert [*reader.objects.values()] == found
    assert told == [("services", 2, 4), ("services", 3, 3)]
    assert reader.coverage(kinds.SERVICE) is COMPLETE


def test_a_list_that_starts_again_is_whole(serve: Serve) -> None:
    """What came before is forgotten."""
    pages = (listed(service("old"), meta={"continue": "t"}), status(410, "Expired", "old"), listed(service("new")))

    assert [obj.name for obj in Reader(to(serve(in_turn(*pages)))).list(kinds.SERVICE, "shop")] == ["new"]


@pytest.mark.parametrize(
    ("reply", "coverage"), [(NO, Coverage(reason="services is forbidden")), (GONE, Coverage(namespaces=frozenset({"shop"})))]
)
def test_a_list_that_is_not_there_is_empty(serve: Serve, reply: Reply, coverage: Coverage) -> None:
    """One that may not be read is not known to be; one of a kind that the cluster does not know is."""
    reader = Reader(to(serve(lambda _: reply)))

    assert reader.list(kinds.SERVICE, "shop") == []
    assert reader.coverage(kinds.SERVICE) == coverage


def test_a_list_that_breaks_ends_the_run(serve: Serve) -> None:
    """An error of the server is no absence."""
    with pytest.raises(ApiError, match="etcd is gone"):
        Reader(to(serve(lambda _: status(500, "InternalError", "etcd is gone")))).list(kinds.SERVICE)


# ---------------------------------------------------------------- versions

WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations?limit=500"
DEPLOYMENTS = "/apis/apps/v1/deployments?labelSelector=app=istiod&limit=500"
IN_SYSTEM = "/apis/apps/v1/namespaces/istio-system/deployments?labelSelector=app=istiod&limit=500"
CONTAINERS = [{"name": "discovery", "image": "docker.io/istio/pilot:1.31.0"}]
ISTIODS = listed(
    {
        "metadata": {"name": "istiod", "namespace": "istio-system", "labels": {"app": "istiod"}},
        "spec": {"template": {"metadata": {"labels": {"app": "istiod"}}, "spec": {"containers": CONTAINERS}}},
    },
    kind="DeploymentList",
)
FOUND = (IstioVersion("default", "istio-system", "1.31.0"),)
VERSION = {"/version": Reply(200, b'{"gitVersion": "v1.36.0"}')}


@pytest.mark.parametrize(
    ("replies", "versions", "asked"),
    [
        ({**VERSION, DEPLOYMENTS: ISTIODS}, Versions("v1.36.0", FOUND), 3),
        ({**VERSION, DEPLOYMENTS: NO, IN_SYSTEM: ISTIODS}, Versions("v1.36.0", FOUND), 4),
        (
            {**VERSION, DEPLOYMENTS: NO, IN_SYSTEM: NO, WEBHOOKS: NO},
            Versions("v1.36.0", (), "services is forbidden; services is forbidden"),
            4,
        ),
        ({**VERSION}, Versions("v1.36.0", ()), 3),
        ({"/version": NO, DEPLOYMENTS: ISTIODS}, Versions("", FOUND), 3),
        ({"/version": Reply(200, b"words"), DEPLOYMENTS: ISTIODS}, Versions("", FOUND), 3),
        ({"/version": Reply(200, b"{}"), DEPLOYMENTS: ISTIODS}, Versions("", FOUND), 3),
    ],
)
def test_versions_are_as_many_as_may_be_read(serve: Serve, replies: Mapping[str, Reply], versions: Versions, asked: int) -> None:
    """Who may not look for istiods everywhere looks in Istio's own namespace; where nothing is found, why not."""
    server = serve(by_path(replies))

    assert read_versions(to(server)) == versions
    assert len(server.requests) == asked
