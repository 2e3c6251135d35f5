"""Reports: order, duplicates, gaps, suppression, choice of rules."""

import random

import pytest

from kubectl_meshfix import engine
from kubectl_meshfix.engine import ReportSource, Snapshot
from kubectl_meshfix.mesh.snapshot import Coverage, Mesh, UndeclaredInputError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta, Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.rules import RULES

FILES = ReportSource(kind="files")


def service(name: str, port_name: str = "web", **annotations: str) -> Service:
    """A Service in namespace shop with one port."""
    ports = (ServicePort(name=port_name, port=80),)
    meta = Meta(
        name=name, namespace="shop", annotations={key.replace("__", "/").replace("_", "."): value for key, value in annotations.items()}
    )
    return Service(metadata=meta, spec=ServiceSpec(selector={"app": name}, ports=ports))


def snapshot(*objects: Object) -> Snapshot:
    """A snapshot of files."""
    return Snapshot(mesh=Mesh(objects), source=FILES)


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

    report = engine.diagnose(Snapshot(mesh=mesh, source=FILES), RULES)

    assert "MF101" in {skip.code for skip in report.skipped_rules}
    assert "forbidden" in next(skip.reason for skip in report.skipped_rules if skip.code == "MF101")


@pytest.mark.parametrize(
    ("annotation", "value", "reason"),
    [
        ("meshfix_io__ignore", "MF101: the client is a fax", "the client is a fax"),
        ("meshfix_io__ignore", "MF1*, MF2*", ""),
        ("meshfix_io__ignore", "undeclared-port-protocol", ""),
        ("galley_istio_io__analyze-suppress", "IST0103, IST0118", ""),
        ("galley_istio_io__analyze-suppress", "*", ""),
        ("kiali_io__ignore-validations", "", ""),
        ("kiali_io__ignore-validations", "KIA0601", ""),
    ],
)
def test_annotations_suppress(annotation: str, value: str, reason: str) -> None:
    """A finding named by an annotation of ours, Istio's or Kiali's is kept but does not count."""
    report = engine.diagnose(snapshot(service("cart", **{annotation: value})), RULES)

    found = next(row for row in report.findings if row.code == "MF101")
    assert found.suppressed is not None
    assert found.suppressed.reason == reason
    assert found not in report.active


def test_annotation_for_another_code_does_not_suppress() -> None:
    """An annotation that names other codes changes nothing."""
    report = engine.diagnose(snapshot(service("cart", meshfix_io__ignore="MF203: batch")), RULES)

    assert "MF101" in {row.code for row in report.active}


@pytest.mark.parametrize("word", ["MF101", "mf101", "MF1", "IST0118", "undeclared-port-protocol"])
def test_rules_are_chosen_by_any_of_their_names(word: str) -> None:
    """A rule answers to its code, a prefix of it, its name and its aliases."""
    assert "MF101" in {rule.code for rule in engine.chosen(RULES, [word], [])}
    assert "MF101" not in {rule.code for rule in engine.chosen(RULES, [], [word])}


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
