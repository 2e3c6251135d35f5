"""The injector's decision: its table, its order, its versions."""

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.chain.steps import Status, Told, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.injector.decision import Decision, decide, read_value
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.control_plane import ControlPlane, parse_version
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.injector_config import InjectorConfig, read_injector_config
from kubectl_meshfix.resources.meta import LabelSelector, Meta, Ref, Requirement

INJECT = "sidecar.istio.io/inject"
REF = Ref("v1", "ConfigMap", "istio-system", "istio-sidecar-injector")
FOO = LabelSelector(match_labels={"foo": "bar"})
BAZ = LabelSelector(match_expressions=(Requirement(key="baz", operator="Exists"),))
CHECKS = ("hostNetwork", "ignoredNamespaces", INJECT, "neverInjectSelector", "alwaysInjectSelector", "policy", "templates")
EMPTY = LabelSelector()
INVALID = LabelSelector(match_expressions=(Requirement(key="foo", operator="Is", values=("bar",)),))
WITHOUT_VALUES = LabelSelector(match_expressions=(Requirement(key="foo", operator="In"),))


def plane(version: str = "1.30.0", **config: Any) -> ControlPlane:
    """A control plane whose injector is configured so."""
    return ControlPlane(
        revision="default",
        namespace="istio-system",
        version=parse_version(version),
        injector=InjectorConfig(config_map=REF, **{"policy": "enabled", **config}),
    )


def template(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, *, host_network: bool = False) -> PodTemplate:
    """A pod's template."""
    made = PodTemplate(metadata=Meta(labels=labels or {}, annotations=annotations or {}))
    return msgspec.structs.replace(made, spec=msgspec.structs.replace(made.spec, host_network=host_network))


def decided(control_plane: ControlPlane | None, namespace: str, made: PodTemplate) -> Told[Decision]:
    """What an injector does with a pod, and how it came to that."""
    return told(decide(control_plane, view_pod(namespace, made)))


def outcome(found: Told[Decision]) -> tuple[bool | None, str]:
    """What was decided, and by which check, which is among those that were told."""
    assert found.value.decided_by in found.steps
    return known(found.value.injects), found.value.decided_by.check


def known(value: bool | Unknown) -> bool | None:
    """What is known; None where nothing is."""
    return None if isinstance(value, Unknown) else value


SAYS = {"yes": {INJECT: "true"}, "no": {INJECT: "false"}, "nothing": {}}


@pytest.mark.parametrize(
    ("policy", "label", "annotation", "injects", "decided_by"),
    [
        ("enabled", "nothing", "nothing", True, "policy"),
        ("enabled", "nothing", "yes", True, INJECT),
        ("enabled", "nothing", "no", False, INJECT),
        ("enabled", "yes", "nothing", True, INJECT),
        ("enabled", "yes", "no", True, INJECT),
        ("enabled", "no", "nothing", False, INJECT),
        ("enabled", "no", "yes", False, INJECT),
        ("disabled", "nothing", "nothing", False, "policy"),
        ("disabled", "nothing", "yes", True, INJECT),
        ("disabled", "nothing", "no", False, INJECT),
        ("disabled", "yes", "nothing", True, INJECT),
        ("disabled", "yes", "no", True, INJECT),
        ("disabled", "no", "nothing", False, INJECT),
        ("disabled", "no", "yes", False, INJECT),
        ("off", "nothing", "nothing", False, "policy"),
        ("off", "yes", "nothing", False, "policy"),
        ("off", "nothing", "yes", False, "policy"),
        ("", "yes", "yes", False, "policy"),
    ],
)
def test_policy_label_and_annotation(policy: str, label: str, annotation: str, injects: bool, decided_by: str) -> None:
    """The pod's word goes before the policy, its label before its annotation; a policy that is none forbids everything."""
    decision = decided(plane(policy=policy), "shop", template(SAYS[label], SAYS[annotation]))

    assert outcome(decision) == (injects, decided_by)


