"""Rules about injection, where their pages' examples do not reach."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.documents.patch import patched
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.meta import LabelSelector, Object
from kubectl_meshfix.rules.injection import (
    conflicting_injection_labels,
    ineffective_inject_selector,
    init_container_forbidden,
    injection_spellings,
    missing_sidecar,
    misspelt_injection_label,
    namespace_not_injected,
    openshift_build_pods_injected,
    unknown_revision,
)
from kubectl_meshfix.rules.injection.selector_repairs import is_dead
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from tests.injection.installations import (
    INSTALLATIONS,
    config_map,
    decoded,
    deployment,
    injector,
    istiod,
    manifest,
    namespace,
    node,
)
from tests.injection.scenes import answered
from tests.rules.asking import asked, fix
from tests.words import check

OUTSIDE, CONFLICT, SPELLING, REVISION, MISSING, FORBIDDEN, OPENSHIFT, SELECTOR = (
    namespace_not_injected.RULE,
    conflicting_injection_labels.RULE,
    misspelt_injection_label.RULE,
    unknown_revision.RULE,
    missing_sidecar.RULE,
    init_container_forbidden.RULE,
    openshift_build_pods_injected.RULE,
    ineffective_inject_selector.RULE,
)

ENABLED = {"istio-injection": "enabled"}
INJECT = "sidecar.istio.io/inject"
REV = "istio.io/rev"
MODE = "istio.io/dataplane-mode"
DEFAULT = INSTALLATIONS["default"]
APP = {"name": "cart", "image": "cart:1"}
NOW = "2026-01-02T03:04:05Z"


def found(
    rule: Rule, *objects: Object | Iterable[Object], live: bool = False, unread: Iterable[kinds.Kind] = (), is_answered: bool = True
) -> list[Finding]:
    """What a rule finds, seeing no kinds but those it declares. On a cluster an istiod is behind each webhook, unless told otherwise."""
    flat = [item for given in objects for item in ([given] if isinstance(given, Object) else given)]
    flat = [*answered(flat)] if live and is_answered else flat
    coverage = {kind: Coverage(reason="forbidden") for kind in unread}
    whole = Mesh(flat, live=live, coverage=coverage, taken_at=NOW if live else None)
    findings = asked(rule, whole)
    for finding in findings:
        must_be_short_and_plain(finding)
    return findings


def must_be_short_and_plain(finding: Finding) -> None:
    """A message has at most 200 characters, a fix at most 160, and no sentence has a banned word, the evidence included."""
    assert len(finding.message) <= 200, finding.message
    texts = [finding.message, *finding.evidence]
    if finding.fix:
        assert len(finding.fix.summary) <= 160, finding.fix.summary
        texts += [finding.fix.summary, finding.fix.risk or "", finding.fix.why or ""]
    assert not [problem for text in texts for problem in check(text)]


def after(obj: Object, fix: Fix) -> Any:
    """An object as it would be with a fix."""
    raw = json.loads(msgspec.json.encode(obj))
    for patch in fix.patches:
        assert patch.resource == obj.ref
        raw = patched(raw, patch.operations)
    return raw


def service(name: str = "cart", where: str = "shop", **selector: str) -> Object:
    """A Service."""
    spec = {"selector": selector or {"app": "cart"}, "ports": [{"name": "http", "port": 80}]}
    return decoded({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": where}, "spec": spec})


def route(host: str, where: str = "web") -> Object:
    """A VirtualService to one host."""
    spec = {"hosts": ["shop.example.com"], "http": [{"route": [{"destination": {"host": host}}]}]}
    metadata = {"name": "shop", "namespace": where}
    return decoded({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata, "spec": spec})


def policy(where: str = "shop", **spec: Any) -> Object:
    """An AuthorizationPolicy."""
    metadata = {"name": "viewers", "namespace": where}
    return decoded({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec})


def pod(  # noqa: PLR0917
    name: str = "cart-1",
    owner: str = "",
    proxy: str = "",
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    phase: str = "Running",
    **spec: Any,
) -> Object:
    """A pod, of the Deployment ``owner`` where one is named, with a proxy of the image ``proxy``."""
    containers = [APP, *([{"name": "istio-proxy", "image": proxy}] if proxy else [])]
    owners = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "controller": True}] if owner else []
    metadata = {
        "name": name, "namespace": "shop", "labels": dict(labels or {}), "annotations": dict(annotations or {}), "ownerReferences": owners,
    }  # fmt: skip
    raw = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}
    return decoded({**raw, "status": {"phase": phase}} if phase else raw)


# ---------------------------------------------------------------- MF301


def test_routes_alone_make_an_unmeshed_namespace_worth_a_word() -> None:
    """Where nothing but routes leads to a namespace, traffic works, so it is told as information."""
    (finding,) = found(OUTSIDE, namespace("shop"), service(), deployment({"app": "cart"}), route("cart.shop.svc.cluster.local"))

    assert (finding.severity or OUTSIDE.severity) is Severity.INFO
    assert "VirtualService web/shop routes to Service shop/cart. Requests reach them without mTLS" in finding.message
    assert finding.evidence[0] == "VirtualService web/shop routes to Service shop/cart"
    assert finding.evidence[1].startswith("assumed"), "no webhook was read"
    assert fix(finding).safety is Safety.UNSAFE


def test_a_policy_without_a_proxy_is_a_warning() -> None:
    """An AuthorizationPolicy that nobody enforces is worse than a route that ends in plain text."""
    (finding,) = found(OUTSIDE, namespace("shop"), deployment({"app": "cart"}), policy())

    assert finding.severity is Severity.WARNING
    assert "so AuthorizationPolicy shop/viewers has no effect on them" in finding.message


@pytest.mark.parametrize(
    ("mode", "severity", "words"),
    [
        ("ISTIO_MUTUAL", Severity.WARNING, "DestinationRule shop/cart has callers use the mesh's mTLS. Their requests fail."),
        ("SIMPLE", None, "Requests reach them with the application's TLS, and"),
        ("DISABLE", None, "Requests reach them without mTLS, and"),
    ],
)
def test_what_callers_send_is_up_to_destination_rules(mode: str, severity: Severity | None, words: str) -> None:
    """A DestinationRule may have callers speak TLS to pods without a sidecar; the mesh's own ends in an error."""
    rule = decoded(
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "DestinationRule",
            "metadata": {"name": "cart", "namespace": "shop"},
            "spec": {"host": "cart", "trafficPolicy": {"tls": {"mode": mode}}},
        }
    )
    (finding,) = found(OUTSIDE, namespace("shop"), service(), deployment({"app": "cart"}), rule)

    assert finding.severity is severity
    assert words in finding.message


@pytest.mark.parametrize(
    "labels",
    [ENABLED, {"istio-injection": "disabled"}, {REV: "r1"}, {MODE: "ambient"}, {MODE: "none"}, {"istio-inject": "enabled"}],
)
def test_a_namespace_that_says_something_has_decided(labels: dict[str, str]) -> None:
    """A label about the mesh, even a misspelt one, is another rule's business or nobody's."""
    assert not found(OUTSIDE, namespace("shop", labels), service(), deployment({"app": "cart"}), policy())


def test_a_namespace_nobody_configures_is_left_alone() -> None:
    """Without configuration about it, a namespace outside of the mesh is just that; IST0102 reports it all the same."""
    assert not found(OUTSIDE, namespace("shop"), service(), deployment({"app": "cart"}), namespace("web"), live=True)


