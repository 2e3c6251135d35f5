"""What istiod's webhook refuses in a Telemetry, and what it warns of."""

import pytest

from kubectl_meshfix.validation.extensions.telemetry import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "accessLogging": [{"providers": [{"name": "envoy"}], "filter": {"expression": "response.code >= 400"}}],
        "tracing": [
            {
                "providers": [{"name": "zipkin"}],
                "randomSamplingPercentage": 10,
                "customTags": {"a": {"literal": {"value": "b"}}},
            }
        ],
        "metrics": [
            {
                "providers": [{"name": "prometheus"}],
                "overrides": [{"match": {"customMetric": "m"}, "tagOverrides": {"a": {"value": "b"}, "c": {"operation": "REMOVE"}}}],
            }
        ],
    },
}
LOGGING, TRACING, METRICS = "/spec/accessLogging/0", "/spec/tracing/0", "/spec/metrics/0"
TAG, SHARE = f"{TRACING}/customTags/a", f"{TRACING}/randomSamplingPercentage"
OVERRIDE = f"{METRICS}/overrides/0"
CHANGED, DROPPED, METRIC = f"{OVERRIDE}/tagOverrides/a", f"{OVERRIDE}/tagOverrides/c", f"{OVERRIDE}/match/customMetric"
EXPRESSION = f"{LOGGING}/filter/expression"
MODES = {"/spec/tracing": [{"match": {"mode": "SERVER"}}, {"match": {"mode": "CLIENT"}}]}

CASES = [
    *(
        Case(f"a provider of {path} has a name", {f"{path}/providers/0/name": ""}, f"{path}/providers/0", {f"{path}/providers": []})
        for path in (LOGGING, TRACING, METRICS)
    ),
    Case("an expression is one of CEL", {EXPRESSION: "response.code = 400"}, EXPRESSION, {EXPRESSION: "response.code == 400"}),
    Case("an expression is not empty", {f"{LOGGING}/filter": {}}, f"{LOGGING}/filter", {f"{LOGGING}/filter": None}),
    Case("one tracing is supported", {"/spec/tracing/1": {}}, "/spec/tracing", MODES, is_warning=True),
    Case(
        "one provider of traces is supported",
        {f"{TRACING}/providers/1": {"name": "otel"}},
        f"{TRACING}/providers",
        {f"{LOGGING}/providers/1": {"name": "otel"}},
        is_warning=True,
    ),
    Case("a percentage is 100 at most", {SHARE: 100.5}, SHARE, {SHARE: 100}),
    Case("a percentage is not negative", {SHARE: -0.1}, SHARE, {SHARE: 0}),
    Case("a tag has a name", {f"{TRACING}/customTags": {"": {}}}, f"{TRACING}/customTags/", {f"{TRACING}/customTags": {"a": {}}}),
    *(
        Case(f"a tag has its {kind}", {TAG: {kind: {}}}, f"{TAG}/{kind}", {TAG: {kind: {name: "b"}}})
        for kind, name in (("literal", "value"), ("header", "name"), ("environment", "name"))
    ),
    Case("a tag that is set has a value", {CHANGED: {}}, CHANGED),
    Case("a tag that is removed has none", {f"{DROPPED}/value": "d"}, f"{DROPPED}/value", {f"{DROPPED}/value": ""}),
    Case(
        "a tag without a name is warned of",
        {f"{OVERRIDE}/tagOverrides": {"": {"value": "b"}}},
        f"{OVERRIDE}/tagOverrides/",
        is_warning=True,
    ),
    Case("a metric has a name", {METRIC: ""}, METRIC, {METRIC: GONE}),
    Case("a selector and targets exclude each other", {"/spec/targetRefs": [{"kind": "Service", "name": "a"}]}, "/spec"),
    Case("a selector without labels is warned of", {"/spec/selector": {}}, "/spec/selector", is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
