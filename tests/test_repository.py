"""What GitHub shows people before they write: the forms ask for what the program prints."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = [path for path in sorted(FOLDER.glob("*.yml")) if path.name != "config.yml"]

INPUTS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path: Path) -> None:
    """Name, description and a body of known parts with labels, whose ids differ (docs.github.com, syntax for GitHub's form schema)."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    ids = [part["id"] for part in form["body"]]

    assert set(form) == {"name", "description", "labels", "body"}
    assert {part["type"] for part in form["body"]} <= INPUTS
    assert all(part["attributes"]["label"] for part in form["body"])
    assert all(part["attributes"]["options"] for part in form["body"] if part["type"] == "dropdown")
    assert len(set(ids)) == len(ids)


def test_forms_use_labels_that_there_are() -> None:
    """A form's label that the repository does not have is left out without a word."""
    known = {row["name"] for row in yaml.safe_load((ROOT / ".github" / "labels.yml").read_text(encoding="utf-8"))}

    assert {label for path in FORMS for label in yaml.safe_load(path.read_text(encoding="utf-8"))["labels"]} <= known


def test_faults_come_with_versions_and_findings_with_a_bundle() -> None:
    """Whoever reports a finding is told how to make a bundle, and both forms ask for the versions."""
    finding, fault = ((FOLDER / f"{name}.yml").read_text(encoding="utf-8") for name in ("finding", "fault"))

    assert "--bundle bundle.yaml" in finding
    assert all("kubectl meshfix version -o json" in text for text in (finding, fault))


def test_the_changelog_says_everything_once() -> None:
    """No entry of a version begins as another of the same one."""
    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for version in versions[1:]:
        starts = re.findall(r"^- (.{40})", version, re.MULTILINE)
        assert len(set(starts)) == len(starts), [start for start in starts if starts.count(start) > 1]
