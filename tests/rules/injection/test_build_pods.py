"""MF307: which build and deployer pods are told of, and who has to write the change."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.rules.injection.injector_config_edits import NEVER
from tests.injection.installations import INSTALLATIONS, config_map, decoded, injector, istiod, manifest, namespace
from tests.rules.asking import fix
from tests.rules.test_injection import BUILD, DEFAULT, DEPLOYER, ENABLED, ON_OPENSHIFT, OPENSHIFT, SELECTOR, exists, found

CONFIG = manifest("{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, metadata: {name: cart, namespace: shop}, spec: {}}")
ROLLED = "DeploymentConfig shop/cart is rolled out in a namespace with injection"


@pytest.mark.parametrize(
    ("never", "labels", "is_named"),
    [([], ENABLED, True), ([], {}, False), ([exists(DEPLOYER)], ENABLED, False), ([exists(BUILD)], ENABLED, True)],
)
def test_which_deployments_are_rolled_out_with_a_sidecar(never: list[Any], labels: dict[str, str], *, is_named: bool) -> None:
    """Those of namespaces with injection, where deployer pods are injected."""
    objects = (injector(values=ON_OPENSHIFT, neverInjectSelector=never), istiod(image="istio/pilot:1.26.0"), namespace("shop", labels))
    (finding,) = found(OPENSHIFT, DEFAULT, *objects, CONFIG)

    assert (ROLLED in finding.evidence) is is_named


def test_what_another_control_plane_injects_is_told_of_its_own_configuration() -> None:
    """A namespace of a revision that injects deployer pods says nothing of the configuration that keeps sidecars away from them."""
    planes = (istiod(image="istio/pilot:1.26.0"), istiod("r1", image="istio/pilot:1.26.0"), *INSTALLATIONS["default and r1"])
    configs = (injector(values=ON_OPENSHIFT, neverInjectSelector=[exists(DEPLOYER)]), injector("r1", values=ON_OPENSHIFT))
    findings = found(OPENSHIFT, planes, configs, namespace("shop", {"istio.io/rev": "r1"}), CONFIG)

    assert {item.resource.name: ROLLED in item.evidence for item in findings} == {
        "istio-sidecar-injector": False,
        "istio-sidecar-injector-r1": True,
    }


def test_pods_that_only_the_corrected_selectors_inject_are_no_finding() -> None:
    """What injects nothing today is another rule's, whatever its correction would do."""
    always = [{"matchExpressions": [{"key": BUILD, "operator": "exists"}]}]
    config = injector(values=ON_OPENSHIFT, policy="disabled", alwaysInjectSelector=always)

    assert not found(OPENSHIFT, DEFAULT, config, istiod(image="istio/pilot:1.26.0"))
    assert found(SELECTOR, DEFAULT, config)


@pytest.mark.parametrize("items", ["[{matchLabels: {team: web}}]", "[{}]"], ids=["sound", "with a fault"])
def test_a_text_that_cannot_be_edited_is_for_a_person(items: str) -> None:
    """A list that is written by reference has no place of its own where an item could be added, or corrected."""
    text = f"a: &a {items}\npolicy: enabled\n{NEVER}: *a\n"
    (finding,) = found(OPENSHIFT, DEFAULT, config_map("istio-sidecar-injector", config=text, values=json.dumps(ON_OPENSHIFT)))

    assert fix(finding).safety is Safety.MANUAL
    assert fix(finding).summary == f"Add {BUILD} and {DEPLOYER} to {NEVER}."
    assert fix(finding).commands == ("kubectl edit configmap istio-sidecar-injector -n istio-system",)
    assert fix(finding).why


MADE_BY = "Tenant web created it and would revert the change; make the change in Tenant web."


@pytest.mark.parametrize(
    ("owner", "safety", "why", "command"),
    [
        (None, Safety.SAFE, None, "helm upgrade istiod istio/istiod --version 1.30.0 -n istio-system --reuse-values "),
        (("example.com/v1", "Tenant", "web"), Safety.MANUAL, MADE_BY, ""),
        (("sailoperator.io/v1", "IstioRevision", "default"), Safety.SAFE, None, "kubectl patch istio default --type merge "),
    ],
)
def test_who_makes_the_configuration_is_told_of_the_change(
    owner: tuple[str, str, str] | None, safety: Safety, why: str | None, command: str
) -> None:
    """A controller would revert it; Helm and Sail keep it where the same is written there too."""
    raw = json.loads(msgspec.json.encode(injector(values=ON_OPENSHIFT, neverInjectSelector=[exists(BUILD)])))
    if owner:
        version, kind, name = owner
        raw["metadata"]["ownerReferences"] = [{"apiVersion": version, "kind": kind, "name": name, "controller": True}]
    (finding,) = found(OPENSHIFT, DEFAULT, decoded(raw), istiod())

    assert (fix(finding).safety, fix(finding).why) == (safety, why)
    assert [text.startswith(command) for text in fix(finding).commands] == ([True] if command else [])


def test_the_version_of_an_installation_that_was_not_read_is_left_out() -> None:
    """The command has a word in its place, because helm would take the newest one."""
    config = injector(neverInjectSelector=[{}])
    (unread,) = found(SELECTOR, config)
    (known,) = found(SELECTOR, config, istiod())

    assert "istio/istiod --version VERSION -n istio-system" in fix(unread).commands[0]
    assert "istio/istiod --version 1.30.0 -n istio-system" in fix(known).commands[0]