def test_injection_everywhere_leaves_nothing_outside() -> None:
    """With `enableNamespacesByDefault`, in the webhooks or in the values that stand in for them, unlabelled namespaces are injected."""
    everything = namespace("shop"), deployment({"app": "cart"}), policy()
    values = {"sidecarInjectorWebhook": {"enableNamespacesByDefault": True}}

    assert not found(OUTSIDE, everything, INSTALLATIONS["default everywhere"], injector())
    assert not found(OUTSIDE, everything, injector(values=values))


def test_a_mixed_namespace_is_somebodys_choice() -> None:
    """Where one workload asks for its own sidecar, the others stayed outside on purpose."""
    other = manifest(f"""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {{name: db, namespace: shop}}
        spec: {{template: {{metadata: {{labels: {{{INJECT}: "true"}}}}, spec: {{containers: [{{name: db}}]}}}}}}
    """)

    assert not found(OUTSIDE, DEFAULT, namespace("shop"), deployment({"app": "cart"}), other, policy())


def test_workloads_that_refuse_are_not_missed() -> None:
    """A policy that selects only a workload which refused injection says nothing about the namespace."""
    refusing = deployment({"app": "cart", INJECT: "false"})

    assert not found(OUTSIDE, namespace("shop"), refusing, policy(selector={"matchLabels": {"app": "cart"}}))


def test_a_policy_for_a_waypoint_needs_no_sidecar() -> None:
    """A policy with a target is about a gateway or a Service, not about sidecars."""
    assert not found(OUTSIDE, namespace("shop"), deployment({"app": "cart"}), policy(targetRefs=[{"kind": "Gateway", "name": "waypoint"}]))


def test_the_control_planes_namespace_is_not_for_sidecars() -> None:
    """Mesh-wide policies live beside istiod, where nothing is injected."""
    objects = namespace("mesh"), istiod(namespace="mesh"), policy("mesh")

    assert not found(OUTSIDE, objects)


def test_the_label_is_the_one_that_is_heard() -> None:
    """Without a default revision the namespace gets the only revision; with several, somebody has to choose."""
    space, workload = namespace("shop", {"team": "web"}), deployment({"app": "cart"})
    (one,) = found(OUTSIDE, INSTALLATIONS["r1"], space, workload, policy())
    (tagged,) = found(OUTSIDE, INSTALLATIONS["r1 as prod"], space, workload, policy())
    (several,) = found(OUTSIDE, INSTALLATIONS["r1"], revisions("r2"), space, workload, policy())

    assert after(space, fix(one))["metadata"]["labels"] == {"team": "web", REV: "r1"}
    assert after(space, fix(tagged))["metadata"]["labels"] == {"team": "web", REV: "prod"}
    assert fix(several).safety is Safety.MANUAL
    assert "r1, r2" in fix(several).summary


def test_without_an_injector_nothing_can_be_injected() -> None:
    """A cluster without any webhook of Istio's has no namespace that should be injected."""
    assert not found(OUTSIDE, namespace("shop"), deployment({"app": "cart"}), policy(), live=True)


def revisions(name: str) -> tuple[Object, ...]:
    """One more revision."""
    (first,) = INSTALLATIONS["r1"]
    text = msgspec.json.encode(first).decode().replace("r1", name)
    return (decoded(json.loads(text)),)


# ---------------------------------------------------------------- MF302


@pytest.mark.parametrize(
    ("labels", "culprits"),
    [
        ({**ENABLED, REV: "r1"}, [REV]),
        ({**ENABLED, MODE: "ambient"}, [MODE]),
        ({REV: "default", MODE: "ambient"}, [MODE]),
        ({REV: "gone", MODE: "ambient"}, []),
        ({**ENABLED, MODE: "none"}, []),
        ({"istio-injection": "disabled", REV: "r1"}, []),
        ({"istio-injection": "disabled", MODE: "ambient"}, []),
        ({**ENABLED, REV: "r1", MODE: "ambient"}, [REV, MODE]),
        ({MODE: "ambient"}, []),
    ],
)
def test_which_namespace_labels_contradict(labels: dict[str, str], culprits: list[str]) -> None:
    """Two revisions contradict, and so does ambient where a webhook injects; a revision nobody serves may be the waypoints'."""
    findings = found(CONFLICT, DEFAULT, namespace("shop", labels))

    assert [finding.path.rpartition("/")[2].replace("~1", "/") for finding in findings] == culprits
    assert all("IST0123" in (finding.aliases or CONFLICT.aliases) for finding in findings)
    for finding in findings:
        assert fix(finding).safety is (Safety.UNSAFE if finding.path.endswith("dataplane-mode") else Safety.SAFE)
    assert all(fix(finding).safety is Safety.SAFE for finding in found(CONFLICT, DEFAULT, namespace("shop", labels), live=True))


def test_the_winner_that_brings_nothing_is_the_one_to_remove() -> None:
    """`istio-injection=enabled` hides a revision that there is, although no revision is the default one."""
    space = namespace("shop", {**ENABLED, REV: "r1"})
    (finding,) = found(CONFLICT, INSTALLATIONS["r1"], space)

    assert after(space, fix(finding))["metadata"]["labels"] == {REV: "r1"}
    assert fix(finding).safety is Safety.UNSAFE
    assert not found(REVISION, INSTALLATIONS["r1"], space), "one finding is enough"


def test_two_names_of_one_revision_part_at_the_next_upgrade() -> None:
    """Where the default is a tag of the very revision that is named, nothing is wrong yet."""
    (finding,) = found(CONFLICT, INSTALLATIONS["r1 as default"], namespace("shop", {**ENABLED, REV: "r1"}))
    (other,) = found(CONFLICT, INSTALLATIONS["default and r1"], namespace("shop", {**ENABLED, REV: "r1"}))

    assert finding.message.endswith("New pods get the default revision, which is the same only until the next upgrade.")
    assert other.message.endswith("New pods get the default revision.")


def test_without_any_default_revision_new_pods_get_no_sidecar() -> None:
    """Where neither label selects a revision, no default revision is promised; MF304 tells which revisions there are."""
    (finding,) = found(CONFLICT, INSTALLATIONS["r1"], namespace("shop", {**ENABLED, REV: "gone"}))

    assert finding.message.endswith("No revision is the default one, so new pods get no sidecar.")
    assert fix(finding).safety is Safety.SAFE


def test_a_gateway_may_hear_the_revision_label() -> None:
    """A Kubernetes Gateway takes its revision from its namespace, so the label is no longer safe to remove."""
    gateway = decoded(
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}
    )
    (with_one,) = found(CONFLICT, DEFAULT, namespace("shop", {**ENABLED, REV: "r1"}), gateway)
    (unread,) = found(CONFLICT, DEFAULT, namespace("shop", {**ENABLED, REV: "r1"}), live=True, unread=[kinds.KUBERNETES_GATEWAY])

    assert fix(with_one).safety is fix(unread).safety is Safety.UNSAFE


def test_ambient_pods_make_it_a_decision() -> None:
    """Where a pod is in ambient today, removing the label would take it out of the mesh, so nobody does it unasked."""
    enrolled = pod(annotations={"ambient.istio.io/redirection": "enabled"})
    (finding,) = found(CONFLICT, DEFAULT, namespace("shop", {**ENABLED, MODE: "ambient"}), enrolled, live=True)

    assert fix(finding).safety is Safety.MANUAL
    assert fix(finding).commands[0] == "kubectl label namespace shop istio-injection-"


