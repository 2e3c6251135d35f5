"""A pod without a sidecar whose labels, or whose namespace's, are not those that it was made with."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.labels import INJECT
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded
from tests.injection.scenes import (
    DAY_AGO,
    HEALTHY,
    HOUR_AGO,
    MONTH_AGO,
    cluster,
    deployment,
    explained,
    hooks,
    pod,
    replica_set,
    space,
    template,
)

ENABLED = {"istio-injection": "enabled"}
REV = {REVISION_LABEL: "default"}


def causes(mesh: Mesh) -> list[tuple[str, str, tuple[str, ...]]]:
    """Check, words and evidence of the steps about the pod shop/cart-1-x that lacks its proxy."""
    (stage,) = (stage for stage in explained(mesh, "Pod", "cart-1-x").stages if stage.stage == "kubelet")
    return [
        (step.check, sentence(step), step.evidence) for step in stage.steps if step.check in ("labels", "age", "failedOpen", "istio-proxy")
    ]


@pytest.mark.parametrize(
    ("own", "made", "of_space", "added"),
    [
        ({INJECT: "true"}, {}, {}, [f"{INJECT}=true"]),
        ({INJECT: "true"}, {INJECT: "false"}, {}, [f"{INJECT}=true"]),
        ({INJECT: "true"}, {INJECT: "false"}, ENABLED, [f"{INJECT}=true"]),
        (REV, {}, {}, [f"{REVISION_LABEL}=default"]),
        ({INJECT: "true", **REV}, {}, {}, ["istio.io/rev=default", "sidecar.istio.io/inject=true"]),
        ({INJECT: "true", **REV}, {INJECT: "false", **REV}, {}, ["sidecar.istio.io/inject=true"]),
        (REV, {INJECT: "false"}, {}, ["istio.io/rev=default"]),
        ({}, {INJECT: "false"}, ENABLED, []),
        ({INJECT: "true"}, {INJECT: "true"}, {}, []),
    ],
)
def test_labels_that_a_pod_got_later(own: dict[str, str], made: dict[str, str], of_space: dict[str, str], added: list[str]) -> None:
    """Those of injection that its template has not, or has with another value; labels that the pod lost are no cause that can be told."""
    found = causes(cluster(HEALTHY, space(of_space), deployment(template(made)), replica_set(), pod(template(own))))
    words = f"The pod has {' and '.join(added)} and its template in Deployment shop/cart has not: "
    words += "a later webhook or a person added that, too late."

    assert [row for row in found if row[0] == "labels"] == ([("labels", words, tuple(added))] if added else [])


def managed(labels: Mapping[str, str], *rows: tuple[str, str | None]) -> Object:
    """The namespace with labels, and who set which label when."""
    fields: list[dict[str, Any]] = [
        {"manager": "m", "time": time, "fieldsV1": {"f:metadata": {"f:labels": {f"f:{key}": {}}}}} for key, time in rows
    ]
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels, "managedFields": fields}})


@pytest.mark.parametrize(
    ("labels", "rows", "label"),
    [
        (ENABLED, [("istio-injection", HOUR_AGO)], "istio-injection=enabled"),
        (REV, [(REVISION_LABEL, HOUR_AGO)], "istio.io/rev=default"),
        ({**ENABLED, **REV}, [(REVISION_LABEL, HOUR_AGO)], "istio-injection=enabled"),
        (ENABLED, [("istio-injection", None)], ""),
        (ENABLED, [("istio-injection", None), ("istio-injection", HOUR_AGO)], "istio-injection=enabled"),
        ({}, [("istio-injection", HOUR_AGO)], ""),
        (ENABLED, [(REVISION_LABEL, HOUR_AGO)], ""),
    ],
)
def test_the_namespaces_label_is_told_as_it_is(labels: dict[str, str], rows: list[tuple[str, str | None]], label: str) -> None:
    """Only of a label that is there is it told when it was set, and an entry without a time tells nothing."""
    found = causes(cluster(HEALTHY, managed(labels, *rows), deployment(), replica_set(), pod(template({INJECT: "true"}), made=DAY_AGO)))
    words = f"The pod is older than the namespace's label: it was made 23 hours before {label} was set."

    assert [row for row in found if row[0] == "age"] == ([("age", words, (f"pod: {DAY_AGO}", f"label: {HOUR_AGO}"))] if label else [])


def timeless(obj: Object) -> Object:
    """The object without the time at which it was made."""
    raw: dict[str, Any] = json.loads(msgspec.json.encode(obj))
    return decoded({**raw, "metadata": {key: value for key, value in raw["metadata"].items() if key != "creationTimestamp"}})


def test_without_a_time_nobody_is_older() -> None:
    """Neither a pod, nor webhooks, that say no time."""
    objects = (*HEALTHY[1:], space(ENABLED, labelled=MONTH_AGO), deployment(), replica_set())

    for webhooks, made in ((timeless(hooks()), pod(made=DAY_AGO)), (hooks(made=HOUR_AGO), timeless(pod()))):
        assert [check for check, _, _ in causes(cluster(webhooks, objects, made))] == ["istio-proxy"]


def test_webhooks_and_namespaces_that_were_not_read_are_no_cause() -> None:
    """A pod that asks by its own label, where neither may be read: its webhook is taken to be the chart's."""
    unread = dict.fromkeys((kinds.MUTATING_WEBHOOK_CONFIGURATION, kinds.NAMESPACE), Coverage(reason="forbidden"))
    asking = pod(template({INJECT: "true"}), made=DAY_AGO)

    found = causes(cluster(HEALTHY[1:], deployment(template({INJECT: "true"})), replica_set(), asking, coverage=unread))

    assert [check for check, _, _ in found] == ["istio-proxy"]
