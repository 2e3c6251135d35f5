"""MF307 and MF308: what the texts of the injector's configuration are, read and changed as text."""

import json
from typing import Any

import msgspec
import pytest
import yaml

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.injector_config import read_injector_config
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.injection.injector_config_edits import NEVER, items_of, key_of
from kubectl_meshfix.rules.injection.selector_repairs import Repair, repaired
from tests.injection.installations import INSTALLATIONS, config_map, decoded, injector, istiod, manifest, namespace
from tests.rules.asking import fix
from tests.rules.test_injection import BUILD, DEFAULT, DEPLOYER, ENABLED, ON_OPENSHIFT, OPENSHIFT, SELECTOR, exists, found

AT = Ref("v1", "ConfigMap", "istio-system", "istio-sidecar-injector")
WEB, API = {"matchLabels": {"team": "web"}}, {"matchLabels": {"team": "api"}}
DEPLOYMENT = "openshift.io/deployment.name"


def repair(text: str) -> Repair:
    """What is wrong with a text, and how it is corrected."""
    return repaired(read_injector_config(AT, {"config": text, "values": "{}"}))


@pytest.mark.parametrize(
    ("text", "key", "items"),
    [
        ("", NEVER, []),
        ("# nothing\n", NEVER, []),
        ("- neverInjectSelector\n", NEVER, []),
        ("neverInjectSelector\n", NEVER, []),
        ("policy: enabled\n", NEVER, []),
        ("neverInjectSelector:\n", NEVER, []),
        ("neverInjectSelector: none\n", NEVER, []),
        ("neverInjectSelector: [{a: b}]\n", NEVER, [{"a": "b"}]),
        ("neverinjectselector: [{a: b}]\n", "neverinjectselector", [{"a": "b"}]),
        ("alwaysInjectSelector: [{a: b}]\n", NEVER, []),
    ],
)
def test_a_list_of_a_text(text: str, key: str, items: list[Any]) -> None:
    """By its key in any case; whatever the text is, it has no items where it has no such list."""
    assert key_of(text, NEVER) == key
    assert items_of(text, NEVER) == items


@pytest.mark.parametrize("text", ["", "# nothing\n", "- neverInjectSelector\n", "policy: enabled\n", f"{NEVER}: []\n"])
def test_a_text_without_selectors_has_no_faults(text: str) -> None:
    """Nothing is wrong with a list that is not there, and nothing is changed."""
    assert repair(text) == Repair(text, (), ())


@pytest.mark.parametrize(
    ("text", "items", "times", "others"),
    [
        (f"{NEVER}:\n- matchLabels: {{team: web}}\n{NEVER}: []\n", [WEB], "twice (lines 1 and 3)", "other"),
        (f"{NEVER}:\n{NEVER}:\n- matchLabels: {{team: web}}\n", [WEB], "twice (lines 1 and 2)", "other"),
        (f"{NEVER}: [{json.dumps(WEB)}]\n{NEVER}: [{json.dumps(WEB)}]\n", [WEB], "twice (lines 1 and 2)", "other"),
        (
            f"{NEVER}: [{json.dumps(WEB)}, {json.dumps(API)}]\n{NEVER}: [{json.dumps(WEB)}]\n",
            [WEB, API],
            "twice (lines 1 and 2)",
            "other",
        ),
        (
            f"{NEVER}: [{json.dumps(WEB)}]\n{NEVER}: [{json.dumps(API)}]\n{NEVER}: []\n",
            [API, WEB],
            "3 times (lines 1 and 2 and 3)",
            "others",
        ),
        (f"{{{NEVER}: [{json.dumps(WEB)}], {NEVER}: }}\n", [WEB], "twice (line 1)", "other"),
        (f"{{{NEVER}: , {NEVER}: }}\n", [], "twice (line 1)", "other"),
    ],
)
def test_lists_that_are_there_several_times_become_one(text: str, items: list[Any], times: str, others: str) -> None:
    """The last that holds anything keeps its items, and gets those of the others that it does not have."""
    found = repair(text)

    assert yaml.safe_load(found.text) == {NEVER: items}
    assert [(fault.fact, fault.effect) for fault in found.faults] == [
        (f"{NEVER} is there {times}, and only the last counts", f"Items of the {others} are ignored.")
    ]


def expressions(*rows: tuple[str, str, list[str] | None]) -> dict[str, Any]:
    """A selector of expressions."""
    return {
        "matchExpressions": [{"key": key, "operator": operator, **({"values": values} if values else {})} for key, operator, values in rows]
    }


OTHER = ("team", "In", ["web"])


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        (exists(BUILD, DEPLOYER), [f"{NEVER}[0] asks for build and deployer pods at once, so it matches none"]),
        ({**exists(BUILD, DEPLOYER), **WEB}, []),
        (expressions((BUILD, "Exists", None), (DEPLOYER, "Exists", None), OTHER), []),
        (exists(BUILD, DEPLOYER, "team"), []),
        (exists(BUILD, BUILD), []),
        (expressions(OTHER, ("app", "In", None)), [f"{NEVER}[0] has the operator In without values"]),
        (expressions(OTHER, ("app", "Equals", ["web"])), [f'{NEVER}[0] has the unknown operator "Equals"']),
        (
            {"key": BUILD, "operator": "Exists"},
            [f"{NEVER}[0] has its expression beside matchExpressions, not below it, so it is empty"],
        ),
        ({"key": BUILD}, [f"{NEVER}[0] is empty, and the injector matches no pod with an empty selector"]),
        ({"operator": "Exists"}, [f"{NEVER}[0] is empty, and the injector matches no pod with an empty selector"]),
    ],
)
def test_what_is_wrong_with_a_selector(item: dict[str, Any], facts: list[str]) -> None:
    """One fault by its first cause; a selector that asks for more than two kinds of pods is not split: nobody knows what was meant."""
    made = repair(json.dumps({NEVER: [item]}))

    assert [fault.fact for fault in (*made.faults, *made.by_hand)] == facts
    assert (made.text == json.dumps({NEVER: [item]})) is (not made.faults)


@pytest.mark.parametrize(
    ("items", "safety"),
    [
        ([expressions((DEPLOYMENT, "DoesNotExist", None))], Safety.UNSAFE),
        ([expressions((DEPLOYMENT, "DoesNotExist", None)), expressions((DEPLOYER, "DoesNotExist", None))], Safety.UNSAFE),
        ([exists(DEPLOYMENT), exists(DEPLOYER)], Safety.SAFE),
    ],
)
def test_a_selector_that_stops_to_match_is_a_risk(items: list[Any], safety: Safety) -> None:
    """What one matched today is injected tomorrow, whether or not another one is there already that the corrected one is like."""
    (finding,) = found(SELECTOR, injector(neverInjectSelector=items))

    assert fix(finding).safety is safety


# ---------------------------------------------------------------- MF307


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
