"""Validation webhooks whose calls fail, and whose objects go unchecked."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.injection.reaching.validators import asks_for_any, unchecked
from kubectl_meshfix.resources.admission import ValidatingWebhookConfiguration
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, mesh
from tests.injection.reaching.certificates import ROOT
from tests.injection.scenes import backend, cluster, encoded

REV = "istio.io/rev"


def validator(name: str = "istio-validator", *webhooks: Mapping[str, Any]) -> Object:
    """A configuration of istiod's checks."""
    service = {"name": "istiod", "namespace": "istio-system", "path": "/validate"}
    common = {"name": "rev.validation.istio.io", "clientConfig": {"service": service, "caBundle": encoded(ROOT)}}
    return decoded(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name, "labels": {REV: "default"}},
            "webhooks": [{**common, **item} for item in webhooks or ({},)],
        }
    )


def rule(**labels: str) -> Object:
    """A DestinationRule with labels."""
    metadata = {"name": "cart", "namespace": "shop", "labels": labels}
    return decoded({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": metadata, "spec": {"host": "cart"}})


def asking(*expressions: tuple[str, str, list[str]], **labels: str) -> dict[str, Any]:
    """A webhook that asks for objects with these labels."""
    rows = [{"key": key, "operator": operator, "values": values} for key, operator, values in expressions]
    return {"objectSelector": {"matchExpressions": rows, "matchLabels": labels}}


@pytest.mark.parametrize(
    ("webhook", "revisions"),
    [
        (asking((REV, "In", ["r2", "r1"])), ("r1", "r2")),
        (asking((REV, "NotIn", ["r1"])), ()),
        (asking(("team", "In", ["r1"])), ()),
        (asking((REV, "In", ["r1"]), ("team", "In", ["cart"]), (REV, "NotIn", ["r2"])), ("r1",)),
        (asking(**{REV: "r1"}), ("r1",)),
        (asking(team="cart"), ()),
        (asking(**{REV: "r1", "team": "cart"}), ("r1",)),
        (asking((REV, "In", ["r1", "r2"]), **{REV: "r1"}), ("r1", "r2")),
        ({}, ()),
    ],
)
def test_whose_objects_a_webhook_asks_for(webhook: dict[str, Any], revisions: tuple[str, ...]) -> None:
    """The values of the revision's label, sorted, each once; none where it asks for every object or goes by other labels."""
    (found,) = unchecked(cluster(validator("istio-validator", webhook)))

    assert found.revisions == revisions


def test_one_webhook_of_a_configuration_is_enough() -> None:
    """The first of each configuration whose calls fail, and none where they do not."""
    first, second = {"name": "a.validation.istio.io", "failurePolicy": "Ignore"}, {"name": "b.validation.istio.io"}
    both = (validator("one", {"name": "x.example.com"}, first, second), validator("two", second, first))

    found = [(item.candidate.configuration.name, item.candidate.place, item.opens, item.broken.check) for item in unchecked(cluster(both))]

    assert found == [("one", 1, True, "service"), ("two", 0, False, "service")]
    assert list(unchecked(cluster(both, backend()))) == []


@pytest.mark.parametrize(
    ("webhook", "objects", "expected"),
    [
        ({}, (rule(),), True),
        ({}, (), False),
        (asking((REV, "In", ["r1"])), (rule(**{REV: "r1"}),), True),
        (asking((REV, "In", ["r1"])), (rule(**{REV: "r2"}),), False),
        (asking((REV, "In", ["r1"])), (rule(),), False),
        (asking((REV, "Is", ["r1"])), (rule(),), True),
        (asking((REV, "Is", ["r1"])), (), True),
        (asking((REV, "In", [])), (), True),
    ],
)
def test_whether_any_object_is_asked_for(webhook: dict[str, Any], objects: tuple[Object, ...], expected: bool) -> None:
    """By its labels, of all that was read; what a selector asks for that is not valid nobody knows."""
    configuration = validator("istio-validator", webhook)
    assert isinstance(configuration, ValidatingWebhookConfiguration)

    assert asks_for_any(mesh(objects), configuration.webhooks[0]) is expected
