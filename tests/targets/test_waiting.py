"""Following a rollout until it has ended."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from kubectl_meshfix.errors import ForbiddenError, MeshfixError, SourceError
from kubectl_meshfix.fixes.plan import Change
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import rollouts
from kubectl_meshfix.targets.cluster import Preview
from kubectl_meshfix.targets.rollouts import wait

CART = Ref("apps/v1", "Deployment", "shop", "cart")


def workload(**status: Any) -> dict[str, Any]:
    """A Deployment of three pods at its second generation."""
    metadata = {"name": "cart", "generation": 2}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 3}, "status": {"observedGeneration": 2, **status}}


class Cluster:
    """An API server that answers with one state after the other."""

    def __init__(self, states: Sequence[dict[str, Any] | MeshfixError]) -> None:
        self.states = list(states)

    def get(self, path: str, query: object = ()) -> Response:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, MeshfixError):
            raise state
        if not state:
            return Response(404, {}, b'{"kind": "Status", "code": 404}')
        identity = {"name": "cart", "namespace": "shop", "uid": "1", "resourceVersion": "1"}
        return Response(200, {}, json.dumps({**state, "metadata": {**identity, **state.get("metadata", {})}}).encode())

    def request(self, *arguments: Any, **options: Any) -> Response:
        raise AssertionError("nothing is to be changed")


def changed(ref: Ref = CART, template: str = "new") -> Preview:
    """A change of a pod template."""
    before, after = ({"kind": ref.kind, "spec": {"template": word}} for word in ("old", template))
    return Preview(change=Change(resource=ref, operations=(), proposals=()), before=before, after=after, by_server=True)


def test_every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new state is told once, and the end; what has no new template is not waited for."""
    monkeypatch.setattr(rollouts, "EVERY", 0)
    done = workload(updatedReplicas=3, replicas=3, availableReplicas=3)
    told: list[str] = []
    service = Ref("v1", "Service", "shop", "cart")

    left = wait(
        [changed(), changed(service, "old")],
        Cluster([workload(), workload(), done]),
        None,
        lambda ref, state: told.append(f"{ref.name}: {state}"),
    )

    assert left == {}
    assert told == ["cart: 0 of 3 pods are new", "cart: rolled out"]


def test_patience_has_an_end() -> None:
    """After the time is over the state it stands at is the answer."""
    assert wait([changed()], Cluster([workload()]), 0.0, lambda _ref, _state: None) == {CART: "0 of 3 pods are new"}


def test_until_then_it_is_looked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the server is waited out and told like any state; a right that was taken away does not come back by itself."""
    monkeypatch.setattr(rollouts, "EVERY", 0)
    done, told = workload(updatedReplicas=3, replicas=3, availableReplicas=3), list[str]()
    later = time.monotonic() + 600
    states: list[dict[str, Any] | MeshfixError] = [workload(), SourceError("the server is away."), SourceError("the server is away."), done]

    assert wait([changed()], Cluster(states), later, lambda _ref, state: told.append(state)) == {}
    assert told == ["0 of 3 pods are new", "the server is away", "rolled out"]
    assert wait([changed()], Cluster([ForbiddenError("no right.")]), later, lambda _ref, _state: None) == {CART: "no right"}


def test_what_is_gone_is_not_waited_for() -> None:
    """A workload that somebody deletes in the meantime has no rollout any more."""
    assert wait([changed()], Cluster([{}]), None, lambda _ref, _state: None) == {CART: "it was deleted meanwhile"}
