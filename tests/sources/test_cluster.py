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
