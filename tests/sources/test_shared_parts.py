"""Objects that share what they have in common."""

import msgspec

from kubectl_meshfix.mesh.ports import protocols_beside
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import EnvVar, Pod, SecurityContext, Service
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.shared_parts import sharing


def pod(name: str, owner: str, image: str = "cart:1") -> Pod:
    """A pod as a list has it."""
    owners = [{"kind": "ReplicaSet", "name": owner, "uid": f"uid-of-{owner}", "controller": True}] if owner else []
    metadata = {"name": name, "labels": {"app": "cart"}, "ownerReferences": owners}
    spec = {"nodeName": name, "serviceAccountName": "cart", "containers": [{"name": "app", "image": image}]}
    value = {"metadata": metadata, "spec": spec, "status": {"containerStatuses": [{"name": "app", "ready": True}]}}
    return msgspec.json.decode(msgspec.json.encode(value), type=Pod)


def service(name: str, port: int = 80) -> Service:
    """A Service as a list has it."""
    value = {"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"name": "web", "port": port}]}}
    return msgspec.json.decode(msgspec.json.encode(value), type=Service)


def test_pods_of_one_owner_hold_equal_parts_once() -> None:
    """Two replicas have the same containers and labels in memory, and everything else of their own."""
    pods = [pod("a", "cart-1"), pod("b", "cart-1")]
    alike = [pod("a", "cart-1"), pod("b", "cart-1")]
    sharing()(pods)

    assert pods == alike
    assert pods[0].spec.containers is pods[1].spec.containers
    assert pods[0].labels is pods[1].labels
    assert pods[0].spec.service_account_name is pods[1].spec.service_account_name
    assert pods[0].status.container_statuses is pods[1].status.container_statuses
    assert [row.spec.node_name for row in pods] == ["a", "b"]


def test_what_differs_stays_apart() -> None:
    """A replica with another image, a pod of another owner and a pod of nobody keep what they have."""
    pods = [pod("a", "cart-1"), pod("b", "cart-1", "cart:2"), pod("c", "cart-2"), pod("d", "")]
    sharing()(pods)

    assert [row.spec.containers[0].image for row in pods] == ["cart:1", "cart:2", "cart:1", "cart:1"]
    assert len({id(row.spec.containers) for row in pods}) == 4


def test_what_only_one_has_stays_its_own() -> None:
    """A security context, say, may be there or not; what is beside it is shared all the same."""
    with_one, without = pod("a", "cart-1"), pod("b", "cart-1")
    context = SecurityContext(run_as_user=1)
    with_one = msgspec.structs.replace(with_one, spec=msgspec.structs.replace(with_one.spec, security_context=context))
    for one, other in ((with_one, without), (without, with_one)):
        pods = [msgspec.convert(msgspec.to_builtins(item), Pod) for item in (one, other)]
        sharing()(pods)

        assert [item.spec.security_context for item in pods] == [one.spec.security_context, other.spec.security_context]
        assert pods[0].spec.containers is pods[1].spec.containers


def test_pages_share_with_each_other() -> None:
    """A pod of a later page takes over what one of an earlier page has."""
    first, second = pod("a", "cart-1"), pod("b", "cart-1")
    share = sharing()
    share([first])
    share([second])

    assert second.spec.containers is first.spec.containers


def test_objects_without_an_owner_share_with_the_one_before() -> None:
    """Services have equal ports once, and selectors of their own."""
    services = [service("a"), service("b"), service("c", 81)]
    sharing()(services)

    assert services == [service("a"), service("b"), service("c", 81)]
    assert services[0].spec.ports is services[1].spec.ports
    assert services[2].spec.ports[0].port == 81


def test_shared_ports_are_still_ports_of_several_services() -> None:
    """Another Service's port stays one beside this one's, though both are one in memory."""
    alias, other = service("alias"), service("other")
    alias = msgspec.structs.replace(alias, spec=msgspec.structs.replace(other.spec, type="ExternalName"))

    assert alias.spec.ports is other.spec.ports
    assert protocols_beside(Mesh([alias, other]), alias, alias.spec.ports[0]) == {Protocol.UNSUPPORTED}


def test_services_of_files_share_ports_alone() -> None:
    """People write equal maps in different orders, and each is told as it was written."""
    made = "apiVersion: v1\nkind: Service\nmetadata: {{name: {}}}\nspec: {{selector: {}, ports: [{{port: {}}}]}}\n"
    text = "---\n".join([made.format("a", "{a: x, b: x}", 80), made.format("b", "{b: x, a: x}", 80), made.format("c", "{a: x}", 81)])
    one, other, third = from_texts({"a.yaml": text})[0].mesh.all(Service)

    assert other.spec.ports is one.spec.ports
    assert [[*item.spec.selector] for item in (one, other)] == [["a", "b"], ["b", "a"]]
    assert third.spec.ports[0].port == 81


def test_names_of_variables_are_kept_once() -> None:
    """Thousands of containers have variables of the same names."""
    env = [{"name": "SETTING", "value": str(value)} for value in range(2)]
    first, second = msgspec.json.decode(msgspec.json.encode(env), type=list[EnvVar])

    assert first.name is second.name