@pytest.mark.parametrize(
    ("policy", "never", "always", "labels", "injects", "decided_by"),
    [
        ("enabled", (), (FOO,), {"foo": "bar"}, True, "alwaysInjectSelector"),
        ("enabled", (), (FOO,), {"foo": "other"}, True, "policy"),
        ("enabled", (FOO,), (), {"foo": "bar"}, False, "neverInjectSelector"),
        ("enabled", (FOO,), (), {"foo": "other"}, True, "policy"),
        ("enabled", (FOO,), (FOO,), {"foo": "bar"}, False, "neverInjectSelector"),
        ("enabled", (FOO, BAZ), (), {"baz": ""}, False, "neverInjectSelector"),
        ("enabled", (FOO,), (), {"foo": "bar", INJECT: "true"}, True, INJECT),
        ("enabled", (), (FOO,), {"foo": "bar", INJECT: "false"}, False, INJECT),
        ("enabled", (FOO,), (), {"foo": "bar", INJECT: ""}, False, "neverInjectSelector"),
        ("disabled", (), (FOO,), {"foo": "bar"}, True, "alwaysInjectSelector"),
        ("disabled", (), (FOO,), {}, False, "policy"),
        ("disabled", (FOO,), (BAZ,), {"baz": ""}, True, "alwaysInjectSelector"),
        ("disabled", (FOO,), (BAZ,), {"foo": "bar", "baz": ""}, False, "neverInjectSelector"),
        ("off", (), (FOO,), {"foo": "bar"}, False, "policy"),
        ("enabled", (EMPTY,), (), {"foo": "bar"}, True, "policy"),
        ("disabled", (), (EMPTY,), {"foo": "bar"}, False, "policy"),
        ("enabled", (INVALID, WITHOUT_VALUES), (), {"foo": "bar"}, True, "policy"),
        ("enabled", (INVALID, EMPTY, FOO), (), {"foo": "bar"}, False, "neverInjectSelector"),
    ],
)
def test_selectors(
    *,
    policy: str,
    never: tuple[LabelSelector, ...],
    always: tuple[LabelSelector, ...],
    labels: dict[str, str],
    injects: bool,
    decided_by: str,
) -> None:
    """Never goes before always, both after the pod's own word and before the policy; empty and invalid selectors never match."""
    decision = decided(plane(policy=policy, never_inject_selector=never, always_inject_selector=always), "shop", template(labels))

    assert outcome(decision) == (injects, decided_by)


def test_selectors_that_cannot_match_are_pointed_out() -> None:
    """An empty or invalid selector changes nothing and is a warning, with its place in the list."""
    decision = decided(plane(never_inject_selector=(EMPTY, FOO, INVALID)), "shop", template())
    found = next(step for step in decision.steps if step.check == "neverInjectSelector")

    assert (found.status, found.args["items"]) == (Status.WARN, "item 0 is empty, item 2 is invalid")


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"])
def test_system_namespaces_are_left_alone(namespace: str) -> None:
    """No word of the pod counts in the namespaces Istio ignores."""
    assert outcome(decided(plane(), namespace, template({INJECT: "true"}))) == (False, "ignoredNamespaces")


def test_the_hosts_network_goes_before_everything() -> None:
    """A pod on the host's network is not injected, and nothing else is asked."""
    decision = decided(plane(), "kube-system", template({INJECT: "true"}, host_network=True))

    assert outcome(decision) == (False, "hostNetwork")
    assert [step.check for step in decision.steps] == ["hostNetwork"]


def test_an_empty_label_silences_the_annotation() -> None:
    """A label that is there counts even when empty, so the annotation is not heard and the policy decides."""
    assert outcome(decided(plane(policy="disabled"), "shop", template({INJECT: ""}, {INJECT: "true"}))) == (False, "policy")


@pytest.mark.parametrize(
    ("value", "before", "since"),
    [
        ("true", True, True),
        ("True", True, None),
        ("yes", True, None),
        ("Y", True, None),
        ("on", True, None),
        ("false", False, False),
        ("False", False, None),
        ("no", False, None),
        ("off", False, None),
        ("random", False, None),
        ("1", False, None),
        ("", None, None),
    ],
)
def test_values_mean_different_things_before_and_since_1_27(value: str, before: bool | None, since: bool | None) -> None:
    """Up to 1.26 any word but a few for yes refuses; from 1.27 on any word but two says nothing. An unknown istiod is a new one."""
    readings = [read_value(value, parse_version(version)) for version in ("1.20.8", "1.26.9", "1.27.0", "1.32-alpha.1", "unknown")]

    assert readings == [before, before, since, since, since]


@pytest.mark.parametrize(("version", "injects"), [("1.26.4", False), ("1.27.0", True)])
def test_the_same_label_flips_with_an_upgrade(version: str, injects: bool) -> None:
    """A label "no" keeps the sidecar away until istiod is 1.27, and from then on does not."""
    assert decided(plane(version), "shop", template({INJECT: "no"})).value.injects is injects


@pytest.mark.parametrize(("value", "assumed"), [("true", False), ("false", False), ("", False), ("no", True), ("True", True)])
def test_an_unknown_version_matters_for_odd_values_only(value: str, assumed: bool) -> None:
    """A decision on a value that all versions read alike does not rest on the version."""
    assert bool(decided(plane("latest"), "shop", template({INJECT: value})).value.assumed) is assumed


def test_an_injector_that_was_not_read_is_the_charts() -> None:
    """Without its configuration the injector is taken to inject what it gets, and the decision says that it is assumed."""
    decision = decided(None, "shop", template())

    assert (decision.value.injects, [unknown.of for unknown in decision.value.assumed]) == (True, ["the injector's configuration"])


