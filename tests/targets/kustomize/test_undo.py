"""A whole run over environments: found, planned, written, and taken back."""

import os
import subprocess
from pathlib import Path

import pytest

from kubectl_meshfix import engine
from kubectl_meshfix.cli.work.journaled import rewrite_files
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Plan, Proposal, make_plan
from kubectl_meshfix.render.plan.terminal import file_diff
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.kustomize.built import Identity
from kubectl_meshfix.sources.kustomize.environments import Part, read_environments
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.files import FileEdits
from kubectl_meshfix.targets.journal_entry import JournalEntry
from kubectl_meshfix.targets.kustomize.planned import prepare
from tests.command import run
from tests.sources.kustomize.shop import contents, needs_kubectl, write

pytestmark = needs_kubectl


def findings(folder: Path) -> tuple[list[tuple[str, Diagnosis, str]], FileEdits]:
    """What is wrong in each environment, with its file and line, and the edits that heal it. Namespaces keep the environments apart."""
    found = read_environments([str(folder)], recursive=True)
    parts: dict[Identity, Part] = {part.built.identity: part for part in found.objects}
    snapshot, _ = from_texts({"-": "---\n".join(part.built.text for part in found.objects)})
    rows: list[tuple[str, Diagnosis, str]] = []
    for row in engine.diagnose(snapshot, RULES).findings:
        part = parts[row.resource.group, row.resource.kind, row.resource.namespace or "", row.resource.name]  # type: ignore[index]
        found.parts[row.resource] = part
        place = found.locate(part, row.path)
        rows.append((part.environment.environment.folder, row, f"{Path(place.file).relative_to(folder)}:{place.line}"))
    proposals = [Proposal(code=row.code, resource=row.resource, fix=row.fix) for _, row, _ in rows if row.fix]
    plan: Plan = make_plan(proposals, frozenset(Safety))
    return rows, prepare(plan, found)


def newest() -> JournalEntry:
    """The last run."""
    entry = journal.runs()[-1]
    assert isinstance(entry, JournalEntry)
    return entry


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop in three environments."""
    return write(tmp_path / "shop")


def test_environments_are_healed_and_every_byte_comes_back(shop: Path) -> None:
    """Findings of each environment with file and line; one edit of the base for all three, what only one needs in its overlay; undo."""
    before = contents(shop)
    rows, edits = findings(shop)
    said = {(Path(folder).name, row.code, place) for folder, row, place in rows}

    assert {name for name, code, place in said if (code, place) == ("MF102", "base/services.yaml:9")} == {"dev", "staging", "prod"}
    assert ("prod", "MF102", "prod/ports.yaml:8") in said
    assert ("staging", "MF102", "staging/kustomization.yaml:16") in said
    assert edits.refusals == ()
    assert {str(Path(edit.file).relative_to(shop)) for edit in edits.edits} == {
        *("base/services.yaml", "base/deployment.yaml", "prod/ports.yaml", "prod/kustomization.yaml", "prod/meshfix-deployment-cart.yaml"),
        *("staging/kustomization.yaml", "staging/meshfix-service-cart.yaml"),
    }
    in_base = next(edit for edit in edits.edits if edit.file.endswith("base/services.yaml"))
    assert {change.resource.namespace for change in in_base.changes} == {"dev", "staging", "prod"}

    rewrite_files(edits, Manifests(texts={}, origins={}))
    assert findings(shop)[0] == []

    assert run("undo", newest().id, "--yes").exit_code == 0
    assert contents(shop) == before


def test_the_diff_is_one_that_git_applies(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New files come from nowhere in it, and those that undo takes away go there."""
    _, edits = findings(shop)
    monkeypatch.chdir(shop)
    made = [(os.path.relpath(edit.file), edit) for edit in edits.edits]
    patch = "".join(file_diff(name, edit.before, edit.after, (), Screen(width=100, color=False)) for name, edit in made)

    assert "--- /dev/null\n+++ b/prod/meshfix-deployment-cart.yaml\n" in patch
    subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True)
    assert findings(shop)[0] == []

    back = "".join(file_diff(name, edit.after, edit.before, (), Screen(width=100, color=False)) for name, edit in made)
    subprocess.run(["git", "apply", "-"], input=back, text=True, check=True)
    assert not (shop / "prod/meshfix-deployment-cart.yaml").exists()


def test_a_new_file_that_somebody_edited_stays(shop: Path) -> None:
    """Undo takes no work of others away: an edited patch is left, and so is a patch whose kustomization was edited."""
    rewrite_files(findings(shop)[1], Manifests(texts={}, origins={}))
    patch = shop / "staging/meshfix-service-cart.yaml"
    patch.write_text(patch.read_text() + "# mine\n")
    own = shop / "prod/kustomization.yaml"
    own.write_text("# mine\n" + own.read_text())

    result = run("undo", newest().id, "--yes")

    assert result.exit_code == 2
    assert patch.exists()
    assert "meshfix" not in (shop / "staging/kustomization.yaml").read_text()
    assert "meshfix-deployment-cart.yaml" in own.read_text()
    assert (shop / "prod/meshfix-deployment-cart.yaml").exists()
    assert "it was edited since; delete it by hand" in " ".join(result.stderr.split())
    assert "cannot be taken back, so it is still needed" in " ".join(result.stderr.split())


def test_a_base_that_somebody_edited_is_taken_back_by_its_fields(shop: Path) -> None:
    """The manifest's own names are in the journal, not those that kustomize gives its objects."""
    rewrite_files(findings(shop)[1], Manifests(texts={}, origins={}))
    base = shop / "base/services.yaml"
    base.write_text("# mine\n" + base.read_text())

    run("undo", newest().id, "--yes")

    assert base.read_text() == "# mine\n" + write(shop / "again").joinpath("base/services.yaml").read_text()


def test_a_file_that_appeared_meanwhile_is_not_overwritten(shop: Path) -> None:
    """Between the plan and the first write somebody made a file of that name: nothing is written."""
    _, edits = findings(shop)
    before = contents(shop)
    (shop / "staging/meshfix-service-cart.yaml").write_text("mine")

    with pytest.raises(TargetError, match="exists by now"):
        rewrite_files(edits, Manifests(texts={}, origins={}))

    assert contents(shop) == {**before, "staging/meshfix-service-cart.yaml": b"mine"}


def test_files_that_were_never_made_need_no_undo(shop: Path) -> None:
    """A run that ended before its first write has nothing to take back; one that ended between two has what was written."""
    _, edits = findings(shop)
    before = contents(shop)
    rewrite_files(edits, Manifests(texts={}, origins={}))
    (shop / "staging/meshfix-service-cart.yaml").unlink()
    (shop / "staging/kustomization.yaml").write_bytes(before["staging/kustomization.yaml"])

    assert run("undo", newest().id, "--yes").exit_code == 0
    assert contents(shop) == before
