"""Pods that share what they have in common."""

import msgspec

from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.sources.shared_parts import sharing


def pod(name: str, owner: str, image: str = "cart:1") -> Pod:
    """A pod as a list has it."""
    owners = [{"kind": "ReplicaSet", "name": owner, "uid": f"uid-of-{owner}", "controller": True}] if owner else []
    metadata = {"name": name, "labels": {"app": "cart"}, "ownerReferences": owners}
    value = {"metadata": metadata, "spec": {"nodeName": name, "containers": [{"name": "app", "image": image}]}}
    return msgspec.json.decode(msgspec.json.encode(value), type=Pod)


def test_pods_of_one_owner_hold_equal_parts_once() -> None:
    """Two replicas have the same containers and labels in memory, and everything else of their own."""
    pods = [pod("a", "cart-1"), pod("b", "cart-1")]
    alike = [pod("a", "cart-1"), pod("b", "cart-1")]
    sharing()(pods)

    assert pods == alike
    assert pods[0].spec.containers is pods[1].spec.containers
    assert pods[0].labels is pods[1].labels
    assert [row.spec.node_name for row in pods] == ["a", "b"]


def test_what_differs_stays_apart() -> None:
    """A replica with another image, a pod of another owner and a pod of nobody keep what they have."""
    pods = [pod("a", "cart-1"), pod("b", "cart-1", "cart:2"), pod("c", "cart-2"), pod("d", "")]
    sharing()(pods)

    assert [row.spec.containers[0].image for row in pods] == ["cart:1", "cart:2", "cart:1", "cart:1"]
    assert len({id(row.spec.containers) for row in pods}) == 4


def test_pages_share_with_each_other() -> None:
    """A pod of a later page takes over what one of an earlier page has."""
    first, second = pod("a", "cart-1"), pod("b", "cart-1")
    share = sharing()
    share([first])
    share([second])

    assert second.spec.containers is first.spec.containers
