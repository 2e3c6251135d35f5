"""A port's name that others refer to, on a cluster: left alone, or changed together with everything that names it."""

import json
from typing import Any

import pytest

from tests.cli.test_port_fix import ENDPOINTS, INGRESS, MONITOR, ROUTE, ROUTED, SERVICE, SLICE
from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import report, run
from tests.cluster.test_undo import objects

pytestmark = pytest.mark.vcr

SHOP = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
NAMED = [SERVICE, INGRESS, ROUTE, MONITOR, SLICE, ENDPOINTS]
WORDS = ("-n", "shop", "--scope", "all", "--select", "MF101", "--yes", "--unsafe")


def open_cart(server: Server) -> None:
    """A Service with hand-written endpoints, whose port an Ingress, a Route, a ServiceMonitor and an HTTPRoute lead to."""
    for items in ([SHOP], [*NAMED, ROUTED]):
        server.kubectl("apply", "--server-side", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def shown(lab: Lab, *arguments: str) -> dict[str, Any]:
    """The objects that a run of apply changed, by kind."""
    code, _, said = run(lab, "apply", *WORDS, *arguments)
    assert code == 0, said
    return {document["kind"]: document for document in objects(lab).values()}


def test_auto_leaves_the_name_to_those_who_use_it(lab: Lab) -> None:
    """Only the Service is changed: its port gets an appProtocol and keeps its name, and the finding is gone."""
    lab.prepare(open_cart)

    changed = shown(lab)

    assert list(changed) == ["Service"]
    (port,) = changed["Service"]["spec"]["ports"]
    assert (port["name"], port["appProtocol"]) == ("web", "http")
    assert not report(lab, "--scope", "all", "--select", "MF101")["findings"]


def test_a_rename_reaches_everybody_and_goes_back(lab: Lab) -> None:
    """Ingress, Route, ServiceMonitor, EndpointSlice and Endpoints name the new port, HTTPRoute has no need to; undo brings all back."""
    lab.prepare(open_cart)

    changed = shown(lab, "--port-fix", "rename")

    assert set(changed) == {item["kind"] for item in NAMED}
    for item in NAMED:
        after = changed[item["kind"]]
        assert '"web"' not in json.dumps(after)
        assert json.dumps(item).count('"web"') == json.dumps(after).count('"http-web"')
    assert not report(lab, "--scope", "all", "--select", "MF101")["findings"]
    if lab.server:
        route = json.loads(lab.server.kubectl("get", "httproute", "cart", "-n", "shop", "-o", "json"))
        assert route["spec"] == ROUTED["spec"]

    code, out, said = run(lab, "undo", "--yes")

    assert code == 0, said
    assert out.count("taken back") == len(NAMED)
    assert '"http-web"' not in json.dumps(list(objects(lab).values()))
