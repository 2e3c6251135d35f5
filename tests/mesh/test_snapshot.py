"""The snapshot answers what a walk over all of its objects would, and says what it does not hold."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Namespace, NamespaceMeta, Pod, PodTemplate, Service, ServiceSpec
from kubectl_meshfix.resources.meta import Meta, Object, OwnerReference, Ref
from kubectl_meshfix.resources.workloads import Deployment, ReplicaSet, Rollout, RolloutSpec, WorkloadSpec

labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"))
spaces = st.sampled_from(["shop", "bank"])


def pod(name: str = "cart-1", namespace: str = "shop", **of: str) -> Pod:
    """A pod with labels."""
    return Pod(metadata=Meta(name=name, namespace=namespace, labels=of))


def owned(obj: Object, *, kind: str = "ReplicaSet", name: str, controller: bool = True, api: str = "apps/v1") -> Object:
    """The object with an owner."""
    owner = OwnerReference(api_version=api, kind=kind, name=name, controller=controller)
    return Pod(metadata=Meta(name=obj.name, namespace=obj.namespace, labels=obj.labels, owner_references=(owner,)))


@given(st.lists(st.tuples(spaces, labels), max_size=6), labels, spaces)
def test_what_a_selector_picks_has_all_of_its_labels(
    rows: Sequence[tuple[str, dict[str, str]]], wanted: dict[str, str], space: str
) -> None:
    """Pods and workloads by labels are those that a walk over all of them finds, in one namespace and in all."""
    mesh = Mesh([pod(f"p{index}", namespace, **of) for index, (namespace, of) in enumerate(rows)])
    matching = [item for item in mesh.all(Pod) if is_subset(wanted, item.labels)]

    assert list(mesh.pods_selected(wanted)) == matching
    assert list(mesh.pods_selected(wanted, space)) == [item for item in matching if item.namespace == space]
    for namespace, picked in ((None, matching), (space, [item for item in matching if item.namespace == space])):
        assert {item.name for item in mesh.workloads_selected(wanted, namespace)} == {item.name for item in picked}


@given(st.lists(st.tuples(spaces, labels), max_size=6), labels, spaces)
def test_a_service_without_selector_selects_no_pod(
    rows: Sequence[tuple[str, dict[str, str]]], pods_labels: dict[str, str], space: str
) -> None:
    """The Services of a pod are those of its namespace with a selector, all of whose labels it has."""
    services = [
        Service(metadata=Meta(name=f"s{index}", namespace=namespace), spec=ServiceSpec(selector=selector))
        for index, (namespace, selector) in enumerate(rows)
    ]
    found = {item.name for item in Mesh(services).services_selecting(space, pods_labels)}

    picking = (item for item in services if item.namespace == space and item.spec.selector)
    assert found == {item.name for item in picking if is_subset(item.spec.selector, pods_labels)}


def test_owners_that_own_each_other_have_an_end() -> None:
    """However owners refer to each other, who made a pod is answered."""
    one, other = (
        ReplicaSet(metadata=Meta(name=name, namespace="shop", owner_references=(owner,)), spec=WorkloadSpec(template=PodTemplate()))
        for name, owner in (
            ("one", OwnerReference(api_version="apps/v1", kind="ReplicaSet", name="other", controller=True)),
            ("other", OwnerReference(api_version="apps/v1", kind="ReplicaSet", name="one", controller=True)),
        )
    )

    assert Mesh([one, other]).owner(one) in (one, other)


def test_a_chain_of_owners_is_followed_up_to_the_tenth() -> None:
    """Nobody has more, but for those that own each other."""
    owners = [OwnerReference(api_version="apps/v1", kind="ReplicaSet", name=f"r{number + 1}", controller=True) for number in range(12)]
    sets = [
        ReplicaSet(metadata=Meta(name=f"r{number}", namespace="shop", owner_references=(owner,)), spec=WorkloadSpec(template=PodTemplate()))
        for number, owner in enumerate(owners)
    ]

    assert [Mesh(sets[:count]).owner(sets[0]).name for count in (1, 10, 11, 12)] == ["r0", "r9", "r10", "r10"]


def test_an_owner_that_is_no_controller_did_not_make_the_pod() -> None:
    """A reference only for garbage collection leaves the pod its own topmost object; a controller's does not."""
    made_by = ReplicaSet(metadata=Meta(name="cart-1", namespace="shop"), spec=WorkloadSpec(template=PodTemplate()))

    for controller, owner in ((True, made_by.ref), (False, Ref("v1", "Pod", "shop", "cart-1-a"))):
        found = owned(pod("cart-1-a"), name="cart-1", controller=controller)
        assert Mesh([made_by, found]).owner(found).ref == owner


