"""Names for completion, from a real API server."""

import pytest

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.connection import connect
from kubectl_meshfix.sources.object_names import list_names
from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import EXAMPLES

pytestmark = pytest.mark.vcr


def open_shop(server: Server) -> None:
    """Namespaces, and a Service in one of them."""
    server.load(EXAMPLES / "shop" / "namespaces.yaml", EXAMPLES / "shop" / "cart.yaml")


def test_names_come_without_their_objects(lab: Lab) -> None:
    """The server leaves everything but the metadata out, for its own kinds as for custom ones, in a namespace and everywhere."""
    lab.prepare(open_shop)
    api = connect(ClusterOptions(kubeconfig=lab.kubeconfig()))

    assert "shop" in list_names(api, kinds.NAMESPACE, None)
    assert list_names(api, kinds.SERVICE, "shop") == ["cart"]
    assert "cart" in list_names(api, kinds.SERVICE, None)
    assert list_names(api, kinds.VIRTUAL_SERVICE, "shop") == []


def test_who_may_not_list_gets_no_names(lab: Lab) -> None:
    """Forbidden is an empty answer: nobody who completes a word wants to read about rights."""
    lab.prepare(open_shop)
    api = connect(ClusterOptions(kubeconfig=lab.kubeconfig("nobody")))

    assert list_names(api, kinds.NAMESPACE, None) == ()