def test_an_ambient_pod_that_gets_a_sidecar() -> None:
    """The ambient label of pods loses against their namespace's injection; in other namespaces it does not."""
    workload = deployment({"app": "cart", MODE: "ambient"})
    (finding,) = found(CONFLICT, DEFAULT, namespace("shop", ENABLED), workload)

    assert finding.aliases == ("KIA1311",)
    assert fix(finding).safety is Safety.RESTART
    assert after(workload, fix(finding))["spec"]["template"]["metadata"]["labels"] == {"app": "cart"}
    assert not found(CONFLICT, DEFAULT, namespace("shop"), workload)


def test_a_disabled_namespace_cannot_be_opted_into() -> None:
    """A pod that asks for a sidecar in a namespace with `istio-injection=disabled` gets none, and is told why."""
    (finding,) = found(CONFLICT, DEFAULT, namespace("shop", {"istio-injection": "disabled"}), deployment({INJECT: "true"}))

    assert finding.resource.kind == "Deployment"
    assert fix(finding).commands[0] == "kubectl label namespace shop istio-injection-"


# ---------------------------------------------------------------- MF303


@pytest.mark.parametrize("value", ["true", "Enabled", "ENABLED", "yes", "on"])
def test_values_meant_as_enabled(value: str) -> None:
    """What was meant as yes becomes the one word that is."""
    space = namespace("shop", {"istio-injection": value})
    (finding,) = found(SPELLING, DEFAULT, space)

    assert after(space, fix(finding))["metadata"]["labels"] == ENABLED
    assert fix(finding).safety is Safety.UNSAFE


@pytest.mark.parametrize("value", ["false", "Disabled", "no", "off"])
def test_values_that_keep_sidecars_away_anyhow(value: str) -> None:
    """Every value but `enabled` keeps webhooks away, which is what was meant."""
    assert not found(SPELLING, DEFAULT, namespace("shop", {"istio-injection": value}))


@pytest.mark.parametrize(("value", "aliases"), [("", ("IST0102",)), ("maybe", ())])
def test_values_nobody_understands(value: str, aliases: tuple[str, ...]) -> None:
    """An empty label and one that could mean anything are for a person to decide."""
    (finding,) = found(SPELLING, DEFAULT, namespace("shop", {"istio-injection": value}))

    assert fix(finding).safety is Safety.MANUAL
    assert finding.aliases == aliases


@pytest.mark.parametrize("value", ["true", "maybe"])
def test_nobody_is_told_a_label_that_brings_no_sidecar(value: str) -> None:
    """Where no revision is the default, istio-injection=enabled selects nothing: the revisions are named, and the command has none."""
    (finding,) = found(SPELLING, INSTALLATIONS["r1"], revisions("r2"), namespace("shop", {"istio-injection": value}))

    assert "there are r1 and r2" in fix(finding).summary
    assert fix(finding).commands == ("kubectl label --overwrite namespace shop istio-injection- istio.io/rev=REVISION",)


def test_ambient_needs_no_restart() -> None:
    """The label of ambient mode holds for running pods at once, so no command restarts them."""
    (finding,) = found(SPELLING, DEFAULT, namespace("shop", {"istio.io/data-plane-mode": "ambient"}))

    assert not fix(finding).commands


@pytest.mark.parametrize(
    ("labels", "fixed"),
    [
        ({"istio-inject": "enabled"}, ENABLED),
        ({"istio-injection ": "x"}, None),
        ({"Istio-Injection": "true"}, ENABLED),
        ({"istio-injecton": "enabled"}, ENABLED),
        ({"sidecar.istio.io/inject": "true"}, ENABLED),
        ({"istio.io/revision": "default"}, {REV: "default"}),
        ({"istio.io/data-plane-mode": "ambient"}, {MODE: "ambient"}),
        ({"istio-inject": "disabled"}, None),
        ({"istio.io/tag": "prod"}, None),
        ({"istio.io/use-waypoint": "waypoint"}, None),
        ({"istio-inject": "enabled", **ENABLED}, None),
        ({"team": "istio"}, None),
    ],
)
def test_keys_with_a_slip_on_namespaces(labels: dict[str, str], fixed: dict[str, str] | None) -> None:
    """A slip in a key is corrected, where the right key is not there already and the effect is not the meant one anyhow."""
    space = namespace("shop", labels)
    findings = found(SPELLING, DEFAULT, space)

    assert [after(space, fix(finding))["metadata"]["labels"] for finding in findings] == ([fixed] if fixed else [])


@pytest.mark.parametrize(("revision", "fixed"), [("default", {REV: "default"}), ("gone", None)])
@pytest.mark.parametrize("value", ["true", "Enabled"])
def test_a_slip_beside_a_revision_does_not_overrule_it(value: str, revision: str, fixed: dict[str, str] | None) -> None:
    """`istio-injection=true` hides the revision that the namespace names: it goes, and is not made into what wins over the revision."""
    space = namespace("shop", {"istio-injection": value, REV: revision})
    (finding,) = found(SPELLING, DEFAULT, space)

    assert (after(space, fix(finding))["metadata"]["labels"] if fixed else fix(finding).safety) == (fixed or Safety.MANUAL)


def test_a_misspelt_namespace_gets_the_label_that_is_served() -> None:
    """`true` becomes the only revision where no revision is the default one."""
    space = namespace("shop", {"istio-injection": "true"})
    (finding,) = found(SPELLING, INSTALLATIONS["r1"], space)

    assert after(space, fix(finding))["metadata"]["labels"] == {REV: "r1"}


@pytest.mark.parametrize(
    ("space", "labels", "fixed"),
    [
        ({}, {INJECT: "True"}, {INJECT: "true"}),
        ({}, {INJECT: "enabled"}, {INJECT: "true"}),
        (ENABLED, {INJECT: "False"}, {INJECT: "false"}),
        (ENABLED, {INJECT: "no"}, {INJECT: "false"}),
        (ENABLED, {INJECT: "True"}, None),
        ({}, {INJECT: "False"}, None),
        (ENABLED, {INJECT: ""}, None),
        ({}, {"sidecar.istio.io/Inject": "true", "app": "cart"}, {"app": "cart", INJECT: "true"}),
        (ENABLED, {"sidecar.istio.io/injection": "false"}, {INJECT: "false"}),
        ({}, {"istio-injection": "enabled"}, {INJECT: "true"}),
        (ENABLED, {"istio-injection": "disabled"}, {INJECT: "false"}),
        (ENABLED, {"istio-injection": "enabled"}, None),
        ({}, {"istio.io/revision": "default"}, {REV: "default"}),
        ({}, {INJECT: "true", "istio-injection": "disabled"}, None),
        ({}, {"sidecar.istio.io/status": "x", "istio": "ingressgateway"}, None),
    ],
)
def test_slips_in_the_labels_of_pods(space: dict[str, str], labels: dict[str, str], fixed: dict[str, str] | None) -> None:
    """A slip counts where the pods are not treated as it was meant."""
    workload = deployment(labels)
    findings = found(SPELLING, DEFAULT, injector(), namespace("shop", space), workload)

    assert [after(workload, fix(item))["spec"]["template"]["metadata"]["labels"] for item in findings] == ([fixed] if fixed else [])
    assert all(fix(item).safety is Safety.RESTART for item in findings)


