"""The index, from which the registry is made without the rules' modules."""

import subprocess
import sys

import msgspec
import pytest

from docs import rule_index
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.index import row
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import examples, run

LOADED = """
import sys
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
snapshot, _ = from_texts({"one.yaml": "apiVersion: networking.istio.io/v1\\nkind: Sidecar\\nmetadata: {name: a, namespace: b}\\n"})
diagnose(snapshot, RULES)
print(*sorted(rule.code for rule in RULES if rule.check.__module__ in sys.modules))
"""


def test_the_index_is_what_the_modules_declare() -> None:
    """Who changes what a rule declares writes the index again: make docs."""
    assert rule_index.INDEX.read_text(encoding="utf-8") == rule_index.text()


def test_the_registry_is_the_same_by_the_index_and_by_the_modules() -> None:
    """Everything but the check is read from the index, and the check says which module it is of."""
    for rule, declared in zip(RULES, rule_index.declared(), strict=True):
        assert row(rule) == row(declared)
        assert msgspec.structs.replace(rule, check=declared.check) == declared


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_findings_are_about_what_the_rule_says(rule: Rule) -> None:
    """No finding is about an object of a kind without which the rule is not asked."""
    found = (row for example in examples(rule, "bad") for row in run(example).findings if row.code == rule.code)
    subjects = {kind.kind for kind in rule.subjects}

    assert not subjects or {row.resource.kind for row in found} <= subjects


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=lambda rule: rule.code)
def test_what_a_rule_needs_may_be_read(rule: Rule) -> None:
    """A kind without which a rule finds nothing is one that it declares."""
    assert set(rule.needs) <= {*rule.inputs, *rule.optional}


def test_a_rule_about_other_kinds_is_not_imported() -> None:
    """However many rules there are, a run imports those that can find something in the kinds that were read."""
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()

    assert "MF405" in said
    assert not {"MF101", "MF201", "MF305", "MF401", "MF501", "MF702"} & set(said)


def of_text(text: str) -> list[str]:
    """The codes of what is found in one file."""
    return [row.code for row in diagnose(from_texts({"one.yaml": text})[0], RULES).findings]


def test_a_rule_is_asked_however_its_words_are_spelt() -> None:
    """A key in double quotes may be written with escapes, or over two lines."""
    head = "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
    route = head + "metadata: {name: a, namespace: b}\nspec: {hosts: [c], http: [{KEY: {name: shp}}]}\n"
    text = route + head + "metadata: {name: shop, namespace: b}\nspec: {http: []}\n"

    for key in ("delegate", '"delegate"', '"dele\\x67ate"', '"d\\u0065legate"', '"dele\\\n  gate"'):
        assert "MF408" in of_text(text.replace("KEY", f"? {key} " if "\n" in key else key)), key
    assert "MF408" not in of_text(text.replace("KEY", "name"))


def test_a_rule_whose_words_are_nowhere_is_not_imported() -> None:
    """A Deployment without init containers has nothing that calls before the proxy."""
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}\nspec: {template: {spec: {containers: []}}}\n"
    read = LOADED.partition("from_texts({")[0] + f"from_texts({{'one.yaml': {text!r}}})" + LOADED.partition("})")[2]
    said = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True).stdout.split()

    assert "MF202" in said
    assert not {"MF204", "MF205", "MF206", "MF310", "MF909"} & set(said)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.compares], ids=lambda rule: rule.code)
def test_what_a_rule_compares_may_be_read(rule: Rule) -> None:
    """A kind of which a rule compares several objects is one that it declares."""
    assert set(rule.compares) <= {*rule.inputs, *rule.optional}


def test_a_rule_that_compares_objects_is_not_imported_for_one() -> None:
    """Nothing drops a part of a DestinationRule that is alone; of two for one host, the second may be dropped."""
    head = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
    one, two = (
        f"{head}metadata: {{name: {name}, namespace: b}}\nspec: {{host: c, trafficPolicy: {{tls: {{mode: {mode}}}}}}}\n"
        for name, mode in (("a", "SIMPLE"), ("d", "DISABLE"))
    )
    read = LOADED.partition("from_texts({")[0] + f"from_texts({{'one.yaml': {one!r}}})" + LOADED.partition("})")[2]
    said = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True).stdout.split()

    assert "MF427" in said
    assert "MF421" not in said
    assert "MF421" in of_text(one + two)
