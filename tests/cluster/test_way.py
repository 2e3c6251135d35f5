"""Whatever goes wrong on the way to the API server, each change is made once at most, and the journal knows. Live only."""

import time
from collections.abc import Iterator

import pytest

from kubectl_meshfix.errors import TargetError
from tests.cluster.conftest import Lab
from tests.cluster.proxy import Answer, Fault, Faults, Faulty, astray
from tests.cluster.server import assets
from tests.cluster.test_faults import APPLY, changed, five, last_run, services
from tests.cluster.test_loop import run

pytestmark = pytest.mark.skipif(assets() is None, reason="needs a kube-apiserver in KUBEBUILDER_ASSETS: a way cannot be recorded")

BUSY = Answer(429, {"Retry-After": "1"})
BROKEN = Answer(500)


@pytest.fixture
def way(lab: Lab) -> Iterator[Faulty]:
    """Five mistakes at the end of a way on which nothing goes wrong yet."""
    lab.prepare(five)
    with astray(lab) as faulty:
        yield faulty


def at(name: str, *faults: Fault, method: str = "PATCH") -> Faults:
    """Faults of one object's requests, one after the other; the last one stays."""
    left = list(faults)

    def fault(its_method: str, its_name: str) -> Fault:
        if (its_method, its_name) != (method, name):
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return fault


@pytest.mark.parametrize(
    ("faults", "tries"),
    [
        ((BUSY, BUSY, None), 3),
        ((Answer(503), None), 2),
        ((Answer(503, {"Retry-After": "1"}), None), 2),
        ((BROKEN, BROKEN, None), 3),
        (("request lost", None), 2),
        (("answer lost", None), 1),
    ],
    ids=["429", "503", "503 with Retry-After", "500", "request lost", "answer lost"],
)
def test_a_fault_that_passes_is_waited_out(way: Faulty, faults: tuple[Fault, ...], tries: int) -> None:
    """The third of five changes is tried again until it is made, as late as the server asks for, and is made once."""
    way.faults = at("c", *faults)
    first, began = services(way), time.monotonic()

    code, out, said = run(way, *APPLY)

    assert code == 0, said
    assert out.count(" fixed\n") == 5
    assert [row.state for row in last_run().objects] == ["applied"] * 5
    assert way.seen.count(("PATCH", "c")) == tries
    assert time.monotonic() - began >= sum(isinstance(fault, Answer) and bool(fault.headers) for fault in faults)
    assert run(way, "undo", "--yes")[0] == 0
    assert changed(way, first) == set()


def test_a_fault_of_the_dry_run_is_waited_out(way: Faulty) -> None:
    """A server that falters while changes are only tried has not refused them."""
    way.faults = at("c", Answer(503), BROKEN, None, method="PATCH dry run")

    code, out, said = run(way, *APPLY)

    assert code == 0, said
    assert out.count(" fixed\n") == 5


@pytest.mark.parametrize("fault", [BROKEN, Answer(429, {"Retry-After": "3600"})], ids=["500", "429 for an hour"])
def test_a_fault_that_stays_stops_apply(way: Faulty, fault: Fault) -> None:
    """After a few tries, or at once where the server wants to be left alone for long, apply stops and says what is changed."""
    way.faults = at("c", fault)
    first, began = services(way), time.monotonic()

    with pytest.raises(TargetError, match="Service default/c was not changed") as error:
        run(way, *APPLY)

    assert time.monotonic() - began < 60
    assert "Changed before it: Service default/a, Service default/b." in error.value.hint
    assert "Not tried: Service default/d, Service default/e." in error.value.hint
    assert [row.state for row in last_run().objects] == ["applied", "applied", "refused", "refused", "refused"]
    assert changed(way, first) == {"a", "b"}
    way.faults = at("c", None)
    assert run(way, "undo", "--yes")[0] == 0
    assert changed(way, first) == set()


@pytest.mark.parametrize("arrives", [True, False], ids=["made", "not made"])
def test_the_server_goes_in_the_middle(way: Faulty, arrives: bool) -> None:
    """With the server gone during the third patch nobody knows whether it was made; undo finds out when the server is back."""
    gone: list[str] = []

    def fault(method: str, name: str) -> Fault:
        if gone or (method, name) == ("PATCH", "c"):
            gone.append(name)
            return "answer lost" if arrives and len(gone) == 1 else "request lost"
        return None

    way.faults = fault
    first = services(way)

    with pytest.raises(TargetError, match="it is not known whether it was changed") as error:
        run(way, *APPLY)

    assert "Changed before it: Service default/a, Service default/b." in error.value.hint
    assert f"kubectl meshfix undo {last_run().id}" in error.value.hint
    assert [row.state for row in last_run().objects] == ["applied", "applied", "planned", "refused", "refused"]
    assert changed(way, first) == ({"a", "b", "c"} if arrives else {"a", "b"})
    way.faults = at("c", None)
    assert run(way, "undo", "--yes")[0] == 0
    assert changed(way, first) == set()


def test_undo_is_as_patient(way: Faulty) -> None:
    """The way back meets the same faults, in every change of it."""
    first = services(way)
    assert run(way, *APPLY)[0] == 0
    once: dict[str, Fault] = {"a": BUSY, "b": BROKEN, "c": "request lost", "d": "answer lost"}
    faults = {name: at(name, fault, None) for name, fault in once.items()}
    way.faults = lambda method, name: faults[name](method, name) if name in faults else None

    code, out, said = run(way, "undo", "--yes")

    assert code == 0, said
    assert out.count(" taken back\n") == 5
    assert changed(way, first) == set()
