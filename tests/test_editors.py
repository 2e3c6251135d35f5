"""What docs/editors.md gives people to paste works with what the program prints."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.main import get_group

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs import VERBS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def block(title: str) -> str:
    """The text of a page's block."""
    found = re.search(rf"^```{title}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_problem_matchers_read_every_finding(tmp_path: Path) -> None:
    """Run as the task says, each line of a finding matches the pattern of its severity, and no other; files are named from the folder."""
    (task,) = json.loads(block("json"))["tasks"]
    shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    done = subprocess.run(
        [sys.executable, "-m", "kubectl_meshfix", *task["args"][1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if re.search(r" MF\d{3} ", line)]
    matchers = {row["severity"]: re.compile(row["pattern"]["regexp"]) for row in task["problemMatcher"]}

    assert set(matchers) == {"error", "warning", "info"}
    assert len(lines) > 15
    for line in lines:
        (found,) = (match for matcher in matchers.values() if (match := matcher.match(line)))
        assert (tmp_path / found[1]).is_file()


@pytest.mark.parametrize("name", ["meshfix-explain", "meshfix-diagnose"])
def test_the_plugins_of_k9s_are_commands(name: str) -> None:
    """With what k9s puts in the place of its variables, each is a command with flags that its verb takes, for every kind."""
    plugin = yaml.safe_load(block("yaml k9s"))["plugins"][name]
    command = plugin["args"][1].partition(" | ")[0]
    program = get_group(app)

    for kind in plugin["scopes"]:
        text = command.replace("$RESOURCE_NAME", kind).replace("$NAMESPACE", "shop").replace("$NAME", "cart").replace("$CONTEXT", "prod")
        _, _, verb, *words = shlex.split(text)
        assert verb in VERBS
        _, found, _ = program.resolve_command(program.context_class(program), [verb])
        assert found
        found.make_context(verb, words)