@pytest.mark.parametrize(("labels", "injects"), [({}, None), ({INJECT: "true"}, True), ({INJECT: "false"}, False)])
def test_a_broken_configuration_decides_nothing(labels: dict[str, str], injects: bool | None) -> None:
    """What a broken configuration would have decided is unknown; the pod's own word still holds."""
    broken = plane(usable=False, problems=("It has no key values.",))

    assert known(decided(broken, "shop", template(labels)).value.injects) is injects


@pytest.mark.parametrize(
    ("annotation", "injects"),
    [("sidecar", True), ("sidecar, gateway", True), ("both", True), ("mine", False), ("sidecar,mine", False), ("", False)],
)
def test_a_template_nobody_knows_refuses_the_pod(annotation: str, injects: bool) -> None:
    """The pod's templates, aliases resolved, must be among the injector's."""
    known = plane(templates=("sidecar", "gateway"), aliases={"both": ("sidecar", "gateway")})
    decision = decided(known, "shop", template(annotations={"inject.istio.io/templates": annotation}))

    assert outcome(decision) == ((True, "policy") if injects else (False, "templates"))


@pytest.mark.parametrize(
    ("default", "there", "injects"),
    [
        (("sidecar",), ("sidecar",), True),
        (("sidecar",), ("gateway",), False),
        (("sidecar", "mine"), ("sidecar",), False),
        (("sidecar",), (), True),
    ],
)
def test_default_templates_must_be_there_too(default: tuple[str, ...], there: tuple[str, ...], injects: bool) -> None:
    """They are those of a pod that names none; of a configuration without templates nothing is known to be missing."""
    decision = decided(plane(templates=there, default_templates=default), "shop", template())

    assert outcome(decision) == ((True, "policy") if injects else (False, "templates"))


values = st.sampled_from((None, "", "true", "false", "True", "no", "on"))
selectors = st.lists(st.sampled_from((FOO, BAZ, EMPTY, INVALID)), max_size=2).map(tuple)


@given(
    policy=st.sampled_from(("enabled", "disabled", "?")),
    label=values,
    annotation=values,
    never=selectors,
    always=selectors,
    host_network=st.booleans(),
    which=st.sampled_from("fb "),
    old=st.booleans(),
)
def test_a_decision_is_what_its_order_says(
    *,
    policy: str,
    label: str | None,
    annotation: str | None,
    never: tuple[LabelSelector, ...],
    always: tuple[LabelSelector, ...],
    host_network: bool,
    which: str,
    old: bool,
) -> None:
    """For every configuration: the first answer in the injector's order, unless the policy is none."""
    own = {"f": {"foo": "bar"}, "b": {"baz": "1"}, " ": {}}[which]
    labels = own | ({} if label is None else {INJECT: label})
    annotations = {} if annotation is None else {INJECT: annotation}
    matching = {"f": FOO, "b": BAZ}.get(which)
    version = "1.26.0" if old else "1.27.0"
    word = label if label is not None else annotation or ""
    answers = (read_value(word, parse_version(version)), False if matching in never else None, True if matching in always else None)
    explicit = next((answer for answer in answers if answer is not None), policy == "enabled")
    want = explicit and policy != "?" and not host_network

    configured = plane(version, policy=policy, never_inject_selector=never, always_inject_selector=always)
    decision = decided(configured, "shop", template(labels, annotations, host_network=host_network))

    assert decision.value.injects is want
    places = [CHECKS.index(step.check) for step in decision.steps]
    assert places == sorted(set(places))
    assert decision.value.decided_by in decision.steps


def test_pasted_snippets_that_flatten_the_indentation_match_nothing() -> None:
    """A widespread snippet reads as two empty selectors, which the injector passes over in silence."""
    flattened = "policy: enabled\nneverInjectSelector:\n- matchExpressions:\n- {key: openshift.io/build.name, operator: Exists}\n"
    config = read_injector_config(REF, {"config": flattened, "values": "{}"})
    build = template({"openshift.io/build.name": "b"})

    assert config.never_inject_selector == (EMPTY, EMPTY)
    assert decided(ControlPlane(revision="default", namespace="", injector=config), "shop", build).value.injects is True


def test_the_checks_cover_every_combination_without_an_unknown() -> None:
    """With everything read no check is left unknown, and exactly one check says no when the pod is not injected."""
    for policy, value in itertools.product(("enabled", "disabled", "?"), ("true", "false", "")):
        decision = decided(plane(policy=policy), "shop", template({INJECT: value}))
        failed = [step for step in decision.steps if step.status is Status.FAIL]

        assert not any(step.status is Status.UNKNOWN for step in decision.steps)
        assert decision.value.injects is (not failed)
        assert decision.value.injects is True or decision.value.decided_by in failed
