"""What is explained: the template of an object, or a living pod as it was before injection."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.conclusion import read_request
from kubectl_meshfix.injection.subjects import Subject, chosen, no_namespace, not_found, subject
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Object
from tests.injection.installations import decoded
from tests.injection.installations import deployment as written
from tests.injection.scenes import HEALTHY, cluster, deployment, explained, pod, replica_set, space, template

PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
BY_HAND = template(containers=[{"name": "cart", "image": "cart:1"}, PROXY])


def names(found: Subject) -> list[str]:
    """The containers that are looked at."""
    return [container.name for container in found.template.spec.containers]


def made_of(pod_template: dict[str, Any]) -> tuple[Object, Object]:
    """A Deployment and its ReplicaSet of a template."""
    raw = json.loads(msgspec.json.encode(replica_set()))
    return deployment(pod_template), decoded({**raw, "spec": {**raw["spec"], "template": pod_template}})


@pytest.mark.parametrize(
    ("mesh", "from_manifest", "looked_at", "observed"),
    [
        (cluster(deployment(), replica_set(), pod(injected=True)), False, ["cart"], True),
        (cluster(deployment(), replica_set(), pod(injected=True)), True, ["cart", "istio-proxy"], False),
        (cluster(pod(injected=True)), False, ["cart"], True),
        (cluster(pod(injected=True, owner=None)), False, ["cart"], True),
        (cluster(*made_of(BY_HAND), pod(BY_HAND)), False, ["cart", "istio-proxy"], True),
        (Mesh([pod(injected=True, owner=None)]), True, ["cart", "istio-proxy"], False),
    ],
)
def test_a_living_pod_is_looked_at_as_it_was_made(mesh: Mesh, from_manifest: bool, looked_at: list[str], observed: bool) -> None:
    """Without its proxy, unless its maker's template has one; a manifest is what it says."""
    (found,) = (subject(mesh, obj, from_manifest=from_manifest) for obj in mesh.objects if obj.kind == "Pod")

    assert names(found) == looked_at
    assert found.is_observed is observed


def test_a_template_is_what_it_says_on_a_cluster_too() -> None:
    """Only pods were changed by somebody; a namespace has nothing that was observed, and what has no template is refused."""
    workload = deployment(BY_HAND)
    rollout = decoded({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "cart", "namespace": "shop"}})

    assert names(subject(cluster(workload), workload)) == ["cart", "istio-proxy"]
    assert not subject(cluster(space()), space()).is_observed
    assert subject(cluster(space()), space()).namespace == "shop"
    with pytest.raises(UsageError, match="no pod template of its own"):
        subject(cluster(rollout), rollout)


def test_a_pod_that_was_read_is_there_though_pods_may_not_be_listed() -> None:
    """Who may get a pod and not list them learns what became of that one; of a Deployment's pods nothing is known."""
    forbidden = {kinds.POD: Coverage(reason="forbidden")}
    alone = cluster(HEALTHY, space({"istio-injection": "enabled"}), deployment(), pod(owner=None), coverage=forbidden)

    def said(kind: str, name: str) -> list[str]:
        found = explained(alone, kind, name)
        return [step.status.name for stage in found.stages for step in stage.steps if (stage.stage, step.check) == ("kubelet", "pods")]

    assert said("Pod", "cart-1-x") == ["PASS"]
    assert said("Deployment", "cart") == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("labels", "of_namespace", "asks"),
    [
        ({"istio.io/rev": "canary"}, {}, True),
        ({"istio.io/rev": "canary"}, {"istio-injection": "disabled"}, True),
        ({"istio.io/rev": "canary", "sidecar.istio.io/inject": "false"}, {"istio-injection": "enabled"}, False),
        ({}, {"istio-injection": "disabled"}, False),
        ({}, {"istio-injection": "enabled"}, True),
        ({}, {}, None),
    ],
)
def test_what_labels_ask_for(labels: dict[str, str], of_namespace: dict[str, str], asks: bool | None) -> None:
    """A pod's own label before its namespace's, a revision as well; nothing where nobody says anything."""
    cart = deployment(template(labels))
    mesh = cluster(HEALTHY, space(of_namespace), cart)

    assert read_request(mesh, subject(mesh, cart)) is asks


