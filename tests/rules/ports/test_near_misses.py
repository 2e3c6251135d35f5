"""MF101, MF103, MF105 and MF106: ports that differ in one thing from one that is reported."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.rules.ports import undefined_target_port
from tests.rules import test_disproved_ports as disproved
from tests.rules.asking import fix
from tests.rules.test_ports import CONFLICT, NAMESPACE, UNDECLARED, container, deployment, findings, istiod, port, service

UNDEFINED = undefined_target_port.RULE
Json = dict[str, Any]


@pytest.mark.parametrize(
    ("one", "message"),
    [
        ({"name": "x", "port": 80}, 'Port 80 "x" declares no protocol.'),
        ({"name": "x", "port": 80, "protocol": "SCTP"}, ""),
        ({"name": "x", "port": 80, "protocol": "UDP"}, ""),
        ({"name": "tcp", "port": 80}, ""),
        ({"port": 80}, "Port 80 has no name and no appProtocol."),
        ({"name": "x", "port": 15020}, 'Port 15020 "x" declares no protocol.'),
        ({"name": "x", "port": 15021}, ""),
        ({"name": "x", "port": 15022}, 'Port 15022 "x" declares no protocol.'),
        ({"name": "x", "port": 80, "appProtocol": "y"}, 'Istio does not know appProtocol "y" of port 80.'),
        (
            {"name": "tcp", "port": 80, "appProtocol": "y"},
            'Istio does not know appProtocol "y" of port 80, but it overrides the name "tcp".',
        ),
        ({"name": "tcp", "port": 80, "appProtocol": "tcp"}, ""),
        (
            {"name": "http", "port": 80, "appProtocol": ""},
            'Istio does not know appProtocol "" of port 80, but it overrides the name "http".',
        ),
    ],
)
def test_which_ports_declare_nothing(one: Json, message: str) -> None:
    """Only TCP is asked, and no port of a proxy's health; appProtocol counts before the name, whatever it says."""
    assert [item.message.partition(" Istio sniffs")[0] for item in findings(UNDECLARED, service("cart", one))] == (
        [message] if message else []
    )


CAPTURES = "of this ExternalName Service captures all TCP traffic to port 443, whatever the host."


@pytest.mark.parametrize(
    ("one", "message"),
    [
        ({"name": "tcp", "port": 443}, f'Port 443 "tcp" {CAPTURES}'),
        ({"name": "tcp", "port": 443, "appProtocol": "https"}, ""),
        ({"name": "tls", "port": 443}, ""),
    ],
)
def test_a_port_of_an_external_name_that_captures_all_traffic(one: Json, message: str) -> None:
    """The bare name `tcp` does, unless appProtocol says something else."""
    alias = service("cart", one, type="ExternalName", externalName="cart.example.com", selector={})

    assert [item.message for item in findings(UNDECLARED, alias, istiod("1.19.9"))] == ([message] if message else [])


@pytest.mark.parametrize(
    ("number", "safety"),
    [(442, Safety.MANUAL), (443, Safety.UNSAFE), (444, Safety.MANUAL)],
)
def test_only_the_port_of_https_is_surely_tls(number: int, safety: Safety) -> None:
    """What another port speaks, a person has to say."""
    alias = service("cart", {"name": "tcp", "port": number}, type="ExternalName", externalName="cart.example.com", selector={})
    (found,) = findings(UNDECLARED, alias, istiod("1.19.9"))

    assert fix(found).safety is safety


@pytest.mark.parametrize(
    ("containers", "target", "path"),
    [
        ([container(8080)], 8080, "containers/0/ports/0/containerPort"),
        ([container(9090, 8080)], 8080, "containers/0/ports/1/containerPort"),
        ([container(9090), container(7070, 8080, name="other")], 8080, "containers/1/ports/1/containerPort"),
        ([container(9090)], 8080, "containers/0/ports"),
        ([container()], 8080, "containers/0/ports"),
    ],
)
def test_where_a_shared_port_is(containers: list[Json], target: int, path: str) -> None:
    """Where a container declares it, else where one would."""
    objects = (NAMESPACE, service("a", port("http", target)), service("b", port("tcp", target)), deployment(*containers))

    assert [item.path for item in findings(CONFLICT, *objects)] == [f"/spec/template/spec/{path}"]


@pytest.mark.parametrize(
    ("where", "labels", "is_found"),
    [
        ("shop", {}, True),
        ("kube-system", {}, False),
        ("shop", {"gateway.istio.io/managed": "istio.io-gateway-controller"}, False),
    ],
)
def test_a_disproved_port_that_somebody_else_declared(where: str, labels: dict[str, str], *, is_found: bool) -> None:
    """Of Kubernetes' own namespaces, and of what istiod writes for a Gateway, nothing is said."""
    objects = [disproved.service(), disproved.deployment(disproved.HTTPS)]
    for obj in objects:
        obj["metadata"]["namespace"] = where
    objects[0]["metadata"]["labels"] = labels

    assert bool(disproved.findings(*objects)) is is_found


NAMED = {"name": "main", "image": "app", "ports": [{"name": "web", "containerPort": 8080}, {"containerPort": 9090}]}
OTHERS = {"name": "main", "image": "app", "ports": [{"name": "api", "containerPort": 8080}]}
DATAGRAMS = {"name": "main", "image": "app", "ports": [{"name": "web", "containerPort": 8080, "protocol": "UDP"}]}


@pytest.mark.parametrize(
    ("target", "behind", "rest", "what"),
    [
        ({"targetPort": "api"}, [[NAMED]], {}, "no port of Deployment shop/cart"),
        ({"targetPort": "web"}, [[NAMED]], {}, ""),
        ({"targetPort": "web"}, [[DATAGRAMS]], {}, "a UDP port"),
        ({"targetPort": "web"}, [[NAMED], [OTHERS]], {}, ""),
        ({"targetPort": "web"}, [[OTHERS], [{**OTHERS, "name": "other"}]], {}, "no port of Deployment shop/cart"),
        ({"targetPort": "web"}, [], {}, ""),
        ({"targetPort": "web"}, [[OTHERS]], {"selector": {"app": "till"}}, ""),
        ({"targetPort": "web"}, [[OTHERS]], {"type": "ExternalName", "externalName": "cart.example.com"}, ""),
        ({"targetPort": "web"}, [[OTHERS]], {"namespace": "kube-system"}, ""),
        ({"targetPort": ""}, [[OTHERS]], {}, ""),
        ({"targetPort": 7070}, [[OTHERS]], {}, ""),
        ({}, [[OTHERS]], {}, ""),
    ],
    ids=[
        *("no such name", "that name", "another protocol", "of one of two", "of none of two", "no pods", "others' pods", "an alias"),
        *("Kubernetes' own", "empty", "number", "none"),
    ],
)
def test_a_target_by_name_has_to_be_among_the_pods_ports(target: Json, behind: list[list[Json]], rest: Json, what: str) -> None:
    """By the same protocol, of at least one kind of pods behind the Service; a number needs no declaration."""
    workloads = [deployment(*containers, name="cart" if not index else f"cart-{index}") for index, containers in enumerate(behind)]
    for workload in workloads:
        workload["metadata"]["namespace"] = rest.get("namespace", "shop")
    found = findings(UNDEFINED, service("cart", {"port": 80, **target}, **rest), *workloads)

    said = f'Port 80 leads to "{target.get("targetPort")}", which is {what}. It has no endpoints: requests get 503.'
    assert [item.message for item in found] == ([said] if what else [])