def test_an_older_injector_understood_more() -> None:
    """Up to 1.26 `False` refuses injection, as it was meant; from 1.27 on it says nothing."""
    workload, space = deployment({INJECT: "False"}), namespace("shop", ENABLED)

    assert not found(SPELLING, DEFAULT, injector(), istiod(image="istio/pilot:1.26.8"), space, workload)
    assert found(SPELLING, DEFAULT, injector(), istiod(image="istio/pilot:1.27.0"), space, workload)


def test_an_annotation_that_nobody_reads_becomes_a_label() -> None:
    """In a namespace without injection the annotation never gets to the injector, so a label takes its place."""
    workload = deployment({"app": "cart"}, annotations={INJECT: "true", "team": "web"})
    (finding,) = found(SPELLING, DEFAULT, namespace("shop"), workload)
    metadata = after(workload, fix(finding))["spec"]["template"]["metadata"]

    assert (metadata["labels"], metadata["annotations"]) == ({"app": "cart", INJECT: "true"}, {"team": "web"})


@pytest.mark.parametrize(("space", "value"), [(ENABLED, "true"), (ENABLED, "false"), ({}, "false"), (None, "true"), (None, "false")])
def test_annotations_that_do_their_work(space: dict[str, str] | None, value: str) -> None:
    """An annotation that has its effect, or may have it for all that was read, is no slip."""
    spaces = [namespace("shop", space)] if space is not None else []

    assert not found(SPELLING, DEFAULT, injector(), spaces, deployment(annotations={INJECT: value}))


def test_an_annotation_with_a_slip_is_one_wherever_it_is() -> None:
    """Even where the namespace was not read, `False` refuses nothing."""
    (finding,) = found(SPELLING, deployment(annotations={INJECT: "False"}))

    assert '"False"' in finding.message


@pytest.mark.parametrize(
    ("space", "own", "fixed"),
    [
        (ENABLED, {"labels": {INJECT: "false"}}, {INJECT: "false"}),
        (ENABLED, {"annotations": {INJECT: "false"}}, {INJECT: "false"}),
        ({}, {"labels": {INJECT: "true", "app": "cart"}}, {INJECT: "true"}),
        ({}, {"labels": {REV: "default"}}, {REV: "default"}),
        ({}, {"labels": {"istio-injection": "enabled"}}, {INJECT: "true"}),
        (ENABLED, {"labels": {REV: "default"}}, None),
        (ENABLED, {"labels": {INJECT: "true"}}, None),
        (None, {"labels": {REV: "default"}}, None),
        (None, {"labels": {INJECT: "false"}}, {INJECT: "false"}),
        ({}, {"annotations": {REV: "default"}}, None),
    ],
)
def test_labels_on_the_object_instead_of_its_pods(
    space: dict[str, str] | None, own: dict[str, dict[str, str]], fixed: dict[str, str] | None
) -> None:
    """What stands on a Deployment itself moves to its template, where it has not its effect already; charts put `istio.io/rev` on all."""
    spaces = [namespace("shop", space)] if space is not None else []
    raw = {"name": "cart", "namespace": "shop", **own}
    workload = decoded(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": raw, "spec": {"template": {"spec": {"containers": [APP]}}}}
    )
    findings = found(SPELLING, DEFAULT, injector(), spaces, workload)
    results = [after(workload, fix(item)) for item in findings]

    assert [result["spec"]["template"]["metadata"]["labels"] for result in results] == ([fixed] if fixed else [])
    assert not any(INJECT in result["metadata"].get(field, {}) for result in results for field in own)


def test_an_empty_map_goes_with_its_last_label() -> None:
    """What stood alone on an object leaves no empty braces behind."""
    raw = {"name": "cart", "namespace": "shop", "labels": {INJECT: "false"}}
    template = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [APP]}}
    workload = decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": raw, "spec": {"template": template}})
    (finding,) = found(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), workload)

    assert "labels" not in after(workload, fix(finding))["metadata"]


@pytest.mark.parametrize("value", ["{{ .Values.inject }}", "${INJECT}", "$(INJECT)"])
def test_values_that_are_still_to_be_filled_in(value: str) -> None:
    """A template's placeholder may become anything."""
    assert not found(SPELLING, DEFAULT, namespace("web", {"istio-injection": value}), namespace("shop"), deployment({INJECT: value}))


def test_a_proxy_by_hand_needs_no_injection() -> None:
    """Gateways of older charts bring their proxy and refuse another one by annotation, which is right."""
    workload = deployment(annotations={INJECT: "false"}, spec={"containers": [{"name": "istio-proxy", "image": "proxyv2:1.5"}]})

    assert not found(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), workload)


def test_a_template_that_speaks_for_itself() -> None:
    """Where the template says it, the same label on the Deployment is decoration."""
    workload = decoded(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "istiod", "namespace": "shop", "labels": {REV: "default", INJECT: "true"}},
            "spec": {"template": {"metadata": {"labels": {INJECT: "false"}}, "spec": {"containers": [APP]}}},
        }
    )

    assert not found(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), workload)


def test_a_cron_jobs_job_is_not_its_pods_either() -> None:
    """A label on the Job template of a CronJob goes one level deeper."""
    workload = manifest(f"""
        apiVersion: batch/v1
        kind: CronJob
        metadata: {{name: nightly, namespace: shop}}
        spec:
          jobTemplate:
            metadata: {{labels: {{{INJECT}: "false"}}}}
            spec: {{template: {{metadata: {{labels: {{app: nightly}}}}, spec: {{containers: [{{name: main}}]}}}}}}
    """)
    (finding,) = found(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), workload)
    made = after(workload, fix(finding))["spec"]["jobTemplate"]

    assert finding.path == "/spec/jobTemplate/metadata/labels/sidecar.istio.io~1inject"
    assert "labels" not in made["metadata"]
    assert made["spec"]["template"]["metadata"]["labels"] == {"app": "nightly", INJECT: "false"}


def test_a_fix_that_would_not_help_is_not_offered() -> None:
    """Where the namespace keeps all webhooks away, no label of a pod is offered as a way out."""
    workload = deployment(annotations={INJECT: "true"})
    (finding,) = found(SPELLING, DEFAULT, namespace("shop", {"istio-injection": "disabled"}), workload)

    assert fix(finding).safety is Safety.MANUAL
    assert "istio-injection=disabled" in (fix(finding).why or "")


def test_a_running_bare_pod_has_to_be_made_anew() -> None:
    """A label given to a pod that runs changes nothing, so none is offered; in a file it is."""
    objects = DEFAULT, namespace("shop"), pod(labels={INJECT: "True"})
    (live,), (file,) = found(SPELLING, *objects, live=True), found(SPELLING, *objects)

    assert fix(live).safety is Safety.MANUAL
    assert fix(file).safety is Safety.RESTART


def test_what_has_ended_is_no_longer_corrected() -> None:
    """Pods that are done keep their labels."""
    assert not found(SPELLING, DEFAULT, namespace("shop"), pod(labels={INJECT: "True"}, phase="Succeeded"), live=True)


def test_other_peoples_injectors_are_not_ours() -> None:
    """Keys of other meshes and agents are no slips of Istio's."""
    keys = [
        "linkerd.io/inject",
        "vault.hashicorp.com/agent-inject",
        "sidecar.opentelemetry.io/inject",
        "sidecar-injector",
        "istio.io/rev-x",
    ]

    assert [injection_spellings.pod_key(key) or injection_spellings.namespace_key(key) for key in keys] == [None] * len(keys)


