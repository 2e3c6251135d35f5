"""Clusters as they are read, where no recording reaches."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.gateway_api import TLSRoute
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.cluster import read_cluster
from tests.sources.served import Served, named


def test_kinds_that_are_not_installed_are_no_right_to_read() -> None:
    """Who may read nothing is told so also where the cluster does not know some of the kinds: that is no clean report."""

    def get(path: str, _query: Any = ()) -> Response:
        if path == "/apis":
            return Response(200, {}, b'{"groups": [{"name": "apps", "versions": [{"version": "v1"}]}]}')
        raise ForbiddenError(f"{path} is forbidden.")

    connection = cast("Connection", SimpleNamespace(get=get, context="lab", server="https://lab", namespace="default", taken_at=None))

    with pytest.raises(SourceError, match="may not read anything in lab"):
        read_cluster(connection, [kinds.SERVICE, kinds.DEPLOYMENT, kinds.ROUTE, kinds.VIRTUAL_SERVICE], namespace=None)


@pytest.mark.parametrize(("wanted", "is_asked"), [([kinds.SERVICE], False), ([kinds.SERVICE, kinds.CONFIG_MAP], True)])
def test_config_maps_are_read_where_somebody_wants_them(wanted: list[kinds.Kind], is_asked: bool) -> None:
    """By name, once it is known which istiods there are, and never for a rule that does not ask."""
    asked: list[str] = []

    def get(path: str, _query: Any = ()) -> Response:
        asked.append(path)
        if path == "/apis":
            return Response(200, {}, b'{"groups": []}')
        if path == "/api/v1/services":
            return Response(200, {}, b'{"kind": "ServiceList", "apiVersion": "v1", "items": [], "metadata": {}}')
        return Response(404, {}, b'{"kind": "Status", "code": 404}')

    connection = cast("Connection", SimpleNamespace(get=get, context="lab", server="https://lab", namespace="default", taken_at=None))
    read_cluster(connection, wanted, namespace=None)

    assert any("configmaps" in path for path in asked) is is_asked


def test_a_kind_is_read_in_a_version_of_its_own() -> None:
    """A group's versions are those of any of its kinds: what is not served in the newest of them is read in an older one."""
    old = "gateway.networking.k8s.io/v1alpha2"

    def get(path: str, _query: Any = ()) -> Response:
        match path:
            case "/apis":
                versions = b'[{"version": "v1"}, {"version": "v1alpha2"}]'
                return Response(200, {}, b'{"groups": [{"name": "gateway.networking.k8s.io", "versions": %s}]}' % versions)
            case "/apis/gateway.networking.k8s.io/v1alpha2/tlsroutes":
                items = b'[{"metadata": {"name": "ledger", "namespace": "shop"}}]'
                return Response(200, {}, b'{"kind": "TLSRouteList", "apiVersion": "v1", "items": %s, "metadata": {}}' % items)
        raise ApiError("not found", status=404)

    connection = cast("Connection", SimpleNamespace(get=get, context="lab", server="https://lab", namespace="default", taken_at=None))
    snapshot = read_cluster(connection, [kinds.TLS_ROUTE], namespace=None)

    assert [(obj.api_version, obj.name) for obj in snapshot.meshes.first.all(TLSRoute)] == [(old, "ledger")]


def test_a_cluster_that_knows_none_of_the_kinds() -> None:
    """Nothing is forbidden there, and there is nothing."""
    snapshot = read_cluster(Served({}).connection, [kinds.ROUTE], namespace=None)

    assert snapshot.not_served == {kinds.ROUTE}
    assert not snapshot.unreadable


INJECTING = named("istio", webhooks=[{"name": "a"}, {"name": "namespace.sidecar-injector.istio.io"}])
OTHER = named("other", webhooks=[{"name": "policy.example.com"}])
WEBHOOKS = kinds.MUTATING_WEBHOOK_CONFIGURATION.plural


