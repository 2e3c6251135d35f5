"""Each step of an undo, made on a server that falters and moves."""

import pytest

from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.journal_entry import JournalEntry
from kubectl_meshfix.targets.undo import prepare, take_back
from tests.targets.server import DENIED, GONE, Server, Step, applied, names

pytestmark = pytest.mark.usefixtures("at_once")

NAME = "/spec/ports/0/name"
MOVED = "Service shop/c was changed by somebody else since it was read"


def taken_back(*steps: Step, trials: tuple[Step, ...] = ()) -> tuple[list[str], list[str], TargetError | None, JournalEntry]:
    """The names of ports once a run was taken back on a server that takes these steps, what was told, and the error."""
    server, told = Server(), list[str]()
    entry = applied(server)
    plan = prepare(entry, server, on_server=True, force=False)
    server.steps, server.trials = list(steps), list(trials)
    error = None
    try:
        take_back(entry, plan, server, lambda ref: told.append(ref.name))
    except TargetError as raised:
        error = raised
    found = journal.find_run(entry.id)
    assert isinstance(found, JournalEntry)
    return names(server), told, error, found


@pytest.mark.parametrize("steps", [(), (GONE,), ("moved",), ("moved", "moved"), ("done", "moved"), ("moved back",)], ids=str)
def test_what_moved_is_taken_back_as_it_was_shown(steps: tuple[Step, ...]) -> None:
    """Beside the change anything may have happened, and where somebody else has taken it back, there is nothing to do."""
    ports, told, error, entry = taken_back(*steps)

    assert (ports, told, error) == (["web"] * 3, ["c", "b", "a"], None)
    assert entry.is_undone


@pytest.mark.parametrize(
    ("steps", "words", "told"),
    [
        ((DENIED,), "Service shop/c was not taken back: denied by policy", []),
        (("moved", "moved", "moved"), f"Service shop/c was not taken back: {MOVED}", []),
        (("another port",), f"Service shop/c was not taken back: {MOVED}", []),
        (
            ("moved by hand",),
            f'Service shop/c was not taken back: {NAME} was changed to "grpc-web" since; apply wrote "http-web"',
            [],
        ),
        (("done", DENIED), "Service shop/b was not taken back: denied by policy", ["c"]),
        (("done", "done", DENIED), "Service shop/a was not taken back: denied by policy", ["c", "b"]),
    ],
    ids=str,
)
def test_the_first_that_is_not_taken_back_ends_the_run(steps: tuple[Step, ...], words: str, told: list[str]) -> None:
    """Nothing is done that was not shown; what came before is written down, and what was not tried is named."""
    _, found, error, entry = taken_back(*steps)
    rest = [f"Service shop/{name}" for name in "cba"[len(told) + 1 :]]

    assert error
    assert (error.message, found) == (words, told)
    assert error.hint == (f"Not tried: {', '.join(rest)}.\n" if rest else "") + (
        f"Run kubectl meshfix undo {entry.id} again; it reads the objects again."
    )
    assert {row.resource.name: row.state for row in entry.objects} == {name: "undone" if name in told else "applied" for name in "abc"}


def test_what_moved_is_tried_again_before_it_is_taken_back() -> None:
    """On the server: what it refuses by then is not done."""
    ports, told, error, _ = taken_back("moved", trials=(DENIED,))

    assert (ports, told) == (["http-web"] * 3, [])
    assert error
    assert error.message == "Service shop/c was not taken back: denied by policy"
