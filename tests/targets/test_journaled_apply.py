"""A plan carried out on a server that falters, moves under it, or says no: what is written down, and what is told."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.errors import ApiError, ForbiddenError, MeshfixError, SourceError, TargetError
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.plan import Change, Plan, Proposal
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import cluster, journal
from kubectl_meshfix.targets import journaled_apply as target
from kubectl_meshfix.targets.cluster import Preview, preview, preview_change
from kubectl_meshfix.targets.journal_entry import JournalEntry, Where

Step = str | MeshfixError

GONE, AWAY = ApiError("the server is on fire", status=503), SourceError("connection refused")
DENIED = ApiError("denied by policy", status=422)
MISPLACED = ApiError("<html>", status=404)
MISPLACED.is_status = False


class Server:
    """An API server of some Services. Each patch takes the next step: ``done``, an error, or what happens before or instead of it."""

    def __init__(self, *steps: Step, names: Iterable[str] = "abc") -> None:
        self.steps = list(steps)
        self.objects = {name: self.service(name, "web", uid=f"u-{name}") for name in names}
        self.unreadable: MeshfixError | None = None

    @staticmethod
    def service(name: str, port: str, *, uid: str, version: int = 1) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": str(version)}
        spec = {"ports": [{"name": port, "port": 80}]}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    def change(self, name: str, operations: list[Operation]) -> None:
        changed = patched(self.objects[name], operations)
        version = int(changed["metadata"]["resourceVersion"]) + 1
        self.objects[name] = {**changed, "metadata": {**changed["metadata"], "resourceVersion": str(version)}}

    def get(self, path: str, query: object = ()) -> Response:
        if self.unreadable:
            raise self.unreadable
        name = path.rpartition("/")[2]
        if name not in self.objects:
            return Response(404, {}, b'{"kind": "Status", "code": 404}')
        return Response(200, {}, json.dumps(self.objects[name]).encode())

    def request(self, method: str, path: str, query: Any = (), *, body: bytes | None = None, **_: Any) -> Response:
        name, is_trial = path.rpartition("/")[2], ("dryRun", "All") in query
        operations = [Operation(row["op"], row["path"], row.get("value")) for row in json.loads(body or b"")]
        step = self.steps.pop(0) if self.steps and not is_trial else "done"
        before = self.objects.get(name)
        match step:
            case MeshfixError():
                raise step
            case "arrived, no answer":
                self.change(name, operations)
                raise AWAY
            case "lost for ever":
                self.unreadable = AWAY
                raise AWAY
            case "moved":
                self.change(name, [Operation("add", "/metadata/labels", {"team": "a"})])
                raise ApiError("the test failed", status=422)
            case "moved by hand":
                self.change(name, [Operation("replace", "/spec/ports/0/name", "grpc-web")])
                raise ApiError("the test failed", status=422)
            case "made anew":
                self.objects[name] = self.service(name, "web", uid="another")
                raise ApiError("the test failed", status=422)
        assert before is not None
        after = patched(before, operations)
        if not is_trial:
            self.change(name, operations)
            after = self.objects[name]
        return Response(200, {}, json.dumps(after).encode())


def change(name: str) -> Change:
    """A port's name, changed."""
    ref = Ref("v1", "Service", "shop", name)
    operations = (Operation("test", "/spec/ports/0/name", "web"), Operation("replace", "/spec/ports/0/name", "http-web"))
    fix = Fix(summary="Rename the port.", safety=Safety.SAFE)
    return Change(resource=ref, operations=operations, proposals=(Proposal(code="MF101", resource=ref, fix=fix),))


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


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries."""
    monkeypatch.setattr(cluster, "PAUSE", 0)
    monkeypatch.setattr(target, "PAUSE", 0)


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
        ("done", "arrived, no answer"),
        ("moved",),
        ("moved", "moved"),
        (GONE, "moved"),
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


def test_what_is_accepted_again_is_written_down_before_it_is_made() -> None:
    """The journal has the version that was patched."""
    run = Run(Server("moved"))

    assert [row.resource_version for row in run.entry.objects] == ["2", "1", "1"]


@pytest.mark.parametrize(
    ("errors", "tries", "lacks", "accepted"),
    [
        ([], 2, [], 2),
        ([GONE], 3, [], 2),
        ([DENIED], 2, [False], 1),
        ([ForbiddenError('User "me" cannot patch resource "services"')], 2, [True], 2),
        ([ForbiddenError('admission says: User "me" may not')], 2, [False], 1),
        ([GONE, GONE, GONE], 4, [False], 1),
        ([GONE, GONE, GONE, GONE], 4, [False, False], 0),
    ],
)
def test_a_dry_run_tells_who_is_refused(errors: list[MeshfixError], tries: int, lacks: list[bool], accepted: int) -> None:
    """A server that faltered at three tries gets one more for each other change; who lacks the right sees what would be changed."""
    server, looked, asked = Server(), list[str](), list[str]()
    original = server.request

    def request(*arguments: Any, **options: Any) -> Response:
        asked.append("")
        if errors:
            raise errors.pop(0)
        return original(*arguments, **options)

    server.request = request  # type: ignore[method-assign]
    found = preview(Plan(changes=(change("a"), change("b")), held=()), server, on_server=True, tried=lambda ref: looked.append(ref.name))

    assert len(asked) == tries
    assert looked == ["a", "b"]
    assert [row.lacks_right for row in found.refused] == lacks
    assert len(found.accepted) == accepted
    assert [item.by_server for item in found.accepted] == [not any(lacks)] + [True] * (accepted - 1) if accepted else True


@pytest.mark.parametrize(
    ("status", "is_status", "falters"),
    [(499, True, False), (500, True, True), (503, True, True), (422, True, False), (404, False, True), (429, False, False)],
)
def test_which_errors_may_pass(status: int, is_status: bool, falters: bool) -> None:
    """Those of the server itself and of what stands before it; not what the API server answered, nor that it has no time."""
    error = ApiError("no", status=status)
    error.is_status = is_status

    assert cluster.is_server_error(error) is falters


@pytest.mark.parametrize("is_status", [True, False])
def test_a_refusal_may_pass_where_something_else_said_it(is_status: bool) -> None:
    """A proxy that answers 403 may let the next request through; the API server will not. Of what we find ourselves nothing passes."""
    error = ForbiddenError("no")
    error.is_status = is_status

    assert cluster.is_server_error(error) is not is_status
    assert cluster.is_server_error(AWAY)
    assert not cluster.is_server_error(TargetError("no"))
