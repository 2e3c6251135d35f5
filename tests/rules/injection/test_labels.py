"""MF302 and MF303: what else is on an object, and what webhooks there are, decide on what is said of its labels."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import conflicting_injection_labels, misspelt_injection_label
from kubectl_meshfix.rules.rule import Rule
from tests.injection.installations import INSTALLATIONS, decoded, deployment, injector, namespace
from tests.injection.scenes import backend, hooks
from tests.rules.asking import asked, fix
from tests.rules.test_injection import DEFAULT, ENABLED, INJECT, MODE, REV, after, found

CONFLICT, SPELLING = conflicting_injection_labels.RULE, misspelt_injection_label.RULE
R1 = INSTALLATIONS["r1"]
DISABLED = {"istio-injection": "disabled"}
PROXY = {"containers": [{"name": "cart", "image": "cart:1"}, {"name": "istio-proxy", "image": "istio/proxyv2:1.30.0"}]}


def fixes(rule: Rule, *objects: Any, live: bool = False) -> list[tuple[str, str]]:
    """How the findings of a rule are corrected, and why only by hand."""
    return [(fix(item).summary, fix(item).why or "") for item in found(rule, *objects, live=live)]


def selecting(namespaces: Mapping[str, Any], pods: Mapping[str, Any], **more: Any) -> Object:
    """A webhook configuration of revision r1 that selects in another way than the chart's."""
    (given,) = R1
    raw = json.loads(msgspec.json.encode(given))
    raw["metadata"]["name"] = "own"
    raw["webhooks"] = [{**raw["webhooks"][0], "namespaceSelector": dict(namespaces), "objectSelector": dict(pods), **more}]
    return decoded(raw)


# ---------------------------------------------------------------- MF302


@pytest.mark.parametrize(
    ("space", "labels", "spec", "is_found"),
    [
        (DISABLED, {INJECT: "true"}, {}, True),
        (DISABLED, {INJECT: "false"}, {}, False),
        ({}, {INJECT: "true"}, {}, False),
        (DISABLED, {INJECT: "true"}, PROXY, False),
    ],
)
def test_a_label_for_a_sidecar_in_a_namespace_without(
    space: Mapping[str, str], labels: Mapping[str, str], spec: Mapping[str, Any], *, is_found: bool
) -> None:
    """It contradicts the namespace's where its pods get none; a template that has the proxy already needs nobody's label."""
    assert bool(found(CONFLICT, DEFAULT, namespace("shop", space), deployment(labels, spec=spec))) is is_found


# ---------------------------------------------------------------- MF303


def test_a_slip_in_the_label_of_ambient_mode_is_no_matter_of_revisions() -> None:
    """Beside a revision, too, it is corrected; only `istio-injection` hides a revision."""
    space = namespace("shop", {"istio.io/data-plane-mode": "ambient", REV: "gone"})
    (finding,) = found(SPELLING, DEFAULT, space)

    assert after(space, fix(finding))["metadata"]["labels"] == {MODE: "ambient", REV: "gone"}


REPAIR = "Repair the calls to the injector, which fail now, then set istio-injection=enabled."
COMMAND = "kubectl label --overwrite namespace shop"


@pytest.mark.parametrize(
    ("installation", "labels", "summary", "command"),
    [
        (
            (hooks(), *backend()),
            {"istio-injection": "maybe"},
            'Set istio-injection to "enabled" or "disabled".',
            f"{COMMAND} istio-injection=VALUE",
        ),
        ((hooks(),), {"istio-injection": "maybe"}, REPAIR, f"{COMMAND} istio-injection=enabled"),
        ((hooks(),), {"istio-inject": "enabled"}, REPAIR, f"{COMMAND} istio-injection=enabled istio-inject-"),
        (
            (hooks(), hooks("istio-sidecar-injector-r1", "r1"), *backend(name="istiod-r1")),
            {"istio-injection": "maybe"},
            REPAIR,
            f"{COMMAND} istio-injection=enabled",
        ),
        (
            (hooks("istio-sidecar-injector-r1", "r1"), *backend(name="istiod-r1")),
            {"istio-injection": "maybe"},
            "Replace istio-injection by istio.io/rev: no revision is the default, and there is r1.",
            f"{COMMAND} istio-injection- istio.io/rev=REVISION",
        ),
    ],
    ids=["default", "no istiod", "no istiod, another key", "another istiod", "no default"],
)
def test_what_a_label_without_a_clear_meaning_is_replaced_by(
    installation: tuple[Object, ...], labels: Mapping[str, str], summary: str, command: str
) -> None:
    """One that may mean anything is for a person; where the default revision cannot be called, that comes first."""
    space = namespace("shop", labels)
    (finding,) = asked(SPELLING, Mesh((*installation, space), live=True))

    assert (fix(finding).summary, fix(finding).commands) == (summary, (command,))


def test_of_a_label_whose_effect_is_unknown_nothing_is_said() -> None:
    """A value that could mean anything is judged by what pods get, where that is known."""
    space = namespace("shop", {"istio-injection": "maybe"})
    doubtful = selecting({"matchLabels": {"istio-injection": "maybe"}}, {}, matchConditions=[{"name": "a", "expression": "true"}])

    assert found(SPELLING, DEFAULT, space)
    assert not found(SPELLING, doubtful, space)


@pytest.mark.parametrize(
    ("space", "labels", "fixed"),
    [
        ({}, {"istio.io/data-plane-mode": "ambient"}, {MODE: "ambient"}),
        ({MODE: "ambient"}, {"istio.io/data-plane-mode": "none"}, {MODE: "none"}),
        ({MODE: "ambient"}, {"istio.io/data-plane-mode": "ambient"}, None),
        ({}, {"istio.io/data-plane-mode": "none"}, None),
        ({}, {"istio.io/data-plane-mode": "maybe"}, None),
        (ENABLED, {INJECT: "maybe"}, None),
        (ENABLED, {"istio.io/revision": ""}, None),
        ({}, {"istio.io/revision": ""}, None),
    ],
)
def test_slips_in_the_labels_for_ambient_mode_and_revisions(
    space: Mapping[str, str], labels: Mapping[str, str], fixed: Mapping[str, str] | None
) -> None:
    """A slip counts where the pods are not in the mode that was meant; a value without a meaning asks for nothing."""
    workload = deployment(labels)
    findings = [item for item in found(SPELLING, DEFAULT, injector(), namespace("shop", space), workload) if fix(item).patches]

    assert [after(workload, fix(item))["spec"]["template"]["metadata"]["labels"] for item in findings] == ([fixed] if fixed else [])


def test_a_value_without_a_meaning_is_a_mistake_in_the_label_for_injection_alone() -> None:
    """There it has to be `true` or `false`; a revision without a name selects nothing, and nobody knows which one was meant."""
    assert fixes(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), deployment({INJECT: "maybe"})) == [
        (f'Set the label {INJECT} on the pod template to "true" or "false".', "")
    ]
    assert not found(SPELLING, DEFAULT, injector(), namespace("shop", ENABLED), deployment({"istio.io/revision": ""}))
