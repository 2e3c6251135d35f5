"""The README shows what the tool really prints."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```console\n\$ kubectl meshfix (.*?)\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def lines(text: str) -> list[str]:
    """A text's lines, whatever the number of the run."""
    return [re.sub(r"undo \d{8}-\d{6}-[0-9a-f]{6}", "undo ID", line) for line in text.splitlines() if line]


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_console_blocks_are_real(command: str, shown: str, tmp_path: Path) -> None:
    """Every command, run in a copy of the examples on a screen of 100 columns, prints what stands below it, but for ids of runs."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    script = "from kubectl_meshfix.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", script, *command.split()],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "100", "XDG_STATE_HOME": str(tmp_path / "state")},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )

    printed = re.sub(r"undo \d{8}-\d{6}-[0-9a-f]{6}", "undo 20260301-120000-4f2a9c", done.stdout)
    assert [line for line in printed.splitlines() if line] == [line for line in shown.splitlines() if line]
