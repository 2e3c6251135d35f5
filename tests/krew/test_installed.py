"""krew itself, with the archive that MESHFIX_ARCHIVE names: KREW names the program. Nothing outside of this machine is asked."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from krew import platforms
from krew.render import render

KREW = os.environ.get("KREW", "")
ARCHIVE = Path(os.environ.get("MESHFIX_ARCHIVE", "")).resolve()

pytestmark = pytest.mark.skipif(not KREW or not ARCHIVE.is_file(), reason="KREW names no krew, or MESHFIX_ARCHIVE no archive")


class Home:
    """A krew of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {**os.environ, "KREW_ROOT": str(folder / "krew"), "KREW_DEFAULT_INDEX_URI": f"file://{folder / 'index'}"}
        self.environ["PATH"] = f"{folder / 'krew' / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def krew(self, *words: str) -> str:
        """What krew prints; it has to succeed."""
        return self._run(KREW, *words)

    def kubectl(self, *words: str) -> str:
        """What kubectl prints, which has to find the plugin by itself."""
        return self._run("kubectl", *words)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def publish(self, tag: str, address: str) -> None:
        """Put a release into the index."""
        manifest = yaml.safe_load(render(tag, [ARCHIVE]))
        for platform in manifest["spec"]["platforms"]:
            platform["uri"] = f"{address}/{ARCHIVE.name}"
        path = self.folder / "index" / "plugins" / "meshfix.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(manifest))
        git = ("git", "-C", str(self.folder / "index"), "-c", "user.name=index", "-c", "user.email=index@example.invalid")
        for command in (("init", "-q"), ("add", "."), ("commit", "-qm", tag)):
            subprocess.run([*git, *command], check=True)

    @property
    def link(self) -> Path:
        """What krew puts into PATH."""
        return self.folder / "krew" / "bin" / platforms.here().program


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty krew."""
    return Home(tmp_path)


@pytest.fixture
def address() -> Iterator[str]:
    """Where the archive can be downloaded from."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(ARCHIVE.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_it_is_installed_from_files_alone(home: Home, tmp_path: Path) -> None:
    """A manifest and an archive are enough, without any network; kubectl finds the plugin, through the link that krew makes."""
    manifest = tmp_path / "meshfix.yaml"
    manifest.write_text(render("v0.1.0", [ARCHIVE]))

    home.krew("install", f"--manifest={manifest}", f"--archive={ARCHIVE}")

    assert home.link.is_symlink()
    assert "MF101" in home.kubectl("meshfix", "rules")
    assert home.kubectl("meshfix", "diagnose", "--help").startswith("Usage: kubectl meshfix diagnose")
    assert (home.link.resolve().parent / "LICENSE").is_file()


def test_a_damaged_archive_is_refused(home: Home, tmp_path: Path) -> None:
    """The checksum is that of the archive."""
    (tmp_path / "meshfix.yaml").write_text(render("v0.1.0", [ARCHIVE]))
    damaged = tmp_path / ARCHIVE.name
    damaged.write_bytes(ARCHIVE.read_bytes() + b"\0")

    with pytest.raises(AssertionError, match="checksum"):
        home.krew("install", f"--manifest={tmp_path / 'meshfix.yaml'}", f"--archive={damaged}")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_it_is_found_upgraded_and_removed(home: Home, address: str) -> None:
    """From an index: searched, installed, run, upgraded to the next release, run again, and gone without a trace."""
    home.publish("v0.1.0", address)
    home.krew("update")
    assert "Diagnose and repair" in home.krew("search", "meshfix")

    home.krew("install", "meshfix")
    assert "v0.1.0" in str(home.link.resolve())
    first = subprocess.run([home.link, "--version"], check=True, capture_output=True).stdout

    home.publish("v0.1.1", address)
    home.krew("upgrade", "meshfix")
    assert "v0.1.1" in str(home.link.resolve())
    assert subprocess.run([home.link, "--version"], check=True, capture_output=True).stdout == first
    assert [path.name for path in (home.folder / "krew" / "store" / "meshfix").iterdir()] == ["v0.1.1"]

    home.krew("uninstall", "meshfix")
    assert not home.link.is_symlink()
    assert not (home.folder / "krew" / "store" / "meshfix").exists()
