"""What a stranger sees first."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(not shutil.which("sh"), reason="sh is not installed")
def test_the_demo_tells_a_short_story() -> None:
    """Findings, an explanation, a trace that ends in 503 and a diff, on two screens, without an error; nothing is changed by it."""
    before = {path: path.read_bytes() for path in (ROOT / "examples").rglob("*") if path.is_file()}

    done = subprocess.run(["sh", "examples/demo.sh", sys.executable], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    verbs = [line.split()[3] for line in done.stdout.splitlines() if line.startswith("$ kubectl meshfix ")]
    assert verbs == ["diagnose", "explain", "trace", "apply"]
    assert "503" in done.stdout
    assert "+  - name: tcp-sync" in done.stdout
    assert len(done.stdout.splitlines()) < 100
    assert before == {path: path.read_bytes() for path in (ROOT / "examples").rglob("*") if path.is_file()}
