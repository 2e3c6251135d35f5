"""Which of the injector's webhooks the API server calls, installation by installation."""

import itertools
from collections.abc import Mapping

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.injection.apiserver import default_webhooks
from kubectl_meshfix.injection.apiserver.revisions import served_revisions
from kubectl_meshfix.injection.apiserver.webhooks import NamespaceLabels, is_assumed, match_all, matched, namespace_labels
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import LabelSelector, Object
from tests.injection.installations import (
    INSTALLATIONS,
    OWN,
    R1,
    SUFFIX,
    TAG_DEFAULT,
    TAG_PROD,
    injector,
    manifest,
    mesh,
    namespace,
    webhooks,
)

INJECTION, REVISION, INJECT = "istio-injection", "istio.io/rev", "sidecar.istio.io/inject"

Labels = dict[str, str]


def some(**labels: str | None) -> Labels:
    """Labels by short names; those that are None are absent."""
    keys = {"injection": INJECTION, "rev": REVISION, "inject": INJECT}
    return {keys[key]: value for key, value in labels.items() if value is not None}


REVISIONS = (None, "default", "r1", "prod", "unknown")
NAMESPACES = [some(injection=a, rev=b) for a, b in itertools.product((None, "enabled", "disabled", "Enabled"), REVISIONS)]
PODS = [some(inject=a, rev=b) for a, b in itertools.product((None, "true", "false", "False"), REVISIONS)]

OWNERS = {
    "default": {"default": OWN},
    "default everywhere": {"default": OWN},
    "r1": {"r1": R1},
    "r1 as prod": {"r1": R1, "prod": TAG_PROD},
    "r1 as default": {"r1": R1, "default": TAG_DEFAULT},
    "default and r1": {"default": OWN, "r1": R1},
}


def expected(owners: Mapping[str, str], space: Labels, pod: Labels, *, every_namespace: bool) -> tuple[str, str] | None:
    """The configuration and webhook that take a pod, by the table of regions that partitions all labels."""
    prefix, wants = "", "default"
    if pod.get(INJECT) == "false" or space.get(INJECTION, "enabled") != "enabled":
        return None
    if INJECTION in space:
        prefix = "namespace"
    elif REVISION in space:
        prefix, wants = "rev.namespace", space[REVISION]
    elif REVISION in pod:
        prefix, wants = "rev.object", pod[REVISION]
    elif pod.get(INJECT) == "true":
        prefix = "object"
    elif INJECT not in pod and every_namespace:
        prefix = "auto"
    return (owners[wants], f"{prefix}.{SUFFIX}") if prefix and wants in owners else None


@pytest.mark.parametrize("installation", OWNERS)
def test_every_combination_of_labels_goes_where_the_table_says(installation: str) -> None:
    """At most one webhook takes a pod, and it is the one of the table, for all 400 combinations of labels."""
    snapshot = mesh(INSTALLATIONS[installation])
    everywhere = installation == "default everywhere"
    for space, pod in itertools.product(NAMESPACES, PODS):
        taken = [(match.configuration, match.webhook) for match in matched(snapshot, NamespaceLabels(space), pod)]
        want = expected(OWNERS[installation], space, pod, every_namespace=everywhere)

        assert taken == ([want] if want else []), (space, pod)


@pytest.mark.parametrize(
    ("installation", "injected"),
    [("default", 94), ("default everywhere", 95), ("r1", 18), ("r1 as prod", 36), ("r1 as default", 112), ("default and r1", 112)],
)
def test_how_many_combinations_are_injected(installation: str, injected: int) -> None:
    """An independent count over the chart's selectors guards the table itself."""
    snapshot = mesh(INSTALLATIONS[installation])
    taken = [pair for pair in itertools.product(NAMESPACES, PODS) if matched(snapshot, NamespaceLabels(pair[0]), pair[1])]

    assert len(taken) == injected


def test_two_owners_of_the_default_are_both_called_in_the_order_of_their_names() -> None:
    """Configurations are called by name, so that the untagged one has the last word."""
    calls = matched(mesh(INSTALLATIONS["default twice"]), NamespaceLabels({INJECTION: "enabled"}), {})

    assert [match.configuration for match in calls] == [TAG_DEFAULT, OWN]


def test_webhooks_say_which_istiod_they_call() -> None:
    """A tag's webhook is answered by the revision behind its Service."""
    calls = matched(mesh(INSTALLATIONS["r1 as prod"]), NamespaceLabels({REVISION: "prod"}), {})

    assert [(match.revision, match.namespace, match.assumed) for match in calls] == [("r1", "istio-system", None)]


def test_namespaces_have_their_name_as_a_label() -> None:
    """An injector for every namespace spares kube-system, whose manifest need not spell the label out."""
    snapshot = mesh(INSTALLATIONS["default everywhere"], namespace("kube-system"), namespace("shop"))
    taken = {name: bool(matched(snapshot, namespace_labels(snapshot, name), {})) for name in ("kube-system", "shop")}

    assert taken == {"kube-system": False, "shop": True}


