"""Every rule's fix on a real API server: planted, tried, made, silent, taken back. ``docs/fixes.md`` is written from what is recorded.

Record anew what the server says: KUBEBUILDER_ASSETS=… pytest tests/cluster/test_every_fix.py --record-mode=rewrite, then make docs.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.conftest import Lab
from tests.cluster.planting import current, planted
from tests.cluster.server import Server, assets, running
from tests.cluster.test_loop import run
from tests.rules.offers import FIXABLE, Scene

RECORDED = Path(__file__).parent.parent / "recordings" / "fixes.json"
HOW = (
    "What docs/fixes.md tells of {code} is not what its fix does today. To try it on a real API server and make its row: "
    "KUBEBUILDER_ASSETS=/path/to/kubebuilder/bin .venv/bin/pytest tests/cluster/test_every_fix.py "
    "-k {code} --record-mode=rewrite; make docs"
)

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")

by_scene = pytest.mark.parametrize("scene", FIXABLE, ids=lambda scene: scene.key)


def recorded() -> dict[str, Any]:
    """What a server said, by scene."""
    found: dict[str, Any] = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all scenes."""
    binaries = assets()
    if binaries is None:
        pytest.skip("needs a kube-apiserver: KUBEBUILDER_ASSETS; docs/fixes.md tells what one said")
    with running(binaries, tmp_path_factory.mktemp("server")) as started:
        yield started


@by_scene
def test_every_fix_is_tried_made_and_taken_back(scene: Scene, server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A mistake planted on a cluster is found, its fix passes the dry run, is made, ends the finding, and is undone without a trace."""
    said = looped(Lab(tmp_path, server), server, scene)

    if request.config.getoption("--record-mode") == "rewrite":
        keys = [item.key for item in FIXABLE]
        rows = {key: row for key, row in (recorded() | {scene.key: said}).items() if key in keys}
        RECORDED.write_text(json.dumps({key: rows[key] for key in sorted(rows)}, indent=1, ensure_ascii=False) + "\n")
    assert said == recorded().get(scene.key), HOW.format(code=scene.rule.code)


def looped(lab: Lab, server: Server, scene: Scene) -> dict[str, Any]:
    """The whole loop over one scene; what the server said at each step."""
    text = scene.text
    words = ("-A", "--scope", "all", "--select", scene.rule.code)
    every = (*words, "--yes", "--restart", "--unsafe")
    with planted(server, text):
        first, found = current(server, text), findings(lab, words)
        assert found, "nothing is found"

        code, diff, said = run(lab, "apply", *words, "--dry-run=server")
        assert code == 1, said
        assert current(server, text) == first, "a dry run changed something"

        code, out, said = run(lab, "apply", *every)
        assert code == 0, said
        assert current(server, text) != first, "nothing was changed"
        left = findings(lab, words)
        assert not [row for row in left if row["fix"] and row["fix"]["patches"]], "the finding is still there"
        assert run(lab, "apply", *every)[:2] == (0, ""), "a second apply changes something"

        code, back, said = run(lab, "undo", "--yes")
        assert code == 0, said
        assert current(server, text) == first, "undo left something behind"
        assert findings(lab, words) == found, "undo did not bring the finding back"
    return {
        "operations": scene.operations,
        "found": len(found),
        "tried": sum(line.startswith("--- a/") for line in diff.splitlines()),
        "changed": [TIME.sub("…", line) for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))],
        "applied": [line for line in out.splitlines() if line.endswith(" fixed")],
        "left": len(left),
        "undone": [line for line in back.splitlines() if line.endswith(" taken back")],
    }


def findings(lab: Lab, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """What one rule finds, at whatever time."""
    rows: list[dict[str, Any]] = json.loads(TIME.sub("…", run(lab, "diagnose", *words, "-o", "json")[1]))["findings"]
    return rows


@by_scene
def test_every_fix_is_in_the_table(scene: Scene) -> None:
    """No rule offers a change that no server has seen: what the table was made from is what the fix does today."""
    row = recorded().get(scene.key)

    assert row is not None, HOW.format(code=scene.rule.code)
    assert row["operations"] == scene.operations, HOW.format(code=scene.rule.code)


def test_the_table_holds_nothing_else() -> None:
    """What is recorded of scenes that are gone is gone as well."""
    assert set(recorded()) == {scene.key for scene in FIXABLE}