def service(name: str, selector: dict[str, str]) -> Object:
    """A Service of the shop."""
    return decoded({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": selector}})


SHOP = cluster(
    space({"team": "a"}),
    space({"team": "b"}, name="other"),
    deployment(labels={"team": "a"}),
    service("cart", {"app": "cart"}),
    service("bare", {}),
    service("lost", {"app": "lost", "tier": "web"}),
)
TEAM_A = LabelSelector(match_labels={"team": "a"})
TEAM_B = LabelSelector(match_labels={"team": "b"})


@pytest.mark.parametrize(
    ("kind", "name", "namespace", "labels", "found"),
    [
        (kinds.NAMESPACE, None, None, None, ["Namespace other", "Namespace shop"]),
        (kinds.NAMESPACE, None, "shop", None, ["Namespace other", "Namespace shop"]),
        (kinds.NAMESPACE, "other", "shop", None, ["Namespace other"]),
        (kinds.NAMESPACE, None, None, TEAM_B, ["Namespace other"]),
        (kinds.DEPLOYMENT, None, None, None, ["Deployment shop/cart"]),
        (kinds.DEPLOYMENT, "cart", "shop", None, ["Deployment shop/cart"]),
        (kinds.DEPLOYMENT, None, "other", None, []),
        (kinds.DEPLOYMENT, None, None, TEAM_A, ["Deployment shop/cart"]),
        (kinds.DEPLOYMENT, None, None, TEAM_B, []),
        (kinds.SERVICE, "cart", "shop", None, ["Deployment shop/cart"]),
        (kinds.SERVICE, None, "shop", None, ["Deployment shop/cart"]),
    ],
)
def test_what_is_chosen(kind: Kind, name: str | None, namespace: str | None, labels: LabelSelector | None, found: list[str]) -> None:
    """By name, namespace and labels; a namespace is in none, and a Service without pods is passed over where it is not named."""
    assert [str(obj.ref) for obj in chosen(SHOP, [kind], name, namespace=namespace, labels=labels)] == found


@pytest.mark.parametrize(
    ("kind", "name", "words", "hint"),
    [
        (kinds.SERVICE, "bare", "There are no pods behind Service shop/bare: it has no selector.", "Explain a workload by its name."),
        (
            kinds.SERVICE,
            "lost",
            "There are no pods behind Service shop/lost: no workload here has the labels app=lost,tier=web.",
            "Explain a workload by its name.",
        ),
        (kinds.DEPLOYMENT, "card", 'There is no Deployment "card" in namespace shop.', "Did you mean cart?"),
        (kinds.NAMESPACE, "shops", 'There is no Namespace "shops".', "Did you mean shop?"),
        (kinds.NAMESPACE, "zzz", 'There is no Namespace "zzz".', "Check the name and the namespace (-n)."),
        (
            kinds.CONFIG_MAP,
            "cart",
            "A ConfigMap makes no pods, so there is no injection to explain.",
            "Explain one of cj, dc, deploy, ds, job, ns, po, rc, ro, rs, sts, svc.",
        ),
    ],
)
def test_what_cannot_be_chosen(kind: Kind, name: str, words: str, hint: str) -> None:
    """The error says what is not there, and offers the nearest name."""
    with pytest.raises(UsageError) as caught:
        list(chosen(SHOP, [kind], name, namespace="shop"))

    assert (str(caught.value), caught.value.hint) == (words, hint)


def test_the_nearest_names_are_offered() -> None:
    """At most three, best first; none where none is near."""
    assert not_found(kinds.POD, "cart", None, ["cart1", "cart12", "cart123", "cart1234"]).hint == "Did you mean cart1 or cart12 or cart123?"
    assert str(not_found(kinds.POD, "cart", None, [])) == 'There is no Pod "cart".'
    assert no_namespace("shp", ["shop", "other"]).hint == "Did you mean shop?"
    assert no_namespace("shp", ["other"]).hint == "Check -n and the context, or look everywhere with -A."
    assert str(no_namespace("shp")) == 'There is no namespace "shp" in this cluster.'


@pytest.mark.parametrize("obj", [deployment(), written(), pod(owner=None)], ids=["of a cluster", "as written", "a pod"])
def test_what_is_on_a_cluster_is_observed(obj: Object) -> None:
    """Whether the object itself shows it or not; in files only what shows that it was on one."""
    assert subject(cluster(obj), obj).is_observed
    assert not subject(cluster(obj), obj, from_manifest=True).is_observed
    assert subject(Mesh([obj]), obj).is_observed is (obj.metadata.uid is not None)