# ---------------------------------------------------------------- MF304


@pytest.mark.parametrize(
    ("installation", "labels", "fixed"),
    [
        ("r1", ENABLED, {REV: "r1"}),
        ("r1", {REV: "r9"}, {REV: "r1"}),
        ("r1 as prod", {REV: "r9"}, {REV: "prod"}),
        ("r1 as default", {REV: "r9"}, {REV: "default"}),
        ("default", {REV: "r9"}, {REV: "default"}),
        ("r1 as prod", {REV: "prod"}, None),
        ("r1 as default", ENABLED, None),
        ("default", {REV: "default"}, None),
        ("r1", {"istio-injection": "disabled"}, None),
        ("r1", {"istio-injection": "true"}, None),
        ("r1", {REV: "r9", "istio-injection": "disabled"}, None),
        ("r1", {REV: "r9", MODE: "ambient"}, None),
        ("r1", {REV: ""}, None),
    ],
)
def test_namespaces_of_revisions_that_are_gone(installation: str, labels: dict[str, str], fixed: dict[str, str] | None) -> None:
    """A revision, a tag or the default that no webhook serves is named, and replaced where there is only one."""
    space = namespace("shop", labels)
    findings = found(REVISION, INSTALLATIONS[installation], space)

    assert [after(space, fix(finding))["metadata"]["labels"] for finding in findings] == ([fixed] if fixed else [])
    assert all(fix(finding).safety is Safety.UNSAFE for finding in findings)


def test_among_several_revisions_somebody_chooses() -> None:
    """Two revisions to choose from make the fix a decision."""
    (finding,) = found(REVISION, INSTALLATIONS["default and r1"], namespace("shop", {REV: "r9"}))

    assert fix(finding).safety is Safety.MANUAL
    assert "default, r1" in fix(finding).summary


def test_without_webhooks_nothing_is_known_of_revisions() -> None:
    """Neither files without webhooks nor a cluster that does not show them tell which revisions there are."""
    space = namespace("shop", {REV: "r9"})

    assert not found(REVISION, space)
    assert not found(REVISION, space, live=True, unread=[kinds.MUTATING_WEBHOOK_CONFIGURATION])
    assert found(REVISION, space, live=True), "a cluster without any webhook serves no revision"


@pytest.mark.parametrize(
    ("installation", "labels", "fixed"),
    [
        ("r1", {REV: "r9"}, {REV: "r1"}),
        ("r1", {INJECT: "true"}, {INJECT: "true", REV: "r1"}),
        ("r1", {REV: "r1"}, None),
        ("default", {INJECT: "true"}, None),
        ("r1", {INJECT: "false", REV: "r9"}, None),
        ("r1", {"app": "cart"}, None),
    ],
)
def test_pods_of_revisions_that_are_gone(installation: str, labels: dict[str, str], fixed: dict[str, str] | None) -> None:
    """Pods may name a revision where their namespace says nothing; there it has to be served, too."""
    workload = deployment(labels)
    findings = found(REVISION, INSTALLATIONS[installation], namespace("shop"), workload)

    assert [after(workload, fix(item))["spec"]["template"]["metadata"]["labels"] for item in findings] == ([fixed] if fixed else [])


def test_a_namespace_that_speaks_is_asked_instead_of_its_pods() -> None:
    """A pod's revision is not heard where the namespace has a label of its own."""
    assert not found(REVISION, INSTALLATIONS["r1"], namespace("shop", {REV: "r1"}), deployment({REV: "r9"}))


# ---------------------------------------------------------------- MF305


def test_pods_older_than_their_label_are_counted() -> None:
    """One finding tells of all pods of a workload, and restarting it is the fix."""
    workload = deployment({"app": "cart"})
    pods = [pod("cart-1", "cart"), pod("cart-2", "cart"), pod("cart-3", "cart", proxy="istio/proxyv2:1.30.0")]
    (finding,) = found(MISSING, DEFAULT, namespace("shop", ENABLED), workload, pods, live=True)
    made = after(workload, fix(finding))["spec"]["template"]["metadata"]

    assert finding.message.startswith("2 of 3 pods have no sidecar, but new pods get one. Their calls")
    assert finding.evidence[:2] == ("cart-1", "cart-2")
    assert finding.aliases == ("IST0103",)
    assert made["annotations"] == {"kubectl.kubernetes.io/restartedAt": NOW}
    assert fix(finding).safety is Safety.RESTART


@pytest.mark.parametrize(
    ("restarted", "made", "safety"),
    [
        ("2026-01-01T12:00:00+02:00", "2026-01-01T09:59:59Z", Safety.MANUAL),
        ("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:01Z", Safety.RESTART),
        ("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00Z", Safety.RESTART),
        ("yesterday", "2026-01-01T09:59:59Z", Safety.RESTART),
        ("2026-01-01T12:00:00", None, Safety.RESTART),
    ],
    ids=["restarted since", "not since", "in the same second", "no time", "unknown"],
)
def test_a_restart_under_way_is_not_begun_anew(restarted: str, made: str | None, safety: Safety) -> None:
    """While new pods are not ready the old ones stay; restarting again each time apply runs would never end."""
    workload, old = (json.loads(msgspec.json.encode(obj)) for obj in (deployment(), pod(owner="cart")))
    workload["spec"]["template"]["metadata"] = {"annotations": {"kubectl.kubernetes.io/restartedAt": restarted}}
    old["metadata"]["creationTimestamp"] = made

    (finding,) = found(MISSING, DEFAULT, namespace("shop", ENABLED), decoded(workload), decoded(old), live=True)

    assert fix(finding).safety is safety


@pytest.mark.parametrize("labels", [{REV: "r1"}, {REV: "prod"}])
def test_revisions_and_tags_count_as_much_as_the_default(labels: dict[str, str]) -> None:
    """A pod without a proxy is missing it whatever label asks for one; istioctl only knows `istio-injection`."""
    assert found(MISSING, INSTALLATIONS["r1 as prod"], namespace("shop", labels), deployment(), pod(owner="cart"), live=True)


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ((deployment(), pod(owner="cart", phase="Succeeded")), "it has ended"),
        ((deployment({INJECT: "false"}), pod(owner="cart")), "it refuses"),
        ((deployment(spec={"hostNetwork": True}), pod(owner="cart", hostNetwork=True)), "it is on the host's network"),
        (
            (deployment(spec={"containers": [APP, {"name": "istio-proxy", "image": "proxyv2:1.1"}]}), pod(owner="cart", proxy="p:1.1")),
            "by hand",
        ),
        ((deployment(), pod(owner="cart", proxy="istio/proxyv2:1.30.0")), "it has one"),
        ((deployment(),), "there is no pod"),
    ],
)
def test_pods_that_lack_nothing(objects: tuple[Object, ...], why: str) -> None:
    """Pods that are over, or are to be without a sidecar, or have one, are fine."""
    values = {"global": {"hub": "docker.io/istio", "tag": "1.30.0"}}

    assert not found(MISSING, DEFAULT, injector(values=values), namespace("shop", ENABLED), *objects, live=True), why


def test_a_pod_manifest_has_not_been_made_yet() -> None:
    """A Pod in a file lacks nothing, unless the file is a picture of a cluster: it has a status, or a neighbour with a proxy."""
    space, bare = namespace("shop", ENABLED), pod(phase="")

    assert not found(MISSING, space, bare)
    assert found(MISSING, space, pod(phase="Running"))
    assert found(MISSING, space, bare, pod("cart-2", proxy="istio/proxyv2:1.30.0", phase=""))


