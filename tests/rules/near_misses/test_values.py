"""What the rules about single values say of those that differ in one thing."""

from typing import Literal

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.input.unreadable_document import RULE
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked

INPUT = [rule for rule in RULES if rule.code.startswith("MF0")]
POLICY = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart, trafficPolicy: %s}
"""
LABELLED = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart, workloadSelector: {matchLabels: {version: %s}}}
"""
REDIRECT = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{redirect: {uri: /, scheme: %s}}]}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (POLICY % "{tls: {mode: simple}}", [("MF003", "Replace simple with SIMPLE.")]),
        (
            POLICY % "{outlierDetection: {baseEjectionTime: 10s, splitExternalLocalOriginErrors: 'true'}}",
            [("MF003", "Write true without quotes.")],
        ),
        (POLICY % "{outlierDetection: {minHealthPercent: '10'}}", [("MF003", "Write 10 without quotes.")]),
        (POLICY % "{outlierDetection: {minHealthPercent: '010'}}", [("MF003", "Replace 010 with 10.")]),
        (POLICY % "{outlierDetection: {minHealthPercent: ten}}", [("MF003", "Use a value that the schema allows.")]),
        (POLICY % "{loadBalancer: {consistentHash: {httpHeaderName: 5}}}", [("MF003", "Put 5 in quotes.")]),
        (POLICY % "{loadBalancer: {consistentHash: {httpHeaderName: true}}}", [("MF003", "Put true in quotes.")]),
        (POLICY % "{tls: {mode: 5}}", [("MF001", None)]),
        (LABELLED % "5", [("MF001", None)]),
        (LABELLED % ("1" * 64), [("MF001", None)]),
        (LABELLED % f"'{'1' * 64}'", [("MF003", "Use a value that the schema allows.")]),
        (POLICY % "{tls: {mode: '5'}}", [("MF003", "Use a value that the schema allows.")]),
        (REDIRECT % "HTTP", [("MF004", "Replace HTTP with http.")]),
        (REDIRECT % "SHOP_SCHEME", []),
        (REDIRECT % "shop", [("MF004", "Change what istiod refuses.")]),
    ],
)
def test_a_value_is_told_once_with_what_is_meant(text: str, told: list[tuple[str, str | None]]) -> None:
    """By the first that refuses it. A word in capitals may be filled in later, but not where one value is meant."""
    found = diagnose(from_texts({"a.yaml": text})[0], INPUT).findings
    assert [(row.code, row.fix.summary if row.fix else None) for row in found] == told


@pytest.mark.parametrize(("about", "count"), [("document", 1), ("suppression", 0)])
def test_a_suppression_that_cannot_be_read_is_no_document(about: Literal["document", "suppression"], count: int) -> None:
    """It is told by a rule of its own, after everything is checked."""
    problem = Problem(
        resource=Ref(api_version="v1", kind="Service", namespace="shop", name="cart"), path="", reason="not read", about=about
    )
    assert len(asked(RULE, Mesh((), problems=[problem]))) == count
