"""Which istiods are there for a proxy, and from when on a proxy without one is told of."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.in_force.connections import is_unconnected, ready_istiods, serves_nobody
from kubectl_meshfix.mesh.answers import Answers, Proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Object, Ref
from tests.injection.installations import decoded, injector, istiod
from tests.traffic.in_force.test_others import CUT_OFF, NOW, ref
from tests.traffic.in_force.test_others import istiod_pod as raw_istiod
from tests.traffic.in_force.test_others import pod as raw_pod

DEPLOYMENT = Ref("apps/v1", "Deployment", "istio-system", "istiod")
TOLD = Answers(is_every_istiod=True, proxies=(Proxy(pod=ref(), is_connected=True),))


def pod(name: str = "cart-1", *, revision: str = "", **state: Any) -> Object:
    """A running pod with a proxy of a revision."""
    raw = raw_pod(name, **state)
    status = json.dumps({"revision": revision})
    return decoded({**raw, "metadata": {**raw["metadata"], "annotations": {"sidecar.istio.io/status": status}}})


def istiod_pod(name: str = "istiod-1", *, ready: bool = True, labels: dict[str, str] | None = None) -> Object:
    """A pod beside istiod's Deployment, istiod's own unless it has other labels."""
    raw = raw_istiod(ready=ready)
    return decoded({**raw, "metadata": {**raw["metadata"], "name": name, "labels": {"app": "istiod"} if labels is None else labels}})


def mesh(answers: Answers, *objects: Object, taken_at: str | None = NOW) -> Mesh:
    """A cluster where somebody asked."""
    return Mesh(objects, live=True, taken_at=taken_at).with_answers(answers)


@pytest.mark.parametrize(
    ("answers", "ready", "revision", "asked", "expected"),
    [
        (CUT_OFF, False, "", DEPLOYMENT, True),
        (TOLD, False, "", DEPLOYMENT, True),
        (CUT_OFF, False, "default", DEPLOYMENT, True),
        (CUT_OFF, True, "", DEPLOYMENT, False),
        (Answers(), False, "", DEPLOYMENT, False),
        (CUT_OFF, False, "gone", DEPLOYMENT, False),
        (CUT_OFF, False, "", msgspec.structs.replace(DEPLOYMENT, name="istiod-r1"), False),
        (Answers(is_every_istiod=True, connected=()), False, "", DEPLOYMENT, True),
    ],
)
def test_an_istiod_serves_nobody(answers: Answers, ready: bool, revision: str, asked: Ref, expected: bool) -> None:
    """Where somebody asked, no pod of it is ready, and a proxy of its revision is connected to none."""
    assert serves_nobody(mesh(answers, istiod(), pod(revision=revision), istiod_pod(ready=ready)), asked) is expected


def test_one_proxy_that_it_leaves_is_enough() -> None:
    """Proxies of another revision, whose istiod nobody knows, change nothing."""
    objects = (pod("cart-2", revision="gone"), pod(revision="default"), istiod(), istiod_pod(ready=False))

    assert serves_nobody(mesh(Answers(is_every_istiod=True, of=2), *objects), DEPLOYMENT)


@pytest.mark.parametrize(
    ("labels", "ready", "is_one"),
    [
        ({"app": "istiod"}, True, True),
        ({"app": "istiod", "istio.io/rev": "default"}, True, True),
        ({"app": "istiod", "istio.io/rev": "r1"}, True, False),
        ({"app": "istiod"}, False, False),
        ({"app": "kiali"}, True, False),
        ({}, True, False),
    ],
)
def test_who_is_an_istiod_of_a_control_plane(labels: dict[str, str], ready: bool, is_one: bool) -> None:
    """A ready pod with istiod's label and no other revision's; the plane's own where it has none."""
    made = istiod_pod(ready=ready, labels=labels)
    plane = ControlPlane(revision="default", namespace="istio-system")

    assert list(ready_istiods(mesh(Answers(), made), plane)) == ([made] if is_one else [])


@pytest.mark.parametrize(("objects", "expected"), [((istiod(),), True), ((injector(),), False), ((), False)])
def test_an_istiod_that_runs_elsewhere_may_be_ready(objects: tuple[Object, ...], expected: bool) -> None:
    """The word of a proxy that says it is connected counts, unless an istiod's Deployment is here and no pod of it."""
    own = pod(revision="default")
    assert isinstance(own, Pod)

    assert is_unconnected(mesh(TOLD, own, *objects), own) is expected


@pytest.mark.parametrize(
    ("ready", "started", "taken_at", "expected"),
    [
        (False, "2026-03-01T11:59:00Z", NOW, False),
        (False, "2026-03-01T11:58:59Z", NOW, True),
        (True, "2026-03-01T11:59:59Z", NOW, True),
        (False, "2026-03-01T11:00:00Z", None, False),
        (True, "2026-03-01T11:00:00Z", None, True),
        (False, "", NOW, False),
    ],
)
def test_a_proxy_has_a_minute_to_connect(ready: bool, started: str, taken_at: str | None, expected: bool) -> None:
    """After a minute, not in its last second; a pod that is ready was connected, and without a time nobody knows."""
    own = pod(ready=ready, started=started)
    assert isinstance(own, Pod)

    assert is_unconnected(mesh(CUT_OFF, own, istiod(), istiod_pod(), taken_at=taken_at), own) is expected
