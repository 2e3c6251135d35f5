"""What the rules about matches, rewrites and weights say of routes that differ in one thing."""

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.rules.routing.matching import impossible_match, ineffective_weight, mangled_path
from tests.rules.asking import fix
from tests.rules.near_misses.scenes import Change, example, said, summaries

# ---------------------------------------------------------------- MF407


@pytest.mark.parametrize("length", [39, 40, 41])
def test_forty_characters_of_a_value_are_shown(length: int) -> None:
    """Of a longer one the first forty."""
    value = "/" + "x" * (length - 3) + "*y"
    text = f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: cart, namespace: shop}}
spec: {{hosts: [cart], http: [{{match: [{{uri: {{exact: "{value[:-3]}?a="}}}}], route: [{{destination: {{host: cart}}}}]}}]}}
"""
    (found,) = said(impossible_match.RULE, text)
    written = f"{value[:-3]}?a="
    assert len(written) == length
    assert f'"{written[:40]}{"…" if length > 40 else ""}"' in found.message


# ---------------------------------------------------------------- MF413

TOO_MUCH, TOO_FEW = example(mangled_path.RULE, "a slash too much"), example(mangled_path.RULE, "a slash too few")
MATCH_BOTH = "Match the prefix /common/ and the exact path /common."


@pytest.mark.parametrize(
    ("text", "changes", "summary", "safety"),
    [
        (TOO_MUCH, (), MATCH_BOTH, Safety.UNSAFE),
        (TOO_MUCH, (("        prefix: /common\n", "        prefix: /common\n      port: 80\n"),), MATCH_BOTH, Safety.MANUAL),
        (TOO_MUCH, (("        prefix: /common\n", "        prefix: /common\n    - uri: {exact: /a}\n"),), MATCH_BOTH, Safety.MANUAL),
        (TOO_FEW, (), "Rewrite to /shop/.", Safety.UNSAFE),
        (TOO_FEW, (("uri: /shop\n", "uri: /shop/index.html\n"),), "Match the exact path that becomes /shop/index.html.", Safety.MANUAL),
        (TOO_FEW, (("uri: /shop\n", "uri: /shop.v2/items\n"),), "Rewrite to /shop.v2/items/.", Safety.UNSAFE),
    ],
)
def test_a_slash_is_put_right_where_nothing_else_is_meant(text: str, changes: tuple[Change, ...], summary: str, safety: Safety) -> None:
    """By hand beside other conditions, and where the path that is written is a file's."""
    (found,) = said(mangled_path.RULE, text, *changes)
    assert (fix(found).summary, fix(found).safety) == (summary, safety)


# ---------------------------------------------------------------- MF417

SHARES = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [ROUTE]}]}
"""
CART = "{destination: {host: cart}, weight: %s}"


@pytest.mark.parametrize(
    ("route", "summary"),
    [
        (CART % 50, ["Remove the weight."]),
        (CART % 0, ["Remove the weight."]),
        (CART % 100, []),
        ("{destination: {host: cart}}", []),
        (f"{CART % 50}, {CART % 50}", ["Name it once, with the weight 100."]),
        (f"{CART % 50}, {{destination: {{host: web}}, weight: 50}}", []),
        (f"{CART % 50}, {{destination: {{host: cart}}, weight: 50, headers: {{request: {{set: {{a: b}}}}}}}}", []),
        (f"{CART % 50}, {CART % 20}, {CART % 30}", ["Name each destination once."]),
    ],
)
def test_a_weight_is_told_that_does_nothing(route: str, summary: list[str]) -> None:
    """Of a destination that is alone, or twice with the same headers."""
    assert summaries(said(ineffective_weight.RULE, SHARES, ("ROUTE", route))) == summary
