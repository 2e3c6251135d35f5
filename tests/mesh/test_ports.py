"""Which Service ports lead to a workload's pods."""

import pytest

from kubectl_meshfix.mesh.ports import container_port, kinds_behind, protocols_beside, targets, together
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Container, ContainerPort, PodSpec, PodTemplate, Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.resources.workloads import Deployment, WorkloadSpec
from kubectl_meshfix.sources.manifest_meshes import from_texts

FILES = """\
{apiVersion: v1, kind: Service, metadata: {name: old, namespace: shop}, spec: {selector: {app: cart}, ports: [{port: 80}]}}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: example.com, selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: main}]}}
"""


def test_an_external_name_leads_to_no_pods() -> None:
    """Whatever it selects, its name resolves to another one."""
    mesh = from_texts({"shop.yaml": FILES})[0].mesh
    (cart,) = mesh.workloads

    assert [target.service.name for target in targets(mesh, cart)] == ["old"]


def container(name: str, *ports: tuple[str, int, str], keeps_running: bool = False) -> Container:
    """A container of named ports."""
    declared = tuple(ContainerPort(name=port, container_port=number, protocol=protocol) for port, number, protocol in ports)
    return Container(name=name, ports=declared, restart_policy="Always" if keeps_running else None)


SPEC = PodSpec(
    containers=(
        container("main", ("web", 8080, "TCP"), ("dns", 53, "UDP")),
        container("other", ("web", 9090, "TCP"), ("grpc", 50051, "TCP")),
    ),
    init_containers=(container("once", ("setup", 7, "TCP")), container("beside", ("metrics", 9091, "TCP"), keeps_running=True)),
)


@pytest.mark.parametrize(
    ("target", "protocol", "number"),
    [
        (None, "TCP", 80),
        (0, "TCP", 80),
        ("", "TCP", 80),
        (8081, "TCP", 8081),
        ("web", "TCP", 8080),
        ("web", "UDP", None),
        ("dns", "UDP", 53),
        ("dns", "TCP", None),
        ("grpc", "TCP", 50051),
        ("metrics", "TCP", 9091),
        ("setup", "TCP", None),
        ("nothing", "TCP", None),
    ],
)
def test_a_named_port_is_the_first_of_its_protocol(target: int | str | None, protocol: str, number: int | None) -> None:
    """Of containers that keep running; a number stands for itself, and without either the Service's own port counts."""
    assert container_port(ServicePort(port=80, protocol=protocol, target_port=target), SPEC) == number


def selecting(name: str, *ports: ServicePort, app: str = "cart", kind: str = "ClusterIP") -> Service:
    """A Service in front of an app."""
    return Service(metadata=Meta(name=name, namespace="shop"), spec=ServiceSpec(selector={"app": app}, ports=ports, type=kind))


CART = Deployment(
    metadata=Meta(name="cart", namespace="shop"), spec=WorkloadSpec(template=PodTemplate(metadata=Meta(labels={"app": "cart"}), spec=SPEC))
)


@pytest.mark.parametrize("pods", [(), (CART,)])
def test_ports_of_one_container_port_are_together(pods: tuple[Deployment, ...]) -> None:
    """Of whatever Services select the same pods, and of one L4 protocol, whether the pods are there or not."""
    tcp, udp = ServicePort(name="dns-tcp", port=53), ServicePort(name="dns", port=53, protocol="UDP")
    http, raw = ServicePort(name="http", port=80, target_port=53), ServicePort(name="raw", port=81)
    one, other = selecting("one", tcp, udp, raw), selecting("other", http)
    mesh = Mesh([one, other, selecting("till", tcp, app="till"), selecting("alias", tcp, kind="ExternalName"), *pods])

    def names(port: ServicePort) -> list[str]:
        return [f"{service.name} {item.name}" for service, item in together(mesh, one, port)]

    assert [names(port) for port in (tcp, udp, raw)] == [["one dns-tcp", "other http"], ["one dns"], ["one raw"]]
    assert [protocols_beside(mesh, one, port) for port in (tcp, udp)] == [{Protocol.HTTP}, set()]
    assert protocols_beside(mesh, other, http) == {Protocol.TCP}


def test_a_port_that_differs_has_company_of_its_own_protocol() -> None:
    """What Istio takes others for counts also where it is what it takes this one for; the port itself is not beside itself."""
    one, again = ServicePort(name="http", port=80), ServicePort(name="http-again", port=81, target_port=80)
    service, alone = selecting("one", one, again), selecting("one", one)

    assert protocols_beside(Mesh([service]), service, one) == {Protocol.HTTP}
    assert protocols_beside(Mesh([alone]), alone, one) == set()


def test_workloads_that_look_alike_stand_for_each_other() -> None:
    """One for each way in which labels or ports differ, the first of each; nothing stands behind a Service without selector."""
    rows = {"a": SPEC, "b": SPEC, "c": PodSpec(), "d": PodSpec(init_containers=SPEC.init_containers[:1]), "e": SPEC}
    labels = {"e": {"app": "cart", "version": "v2"}}
    pods = [
        Deployment(
            metadata=Meta(name=name, namespace="shop"),
            spec=WorkloadSpec(template=PodTemplate(metadata=Meta(labels=labels.get(name, {"app": "cart"})), spec=spec)),
        )
        for name, spec in rows.items()
    ]
    mesh = Mesh(pods)

    assert [item.name for item in kinds_behind(mesh, selecting("one"))] == ["a", "c", "e"]
    assert kinds_behind(mesh, Service(metadata=Meta(name="free", namespace="shop"))) == ()
    assert kinds_behind(mesh, selecting("one", app="till")) == ()


def test_the_oldest_service_comes_first() -> None:
    """Then by name, as Istio lets the first win; a name goes before its own with more behind it."""
    rows = (("b", "2026-01-02"), ("a", "2026-01-02"), ("a-1", "2026-01-02"), ("z", "2026-01-01"), ("new", None))
    services = [
        Service(metadata=Meta(name=name, namespace="shop", creation_timestamp=made), spec=selecting(name, ServicePort(port=80)).spec)
        for name, made in rows
    ]
    mesh = Mesh([*services, CART])

    found = targets(mesh, mesh.workloads[0])
    assert [item.service.name for item in found] == ["new", "z", "a-1", "a", "b"]
    assert [(item.path, item.number, item.protocol) for item in found[:1]] == [("/spec/ports/0", 80, Protocol.UNSUPPORTED)]
