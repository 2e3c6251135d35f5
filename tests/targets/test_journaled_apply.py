"""A plan carried out on a server that falters, moves under it, or says no: what is written down, and what is told."""

from collections.abc import Callable

import pytest

from kubectl_meshfix.errors import ForbiddenError, TargetError
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets import journaled_apply as target
from kubectl_meshfix.targets.cluster import Preview, preview_change
from kubectl_meshfix.targets.journal_entry import JournalEntry, Where
from tests.targets.server import AWAY, DENIED, GONE, MISPLACED, Server, Step, change

pytestmark = pytest.mark.usefixtures("at_once")


class Run:
    """One run of three changes, and what came of it."""

    def __init__(self, server: Server, again: Callable[[Preview], bool] = lambda _: True) -> None:
        self.server, self.told, self.error = server, list[str](), ""
        self.previews = [preview_change(change(name), server, on_server=True) for name in "abc"]
        entry = target.start_run(self.previews, Where(kind="cluster", context="blue", server="https://c"))
        self.hint = ""
        try:
            target.apply_changes(entry, self.previews, server, again=again, done=lambda ref: self.told.append(ref.name))
        except TargetError as error:
            self.error, self.hint = error.message, error.hint or ""
        found = journal.find_run(entry.id)
        assert isinstance(found, JournalEntry)
        self.entry = found
        self.states = [row.state for row in found.objects]

    @property
    def names(self) -> list[str]:
        """The names that the ports have now."""
        return [item["spec"]["ports"][0]["name"] for item in self.server.objects.values()]


HTTP = ["http-web"] * 3


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (GONE,),
        (GONE, GONE),
        (AWAY, AWAY),
        (MISPLACED,),
        ("arrived, no answer",),
        (GONE, GONE, "arrived, no answer"),
        ("done", "arrived, no answer"),
        ("moved",),
        ("moved", "moved"),
        (GONE, "moved"),
        (GONE, "made, and refused"),
    ],
    ids=str,
)
def test_what_falters_is_tried_again_and_made_once(steps: tuple[Step, ...]) -> None:
    """Three tries, an answer that was lost, and an object that moved beside the change: all three changes are made and written down."""
    run = Run(Server(*steps))

    assert (run.error, run.names, run.states, run.told) == ("", HTTP, ["applied"] * 3, ["a", "b", "c"])
    assert [[field.path for field in row.fields] for row in run.entry.objects] == [["/spec/ports/0/name"]] * 3
    assert run.entry.findings == ("MF101",)


@pytest.mark.parametrize(
    ("steps", "words", "states"),
    [
        ((DENIED,), "Service shop/a was not changed: denied by policy", ["refused"] * 3),
        (("done", DENIED), "Service shop/b was not changed: denied by policy", ["applied", "refused", "refused"]),
        (("done", "done", DENIED), "Service shop/c was not changed: denied by policy", ["applied", "applied", "refused"]),
        ((GONE, GONE, GONE), "Service shop/a was not changed: the server is on fire", ["refused"] * 3),
        ((ForbiddenError("no right"),), "Service shop/a was not changed: no right", ["refused"] * 3),
        (("moved by hand",), "Service shop/a was not changed: The change does not fit the object", ["refused"] * 3),
        (("made anew",), "Service shop/a was not changed: it was deleted and created again", ["refused"] * 3),
        (("moved", "moved", "moved"), "Service shop/a was not changed: Service shop/a was changed by somebody else", ["refused"] * 3),
        (("lost for ever",), "Service shop/a: it is not known whether it was changed", ["planned", "refused", "refused"]),
        (("done", "lost for ever"), "Service shop/b: it is not known whether it was changed", ["applied", "planned", "refused"]),
    ],
    ids=str,
)
def test_the_first_that_fails_ends_the_run(steps: tuple[Step, ...], words: str, states: list[str]) -> None:
    """The others are not tried; the journal tells what is not made from what nobody knows."""
    run = Run(Server(*steps))
    made = states.count("applied")

    assert run.error.startswith(words)
    assert run.states == states
    assert run.told == list("abc"[:made])
    assert run.names.count("http-web") == made
    assert ("Changed before it" in run.hint) is (made > 0)
    assert ("Nothing was changed." in run.hint) is (made == 0 and "not known" not in words)
    assert ("Not tried: " in run.hint) is (made < 2)
    assert (f"undo {run.entry.id}" in run.hint) is (made > 0 or "not known" in words)
    assert "Run the same command again" in run.hint


def test_between_tries_the_server_gets_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as much before the third as before the second."""
    waits = list[float]()
    monkeypatch.setattr(target, "PAUSE", 0.5)
    monkeypatch.setattr("time.sleep", waits.append)

    assert Run(Server(GONE, GONE, GONE)).error
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize("step", ["made anew alike, no answer", "moved to the same"])
def test_what_somebody_else_made_alike_is_theirs(step: str) -> None:
    """An object that holds by now what was to be written is not said to be changed by this run, so that undo leaves it alone."""
    run = Run(Server(step))

    assert run.error.startswith("Service shop/a was not changed: The change does not fit the object")
    assert (run.states, run.told, run.names) == (["refused"] * 3, [], ["http-web", "web", "web"])


def test_a_defect_leaves_the_change_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in the middle of a change, it is told that nobody knows, and how to take back what there is."""
    monkeypatch.setattr(target, "send", lambda *_arguments, **_options: 1 / 0)
    run = Run(Server())

    assert run.error.startswith("Service shop/a: it is not known whether it was changed.")
    assert run.states == ["planned", "refused", "refused"]
    assert f"undo {run.entry.id}" in run.hint


def test_a_change_of_what_moved_is_shown_again() -> None:
    """Who does not accept the new diff has nothing changed; the new diff is of what is there now."""
    shown: list[Preview] = []

    def declined(item: Preview) -> bool:
        shown.append(item)
        return False

    run = Run(Server("moved"), again=declined)

    assert run.error == "Service shop/a was not changed: it changed after the diff was shown, and the new diff was not accepted."
    assert [item.before["metadata"].get("labels") for item in shown] == [{"team": "a"}]
    assert [item.by_server for item in shown] == [True]


def test_what_is_accepted_again_is_written_down_before_it_is_made() -> None:
    """The journal has the version that was patched."""
    run = Run(Server("moved"))

    assert [row.resource_version for row in run.entry.objects] == ["2", "1", "1"]
