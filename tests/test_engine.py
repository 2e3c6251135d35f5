"""Reports: order, duplicates, gaps, choice of rules."""

import random

import pytest

from kubectl_meshfix import engine
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.report import ReportSource
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta, Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import chosen

FILES = ReportSource(kind="files")


def service(name: str) -> Service:
    """A Service in namespace shop with one undeclared port."""
    ports = (ServicePort(name="web", port=80),)
    return Service(metadata=Meta(name=name, namespace="shop"), spec=ServiceSpec(selector={"app": name}, ports=ports))


def snapshot(*objects: Object) -> Snapshot:
    """A snapshot of files."""
    return Snapshot(meshes=Meshes([Mesh(objects)]), source=FILES)


def test_order_of_objects_leaves_no_trace() -> None:
    """The same objects in any order give the same report."""
    objects = [service(f"s{number}") for number in range(20)]
    expected = engine.diagnose(snapshot(*objects), RULES)
    random.Random(7).shuffle(objects)

    assert engine.diagnose(snapshot(*objects), RULES[::-1]) == expected
    assert len(expected.findings) >= 20


def test_unreadable_input_skips_the_rule_and_says_so() -> None:
    """A rule whose input could not be read is skipped with the reason; it never counts as clean."""
    mesh = Mesh((), live=True, coverage={kinds.SERVICE: Coverage(reason="services is forbidden")})

    report = engine.diagnose(Snapshot(meshes=Meshes([mesh]), source=FILES), RULES)

    assert "MF101" in {skip.code for skip in report.skipped_rules}
    assert "forbidden" in next(skip.reason for skip in report.skipped_rules if skip.code == "MF101")


@pytest.mark.parametrize("word", ["MF101", "mf101", "MF1", "IST0118", "IST0150", "undeclared-port-protocol"])
def test_rules_are_chosen_by_any_of_their_names(word: str) -> None:
    """A rule answers to its code, a prefix of it, its name and its aliases."""
    assert "MF101" in {rule.code for rule in chosen(RULES, [word], [])}
    assert "MF101" not in {rule.code for rule in chosen(RULES, [], [word])}


def test_a_rule_may_only_ask_for_its_inputs() -> None:
    """A view raises for a kind that was not declared, also when another rule has made the index already."""
    mesh = Mesh((service("cart"), Namespace(metadata=NamespaceMeta(name="shop"))))
    assert mesh.services_selecting("shop", {"app": "cart"})

    view = mesh.restricted_to(kinds.NAMESPACE)

    assert view.namespace("shop")
    with pytest.raises(UndeclaredInputError):
        view.services_selecting("shop", {"app": "cart"})
    with pytest.raises(UndeclaredInputError):
        view.all(Service)
    with pytest.raises(UndeclaredInputError):
        _ = view.workloads