def test_files_have_no_pods_to_restart() -> None:
    """On files the command is shown, for there is nothing in them to patch."""
    (finding,) = found(MISSING, namespace("shop", ENABLED), deployment(), pod(owner="cart"))

    assert fix(finding).commands == ("kubectl rollout restart deployment/cart -n shop",)
    assert not fix(finding).patches


@pytest.mark.parametrize(
    ("image", "annotations", "values", "is_stale"),
    [
        ("docker.io/istio/proxyv2:1.29.0", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, True),
        ("mirror.example.com/istio/proxyv2:1.30.0", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, False),
        ("docker.io/istio/proxyv2:1.30.0-distroless", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, False),
        ("docker.io/istio/proxyv2:1.30.0", {}, {"hub": "docker.io/istio", "tag": "1.30.0-debug"}, False),
        ("docker.io/istio/proxyv2:1.30.0-rc.1", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, True),
        ("istio/proxyv2@sha256:0123", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, False),
        ("registry:5000/istio/proxyv2", {}, {"hub": "docker.io/istio", "tag": "1.30.0"}, False),
        ("istio/proxyv2:1.29.0", {}, {"hub": "docker.io/istio", "tag": "1.30.0", "proxy": {"image": "quay.io/x/proxyv2:1.29.0"}}, False),
        ("istio/proxyv2:1.29.0", {"sidecar.istio.io/proxyImage": "istio/proxyv2:1.29.0"}, {"hub": "istio", "tag": "1.30.0"}, False),
        ("istio/proxyv2:1.29.0", {}, {}, False),
    ],
)
def test_versions_are_compared_and_not_registries(image: str, annotations: dict[str, str], values: dict[str, Any], is_stale: bool) -> None:
    """A proxy is another one if its tag is; mirrors, variants, digests and images that pods choose are not."""
    config = injector(values={"global": values})
    findings = found(
        MISSING,
        DEFAULT,
        config,
        namespace("shop", ENABLED),
        deployment(),
        pod(owner="cart", proxy=image, annotations=annotations),
        live=True,
    )

    assert [finding.aliases for finding in findings] == ([("IST0158",)] if is_stale else [])


def test_a_proxy_of_another_revision_is_another_one() -> None:
    """A pod that the namespace's former revision injected waits for its restart, whatever its version; tags are looked through."""
    former = pod(owner="cart", proxy="p:1.30.0", annotations={"sidecar.istio.io/status": '{"revision": "r0"}'})
    current = pod(owner="cart", proxy="p:1.30.0", annotations={"istio.io/rev": "r1"})
    installed = *INSTALLATIONS["r1 as prod"], namespace("shop", {REV: "prod"}), deployment()
    (finding,) = found(MISSING, installed, former, live=True)

    assert "revision r0 instead of r1. Pods keep their revision until they are replaced." in finding.message
    assert not found(MISSING, installed, current, live=True)
    assert not found(MISSING, namespace("shop", {REV: "prod"}), deployment(), current), "without webhooks, prod may be a tag of r1"


def test_a_bare_pod_is_compared_with_itself_before_injection() -> None:
    """What a bare pod has got is no reason to think that it would get it again."""
    old = pod(proxy="p:1.29.0")
    config = injector(values={"global": {"hub": "istio", "tag": "1.30.0"}})

    assert not found(MISSING, DEFAULT, config, namespace("shop"), old, live=True)
    (finding,) = found(MISSING, DEFAULT, config, namespace("shop", ENABLED), old, live=True)
    assert (finding.resource.kind, fix(finding).safety) == ("Pod", Safety.MANUAL)


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("apps.openshift.io/v1", "DeploymentConfig", "oc rollout latest dc/cart -n shop"),
        ("apps/v1", "ReplicaSet", "kubectl delete pod -n shop -l app=cart"),
        ("batch/v1", "Job", ""),
        ("argoproj.io/v1alpha1", "Rollout", None),
    ],
)
def test_how_other_kinds_are_restarted(api_version: str, kind: str, expected: str | None) -> None:
    """A Rollout has a field for it; for others the command is shown; the pods of a Job are made by another Job."""
    template = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [APP]}}
    workload = decoded(
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": "cart", "namespace": "shop"}, "spec": {"template": template}}
    )
    owned = msgspec.convert(
        {
            "metadata": {
                "name": "cart-1",
                "namespace": "shop",
                "ownerReferences": [{"apiVersion": api_version, "kind": kind, "name": "cart", "controller": True}],
            },
            "spec": {"containers": [APP]},
            "status": {"phase": "Running"},
        },
        kinds.POD.struct,
    )
    (finding,) = found(MISSING, DEFAULT, namespace("shop", ENABLED), workload, owned, live=True)

    assert fix(finding).commands == ((expected,) if expected else ())
    assert bool(fix(finding).patches) is (expected is None)
    assert ("Let the running Job end" in fix(finding).summary) is (kind == "Job")
    if expected is None:
        assert after(workload, fix(finding))["spec"]["restartAt"] == NOW


def test_what_an_operator_made_is_not_restarted_behind_its_back() -> None:
    """A Deployment with a controller of its own is left to a person."""
    workload = deployment()
    owned = msgspec.structs.replace(
        workload,
        metadata=msgspec.convert(
            {"name": "cart", "namespace": "shop", "ownerReferences": [{"kind": "Shop", "name": "shop", "controller": True}]},
            type(workload.metadata),
        ),
    )
    (finding,) = found(MISSING, DEFAULT, namespace("shop", ENABLED), owned, pod(owner="cart"), live=True)

    assert fix(finding).safety is Safety.MANUAL


# ---------------------------------------------------------------- MF306

CNI = {"pilot": {"cni": {"enabled": True}}}
SECCOMP = {**CNI, "global": {"proxy": {"seccompProfile": {"type": "RuntimeDefault"}}}}
PROFILED = {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}


@pytest.mark.parametrize(
    ("level", "values", "spec", "annotations", "word"),
    [
        ("baseline", {}, {}, {}, "istio-init"),
        ("restricted", {}, PROFILED, {}, "istio-init"),
        ("privileged", {}, {}, {}, ""),
        ("baseline", CNI, {}, {}, ""),
        ("restricted", CNI, {}, {}, "seccompProfile"),
        ("restricted", CNI, PROFILED, {}, ""),
        ("restricted", SECCOMP, {}, {}, ""),
        ("baseline", {}, {}, {"sidecar.istio.io/interceptionMode": "NONE"}, ""),
        ("baseline", CNI, {}, {"sidecar.istio.io/interceptionMode": "TPROXY"}, "TPROXY"),
        ("baseline", {}, {"hostNetwork": True}, {}, ""),
    ],
)
def test_what_a_level_forbids(level: str, values: dict[str, Any], spec: dict[str, Any], annotations: dict[str, str], word: str) -> None:
    """Without CNI both levels refuse `istio-init`; with it, `restricted` still asks for a seccomp profile."""
    space = namespace("shop", {**ENABLED, "pod-security.kubernetes.io/enforce": level})
    findings = found(FORBIDDEN, DEFAULT, injector(values=values), space, deployment(annotations=annotations, spec=spec))

    assert [word in finding.message for finding in findings] == ([True] if word else [])
    assert all(fix(finding).safety is Safety.MANUAL for finding in findings)


