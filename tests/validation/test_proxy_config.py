"""What istiod's webhook refuses in a ProxyConfig."""

import pytest

from kubectl_meshfix.validation.proxy_config import violations
from tests.validation.cases import Case, assert_case

GOOD = {
    "metadata": {"name": "shop", "namespace": "shop"},
    "spec": {"selector": {"matchLabels": {"app": "cart"}}, "concurrency": 2},
}
SELECTOR = "/spec/selector/matchLabels"

CASES = [
    Case("concurrency cannot be negative", {"/spec/concurrency": -1}, "/spec/concurrency", {"/spec/concurrency": 0}),
    Case("a selector has no empty key", {f"{SELECTOR}/": "a"}, f"{SELECTOR}/", {f"{SELECTOR}/a": ""}),
    Case("a selector has no wildcard in a value", {f"{SELECTOR}/app": "cart-*"}, f"{SELECTOR}/app", {f"{SELECTOR}/app": "cart-"}),
    Case("a selector has no wildcard in a key", {f"{SELECTOR}/a~1*": "b"}, f"{SELECTOR}/a~1*", {f"{SELECTOR}/a~1b": "c"}),
    Case("a selector without labels is warned of", {SELECTOR: {}}, "/spec/selector", {"/spec/selector": None}, is_warning=True),
    Case(
        "a dry run is for AuthorizationPolicies",
        {"/metadata/annotations/istio.io~1dry-run": "true"},
        "/metadata/annotations/istio.io~1dry-run",
        {"/metadata/annotations/istio.io~1other": "true"},
        removes=True,
    ),
    *(
        Case(
            f"{name} is istiod's own",
            {f"/metadata/annotations/internal.istio.io~1{name}": ""},
            f"/metadata/annotations/internal.istio.io~1{name}",
            {"/metadata/annotations": None},
        )
        for name in ("webhook-always-reject", "parent-namespace", "parents")
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