def test_the_pods_of_a_replica_set_that_was_not_read_are_its_deployments() -> None:
    """A ReplicaSet's name is its Deployment's and the pod's template hash; of another name, or an unlabelled pod, nobody knows more."""
    deployment = Deployment(metadata=Meta(name="cart", namespace="shop"), spec=WorkloadSpec(template=PodTemplate()))
    hashed, other, unlabelled = (
        owned(pod("cart-5d-a", **{"pod-template-hash": "5d"}), name="cart-5d"),
        owned(pod("cart-5d-b", **{"pod-template-hash": "6e"}), name="cart-5d"),
        owned(pod("cart-5d-c"), name="cart-5d"),
    )
    mesh = Mesh([deployment, hashed, other, unlabelled])

    assert mesh.owner(hashed) is deployment
    assert mesh.owner(other) is other
    assert mesh.owner(unlabelled) is unlabelled
    assert mesh.pods_of(mesh.workload_of(hashed)) == (hashed,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "kind", "owner", "maker"),
    [
        ({"pod-template-hash": "5d"}, "ReplicaSet", "cart-5d", "Deployment"),
        ({"rollouts-pod-template-hash": "5d"}, "ReplicaSet", "cart-5d", "Deployment"),
        ({"pod-template-hash": "5d", "rollouts-pod-template-hash": "6e"}, "ReplicaSet", "cart-5d", "Deployment"),
        ({"pod-template-hash": "5d", "rollouts-pod-template-hash": "6e"}, "ReplicaSet", "cart-6e", None),
        ({"pod-template-hash": "5d"}, "ReplicaSet", "till-5d", "Rollout"),
        ({"pod-template-hash": "5d"}, "StatefulSet", "cart-5d", None),
        ({}, "ReplicaSet", "cart-None", None),
        ({"app": "cart"}, "ReplicaSet", "cart-", None),
    ],
)
def test_a_template_hash_leads_to_a_deployment_or_a_rollout(labels: dict[str, str], kind: str, owner: str, maker: str | None) -> None:
    """By either label, where the owner that was not read is a ReplicaSet of that hash; else the pod stands for itself."""
    deployment = Deployment(metadata=Meta(name="cart", namespace="shop"), spec=WorkloadSpec(template=PodTemplate()))
    rollout = Rollout(metadata=Meta(name="till", namespace="shop"), spec=RolloutSpec(template=PodTemplate()))
    child = owned(pod("child", **labels), kind=kind, name=owner)
    found = Mesh([deployment, rollout, child]).owner(child)

    assert found.kind == (maker or "Pod")


def test_what_has_no_template_makes_no_pods() -> None:
    """A Rollout that takes its template from a Deployment is no workload of its own, and owns nothing."""
    rollout = Rollout(metadata=Meta(name="cart", namespace="shop"))
    child = owned(pod(), kind="Rollout", name="cart", api=rollout.api_version)
    mesh = Mesh([rollout, child])

    assert workload(rollout) is None
    assert [found.name for found in mesh.workloads] == ["cart-1"]
    assert mesh.owner(child) is child


def test_views_answer_for_their_kinds_alone() -> None:
    """A rule that asks for a kind it did not name is told so, whatever was asked before, also of other meshes that hold the object."""
    first, second = Mesh([pod()]), Mesh([pod()])
    view = first.among(lambda _: (first, second)).restricted_to(kinds.POD)
    first.all(Service)
    first.services_selecting("shop", {"a": "x"})

    assert view.all(Pod)
    for mesh in view.holding(pod().ref):
        with pytest.raises(UndeclaredInputError, match="Service is not among"):
            mesh.all(Service)
        with pytest.raises(UndeclaredInputError):
            mesh.within(Service, "shop")
        with pytest.raises(UndeclaredInputError):
            mesh.services_selecting("shop", {"a": "x"})
        with pytest.raises(UndeclaredInputError):
            _ = mesh.workloads
    assert len(view.holding(pod().ref)) == 2
    assert first.among(lambda _: (first, second)).holding(pod().ref)[1] is second
    assert first.holding(pod().ref) == (first,)


def test_a_workloads_answer_is_worked_out_once_for_its_template() -> None:
    """A template that is tried in its place has an answer of its own."""
    item, seen = workload(pod(a="x")), list[dict[str, str]]()
    assert item

    def labels_of(one: Workload) -> str:
        seen.append(dict(one.labels))
        return "".join(one.labels)

    mesh = Mesh([item.object])
    tried = msgspec.structs.replace(item, template=PodTemplate(metadata=Meta(labels={"b": "x"})))

    assert [mesh.of_workload("labels", one, labels_of) for one in (item, item, tried, tried)] == ["a", "a", "b", "b"]
    assert seen == [{"a": "x"}, {"b": "x"}]


def test_a_reference_finds_an_object_whatever_its_version() -> None:
    """An object by its reference, and nothing where the kind is unknown, the name is another's, or the namespace."""
    space, settings = Namespace(metadata=NamespaceMeta(name="shop")), ConfigMap(metadata=Meta(name="istio", namespace="shop"))
    mesh = Mesh([space, settings])

    assert mesh.find(Ref("v1", "Namespace", None, "shop")) is space
    assert mesh.find(Ref("v1", "ConfigMap", "shop", "istio")) is settings
    assert mesh.find(Ref("v1", "ConfigMap", "bank", "istio")) is None
    assert mesh.find(Ref("example.com/v1", "Thing", "shop", "istio")) is None
    assert mesh.counts == {"ConfigMap": 1, "Namespace": 1}
