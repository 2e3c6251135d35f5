"""Certificates and pushes: until when a proxy has time, and which pods are told of."""

from datetime import timedelta
from typing import Any

import pytest

from kubectl_meshfix.injection.in_force.certificates import overdue, seconds_due
from kubectl_meshfix.injection.in_force.pushes import unacknowledged, unanswered
from kubectl_meshfix.mesh.answers import Answers, Connected, Proxy, Push, Sync
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, injector, istiod
from tests.traffic.in_force.test_others import ISTIOD, NOW, pod, ref

OWN = {"CA_ADDR": "istiod.istio-system.svc:15012"}
DAY = 86400.0
STATEFUL_SET = decoded({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "cart", "namespace": "shop"}})


@pytest.mark.parametrize(
    ("env", "installed", "due"),
    [
        (OWN, istiod(), DAY / 4),
        ({}, istiod(), 0),
        ({"CA_ADDR": "ca.example.com:443"}, istiod(), 0),
        (OWN, istiod(EXTERNAL_CA="ISTIOD_RA_KUBERNETES_API"), 0),
        (OWN, istiod(EXTERNAL_CA=""), DAY / 4),
        (OWN, injector(), DAY / 4),
        (OWN, None, 0),
        ({**OWN, "SECRET_GRACE_PERIOD_RATIO": "0.2"}, istiod(), DAY / 10),
        ({**OWN, "SECRET_GRACE_PERIOD_RATIO": ""}, istiod(), DAY / 4),
        ({**OWN, "SECRET_GRACE_PERIOD_RATIO": "half"}, istiod(), DAY / 4),
        ({**OWN, "SECRET_TTL": "48h"}, istiod(), DAY / 2),
        ({**OWN, "SECRET_TTL": "48h"}, istiod(MAX_WORKLOAD_CERT_TTL="12h"), DAY / 8),
        ({**OWN, "SECRET_TTL": "4800h"}, istiod(), 90 * DAY / 4),
        ({**OWN, "SECRET_TTL": "long"}, istiod(), DAY / 4),
    ],
)
def test_how_long_a_certificate_is_valid_at_least(env: dict[str, str], installed: Object | None, due: float) -> None:
    """Half of what is left when it is renewed, by the settings of its proxy and of istiod; nothing of another authority's."""
    made = decoded(pod(env=env))
    assert isinstance(made, Pod)

    assert seconds_due(Mesh([made, *([installed] if installed else [])], live=True), made) == due


def test_the_pods_of_a_workload_are_late_together() -> None:
    """The shortest time counts; one that is in time, one that does not know, and one that is gone are left out."""
    left = {"cart-1": 300.0, "cart-2": 200.0, "cart-3": DAY / 4, "cart-4": None, "gone": 1.0}
    answers = Answers(proxies=tuple(Proxy(pod=ref(name), certificate_seconds=seconds) for name, seconds in left.items()))
    objects = [STATEFUL_SET, *(owned(name, env=OWN) for name in left if name != "gone")]

    found = list(overdue(Mesh([istiod(), *objects], live=True).with_answers(answers)))

    assert [([item.name for item in row.pods], row.seconds, row.is_over) for row in found] == [(["cart-1", "cart-2"], 200.0, False)]


def owned(name: str, **state: Any) -> Object:
    """A pod of StatefulSet shop/cart."""
    raw = pod(name, **state)
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "cart", "controller": True}
    return decoded({**raw, "metadata": {**raw["metadata"], "ownerReferences": [owner]}})


def waiting(*pushes: Push, name: str = "cart-1") -> Connected:
    """A proxy and what it was sent."""
    return Connected(namespace="shop", name=name, istiod=ISTIOD, pushes=pushes)


@pytest.mark.parametrize(
    ("sent", "at", "taken_at", "expected"),
    [
        ("2026-03-01T11:59:00Z", NOW, None, []),
        ("2026-03-01T11:58:59Z", NOW, None, [61]),
        ("2026-03-01T11:58:59", NOW, None, [61]),
        ("2026-03-01T11:58:59Z", "", NOW, [61]),
        ("2026-03-01T11:58:59Z", NOW, "2026-03-01T13:00:00Z", [61]),
        ("2026-03-01T11:58:59Z", "", None, []),
        ("0001-12-31T00:00:00Z", NOW, None, []),
    ],
)
def test_a_push_is_late_after_a_minute(sent: str, at: str, taken_at: str | None, expected: list[int]) -> None:
    """By when istiod was asked, else by when the cluster was read; its last second is in time."""
    snapshot = Mesh([], live=True, taken_at=taken_at).with_answers(Answers(at=at))

    found = unacknowledged(snapshot, waiting(Push(type="CDS", sync=Sync.STALE, sent=sent), Push(type="LDS", sync=Sync.SYNCED, sent=sent)))

    assert [item.since for item in found] == [timedelta(seconds=seconds) for seconds in expected]


def test_pushes_are_told_by_workload() -> None:
    """Each pod and each type once, and the longest time; a pod that was not read is left out."""
    early, late = (Push(type="RDS", sync=Sync.STALE, sent=f"2026-03-01T{time}Z") for time in ("11:00:00", "11:30:00"))
    other = Push(type="CDS", sync=Sync.STALE, sent=late.sent)
    rows = (waiting(late, other), waiting(early, name="cart-2"), waiting(name="cart-3"), waiting(early, name="gone"))
    objects = [STATEFUL_SET, *(owned(name) for name in ("cart-1", "cart-2", "cart-3"))]

    (found,) = unanswered(Mesh(objects, live=True).with_answers(Answers(at=NOW, connected=rows)))

    assert str(found.workload.ref) == "StatefulSet shop/cart"
    assert [item.name for item in found.pods] == ["cart-1", "cart-2"]
    assert (found.types, found.since) == (("CDS", "RDS"), timedelta(hours=1))
