"""One webhook and one pod: the API server's checks, in its order."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kubectl_meshfix.chain.steps import Status, Told, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver.webhook import Candidate, WebhookMatch, format_requirement, match_webhook
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.resources.admission import MatchCondition, MutatingWebhookConfiguration, Webhook, WebhookRule
from kubectl_meshfix.resources.meta import LabelSelector, Meta, Requirement

CONFIGURATION = MutatingWebhookConfiguration(metadata=Meta(name="some"))
PODS = WebhookRule(operations=("CREATE",), api_groups=("",), api_versions=("v1",), resources=("pods",))
CHECKS = ("namespaceSelector", "objectSelector", "rules", "matchPolicy", "matchConditions")
UNREAD = Unknown(kind=UnknownKind.NOT_IN_FILES, of="Namespace", settled_by="Namespace")
IMPOSSIBLE = LabelSelector(match_labels={"never": "there"})
SELECTING = Webhook(name="w", rules=(PODS,))

labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"))
requirement = st.builds(
    Requirement,
    key=st.sampled_from("abc"),
    operator=st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")),
    values=st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
)
selector = st.builds(LabelSelector, match_labels=labels, match_expressions=st.lists(requirement, max_size=2).map(tuple))


def with_(**changes: Any) -> Webhook:
    """The webhook that takes every pod, changed."""
    return msgspec.structs.replace(SELECTING, **changes)


def matched(webhook: Webhook, namespace: dict[str, str], pod: dict[str, str], missing: Unknown | None = None) -> Told[WebhookMatch]:
    """What the API server does with one webhook for a pod."""
    return told(match_webhook(Candidate(CONFIGURATION, webhook), namespace, pod, missing))


@pytest.mark.parametrize(
    ("changes", "decided_by", "status"),
    [
        ({}, "", Status.PASS),
        ({"namespace_selector": IMPOSSIBLE}, "namespaceSelector", Status.FAIL),
        ({"object_selector": IMPOSSIBLE}, "objectSelector", Status.FAIL),
        ({"rules": ()}, "rules", Status.FAIL),
        ({"match_conditions": (MatchCondition(name="c", expression="true"),)}, "matchConditions", Status.UNKNOWN),
    ],
)
def test_each_check_decides_alone(changes: dict[str, Any], decided_by: str, status: Status) -> None:
    """A webhook that fails one check is decided by that check, and nothing after it is looked at."""
    steps, match = matched(with_(**changes), {}, {})

    assert (match.decided_by, match.status) == (decided_by, status)
    asked = tuple(step.check for step in steps)
    assert asked == (CHECKS[: CHECKS.index(decided_by) + 1] if status is Status.FAIL else CHECKS)
    decided = [step for step in steps if step.status is status and status is not Status.PASS]
    assert [step.check for step in decided] == ([decided_by] if decided_by else [])
    assert [step.at.path for step in decided if step.at] == [f"/webhooks/0/{step.check}" for step in decided]


def test_checks_keep_the_api_servers_order() -> None:
    """A webhook that fails everything is decided by its namespaceSelector; without that by its objectSelector, and so on."""
    everything: dict[str, Any] = {
        "namespace_selector": IMPOSSIBLE,
        "object_selector": IMPOSSIBLE,
        "rules": (),
        "match_conditions": (MatchCondition(),),
    }
    order = []
    for name in list(everything):
        order.append(matched(with_(**everything), {}, {}).value.decided_by)
        del everything[name]

    assert order == ["namespaceSelector", "objectSelector", "rules", "matchConditions"]


@given(selector, selector, labels, labels)
def test_a_webhook_is_called_if_and_only_if_both_selectors_match(
    for_namespace: LabelSelector, for_pod: LabelSelector, namespace: dict[str, str], pod: dict[str, str]
) -> None:
    """The verdict is the conjunction of the selectors, and the requirement it names is one that does not hold."""
    match = matched(with_(namespace_selector=for_namespace, object_selector=for_pod), namespace, pod).value

    assert (match.status is Status.PASS) == (matches(for_namespace, namespace) and matches(for_pod, pod))
    if match.deciding:
        of = namespace if match.deciding.owner == "namespace" else pod
        assert match.deciding.actual == of.get(match.deciding.requirement.key)
        assert not matches(LabelSelector(match_expressions=(match.deciding.requirement,)), of)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(selector, selector, labels, labels)
def test_what_is_not_known_never_contradicts_what_is(
    for_namespace: LabelSelector, for_pod: LabelSelector, namespace: dict[str, str], pod: dict[str, str]
) -> None:
    """A verdict reached without the namespace's labels is the one reached with them, whatever they are."""
    webhook = with_(namespace_selector=for_namespace, object_selector=for_pod)
    blind = matched(webhook, {}, pod, UNREAD).value

    assume(blind.status is not Status.UNKNOWN)
    assert blind.status is matched(webhook, namespace, pod).value.status


def test_a_pods_label_decides_where_the_namespace_is_unknown() -> None:
    """The objectSelector keeps a pod away even when the namespaceSelector cannot be evaluated."""
    webhook = with_(namespace_selector=LabelSelector(match_labels={"a": "x"}), object_selector=IMPOSSIBLE)
    match = matched(webhook, {}, {}, UNREAD).value

    assert (match.status, match.decided_by) == (Status.FAIL, "objectSelector")


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, True),
        ({"operations": ("*",), "api_groups": ("*",), "api_versions": ("*",), "resources": ("*",)}, True),
        ({"resources": ("pods/*",)}, True),
        ({"resources": ("*/*",)}, True),
        ({"resources": ("pods/ephemeralcontainers",)}, False),
        ({"resources": ("*/status",)}, False),
        ({"resources": ("deployments",)}, False),
        ({"operations": ("UPDATE", "DELETE")}, False),
        ({"api_groups": ("apps",)}, False),
        ({"api_versions": ("v1beta1",)}, False),
        ({"scope": "Cluster"}, False),
        ({"scope": "Namespaced"}, True),
    ],
)
def test_rules_ask_for_new_pods(changes: dict[str, Any], asks: bool) -> None:
    """A rule matches the creation of pods by operation, group, version, resource and scope together."""
    match = matched(with_(rules=(msgspec.structs.replace(PODS, **changes),)), {}, {}).value

    assert (match.decided_by == "") is asks


@pytest.mark.parametrize(
    ("operator", "values", "text"),
    [
        ("In", ("a",), "k=a"),
        ("In", ("a", "b"), "k in (a,b)"),
        ("NotIn", ("a",), "k!=a"),
        ("NotIn", ("a", "b"), "k notin (a,b)"),
        ("Exists", (), "k"),
        ("DoesNotExist", (), "!k"),
    ],
)
def test_requirements_are_spelt_as_kubectl_does(operator: str, values: tuple[str, ...], text: str) -> None:
    """What a report prints can be given to `kubectl -l`."""
    assert format_requirement(Requirement(key="k", operator=operator, values=values)) == text