def test_a_namespace_that_was_not_read_has_unknown_labels() -> None:
    """Only the implied label is known, so webhooks may or may not be called; a pod's own refusal is known all the same."""
    snapshot = mesh(INSTALLATIONS["default"])
    labels = namespace_labels(snapshot, "shop")

    assert labels.missing is not None
    assert {match.status for match in matched(snapshot, labels, {})} == {Status.UNKNOWN}
    assert matched(snapshot, labels, {INJECT: "false"}) == ()


FOREIGN = manifest("""
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: aaa-policy}
webhooks: [{name: policy.example.com, clientConfig: {url: "https://policy"}}]
""")


def test_other_peoples_webhooks_are_listed_but_never_inject() -> None:
    """The list shows every webhook in the API server's order, and only Istio's count as injectors."""
    snapshot = mesh(FOREIGN, INSTALLATIONS["r1"])
    listed = match_all(snapshot, NamespaceLabels({REVISION: "r1"}), {})

    assert [match.webhook for match in listed] == ["policy.example.com", f"rev.namespace.{SUFFIX}", f"rev.object.{SUFFIX}"]
    assert [match.is_injector for match in listed] == [False, True, True]
    assert [match.webhook for match in matched(snapshot, NamespaceLabels({REVISION: "r1"}), {})] == [f"rev.namespace.{SUFFIX}"]


def test_a_deactivated_configuration_takes_nothing() -> None:
    """What `istioctl tag set default` leaves of the untagged configuration matches no labels at all."""
    never = LabelSelector(match_labels={"istio.io/deactivated": "never-match"})
    (own,) = INSTALLATIONS["default"]
    hooks = [msgspec.structs.replace(webhook, namespace_selector=never, object_selector=never) for webhook in own.webhooks]  # type: ignore[attr-defined]
    snapshot = mesh(msgspec.structs.replace(own, webhooks=tuple(hooks)))

    assert not any(matched(snapshot, NamespaceLabels(space), pod) for space, pod in itertools.product(NAMESPACES, PODS))


@pytest.mark.parametrize(
    ("snapshot", "assumed"),
    [
        (mesh(namespace("shop")), True),
        (mesh(FOREIGN), True),
        (mesh(INSTALLATIONS["r1"]), False),
        (mesh(namespace("shop"), live=True), False),
        (Mesh([], live=True, coverage={kinds.MUTATING_WEBHOOK_CONFIGURATION: Coverage(reason="forbidden")}), True),
    ],
)
def test_webhooks_are_assumed_where_they_could_not_be_read(snapshot: Mesh, assumed: bool) -> None:
    """Files without an injector and clusters that refuse the list are taken to have Istio; a cluster without one has none."""
    calls = matched(snapshot, NamespaceLabels({INJECTION: "enabled"}), {})

    assert is_assumed(snapshot) is assumed
    assert all((match.assumed is not None) is assumed for match in calls)
    assert bool(calls) is assumed


def test_the_assumed_installation_serves_every_revision_that_is_named() -> None:
    """Labels are taken at their word: the default revision is there, and so is any other that a label names."""
    owners = {value: OWN if value == "default" else f"{OWN}-{value}" for value in REVISIONS if value}
    for space, pod in itertools.product(NAMESPACES, PODS):
        taken = [(match.configuration, match.webhook) for match in matched(mesh(), NamespaceLabels(space), pod)]
        want = expected(owners, space, pod, every_namespace=False)

        assert taken == ([want] if want else []), (space, pod)


def test_the_assumption_heeds_the_chart_values_that_were_read() -> None:
    """The injector's ConfigMap says whether every namespace is injected, even where its webhooks were not read."""
    values = {"sidecarInjectorWebhook": {"enableNamespacesByDefault": True}}

    assert matched(mesh(injector(values=values)), NamespaceLabels({}), {})
    assert not matched(mesh(injector()), NamespaceLabels({}), {})


@pytest.mark.parametrize(("revision", "every_namespace"), [("default", False), ("default", True), ("r1", False)])
def test_the_assumed_webhooks_are_the_charts(revision: str, every_namespace: bool) -> None:
    """What stands in for webhooks nobody read is what the chart installs."""
    name = OWN if revision == "default" else f"{OWN}-{revision}"

    assert as_sets(default_webhooks.configuration(revision, every_namespace=every_namespace)) == as_sets(
        webhooks(name, revision, every_namespace=every_namespace)
    )


def as_sets(obj: Object) -> object:
    """Webhooks without the order of expressions, which means nothing."""
    raw = msgspec.to_builtins(obj)
    for webhook in raw["webhooks"]:
        for key in ("namespaceSelector", "objectSelector"):
            webhook[key]["matchExpressions"] = sorted(webhook[key]["matchExpressions"], key=str)
    return raw


def test_revisions_and_tags_that_are_served() -> None:
    """What a label may name is what the selectors ask for."""
    assert served_revisions(mesh(INSTALLATIONS["r1 as prod"])) == ("prod", "r1")