def test_settings_that_were_not_read_forbid_nothing() -> None:
    """Where the injector's values are not known, or are another revision's, nobody can tell."""
    space = namespace("shop", {REV: "r1", "pod-security.kubernetes.io/enforce": "baseline"})

    assert not found(FORBIDDEN, space, deployment())
    assert not found(FORBIDDEN, INSTALLATIONS["default and r1"], injector(), space, deployment())
    assert not found(FORBIDDEN, INSTALLATIONS["r1"], config_map("istio-sidecar-injector-r1", config="policy: enabled"), space, deployment())


def test_one_finding_for_a_namespace_with_injected_workloads() -> None:
    """Workloads that stay outside are no reason; those that are meant to be inside are, even before their label is corrected."""
    level = {"pod-security.kubernetes.io/enforce": "baseline"}

    assert not found(FORBIDDEN, DEFAULT, injector(), namespace("shop", level), deployment())
    assert not found(FORBIDDEN, DEFAULT, injector(), namespace("shop", {**level, **ENABLED}), deployment({INJECT: "false"}))
    assert found(FORBIDDEN, DEFAULT, injector(), namespace("shop", {**level, "istio-injection": "true"}), deployment())


# ---------------------------------------------------------------- MF307

ON_OPENSHIFT = {"global": {"platform": "openshift"}}
BUILD, DEPLOYER = "openshift.io/build.name", "openshift.io/deployer-pod-for.name"


def exists(*keys: str) -> dict[str, Any]:
    """A selector for pods that have labels."""
    return {"matchExpressions": [{"key": key, "operator": "Exists"} for key in keys]}


def new_text(finding: Finding) -> Any:
    """The injector's configuration as a fix leaves it."""
    (patch,) = fix(finding).patches
    test, replace = patch.operations
    assert (test.op, test.path, replace.op, replace.path) == ("test", "/data/config", "replace", "/data/config")
    return mapping(replace.value)[0]


@pytest.mark.parametrize(
    ("never", "added"),
    [
        ([], [exists(BUILD), exists(DEPLOYER)]),
        ([exists(BUILD)], [exists(DEPLOYER)]),
        ([{"matchLabels": {"team": "web"}}], [exists(BUILD), exists(DEPLOYER)]),
        ([exists(DEPLOYER), exists(BUILD)], []),
    ],
)
def test_only_what_is_missing_is_added(never: list[Any], added: list[Any]) -> None:
    """Selectors that are there stay, and the missing ones come after them; what builds fetch from the mesh may be refused then."""
    findings = found(OPENSHIFT, DEFAULT, injector(values=ON_OPENSHIFT, neverInjectSelector=never))

    assert [new_text(finding)["neverInjectSelector"] for finding in findings] == ([never + added] if added else [])
    assert all((fix(finding).safety is Safety.SAFE) is (exists(BUILD) not in added) for finding in findings)


def test_without_the_key_it_is_made() -> None:
    """A configuration that does not mention the list gets it."""
    (finding,) = found(OPENSHIFT, config_map("istio-sidecar-injector", config="policy: enabled\n", values=json.dumps(ON_OPENSHIFT)))

    assert new_text(finding) == {"policy": "enabled", "neverInjectSelector": [exists(BUILD), exists(DEPLOYER)]}


def test_everything_else_in_the_text_stays() -> None:
    """Comments, templates and spacing around the list are not touched."""
    text = "# by hand\npolicy:   enabled\nneverInjectSelector: [] # none yet\ntemplates:\n  sidecar: |\n    {{ x }}\n\n    a:   b\n"
    (finding,) = found(OPENSHIFT, config_map("istio-sidecar-injector", config=text, values=json.dumps(ON_OPENSHIFT)))
    ((_, replace),) = (patch.operations for patch in fix(finding).patches)
    before, _, rest = text.partition("neverInjectSelector:")

    assert replace.value.startswith(before)
    assert replace.value.endswith(rest[rest.index("templates:") :])


@pytest.mark.parametrize(
    "objects",
    [
        (injector(),),
        (injector(values=ON_OPENSHIFT, policy="disabled"),),
        (injector(values=ON_OPENSHIFT), istiod(), node("n", "v1.33.1")),
        (injector(values=ON_OPENSHIFT, neverInjectSelector=[exists(BUILD, DEPLOYER)]),),
        (config_map("istio-sidecar-injector", config="policy: enabled"),),
    ],
    ids=["elsewhere", "injection off", "native sidecars", "the other rule's", "broken"],
)
def test_where_build_pods_are_safe(objects: tuple[Object, ...]) -> None:
    """Not on OpenShift, not injected, ended by kubelet, or told of by MF308: nothing to say here."""
    assert not found(OPENSHIFT, DEFAULT, objects)


def test_openshift_shows_in_its_kinds() -> None:
    """A DeploymentConfig is evidence enough, and one in an injected namespace is named."""
    config = manifest("{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, metadata: {name: cart, namespace: shop}, spec: {}}")
    (finding,) = found(OPENSHIFT, DEFAULT, injector(), istiod(image="istio/pilot:1.26.0"), namespace("shop", ENABLED), config)

    assert finding.evidence[0] == "there is DeploymentConfig shop/cart"
    assert finding.evidence[-1] == "DeploymentConfig shop/cart is rolled out in a namespace with injection"
    assert finding.severity is None


def test_unknown_nodes_make_it_a_possibility() -> None:
    """Whether sidecars are native ones depends on the nodes; where those were not read, it is told as information."""
    (finding,) = found(OPENSHIFT, DEFAULT, injector(values=ON_OPENSHIFT), istiod())

    assert finding.severity is Severity.INFO
    assert "Unless it is a native one" in finding.message


def test_what_sail_made_is_changed_in_sail() -> None:
    """Of a ConfigMap that Sail made, the fix has the command for the resource behind it; apply makes no patch of it."""
    raw = json.loads(msgspec.json.encode(injector(values=ON_OPENSHIFT)))
    raw["metadata"]["ownerReferences"] = [
        {"apiVersion": "sailoperator.io/v1", "kind": "IstioRevision", "name": "default", "controller": True}
    ]
    (finding,) = found(OPENSHIFT, decoded(raw))

    assert "Sail writes this ConfigMap" in fix(finding).summary
    assert fix(finding).commands[0].startswith('kubectl patch istio default --type merge -p \'{"spec":')


# ---------------------------------------------------------------- MF308


@pytest.mark.parametrize(
    ("item", "items", "safety"),
    [
        ({}, [], Safety.SAFE),
        (None, [], Safety.SAFE),
        ({"matchExpressions": None}, [], Safety.SAFE),
        ({"key": BUILD, "operator": "Exists"}, [exists(BUILD)], Safety.UNSAFE),
        ({"key": DEPLOYER, "operator": "Exists"}, [exists(DEPLOYER)], Safety.SAFE),
        ({"matchExpressions": None, "key": "legacy", "operator": "Exists"}, [exists("legacy")], Safety.UNSAFE),
        (exists(BUILD, DEPLOYER), [exists(BUILD), exists(DEPLOYER)], Safety.UNSAFE),
        (exists(DEPLOYER, BUILD), [exists(DEPLOYER), exists(BUILD)], Safety.UNSAFE),
        (exists("openshift.io/deployment.name"), [exists(DEPLOYER)], Safety.SAFE),
        ({"matchExpressions": [{"key": BUILD, "operator": "exists"}]}, [exists(BUILD)], Safety.UNSAFE),
        ({"matchExpressions": [{"key": "a", "operator": "in", "values": ["b"]}]}, None, Safety.UNSAFE),
    ],
)
def test_how_selectors_are_put_right(item: Any, items: list[Any] | None, safety: Safety) -> None:
    """What was meant is written so that it matches; it is safe where nothing else gets or loses a sidecar but deployer pods."""
    good = {"matchLabels": {"team": "web"}}
    (finding,) = found(SELECTOR, injector(neverInjectSelector=[item, good]))
    fixed = [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}] if items is None else items

    assert new_text(finding)["neverInjectSelector"] == [*fixed, good]
    assert fix(finding).safety is safety


