"""MF308: what is wrong with the lists of the injector's configuration, and how they are corrected, as text."""

import json
from typing import Any

import pytest
import yaml

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.injector_config import read_injector_config
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.injection.injector_config_edits import NEVER, items_of, key_of
from kubectl_meshfix.rules.injection.selector_repairs import Repair, repaired
from tests.injection.installations import injector
from tests.rules.asking import fix
from tests.rules.test_injection import BUILD, DEPLOYER, SELECTOR, exists, found

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
        ("- neverinjectselector\n", NEVER, []),
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


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "neverInjectSelector\n", "- neverInjectSelector\n", "policy: enabled\n", f"{NEVER}: []\n"]
)
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
