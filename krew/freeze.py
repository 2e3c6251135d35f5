"""The self-contained archive for this machine: ``python -m krew.freeze dist``.

The same commit gives the same bytes on the same machine: names sorted, times from SOURCE_DATE_EPOCH or the commit, hashes seeded.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from krew import archive, notices, platforms, sbom

ROOT = Path(__file__).parent.parent
WORK = ROOT / "build" / "krew"


def freeze(target: Path) -> Path:
    """Build the archive and its bill of materials in the folder ``target``. Raises ValueError and CalledProcessError."""
    platform = platforms.here()
    shutil.rmtree(WORK, ignore_errors=True)
    seconds = epoch()
    _run_pyinstaller(seconds)
    bundle = WORK / "program" / "meshfix"
    for stray in bundle.glob("_internal/*.dist-info"):
        shutil.rmtree(stray)
    _forget_times(bundle)
    shutil.copyfile(ROOT / "LICENSE", bundle / "LICENSE")
    origins = json.loads((WORK / "work" / "meshfix" / "origins.json").read_text(encoding="utf-8"))
    along = notices.components(bundle / "_internal", origins)
    if missing := notices.collect(along, bundle / "licenses"):
        sys.stderr.write(f"warning: no licence was found for {', '.join(missing)}; do not publish this archive.\n")
    target.mkdir(exist_ok=True)
    archive.pack(bundle, target / platform.archive, seconds)
    (target / platform.materials).write_text(sbom.text(along, target / platform.archive, seconds), encoding="utf-8")
    return target / platform.archive


def epoch() -> int:
    """SOURCE_DATE_EPOCH, or the time of the commit, or 1980 where there is no git."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    git = shutil.which("git")
    done = subprocess.run([git, "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False) if git else None
    return int(done.stdout) if done and done.returncode == 0 and done.stdout.strip() else 315532800


def _run_pyinstaller(seconds: int) -> None:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=WARN"]
    command += [f"--distpath={WORK / 'program'}", f"--workpath={WORK / 'work'}", str(ROOT / "krew" / "meshfix.spec")]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(seconds)}, check=True)


def _forget_times(bundle: Path) -> None:
    """Replace the source's time and size in each .pyc by an unchecked hash of nothing (PEP 552); nobody looks at either there."""
    for path in bundle.rglob("*.pyc"):
        content = path.read_bytes()
        path.write_bytes(content[:4] + b"\x01\x00\x00\x00" + bytes(8) + content[16:])


if __name__ == "__main__":
    made = freeze(Path(sys.argv[1]))
    sys.stdout.write(f"{made}: {made.stat().st_size / 1e6:.1f} MB\n")