@pytest.mark.parametrize(
    "item",
    [
        exists("team"),
        exists("a", "b"),
        {"matchLabels": {"app": "x"}, "matchExpressions": [{"key": BUILD, "operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}, {"key": "c", "operator": "DoesNotExist"}]},
    ],
)
def test_selectors_that_do_their_work(item: Any) -> None:
    """Expressions that may hold together are what they look like."""
    assert not found(SELECTOR, injector(neverInjectSelector=[item], alwaysInjectSelector=[item]))


@pytest.mark.parametrize(
    "item",
    [
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
        {"matchExpressions": [{"key": "a", "operator": "Equals", "values": ["b"]}]},
        {"matchExpressions": [{"key": "", "operator": "Exists"}]},
        {"matchLabels": {"openshift.io/deployment.name": "x"}},
    ],
)
def test_what_could_mean_several_things_is_left_to_a_person(item: Any) -> None:
    """An operator and values that do not go together are shown, not guessed; the fact says what is wrong with which expression."""
    (finding,) = found(SELECTOR, injector(neverInjectSelector=[item]))

    assert fix(finding).safety is Safety.MANUAL
    assert finding.message.startswith("neverInjectSelector[0] ")
    told = {"Equals": 'unknown operator "Equals"', "In": "In without values", "Exists": "Exists with values"}
    (expression,) = item.get("matchExpressions", [{"operator": ""}])
    words = "Exists without a key" if expression.get("key") == "" else told.get(expression["operator"], "an annotation, not a label")
    assert words in finding.message


@pytest.mark.parametrize(
    ("item", "dead"),
    [
        ({}, True),
        (exists(BUILD, DEPLOYER), True),
        (exists(BUILD, DEPLOYER, "team"), True),
        (exists(BUILD, "team"), False),
        ({"matchExpressions": [{"key": BUILD, "operator": "DoesNotExist"}, {"key": DEPLOYER, "operator": "Exists"}]}, False),
        (exists("openshift.io/deployment.name"), True),
        ({"matchLabels": {"openshift.io/deployment.name": "x"}}, True),
        ({"matchExpressions": [{"key": "openshift.io/deployment.name", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, True),
        ({"matchLabels": {"team": "web"}}, False),
    ],
)
def test_a_selector_that_never_matches_is_dead(item: Any, dead: bool) -> None:
    """Nothing in it, two kinds of pods at once, an annotation, or what the API refuses; the rest may match some pod."""
    assert is_dead(msgspec.convert(item, LabelSelector)) is dead


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("neverInjectSelector:\n- matchLabels: {a: b}\npolicy: enabled\nneverInjectSelector: []\n", [{"matchLabels": {"a": "b"}}]),
        ("neverInjectSelector: []\npolicy: enabled\nneverInjectSelector:\n- matchLabels: {a: b}\n", [{"matchLabels": {"a": "b"}}]),
        (
            "neverInjectSelector:\n# c\n- matchLabels: {a: b}\npolicy: enabled\nneverInjectSelector:\n- matchLabels: {c: d}\n",
            [{"matchLabels": {"c": "d"}}, {"matchLabels": {"a": "b"}}],
        ),
        (
            '{"neverInjectSelector": [{"matchLabels": {"a": "b"}}], "policy": "enabled", "neverInjectSelector": []}',
            [{"matchLabels": {"a": "b"}}],
        ),
    ],
)
def test_a_key_that_is_there_twice_becomes_one(text: str, items: list[Any]) -> None:
    """The list that was pasted in above the empty one counts again; making it count may change other pods, so it is unsafe."""
    (finding,) = found(SELECTOR, config_map("istio-sidecar-injector", config=text, values="{}"))
    (patch,) = fix(finding).patches

    assert new_text(finding) == {"policy": "enabled", "neverInjectSelector": items}
    assert str(patch.operations[1].value).count("neverInjectSelector") == 1


def test_a_key_that_pods_only_have_as_an_annotation() -> None:
    """What the pods that were read show as an annotation alone cannot be selected by; a label somewhere is enough to keep quiet."""
    config = injector(alwaysInjectSelector=[exists("team")])
    (finding,) = found(SELECTOR, config, deployment(annotations={"team": "web"}))

    assert finding.evidence == ("A selector asks for the label team, which pods have only as an annotation (Deployment shop/cart)",)
    assert not found(SELECTOR, config, deployment({"team": "web"}, annotations={"team": "web"}))
    assert not found(SELECTOR, config, deployment(annotations={"other": "web"}))


def test_what_is_left_to_a_person_is_told_beside_the_fix() -> None:
    """Of two faults, one of which could mean several things, the other is corrected, and the fix says that there is more to do."""
    item = {"matchExpressions": [{"key": "a", "operator": "In"}]}
    (finding,) = found(SELECTOR, injector(neverInjectSelector=[{}, item]))

    assert new_text(finding)["neverInjectSelector"] == [item]
    assert fix(finding).summary.startswith("Remove the empty selector neverInjectSelector[0]. Repeat it in the Helm values")
    assert fix(finding).summary.endswith(" Correct the rest by hand.")


def test_always_is_never_safe() -> None:
    """A selector that begins to inject changes what pods are, even if it is about deployer pods."""
    (finding,) = found(SELECTOR, injector(alwaysInjectSelector=[{"key": BUILD, "operator": "Exists"}]))

    assert fix(finding).safety is Safety.UNSAFE


def test_several_faults_are_mended_together() -> None:
    """One configuration makes one finding and one new text, whatever is wrong with it."""
    (finding,) = found(SELECTOR, injector(neverInjectSelector=[{}, exists(BUILD, DEPLOYER), {}], alwaysInjectSelector=[{}]))

    assert new_text(finding)["neverInjectSelector"] == [exists(BUILD), exists(DEPLOYER)]
    assert new_text(finding)["alwaysInjectSelector"] == []
    assert len(finding.evidence) == 4
    assert list(finding.evidence) == sorted(finding.evidence)


@pytest.mark.parametrize(
    ("key", "value", "asks"),
    [
        ("istio.io/rev", "canary", True),
        ("istio.io/rev", "", None),
        ("istio.io/dataplane-mode", "ambient", True),
        ("istio.io/dataplane-mode", "none", False),
        ("istio.io/dataplane-mode", "other", None),
        ("istio-injection", "enabled", True),
        ("istio-injection", "Disabled ", False),
        ("sidecar.istio.io/inject", "yes", True),
        ("sidecar.istio.io/inject", "perhaps", None),
    ],
)
def test_what_a_label_is_meant_to_ask_for(key: str, value: str, asks: bool | None) -> None:
    """By its right key; a value that could mean anything asks for nothing."""
    assert injection_spellings.asks(key, value) is asks
