"""Installations that get into each other's way: two injectors of one pod, and two default revisions."""

from typing import Any

import pytest

from kubectl_meshfix.injection.defaults import split_default
from kubectl_meshfix.injection.overlaps import overlaps
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import INSTALLATIONS, OWN, R1, TAG_DEFAULT, decoded, istiod, namespace, webhooks
from tests.injection.reaching.certificates import EXPIRED, ROOT
from tests.injection.scenes import backend, cluster, deployment, encoded, hooks, template

ENABLED, ASKS = {"istio-injection": "enabled"}, {"sidecar.istio.io/inject": "true"}
TWO = (webhooks(OWN, "default"), webhooks(TAG_DEFAULT, "r1", value="default", tag="default"))


def job(*, ended: bool) -> Object:
    """A Job of the shop whose pods ask for a sidecar."""
    conditions = [{"type": "Complete", "status": "True"}] if ended else []
    metadata, spec = {"name": "once", "namespace": "shop"}, {"template": template(ASKS, restartPolicy="Never")}
    return decoded({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec, "status": {"conditions": conditions}})


def leaving() -> Object:
    """Namespace shop on its way out."""
    metadata = {"name": "shop", "labels": ENABLED, "deletionTimestamp": "2026-03-01T12:00:00Z"}
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


@pytest.mark.parametrize(
    ("objects", "namespaces"),
    [
        ([TWO, namespace("shop", ENABLED), namespace("bank", ENABLED), namespace("other")], ("bank", "shop")),
        ([TWO, namespace("shop")], ()),
        ([TWO, leaving()], ()),
        ([TWO, namespace("shop"), deployment(template(ASKS))], ("shop",)),
        ([TWO, namespace("shop"), job(ended=False)], ("shop",)),
        ([TWO, namespace("shop"), job(ended=True)], ()),
        ([INSTALLATIONS["default twice"], namespace("shop", ENABLED)], None),
        ([INSTALLATIONS["default and r1"], namespace("shop", ENABLED)], None),
        ([INSTALLATIONS["default"], namespace("shop", ENABLED)], None),
        ([namespace("shop", ENABLED)], None),
    ],
)
def test_pods_that_two_istiods_take(objects: list[Any], namespaces: tuple[str, ...] | None) -> None:
    """The namespaces with such pods; none where only somebody's labels would make one, and no overlap where one istiod answers to both."""
    found = overlaps(cluster(*objects))

    assert [(row.overruled.configuration.name, row.last.configuration, row.namespaces) for row in found] == (
        [] if namespaces is None else [(TAG_DEFAULT, OWN, namespaces)]
    )


def test_webhooks_that_were_not_all_read_are_assumed() -> None:
    """What is assumed is one installation, which does not overlap with itself."""
    unread = {kinds.MUTATING_WEBHOOK_CONFIGURATION: Coverage(reason="forbidden")}

    assert overlaps(cluster(TWO, namespace("shop", ENABLED), coverage=unread)) == ()


def validator(service: str, *, name: str = "istiod-default-validator", ca: str = ROOT) -> Object:
    """A validation webhook of an istiod."""
    client = {"service": {"name": service, "namespace": "istio-system", "path": "/validate"}, "caBundle": encoded(ca)}
    webhook = {"name": "validation.istio.io", "failurePolicy": "Fail", "clientConfig": client}
    api = "admissionregistration.k8s.io/v1"
    return decoded({"apiVersion": api, "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name}, "webhooks": [webhook]})


R1_IS_DEFAULT = hooks(TAG_DEFAULT, "r1", value="default", tag="default")


@pytest.mark.parametrize(
    ("objects", "checking"),
    [
        ([R1_IS_DEFAULT, validator("istiod")], "default"),
        ([R1_IS_DEFAULT, validator("istiod-r2")], "r2"),
        ([R1_IS_DEFAULT, validator("istiod-r1")], None),
        ([R1_IS_DEFAULT, validator("istiod", name="istio-validator-default")], None),
        ([R1_IS_DEFAULT, validator("istiod", ca=EXPIRED)], None),
        ([R1_IS_DEFAULT], None),
        ([hooks(R1, "r1"), validator("istiod")], None),
        ([hooks(), validator("istiod-r2")], None),
    ],
)
def test_two_revisions_that_are_the_default_one(objects: list[Any], checking: str | None) -> None:
    """One by the tag, which gives pods their sidecars, one by the default validator, whose call succeeds; None where they are one."""
    installed = [
        part
        for name, revision in (("istiod", "default"), ("istiod-r1", "r1"), ("istiod-r2", "r2"))
        for part in (*backend(name=name), istiod(revision))
    ]
    found = split_default(cluster(*objects, installed))

    assert (found and (found.checking, found.injecting)) == (checking and (checking, "r1"))
