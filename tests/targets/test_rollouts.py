"""When a rollout is done."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import rollouts
from kubectl_meshfix.targets.rollouts import StuckError, lacks, wait

CART = Ref("apps/v1", "Deployment", "shop", "cart")


def workload(kind: str = "Deployment", spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    """A workload at its second generation."""
    return {"kind": kind, "metadata": {"generation": 2}, "spec": spec or {"replicas": 3}, "status": {"observedGeneration": 2, **status}}


@pytest.mark.parametrize(
    ("document", "lacking"),
    [
        (workload(observedGeneration=1), "has not seen"),
        (workload(updatedReplicas=1, replicas=4), "1 of 3 pods are new"),
        (workload(updatedReplicas=3, replicas=4), "1 old pods"),
        (workload(updatedReplicas=3, replicas=3, availableReplicas=2), "2 of 3 pods are available"),
        (workload(updatedReplicas=3, replicas=3, availableReplicas=3), ""),
        (workload("StatefulSet", updatedReplicas=3, availableReplicas=3), ""),
        (workload("DaemonSet", desiredNumberScheduled=2, updatedNumberScheduled=1), "1 of 2 pods are new"),
        (workload("DaemonSet", desiredNumberScheduled=2, updatedNumberScheduled=2, numberAvailable=2), ""),
    ],
)
def test_done_is_what_kubectl_calls_done(document: dict[str, Any], lacking: str) -> None:
    """New pods, no old ones, and all of them available."""
    assert lacking in lacks(document)
    assert bool(lacking) == bool(lacks(document))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (workload(spec={"paused": True}), "paused"),
        (workload("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}), "OnDelete"),
        (workload(conditions=[{"reason": "ProgressDeadlineExceeded"}]), "deadline"),
    ],
)
def test_what_will_not_end_is_not_waited_for(document: dict[str, Any], reason: str) -> None:
    """A rollout that stands still is told at once."""
    with pytest.raises(StuckError, match=reason):
        lacks(document)


class Cluster:
    """An API server that answers with one state after the other."""

    def __init__(self, states: Sequence[dict[str, Any]]) -> None:
        self.states = list(states)

    def get(self, path: str, query: object = ()) -> Response:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return Response(200, {}, json.dumps(state).encode())

    def request(self, *arguments: Any, **options: Any) -> Response:
        raise AssertionError("nothing is to be changed")


def test_every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new state is told once, and the end."""
    monkeypatch.setattr(rollouts, "EVERY", 0)
    done = workload(updatedReplicas=3, replicas=3, availableReplicas=3)
    told: list[str] = []

    left = wait(
        [CART, Ref("v1", "Service", "shop", "cart")],
        Cluster([workload(), workload(), done]),
        None,
        lambda ref, state: told.append(f"{ref.name}: {state}"),
    )

    assert left == {}
    assert told == ["cart: 0 of 3 pods are new", "cart: "]


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time is over the state it stands at is the answer."""
    monkeypatch.setattr(rollouts, "EVERY", 0)

    assert wait([CART], Cluster([workload()]), 0.0, lambda _ref, _state: None) == {CART: "0 of 3 pods are new"}
