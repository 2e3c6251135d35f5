"""A rule asks for nothing that it does not declare, whatever is not there."""

import pytest

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import ReportSource
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import ALL, FILE, Example


@pytest.mark.parametrize("live", [False, True], ids=["files", "cluster"])
@pytest.mark.parametrize("example", [example for example in ALL if not example.is_settings], ids=str)
def test_without_any_one_kind_a_rule_asks_for_what_it_declares(example: Example, live: bool) -> None:
    """Where a page's example lacks one of its kinds, its rule comes to an end, and has not asked for kinds that it does not declare."""
    snapshot, _ = from_texts({FILE: example.text, **example.beside})
    objects = [obj for kind in kinds.KINDS for obj in snapshot.mesh.all(kind.struct)]
    for left_out in {kinds.of_object(obj) for obj in objects}:
        mesh = Mesh([obj for obj in objects if kinds.of_object(obj) is not left_out], live=live)
        source = ReportSource(kind="cluster" if live else "files")
        diagnose(Snapshot(meshes=Meshes([mesh]), source=source), [rule for rule in RULES if rule.code == example.rule.code])
