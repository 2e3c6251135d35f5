"""Servers and routes that have hosts in common are found by their hosts, and are those that a look at each pair finds."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.gateway.applying import declared
from kubectl_meshfix.traffic.gateway.following import bound, hosts_in_common
from kubectl_meshfix.traffic.gateway.in_common import followed, serving

HOSTS = ["*", "*.com", "*.a.com", "a.com", "b.a.com", "c.b.a.com", "*.b.a.com", "b.com"]
SPACES = ["", "", "*/", "./", "shop/", "edge/", "~/"]

served = st.lists(st.builds("".join, st.tuples(st.sampled_from(SPACES), st.sampled_from(HOSTS))), min_size=1, max_size=3)
routed = st.tuples(st.sampled_from(["shop", "edge", "team"]), st.lists(st.sampled_from(HOSTS), min_size=1, max_size=3, unique=True))


def world(servers: list[list[str]], routes: list[tuple[str, list[str]]]) -> Mesh:
    """A Gateway of these servers, and VirtualServices for it, each in its namespace."""
    port = {"number": 80, "name": "http", "protocol": "HTTP"}
    spec = {"selector": {"istio": "ingress"}, "servers": [{"port": port, "hosts": hosts} for hosts in servers]}
    objects: list[dict[str, Any]] = [made("Gateway", "edge", "outside", spec)]
    for number, (space, hosts) in enumerate(routes):
        objects.append(made("VirtualService", space, f"r{number}", {"hosts": hosts, "gateways": ["edge/outside"]}))
    return from_texts({"a.yaml": "\n---\n".join(map(json.dumps, objects))})[0].mesh


def made(kind: str, space: str, name: str, spec: Any) -> dict[str, Any]:
    """An object of Istio's."""
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": {"name": name, "namespace": space}, "spec": spec}


@settings(max_examples=60)
@given(st.lists(served, min_size=1, max_size=4), st.lists(routed, max_size=5))
def test_an_index_finds_what_a_look_at_each_pair_finds(servers: list[list[str]], routes: list[tuple[str, list[str]]]) -> None:
    """The same VirtualServices for each server with the same hosts, and the same servers for each VirtualService, in the same order."""
    mesh = world(servers, routes)
    gateway = mesh.all(Gateway)[0]

    for server in declared(gateway):
        pairs = [(item, hosts_in_common(server, item.namespace, item.spec.hosts)) for item in bound(mesh, "edge", server.name)]
        assert followed(mesh, server, "edge") == [pair for pair in pairs if pair[1]]
    for item in mesh.all(VirtualService):
        assert serving(mesh, gateway, item) == [
            server for server in declared(gateway) if hosts_in_common(server, item.namespace, item.spec.hosts)
        ]
