"""Listeners of one Gateway that cannot be side by side."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.resources.gateway_api import KubernetesGateway, Listener
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.kubernetes import listeners

some = st.tuples(
    st.sampled_from([80, 81]),
    st.sampled_from(["HTTP", "HTTPS", "TLS", "TCP", "UDP", "HBONE", "example.com/x"]),
    st.sampled_from(["", "a.com", "*"]),
)


def are_distinct(one: Listener, other: Listener) -> bool:
    """`listener_conflict.go listenersDistinct`, for a pair."""
    if one.port != other.port:
        return True
    protocols = {one.protocol, other.protocol}
    if protocols <= {"TCP", "UDP", "HTTP", "HTTPS", "TLS"} and protocols & {"TCP", "UDP"}:
        return False
    if protocols <= {"HTTP", "HTTPS", "TLS"}:
        return (one.hostname or "*") != (other.hostname or "*")
    return one.protocol != other.protocol


@settings(max_examples=80)
@given(st.lists(some, min_size=1, max_size=6))
def test_a_listener_conflicts_with_the_first_before_it_that_is_not_distinct(rows: list[tuple[int, str, str]]) -> None:
    """What is found by the port, the protocol and the hostname is what a look at each pair of listeners finds."""
    written = [
        {"name": f"l{index}", "port": port, "protocol": protocol, **({"hostname": host} if host else {})}
        for index, (port, protocol, host) in enumerate(rows)
    ]
    spec = {"gatewayClassName": "istio", "listeners": written}
    metadata = {"name": "outside", "namespace": "edge"}
    text = json.dumps({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": metadata, "spec": spec})
    mesh = from_texts({"a.yaml": text})[0].mesh
    gateway = mesh.all(KubernetesGateway)[0]

    steps = told(listeners.servers(mesh, gateway, [(item.port,) for item in gateway.spec.listeners])).steps
    found = {step.at.path: step.args["other"] for step in steps if step.at and step.outcome is check.CONFLICTED}

    accepted: list[Listener] = []
    expected = {}
    for index, listener in enumerate(gateway.spec.listeners):
        other = next((prior for prior in accepted if not are_distinct(listener, prior)), None)
        if other:
            expected[f"/spec/listeners/{index}"] = other.name
        else:
            accepted.append(listener)
    assert found == expected
