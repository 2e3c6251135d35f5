"""The archive a user gets, tried out as a user has it: unpacked, read-only, called through a link. MESHFIX_ARCHIVE names it.

``make dist`` runs these for the archive it has made, and the release for each of its platforms.
"""

import difflib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from krew import platforms
from krew.versions import tag
from kubectl_meshfix import __version__
from kubectl_meshfix.cli.flags.formats.expectations import ExpectationFormat
from kubectl_meshfix.cli.flags.formats.explanations import ExplanationFormat
from kubectl_meshfix.cli.flags.formats.plans import PlanFormat
from kubectl_meshfix.cli.flags.formats.reports import ReportFormat
from tests.krew.refusals import refusals
from tests.krew.replay import playing, signed

ROOT = Path(__file__).parent.parent.parent
NAMED = os.environ.get("MESHFIX_ARCHIVE", "")
MANIFEST = Path(NAMED).parent / "meshfix.yaml"
BILL = Path(NAMED.removesuffix(".tar.gz") + ".cdx.json")
MOST_BYTES = 20_000_000
SLOWEST = 1.5
UNFROZEN = [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()"]

pytestmark = pytest.mark.skipif(not NAMED, reason="MESHFIX_ARCHIVE names no archive")
posix = pytest.mark.skipif(os.name != "posix", reason="not on Windows")

CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?|(?<=\"seconds\": )\d+|(?<=seconds: )\d+")
"""The time of a report, in the formats that have one."""

COMMANDS = [
    "--help",
    "--version",
    "diagnose --help",
    "explain --help",
    "apply --help",
    "undo --list",
    "rules",
    "rules -o json",
    "rules MF101",
    "rules NO-SUCH",
    "diagnose -f nowhere.yaml",
    "diagnose -f Größe.yaml",
    "apply -f examples -R --dry-run",
    *(f"diagnose -f examples -R -o {output}" for output in ReportFormat),
    *(f"explain -f examples -R -A deploy -o {output}" for output in ExplanationFormat),
    *(f"test examples/expectations.yaml -f examples -R -o {output}" for output in ExpectationFormat),
    "test --init -f examples -R",
    *(f"apply -f examples -R --dry-run --restart -o {output}" for output in PlanFormat),
]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as krew leaves it: the archive's files where nobody may write, and a link to the one in a folder of PATH."""
    store, links = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("bin")
    with tarfile.open(NAMED) as archive:
        archive.extractall(store, filter="data")
    for folder in [store, *(path for path in store.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    name = platforms.here().program
    if os.name != "posix":  # links need a right there
        return store / name
    (links / name).symlink_to(store / name)
    return links / name


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with the examples, and a file whose name and content are not ASCII."""
    folder = tmp_path / "work"
    shutil.copytree(ROOT / "examples", folder / "examples")
    text = (folder / "examples" / "shop" / "cart.yaml").read_text(encoding="utf-8")
    (folder / "Größe.yaml").write_text(text.replace("name: web\n", "name: web # größer\n"), encoding="utf-8")
    return folder


def run(command: list[str], words: list[str], work: Path, **environ: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a program in a folder."""
    own = {"XDG_STATE_HOME": str(work.parent / "state"), "COLUMNS": "100", **environ}
    kept = {name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "PYTHONPATH", "LD_LIBRARY_PATH")}
    done = subprocess.run([*command, *words], cwd=work, env={**kept, **own}, capture_output=True, timeout=120, check=False)
    return done.returncode, CLOCK.sub("now", done.stdout.decode()), done.stderr.decode()


def test_krew_can_unpack_it() -> None:
    """Files and nothing else, none with dots that krew takes for an attack; our own licence and the program at the root."""
    platform = platforms.of(Path(NAMED).name)
    with tarfile.open(NAMED) as archive:
        entries = {entry.name: entry for entry in archive}
        licence = archive.extractfile("LICENSE")
        assert licence
        assert licence.read() == (ROOT / "LICENSE").read_bytes()
    assert all(entry.isreg() for entry in entries.values())
    assert not [name for name in entries if ".." in name or name.startswith("/")]
    assert entries[platform.program].mode & 0o111


def test_it_is_small() -> None:
    """A plugin is fetched at the hotel's speed too, and krew holds the whole archive in memory."""
    assert Path(NAMED).stat().st_size < MOST_BYTES


def test_nothing_of_the_development_environment_is_in_it() -> None:
    """Only what runs; readline would put the whole under the GPL."""
    with tarfile.open(NAMED) as archive:
        names = [name.removeprefix("_internal/") for name in archive.getnames()]

    unwanted = re.compile(r"(pytest|_pytest|mypy|hypothesis|ruff|lib(readline|bz2|lzma))")
    assert not [name for name in names if unwanted.match(name)]


@pytest.mark.skipif(not sys.platform.startswith("linux") or not shutil.which("objdump"), reason="reads ELF files with objdump")
def test_it_needs_no_library_but_the_c_library_and_zlib(program: Path) -> None:
    """Each library that a file in it is linked to lies in it too, or is part of glibc; the program itself finds none but the system's.

    The image has glibc and gets zlib, and nothing else.
    """
    glibc = re.compile(r"(lib(c|m|dl|rt|util|pthread)|ld-linux-[\w-]+)\.so\.\d+")
    started = program.resolve()
    files = [path for path in started.parent.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]

    def needed(paths: list[Path]) -> set[str]:
        said = subprocess.run(["objdump", "-p", *paths], capture_output=True, text=True, check=True).stdout
        return {name for name in re.findall(r"NEEDED\s+(\S+)", said) if not glibc.fullmatch(name)}

    assert needed([started]) <= {"libz.so.1"}
    assert needed(files) <= {path.name for path in files}


@pytest.mark.skipif(not BILL.is_file(), reason="no bill of materials lies beside the archive")
def test_the_bill_of_materials_beside_it_is_its_own() -> None:
    """It has the archive's checksum, and a component for each folder of licences that goes along."""
    bill = json.loads(BILL.read_text(encoding="utf-8"))
    with tarfile.open(NAMED) as archive:
        folders = {name.split("/")[1] for name in archive.getnames() if name.startswith("licenses/")} - {"README.txt"}

    assert bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(Path(NAMED).read_bytes()).hexdigest()
    assert {f"{row['name']}-{row.get('version', '')}".replace(":", "_").removesuffix("-") for row in bill["components"]} == folders


def test_every_file_of_the_package_is_in_it() -> None:
    """The rules' pages, the report's style and script: what is read as a file has to be there as one."""
    package = ROOT / "kubectl_meshfix"
    wanted = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.suffix in (".md", ".css", ".js", ".json", ".typed")}
    with tarfile.open(NAMED) as archive:
        assert {f"_internal/{name}" for name in wanted} <= set(archive.getnames())


@pytest.mark.parametrize("command", COMMANDS)
def test_it_answers_as_the_unfrozen_program(command: str, program: Path, work: Path) -> None:
    """Every verb and format: the same bytes and the same exit code, in a locale that knows only ASCII."""
    with ThreadPoolExecutor() as pool:
        frozen, unfrozen = pool.map(lambda start: run(start, command.split(), work, LC_ALL="C"), ([str(program)], UNFROZEN))

    assert "\n".join(difflib.unified_diff(unfrozen[1].splitlines(), frozen[1].splitlines(), lineterm="", n=0)) == ""
    assert frozen == unfrozen


def test_a_bundle_keeps_the_words_of_the_rules(program: Path, work: Path) -> None:
    """Which words are kept is read from the rules' code, which is there without its sources: as much is found again in a bundle."""
    words = ["diagnose", "-f", "examples/shop", "--bundle", "-"]

    frozen, unfrozen = (run(start, words, work) for start in ([str(program)], UNFROZEN))

    assert "findings can be found again" in frozen[2]
    assert (frozen[0], frozen[2]) == (unfrozen[0], unfrozen[2])


def test_files_are_fixed_and_taken_back(program: Path, work: Path) -> None:
    """Apply rewrites manifests and undo gives back every byte."""
    before = {path: path.read_bytes() for path in work.rglob("*.yaml")}

    code, _, said = run([str(program)], ["apply", "-f", ".", "-R", "--yes", "--restart", "--unsafe"], work)
    changed = {path for path, content in before.items() if path.read_bytes() != content}

    assert code == 0, said
    assert len(changed) > 5
    (number,) = re.findall(r"kubectl meshfix undo (\S+)", said)
    code, _, said = run([str(program)], ["undo", number, "--yes"], work)
    assert code == 0, said
    assert {path: path.read_bytes() for path in before} == before


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Path]:
    """A kubeconfig of a cluster that answers as a real one did, over TLS, to whoever shows the token of a plugin."""
    certificate, key = signed(tmp_path)
    plugin = tmp_path / "plugin.py"
    plugin.write_text(
        "import json, os, pathlib\n"
        f"pathlib.Path({str(tmp_path / 'environment.json')!r}).write_text(json.dumps(dict(os.environ)))\n"
        'print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "secret"}}))\n'
    )
    recording = ROOT / "tests" / "recordings" / "test_every_planted_mistake_is_found_and_repaired.yaml"
    with playing(recording, certificate, key, "Bearer secret") as address:
        call = {
            "apiVersion": "client.authentication.k8s.io/v1",
            "interactiveMode": "Never",
            "command": sys.executable,
            "args": [str(plugin)],
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [{"name": "it", "cluster": {"server": address, "certificate-authority": str(certificate)}}],
            "users": [{"name": "it", "user": {"exec": call}}],
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        yield tmp_path / "kubeconfig"


def test_a_cluster_is_diagnosed(program: Path, work: Path, cluster: Path) -> None:
    """The way to an API server is whole: the client, TLS, a credential plugin, and all kinds of objects."""
    words = ["diagnose", "-A", "-o", "json", "--kubeconfig", str(cluster)]

    frozen = run([str(program)], words, work)

    assert len(json.loads(frozen[1])["findings"]) > 20, frozen[2]
    assert frozen == run(UNFROZEN, words, work)


@posix
@pytest.mark.parametrize("theirs", [{}, {"LD_LIBRARY_PATH": "/opt/theirs"}])
def test_a_credential_plugin_sees_the_callers_environment(theirs: dict[str, str], program: Path, work: Path, cluster: Path) -> None:
    """Nothing of our libraries reaches the programs that we start: aws and gcloud would load our OpenSSL."""
    run([str(program)], ["diagnose", "--kubeconfig", str(cluster)], work, **theirs)

    seen = json.loads((cluster.parent / "environment.json").read_text())
    assert seen.get("LD_LIBRARY_PATH") == theirs.get("LD_LIBRARY_PATH")
    assert not [name for name in seen if name.startswith("_PYI") or name.endswith("_ORIG") or name == "_MEIPASS2"]


@posix
def test_it_can_be_interrupted(program: Path, work: Path) -> None:
    """Ctrl-C ends a run that waits for its input, with the exit code of an interrupted program and without a traceback."""
    process = subprocess.Popen(
        [program, "diagnose", "-f", "-"], cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"Traceback" not in said


@posix
def test_it_starts_about_as_fast_as_the_unfrozen_program(program: Path, work: Path) -> None:
    """The processor's time for a run, the least of five each, because other programs run here too."""
    words = ["diagnose", "-f", "examples/shop/cart.yaml", "--fail-on", "never"]
    frozen, unfrozen = [], []
    for _ in range(5):
        frozen.append(_seconds([str(program)], words, work))
        unfrozen.append(_seconds(UNFROZEN, words, work))

    assert min(frozen) < SLOWEST * min(unfrozen)


def _seconds(command: list[str], words: list[str], work: Path) -> float:
    before = os.times()
    assert run(command, words, work)[0] == 0
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.skipif("MESHFIX_GLIBC" not in os.environ, reason="MESHFIX_GLIBC names no version")
def test_it_runs_on_old_systems() -> None:
    """No library in it asks for a C library that is younger than the oldest supported one."""
    with tarfile.open(NAMED) as archive:
        found = [
            (int(number), entry.name)
            for entry in archive
            for number in re.findall(rb"GLIBC_2\.(\d+)", (archive.extractfile(entry) or pytest.fail(entry.name)).read())
        ]

    assert max(found) <= (int(os.environ["MESHFIX_GLIBC"].partition(".")[2]), "~")


@pytest.mark.skipif(not MANIFEST.is_file(), reason="no manifest lies beside the archive")
def test_the_manifest_beside_it_is_its_own() -> None:
    """The manifest in the same folder is one that krew takes, and has the archive's checksum and the version it was built from."""
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    checksums = {platform["uri"].rpartition("/")[2]: platform["sha256"] for platform in manifest["spec"]["platforms"]}

    assert refusals(manifest) == []
    assert manifest["spec"]["version"] == tag(__version__)
    assert checksums[Path(NAMED).name] == hashlib.sha256(Path(NAMED).read_bytes()).hexdigest()


def test_the_whole_package_can_be_imported() -> None:
    """These tests compare with the package beside them, so it has to be the one that is installed."""
    spec = importlib.util.find_spec("kubectl_meshfix")

    assert spec
    assert spec.origin
    assert Path(spec.origin).is_relative_to(ROOT)
