"""MF304: which webhooks there are, and what else pods say, decide on what is said of a revision."""

from collections.abc import Mapping

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import unknown_revision
from tests.injection.installations import deployment, injector, namespace
from tests.rules.asking import asked, fix
from tests.rules.injection.test_labels import R1, selecting
from tests.rules.test_injection import DEFAULT, ENABLED, MODE, REV, found, pod, revisions

REVISION = unknown_revision.RULE
TEAM = {"matchLabels": {"team": "web"}}
CEL = {"matchConditions": [{"name": "a", "expression": "true"}]}


@pytest.mark.parametrize(
    ("objects", "labels", "is_found"),
    [
        (R1, {REV: "r9"}, True),
        ((*R1, selecting(TEAM, {})), {REV: "r9", "team": "web"}, False),
        ((*DEFAULT, injector(policy="disabled")), ENABLED, False),
        ((*DEFAULT, injector(policy="disabled")), {REV: "r9"}, True),
    ],
    ids=["not served", "another webhook", "served, and turned off", "not served, and turned off"],
)
def test_a_namespace_whose_revision_is_served_by_nobody(objects: tuple[Object, ...], labels: Mapping[str, str], *, is_found: bool) -> None:
    """Nothing is said where pods get a sidecar all the same, or where the revision is there and injects nothing."""
    assert bool(found(REVISION, objects, namespace("shop", labels))) is is_found


@pytest.mark.parametrize(
    ("objects", "space", "labels", "is_found"),
    [
        (R1, {}, {REV: "r9"}, True),
        ((*R1, selecting({}, TEAM)), {}, {REV: "r9", "team": "web"}, False),
        ((*R1, selecting({}, TEAM, **CEL)), {}, {REV: "r9", "team": "web"}, False),
        ((selecting({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}, {}),), {"team": "web"}, {REV: "r1"}, False),
        (R1, {MODE: "ambient"}, {REV: "r9"}, False),
        ((*DEFAULT, injector(policy="disabled")), {}, {REV: "default"}, False),
    ],
    ids=["not served", "another webhook", "another webhook, perhaps", "kept out", "ambient", "served, and turned off"],
)
def test_pods_whose_revision_is_served_by_nobody(
    objects: tuple[Object, ...], space: Mapping[str, str], labels: Mapping[str, str], *, is_found: bool
) -> None:
    """Nothing is said where they get a sidecar all the same, or may; or where their namespace keeps a revision away that is there."""
    assert bool(found(REVISION, objects, namespace("shop", space), deployment(labels))) is is_found


def test_webhooks_that_were_left_out_may_serve_a_revision() -> None:
    """A part of the input's webhooks does not tell which revisions there are."""
    given = (*R1, namespace("shop", {REV: "r9"}))

    assert asked(REVISION, Mesh(given))
    assert not asked(REVISION, Mesh(given, left_out=[(kinds.MUTATING_WEBHOOK_CONFIGURATION, "")]))


CHOICE = "Set istio.io/rev on the {} to one of r1, r2."


@pytest.mark.parametrize(
    ("objects", "live", "summary", "safety"),
    [
        ((*R1, deployment({REV: "r9"})), False, "Set the label istio.io/rev on the pod template to r1, the only revision.", Safety.UNSAFE),
        ((*R1, pod(labels={REV: "r9"}, phase="")), False, "Set the label istio.io/rev on the pod to r1, the only revision.", Safety.UNSAFE),
        ((*R1, pod(labels={REV: "r9"})), True, "Set the label istio.io/rev on the pod to r1, the only revision.", Safety.MANUAL),
        ((*R1, deployment({REV: "r9"})), True, "Set the label istio.io/rev on the pod template to r1, the only revision.", Safety.UNSAFE),
        ((*R1, *revisions("r2"), deployment({REV: "r9"})), False, CHOICE.format("pod template"), Safety.MANUAL),
        ((*R1, *revisions("r2"), pod(labels={REV: "r9"})), True, CHOICE.format("pod"), Safety.MANUAL),
    ],
)
def test_which_revision_pods_are_to_name(objects: tuple[Object, ...], live: bool, summary: str, safety: Safety) -> None:
    """The only one there is, or one that somebody chooses; a pod that runs gets no label that would count."""
    (finding,) = found(REVISION, namespace("shop"), *objects, live=live)

    assert (fix(finding).summary, fix(finding).safety) == (summary, safety)
