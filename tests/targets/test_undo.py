"""Taking back what apply did to a cluster, on a server that falters and moves."""

import msgspec
import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.errors import ForbiddenError
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets import journaled_apply as target
from kubectl_meshfix.targets.cluster import preview_change
from kubectl_meshfix.targets.journal_entry import Where
from kubectl_meshfix.targets.undo import UndoPlan, prepare, take_back
from tests.targets.server import DENIED, GONE, Server, Step, applied, change, names

NAME = "/spec/ports/0/name"

pytestmark = pytest.mark.usefixtures("at_once")


def refusals(plan: UndoPlan) -> list[tuple[str, str]]:
    """Which objects must not be touched, and why."""
    return [(item.resource.name, item.reason) for item in plan.refused]


def settled(plan: UndoPlan) -> list[tuple[str, str]]:
    """Which objects need nothing, and why."""
    return [(item.resource.name, item.reason) for item in plan.settled]


@pytest.mark.parametrize("on_server", [True, False])
def test_the_last_change_goes_back_first(on_server: bool) -> None:
    """Every object that was changed is looked at, shown as it is and would be, and taken back; the entry is undone then."""
    server, looked, told = Server(), list[str](), list[str]()
    entry = applied(server)

    plan = prepare(entry, server, on_server=on_server, force=False, tried=lambda ref: looked.append(ref.name))

    assert looked == ["c", "b", "a"]
    assert [(step.index, step.preview.change.resource.name, step.preview.by_server) for step in plan.steps] == [
        (2, "c", on_server),
        (1, "b", on_server),
        (0, "a", on_server),
    ]
    ports = [[document["spec"]["ports"][0]["name"] for document in (step.preview.before, step.preview.after)] for step in plan.steps]
    assert ports == [["http-web", "web"]] * 3
    assert (plan.refused, plan.settled, plan.done, plan.has_conflicts) == ((), (), (), False)
    assert names(server) == ["http-web"] * 3

    undone = take_back(entry, plan, server, lambda ref: told.append(ref.name))

    assert (names(server), told) == (["web"] * 3, ["c", "b", "a"])
    assert undone.is_undone
    assert journal.find_run(entry.id) == undone
    assert prepare(undone, server, on_server=True, force=False) == UndoPlan(steps=(), refused=(), settled=(), done=())


def test_what_needs_no_undo_is_settled() -> None:
    """Gone, made anew, never changed, or back already: each is told, and counts as undone once the others are."""
    server = Server(names="abcd")
    entry = applied(server)
    first = prepare(entry, server, on_server=True, force=False).steps[-1]
    take_back(entry, UndoPlan(steps=(first,), refused=(), settled=(), done=()), server, lambda _: None)
    del server.objects["b"]
    server.objects["c"] = server.service("c", "http-web", uid="another")
    never = target.start_run([preview_change(change("d"), server, on_server=True)], Where(kind="cluster"))
    entry = msgspec.structs.replace(entry, objects=(*entry.objects, *never.objects))

    plan = prepare(entry, server, on_server=True, force=False)

    assert settled(plan) == [
        ("d", "the change was never made"),
        ("c", "it was deleted and created again since, so this is not the object that was changed"),
        ("b", "it was deleted since, so there is nothing to take back"),
        ("a", "it is as it was before"),
    ]
    assert (plan.steps, plan.done) == ((), (3, 2, 1, 0))
    assert take_back(entry, plan, server, lambda _: None).is_undone


def test_a_planned_change_that_arrived_goes_back() -> None:
    """Where the version is another one than was patched, the fields tell what is to be taken back; of what was applied always."""
    server = Server()
    entry = applied(server)
    version = server.objects["b"]["metadata"]["resourceVersion"]
    entry = journal.with_state(journal.with_state(entry, 0, "planned"), 1, "applied", resource_version=version)

    assert [step.preview.change.resource.name for step in prepare(entry, server, on_server=True, force=False).steps] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("operations", "reason", "forced"),
    [
        ([Operation("replace", NAME, "grpc")], f'{NAME} was changed to "grpc" since; apply wrote "http-web"', ["c", "b", "a"]),
        ([Operation("remove", NAME)], f'{NAME} was removed since; apply wrote "http-web"', ["c", "b", "a"]),
        (
            [Operation("replace", "/spec/ports", [])],
            f'{NAME} belongs to a list item that does not exist any more; apply wrote "http-web"',
            ["c", "b"],
        ),
    ],
)
def test_what_others_changed_since_is_refused(operations: list[Operation], reason: str, forced: list[str]) -> None:
    """It is said that fields are why; force takes them back where they are still there."""
    server = Server()
    entry = applied(server)
    server.change("a", operations)

    plan, by_force = (prepare(entry, server, on_server=True, force=force) for force in (False, True))

    assert (refusals(plan), plan.has_conflicts) == ([("a", reason)], True)
    assert [step.preview.change.resource.name for step in plan.steps] == ["c", "b"]
    assert [step.preview.change.resource.name for step in by_force.steps] == forced
    assert settled(by_force) == ([] if "a" in forced else [("a", "the changed fields are gone")])
    assert (refusals(by_force), by_force.has_conflicts) == ([], False)


MOVED = "Service shop/c was changed by somebody else since it was read"


@pytest.mark.parametrize(
    ("trials", "refused"),
    [
        (["moved"], []),
        (["moved", "moved"], []),
        (["moved", "moved", "moved"], [("c", MOVED)]),
        ([GONE], []),
        ([DENIED], [("c", "denied by policy")]),
        (["done", DENIED], [("b", "denied by policy")]),
        ([ForbiddenError("no right")], [("c", "no right")]),
        (["made anew"], []),
    ],
)
def test_what_moves_while_it_is_looked_at_is_looked_at_again(trials: list[Step], refused: list[tuple[str, str]]) -> None:
    """Three times; who is refused then, or by the server, is no conflict of fields, and the others are looked at all the same."""
    server, looked = Server(), list[str]()
    entry = applied(server)
    server.trials = trials

    plan = prepare(entry, server, on_server=True, force=False, tried=lambda ref: looked.append(ref.name))

    assert (refusals(plan), plan.has_conflicts) == (refused, False)
    assert len(plan.steps) + len(plan.settled) == 3 - len(refused)
    assert looked == ["c", "b", "a"]
