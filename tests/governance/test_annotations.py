"""Annotations that silence findings."""

import pytest

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.governance.annotations import annotated
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Report, ReportSource
from kubectl_meshfix.resources.core import Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.rules import RULES


def annotated_report(**annotations: str) -> Report:
    """What is found in a Service with one undeclared port; ``__`` stands for a slash, ``_`` for a dot."""
    spelt = {key.replace("__", "/").replace("_", "."): value for key, value in annotations.items()}
    meta = Meta(name="cart", namespace="shop", annotations=spelt)
    service = Service(metadata=meta, spec=ServiceSpec(selector={"app": "cart"}, ports=(ServicePort(name="web", port=80),)))
    meshes = Meshes([Mesh((service,))])
    return annotated(diagnose(Snapshot(meshes=meshes, source=ReportSource(kind="files")), RULES), meshes)


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
    report = annotated_report(**{annotation: value})

    found = next(row for row in report.findings if row.code == "MF101")
    assert found.suppressed is not None
    assert found.suppressed.reason == reason
    assert found not in report.active


def test_annotation_for_another_code_does_not_suppress() -> None:
    """An annotation that names other codes changes nothing."""
    report = annotated_report(meshfix_io__ignore="MF203: batch")

    assert "MF101" in {row.code for row in report.active}
