"""Whatever goes wrong on the way to the API server, each change is made once at most, and the journal knows. Live only."""

import itertools
import time
from collections.abc import Iterator

import pytest

from kubectl_meshfix.errors import TargetError
from tests.cluster.conftest import Lab
from tests.cluster.proxy import Answer, Fault, Faults, Faulty, astray
from tests.cluster.server import assets
from tests.cluster.test_faults import APPLY, NAMES, changed, five, last_run, services
from tests.cluster.test_loop import run

pytestmark = pytest.mark.skipif(assets() is None, reason="needs a kube-apiserver in KUBEBUILDER_ASSETS: a way cannot be recorded")

BUSY = Answer(429, {"Retry-After": "1"})
BUSIER = Answer(503, {"Retry-After": "1"})
BROKEN = Answer(500)


@pytest.fixture
def way(lab: Lab) -> Iterator[Faulty]:
    """Five mistakes at the end of a way on which nothing goes wrong yet."""
    lab.prepare(five)
    with astray(lab) as faulty:
        yield faulty


def at(*faults: Fault) -> Iterator[Fault]:
    """Faults one after the other; the last one stays."""
    yield from faults
    yield from itertools.repeat(faults[-1])


def each(**faults: Iterator[Fault]) -> Faults:
    """Each object's own faults."""
    return lambda name: next(faults[name]) if name in faults else None


def test_a_fault_that_passes_is_waited_out(way: Faulty) -> None:
    """Each change is tried again until it is made, as late as the server asks for, and is made once; so is each step of undo.

    A server that falters while changes are only tried has not refused them.
    """
    first, began = services(way), time.monotonic()
    way.faults = each(
        a=at(BUSY, BUSY, None), b=at(BUSIER, None), c=at(BROKEN, BROKEN, None), d=at("request lost", None), e=at("answer lost", None)
    )
    way.rehearsal = each(a=at(BROKEN, None), b=at(BUSIER, BROKEN, None), c=at("answer lost", None))

    code, out, said = run(way, *APPLY)

    assert code == 0, said
    assert out.count(" fixed\n") == 5
    assert [row.state for row in last_run().objects] == ["applied"] * 5
    assert [way.patches.count(name) for name in NAMES] == [3, 2, 3, 2, 1]
    assert time.monotonic() - began >= 3  # as often as the server asked for a second

    way.faults = each(a=at("answer lost", None), b=at("request lost", None), c=at(BUSY, None), d=at(BROKEN, BROKEN, None))
    way.rehearsal = each(e=at(BROKEN, None))

    code, out, said = run(way, "undo", "--yes")

    assert code == 0, said
    assert out.count(" taken back\n") == 5
    assert changed(way, first) == set()


def test_a_fault_that_stays_stops_apply(way: Faulty) -> None:
    """After a few tries, or at once where the server wants to be left alone for long, apply stops and says what is changed."""
    first = services(way)
    for fault, tries in ((BROKEN, 3), (Answer(429, {"Retry-After": "3600"}), 1)):
        way.faults = each(c=at(fault))
        way.patches.clear()

        with pytest.raises(TargetError, match="Service default/c was not changed") as error:
            run(way, *APPLY)

        assert way.patches.count("c") == tries
        assert "Changed before it: Service default/a, Service default/b." in error.value.hint
        assert "Not tried: Service default/d, Service default/e." in error.value.hint
        assert [row.state for row in last_run().objects] == ["applied", "applied", "refused", "refused", "refused"]
        assert changed(way, first) == {"a", "b"}
        way.faults = each()
        assert run(way, "undo", "--yes")[0] == 0
        assert changed(way, first) == set()


def test_the_server_goes_in_the_middle(way: Faulty) -> None:
    """With the server gone during the third patch nobody knows whether it was made; undo finds out when the server is back."""
    first = services(way)
    for fault, moved in (("answer lost", {"a", "b", "c"}), ("request lost", {"a", "b"})):

        def gone_for_good(name: str, fault: Fault = fault) -> Fault:  # type: ignore[assignment]
            way.is_gone = name == "c"
            return fault if way.is_gone else None

        way.faults = gone_for_good

        with pytest.raises(TargetError, match="it is not known whether it was changed") as error:
            run(way, *APPLY)

        assert "Changed before it: Service default/a, Service default/b." in error.value.hint
        assert f"kubectl meshfix undo {last_run().id}" in error.value.hint
        assert [row.state for row in last_run().objects] == ["applied", "applied", "planned", "refused", "refused"]
        assert changed(way, first) == moved
        way.is_gone, way.faults = False, each()
        assert run(way, "undo", "--yes")[0] == 0
        assert changed(way, first) == set()
