"""Names that are remembered for a while, one file a question."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources import completion_cache
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.kubeconfig import choose_cluster
from kubectl_meshfix.sources.completion_cache import FRESH, KEPT, cache_folder, cached_names

OURS = Path("kubectl-meshfix", "names")


@pytest.mark.parametrize(
    ("system", "environ", "base"),
    [
        ("linux", {}, "~/.cache"),
        ("linux", {"XDG_CACHE_HOME": ""}, "~/.cache"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "~/.cache"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x"),
        ("linux", {"LOCALAPPDATA": "/x"}, "~/.cache"),
        ("darwin", {}, "~/Library/Caches"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "/x"),
        ("win32", {}, "~/AppData/Local"),
        ("win32", {"LOCALAPPDATA": ""}, "~/AppData/Local"),
        ("win32", {"LOCALAPPDATA": "/x"}, "/x"),
        ("win32", {"LOCALAPPDATA": "/y", "XDG_CACHE_HOME": "/x"}, "/x"),
    ],
)
def test_where_answers_are_kept(system: str, environ: dict[str, str], base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment says with a whole path, else where the system keeps such things."""
    monkeypatch.setattr(sys, "platform", system)

    assert cache_folder(environ) == Path(base.replace("~", str(Path.home()))) / OURS


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig of a cluster that is not there, in the namespace shop, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "ann", "user": {"token": "a"}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "ann", "namespace": "shop"}}],
        "current-context": "lab",
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(document))
    return path


def aged(path: Path, seconds: float) -> None:
    """Make a file that old."""
    os.utime(path, (time.time() - seconds, time.time() - seconds))


@pytest.mark.parametrize(
    ("content", "age", "names"),
    [
        (b'{"names": ["a", "b"]}', 0, ["a", "b"]),
        (b'{"names": []}', 0, []),
        (b'{"names": ["a", "b"]}', KEPT - 60, ["a", "b"]),
        (b'{"names": ["a", "b"]}', KEPT + 60, None),
        (b'{"names": [', 0, None),
        (b'{"names": ["\xff"]}', 0, None),
        (b'{"names": [1]}', 0, None),
        (b"", 0, None),
    ],
)
def test_what_is_remembered(content: bytes, age: float, names: list[str] | None, tmp_path: Path) -> None:
    """For so long, and as far as it can be read."""
    answer = tmp_path / "a.json"
    assert completion_cache._read(answer) is None
    answer.write_bytes(content)
    aged(answer, age)

    assert completion_cache._read(answer) == names


def test_what_lies_exactly_at_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is of use to the last moment, and a question is asked again from that moment on."""
    answer, note = tmp_path / "a.json", tmp_path / "a.asked"
    for path in (answer, note):
        path.write_text('{"names": ["a"]}')
        os.utime(path, (1000, 1000))

    monkeypatch.setattr(time, "time", lambda: 1000 + KEPT)
    assert completion_cache._read(answer) == ["a"]
    completion_cache._write(tmp_path / "b.json", completion_cache._Answer(names=[]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.asked", "a.json", "b.json"]

    monkeypatch.setattr(time, "time", lambda: 1000 + FRESH)
    assert completion_cache._may_ask(answer, FRESH)


def held(config: Path, kind: kinds.Kind, namespace: str | None, names: list[str]) -> None:
    """Have a question answered, and asked just now."""
    kubeconfig = choose_cluster(ClusterOptions(kubeconfig=str(config)))
    path = completion_cache._path(kubeconfig, kind.resource, namespace)
    assert completion_cache._may_ask(path, FRESH)
    completion_cache._write(path, completion_cache._Answer(names=names))


def test_another_namespace_and_another_kind_are_other_questions(config: Path) -> None:
    """What has no namespace is asked everywhere, whatever the line says; a token on the line asks nobody."""
    held(config, kinds.SERVICE, "shop", ["a"])
    held(config, kinds.SERVICE, "other", ["b"])
    held(config, kinds.SERVICE, None, ["c"])
    held(config, kinds.POD, "shop", ["d"])
    held(config, kinds.NAMESPACE, None, ["e"])
    line, other = (ClusterOptions(kubeconfig=str(config), namespace=name) for name in ("", "other"))

    assert cached_names(line, kinds.SERVICE) == ["a"]
    assert cached_names(other, kinds.SERVICE) == ["b"]
    assert cached_names(line, kinds.SERVICE, everywhere=True) == ["c"]
    assert cached_names(other, kinds.SERVICE, everywhere=True) == ["c"]
    assert cached_names(line, kinds.POD) == ["d"]
    assert cached_names(line, kinds.NAMESPACE) == ["e"]
    assert cached_names(other, kinds.NAMESPACE) == ["e"]
    assert cached_names(ClusterOptions(kubeconfig=str(config), token="x"), kinds.SERVICE) == ()


@pytest.mark.parametrize(("age", "again"), [(0, False), (FRESH - 5, False), (FRESH + 5, True)])
def test_when_a_question_is_asked_again(age: float, again: bool, tmp_path: Path) -> None:
    """Not with each key: a note of when it was asked lies beside the answer."""
    answer, note = tmp_path / "new" / "a.json", tmp_path / "new" / "a.asked"
    assert completion_cache._may_ask(answer, FRESH)
    assert note.stat().st_mode & 0o777 == 0o600
    assert note.parent.stat().st_mode & 0o777 == 0o700
    aged(note, age)
    before = note.stat().st_mtime

    assert completion_cache._may_ask(answer, FRESH) is again
    assert (note.stat().st_mtime > before) is again


def test_where_nothing_can_be_noted_nobody_is_asked(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "cache").write_text("")

    assert completion_cache._may_ask(tmp_path / "cache" / "a.json", FRESH) is False


def test_an_answer_is_its_owners_and_drops_those_that_are_old(tmp_path: Path) -> None:
    """Others that are still of use stay."""
    for name, age in (("old.json", KEPT + 60), ("older.asked", KEPT + 60), ("new.json", KEPT - 60)):
        (tmp_path / name).write_text("")
        aged(tmp_path / name, age)

    completion_cache._write(tmp_path / "a.json", completion_cache._Answer(names=["x"]))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "new.json"]
    assert (tmp_path / "a.json").read_text() == '{"names":["x"]}'
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="there are no groups of processes")
@pytest.mark.parametrize(("is_leader", "status"), [(True, -signal.SIGKILL), (False, 1)])
def test_a_process_that_hangs_ends_with_those_that_it_began(is_leader: bool, status: int) -> None:
    """It ends all of its group where that is its own, and else only itself: who began it by hand lives on."""
    if not (shell := os.fork()):
        os.setpgid(0, 0)  # a group of its own, whatever is wrong: it is not that of the tests
        if not (process := os.fork()):
            if is_leader:
                os.setpgid(0, 0)
            completion_cache._end()
            os._exit(7)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) % 256)

    assert os.waitstatus_to_exitcode(os.waitpid(shell, 0)[1]) == status % 256