@pytest.mark.parametrize(
    ("webhooks", "wanted", "groups", "refused", "has_istio"),
    [
        ([], [kinds.MUTATING_WEBHOOK_CONFIGURATION], (), "", False),
        ([OTHER], [kinds.MUTATING_WEBHOOK_CONFIGURATION], (), "", False),
        ([OTHER, INJECTING], [kinds.MUTATING_WEBHOOK_CONFIGURATION], (), "", True),
        ([], [kinds.MUTATING_WEBHOOK_CONFIGURATION], ("security.istio.io",), "", True),
        ([], [kinds.MUTATING_WEBHOOK_CONFIGURATION], ("istio.io.example.com",), "", False),
        ([], [kinds.SERVICE], (), "", True),
        ([], [kinds.SERVICE, kinds.MUTATING_WEBHOOK_CONFIGURATION], (), WEBHOOKS, True),
        ([], [kinds.SERVICE, kinds.MUTATING_WEBHOOK_CONFIGURATION], (), "apis", True),
    ],
)
def test_whether_there_may_be_an_istio(
    webhooks: list[dict[str, Any]], wanted: list[kinds.Kind], groups: tuple[str, ...], refused: str, has_istio: bool
) -> None:
    """One of its kinds, a webhook of an injector, or no way to know: webhooks that may not be read, and groups that may not be listed."""
    served = Served({WEBHOOKS: webhooks}, groups=groups, refused=lambda path: 403 * (path.rpartition("/")[2] == refused))

    assert read_cluster(served.connection, wanted, namespace=None).has_istio is has_istio


def test_a_kind_that_every_server_has_is_not_one_that_is_not_installed() -> None:
    """It was not read then; one that came with something else is not there."""
    wanted = [kinds.SERVICE, kinds.DEPLOYMENT, kinds.VIRTUAL_SERVICE]
    served = Served(
        {},
        groups=("networking.istio.io",),
        refused=lambda path: 404 * path.endswith(("deployments", "virtualservices")),
    )
    snapshot = read_cluster(served.connection, wanted, namespace=None)

    assert [(row.kind, row.reason) for row in snapshot.unreadable] == [
        ("deployments.apps", "the server knows no such kind, though every API server has it")
    ]
    assert snapshot.not_served == {kinds.VIRTUAL_SERVICE}


@pytest.mark.parametrize("kind", [kinds.SERVICE, kinds.VIRTUAL_SERVICE])
def test_a_server_that_fails_is_no_cluster_without_the_kind(kind: kinds.Kind) -> None:
    """Its error is the whole run's."""
    served = Served({}, groups=("networking.istio.io",), refused=lambda path: 500 * path.endswith(kind.plural))

    with pytest.raises(ApiError, match="is refused"):
        read_cluster(served.connection, [kind], namespace=None)


@pytest.mark.parametrize(
    ("refused", "kind", "asked", "unread"),
    [
        ((), kinds.POD, ["shop"], []),
        ((), kinds.SERVICE, [""], []),
        (("services",), kinds.SERVICE, ["", "shop"], ["only read in shop; listing all is forbidden"]),
        (("services", "shop"), kinds.SERVICE, ["", "shop"], ["/api/v1/namespaces/shop/services is forbidden"]),
        (("pods", "shop"), kinds.POD, ["shop"], ["/api/v1/namespaces/shop/pods is forbidden"]),
    ],
)
def test_where_a_kind_is_read_for_one_namespace(refused: tuple[str, ...], kind: kinds.Kind, asked: list[str], unread: list[str]) -> None:
    """Of kinds of which there are many only there, of others everywhere, or only there where no more may be read."""

    def answer(path: str) -> int:
        is_there = "/namespaces/shop/" in path
        return 403 * (path.endswith(refused[:1]) and (not is_there or "shop" in refused)) if refused else 0

    served = Served({"services": [], "pods": [], "nodes": []}, refused=answer)
    snapshot = read_cluster(served.connection, [kind, kinds.NODE], namespace="shop")

    assert served.lists(kind.plural) == asked
    assert [row.reason for row in snapshot.unreadable] == unread


@pytest.mark.parametrize(("endpoints", "asked"), [([], ["istio-system"]), ([kinds.ENDPOINT_SLICE], [""])])
def test_endpoints_are_read_of_istiod_alone_where_nobody_wants_all(endpoints: list[kinds.Kind], asked: list[str]) -> None:
    """Those of the Services that webhooks call."""
    client = {"service": {"namespace": "istio-system", "name": "istiod"}}
    served = Served(
        {WEBHOOKS: [named("istio", webhooks=[{"name": "namespace.sidecar-injector.istio.io", "clientConfig": client}])]},
        groups=("discovery.k8s.io",),
    )
    wanted = [kinds.MUTATING_WEBHOOK_CONFIGURATION, kinds.CONFIG_MAP, *endpoints]
    read_cluster(served.connection, wanted, namespace=None)

    assert served.lists("endpointslices") == asked
