"""The journal: ids, order and places."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.journal import runs, save, start_run, with_state
from kubectl_meshfix.targets.journal_entry import JournalEntry, ObjectChange, Where

FILES = Where(kind="files")


class Clock(datetime):
    """A clock that tells what it is told."""

    year_now = 2030

    @classmethod
    def now(cls, tz: object = None) -> "Clock":
        return cls(cls.year_now, 1, 1, tzinfo=UTC)


def test_the_newest_stays_the_newest_when_the_clock_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are in the order they were made in, whatever the clock said; what it said is kept beside."""
    monkeypatch.setattr(journal, "datetime", Clock)
    made = []
    for year in (2030, 2020, 2050, 2021):
        Clock.year_now = year
        made.append(start_run(FILES, []).id)

    found = [entry for entry in runs() if isinstance(entry, JournalEntry)]
    assert [entry.id for entry in found] == made == sorted(made)
    assert [entry.made[:4] for entry in found] == ["2030", "2020", "2050", "2021"]


def test_the_journal_is_made_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all folders above it; its own are nobody else's to look into."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "state"))
    entry = start_run(FILES, [])

    assert [path.name for path in (tmp_path / "home" / "state" / "kubectl-meshfix" / "journal").iterdir()] == [f"{entry.id}.json"]
    assert [path.stat().st_mode & 0o777 for path in (journal.folder(), journal.folder().parent)] == [0o700, 0o700]


def test_an_id_is_the_time_and_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the second; of two in one second the later one is a second ahead. What is no time beside them is passed over."""
    monkeypatch.setattr(journal, "datetime", Clock)
    Clock.year_now = 2030
    journal.folder().mkdir(parents=True)
    (journal.folder() / "zzzzzzzz-zzzzzz-aaaaaa.json").write_text("{}")
    first, second = start_run(FILES, ["MF102", "MF101", "MF102"]), start_run(FILES, [])

    assert re.fullmatch(r"20300101-000000-[0-9a-f]{6}", first.id)
    assert re.fullmatch(r"20300101-000001-[0-9a-f]{6}", second.id)
    assert (first.made, first.findings, first.schema_version) == ("2030-01-01T00:00:00Z", ("MF101", "MF102"), 1)


def test_an_entry_of_a_newer_version_is_left_alone() -> None:
    """One version ahead is enough; without any it is damaged."""
    start_run(FILES, [])
    for name, version in (("20300101-000000-aaaaaa", '{"schemaVersion": 2}'), ("20300101-000000-bbbbbb", "{}")):
        (journal.folder() / f"{name}.json").write_text(version)

    assert [run.reason for run in runs() if isinstance(run, journal.Unreadable)] == [
        "it was written by a newer kubectl-meshfix",
        "it is damaged",
    ]


def test_two_at_once_are_two_entries() -> None:
    """Runs that start in the same moment never write into one entry."""
    with ThreadPoolExecutor(8) as pool:
        ids = {entry.id for entry in pool.map(lambda _: start_run(FILES, []), range(40))}

    assert len(ids) == len(runs()) == 40


def test_ids_are_names_and_no_paths() -> None:
    """An id never leads out of the folder."""
    entry = start_run(FILES, [])
    for name in ("../journal/x", f"../journal/{entry.id}", f"./{entry.id}", "/etc/passwd", "", "."):
        with pytest.raises(TargetError, match="no run called"):
            journal.find_run(name)


@pytest.mark.parametrize(
    ("environ", "platform", "place"),
    [
        ({"XDG_STATE_HOME": "/state"}, "linux", "/state/kubectl-meshfix/journal"),
        ({"XDG_STATE_HOME": "relative"}, "linux", "~/.local/state/kubectl-meshfix/journal"),
        ({}, "darwin", "~/Library/Application Support/kubectl-meshfix/journal"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/kubectl-meshfix/journal"),
        ({"LOCALAPPDATA": ""}, "win32", "~/AppData/Local/kubectl-meshfix/journal"),
        ({}, "win32", "~/AppData/Local/kubectl-meshfix/journal"),
        ({"XDG_STATE_HOME": ""}, "linux", "~/.local/state/kubectl-meshfix/journal"),
        ({"XDG_STATE_HOME": "/state"}, "darwin", "/state/kubectl-meshfix/journal"),
    ],
)
def test_where_the_journal_is(environ: dict[str, str], platform: str, place: str) -> None:
    """Where XDG says, if it says so with a whole path, else where the system keeps such things."""
    assert journal.folder(environ, platform) == Path(place).expanduser()


def test_only_entries_are_listed() -> None:
    """What lies beside them is nobody's run: other files, what was half written, and folders."""
    entry = start_run(FILES, [])
    for name in ("notes.txt", f".{entry.id}.json.new", ".hidden.json"):
        (journal.folder() / name).write_text("{}")
    (journal.folder() / "20200101-000000-aaaaaa.json").mkdir()

    assert [run.id for run in runs()] == [entry.id]


UNREADABLE = Path("/proc/self/mem")
"""A file that is there, and whose first byte nobody can read."""


@pytest.mark.skipif(not UNREADABLE.is_file(), reason="there is no file here that even root cannot read")
def test_an_entry_that_cannot_be_read_says_so() -> None:
    """In the system's words; the others are listed all the same."""
    entry = start_run(FILES, [])
    (journal.folder() / "20200101-000000-aaaaaa.json").symlink_to(UNREADABLE)

    assert runs() == [journal.Unreadable("20200101-000000-aaaaaa", "Input/output error"), entry]


def test_without_a_journal_there_are_no_runs() -> None:
    """Nobody has applied anything yet."""
    assert runs() == []


def test_what_is_undone_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of runs with nothing left to take back the newest are kept; one that can be taken back, or that is damaged, stays however old."""
    monkeypatch.setattr(journal, "KEPT", 2)
    change = ObjectChange(resource=Ref("v1", "Service", "shop", "cart"), uid="u", resource_version="1", fields=())
    old = start_run(FILES, [], objects=[change])
    (journal.folder() / "20000101-000000-aaaaaa.json").write_text("{")
    ended = [save(with_state(start_run(FILES, [], objects=[change]), 0, "undone")).id for _ in range(4)]
    newest = start_run(FILES, [], objects=[change])

    assert [entry.id for entry in runs()] == ["20000101-000000-aaaaaa", old.id, *ended[-2:], newest.id]
