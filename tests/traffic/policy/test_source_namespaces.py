"""The namespaces of a source are patterns."""

import pytest

from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.policy.source_namespaces import matches_any, patterns
from tests.traffic.objects import make


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("shop", True),
        ("*", True),
        ("sh*", True),
        ("*op", True),
        ("s*p", True),
        ("web*", False),
        ("Shop", False),
        ("sh.p", False),
        ("sho", False),
    ],
)
def test_a_star_stands_for_anything_and_all_else_for_itself(pattern: str, matches: bool) -> None:
    """By case, as Envoy's expressions do."""
    assert matches_any(pattern, {"shop"}) is matches


def test_both_lists_of_every_source_have_entries() -> None:
    """Each by its place."""
    callers = {"source": {"namespaces": ["web", "films"], "notNamespaces": ["shop"]}}
    policy = make(AuthorizationPolicy, "policy", rules=[{}, {"from": [{}, callers]}])

    assert list(patterns(policy)) == [
        ("/spec/rules/1/from/1/source/namespaces/0", "web"),
        ("/spec/rules/1/from/1/source/namespaces/1", "films"),
        ("/spec/rules/1/from/1/source/notNamespaces/0", "shop"),
    ]
