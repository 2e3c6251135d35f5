"""Views of pods: what is in them decides and tells them apart, what is not cannot be read."""

import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.injection.creation import create_pod
from kubectl_meshfix.injection.prediction import look_at
from kubectl_meshfix.injection.views import UnseenKeyError, view_pod
from kubectl_meshfix.resources.core import Container, PodSpec, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from tests.injection.cases import OTHER_WEBHOOK, edited
from tests.injection.scenes import HEALTHY, cluster, space

INJECT = "sidecar.istio.io/inject"


def template(labels: dict[str, str], container: str = "app") -> PodTemplate:
    """A pod's template."""
    return PodTemplate(metadata=Meta(labels=labels), spec=PodSpec(containers=(Container(name=container, image="a:1"),)))


def test_a_view_shows_its_keys_and_no_others() -> None:
    """A label that is not part of a view cannot be asked for; one that is may be absent."""
    labels = view_pod("shop", template({"app": "a", INJECT: "true"}), (INJECT, "istio.io/rev")).labels

    assert dict(labels) == {INJECT: "true"}
    assert labels.get("istio.io/rev") is None
    for ask in (lambda: labels["app"], lambda: labels.get("app"), lambda: "app" in labels):
        with pytest.raises(UnseenKeyError, match="app is not among"):
            ask()


def test_a_whole_view_shows_everything() -> None:
    """Without keys all labels are there, and others are merely absent."""
    labels = view_pod("shop", template({"app": "a"})).labels

    assert (labels["app"], labels.get("tier"), len(labels)) == ("a", None, 1)


def test_pods_that_look_alike_share_a_view() -> None:
    """What nobody reads does not tell pods apart: neither other labels nor the names of containers."""
    mesh = cluster(HEALTHY, space())
    views = {look_at(mesh, "shop", template({"app": name}, name)) for name in ("a", "b", "c")}

    assert len(views) == 1
    assert look_at(mesh, "shop", template({INJECT: "true"})) not in views


def test_what_other_webhooks_select_by_tells_creations_apart() -> None:
    """Two pods that the injector treats alike get answers of their own where another webhook sees only one of them."""
    picky = edited(OTHER_WEBHOOK, objectSelector={"matchLabels": {"app": "a"}})
    mesh = cluster(HEALTHY, picky, space())
    seen = {
        name: "otherWebhooks" in [step.check for step in told(create_pod(mesh, "shop", template({"app": name}))).steps] for name in "ab"
    }

    assert seen == {"a": True, "b": False}
