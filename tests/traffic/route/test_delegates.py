"""Routes that delegate become those of their delegates, narrowed by their own matches."""

import json
from typing import Any

import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.route.virtual_services import told_rules
from kubectl_meshfix.traffic.terms.conditions import Condition
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Rule
from tests.traffic.objects import make
from tests.traffic.route.scenes import caller

ANSWER = {"directResponse": {"status": 200}}


def merged(root: list[dict[str, Any]], own: list[dict[str, Any]], **spec: Any) -> tuple[tuple[Rule, ...], list[str]]:
    """The rules of a root in shop that delegates to ``own`` in team, and what is said of it."""
    outer: VirtualService = make(
        VirtualService, "root", http=[{"delegate": {"name": "own", "namespace": "team"}, **item} for item in root], hosts=["a.b"]
    )
    inner = make(VirtualService, "own", "team", http=own, **spec)
    found = told(told_rules(Mesh([outer, inner]), caller(), outer, 80))
    return found.value, [sentence(step) for step in found.steps]


def asked(condition: Condition) -> str:
    """A condition in short: field, comparison, value, where it stands."""
    owner = condition.resource.name if condition.resource else ""
    return f"{condition.field.value} {condition.comparison.value} {condition.value} {owner}{condition.path}"


def test_a_delegates_routes_stand_in_the_place_of_the_one_that_delegates() -> None:
    """Before those behind it, and each at its place in the delegate."""
    first, last = make(VirtualService, "own", "shop", http=[ANSWER, ANSWER]), {"directResponse": {"status": 201}}
    match = [{"uri": {"prefix": "/a"}}]
    root: VirtualService = make(VirtualService, "root", http=[{"match": match, "delegate": {"name": "own"}}, last], hosts=["a.b"])
    rules = told(told_rules(Mesh([root, first]), caller(), root, 80)).value

    assert [(rule.at.resource.name, rule.at.path) for rule in rules if rule.at] == [
        ("own", "/spec/http/0"),
        ("own", "/spec/http/1"),
        ("root", "/spec/http/1"),
    ]
    assert [asked(item) for item in rules[0].conditions] == ["path prefix /a root/spec/http/0/match/0/uri"]


def test_conditions_of_both_hold() -> None:
    """Each keeps the place where it stands; what the delegate says itself replaces what its root says."""
    root = [{"match": [{"uri": {"prefix": "/a"}, "headers": {"x": {"exact": "1"}, "y": {"prefix": "2"}}}]}]
    own = [{"match": [{"uri": {"prefix": "/a/b"}, "headers": {"y": {"exact": "23"}}, "queryParams": {"q": {"exact": "1"}}}], **ANSWER}]
    (rule,), said = merged(root, own)

    assert not said
    assert rule.at
    assert rule.at.path == "/spec/http/0/match/0"
    assert [asked(item) for item in rule.conditions] == [
        "path prefix /a/b /spec/http/0/match/0/uri",
        "header exact 1 root/spec/http/0/match/0/headers/x",
        "header exact 23 /spec/http/0/match/0/headers/y",
        "query exact 1 /spec/http/0/match/0/queryParams/q",
    ]


@pytest.mark.parametrize(
    ("root", "own", "fits"),
    [
        ({"uri": {"exact": "/a"}}, {"uri": {"exact": "/a"}}, True),
        ({"uri": {"exact": "/a"}}, {"uri": {"exact": "/b"}}, False),
        ({"uri": {"exact": "/a"}}, {"uri": {"prefix": "/a"}}, False),
        ({"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/ab"}}, True),
        ({"uri": {"prefix": "/a"}}, {"uri": {"exact": "/ab"}}, True),
        ({"uri": {"prefix": "/ab"}}, {"uri": {"prefix": "/a"}}, False),
        ({"uri": {"regex": "/a"}}, {"uri": {"regex": "/a"}}, False),
        ({"uri": {"prefix": "/a"}}, {"uri": {"regex": "/a.*"}}, False),
        ({"uri": {"regex": "/a"}}, {"headers": {"x": {"regex": "a"}}}, True),
        ({"headers": {"x": {}}}, {"headers": {"x": {"exact": "1"}}}, False),
        ({"withoutHeaders": {"x": {"exact": "1"}}}, {"withoutHeaders": {"x": {"exact": "2"}}}, False),
        ({"queryParams": {"q": {"exact": "1"}}}, {"queryParams": {"q": {"exact": "2"}}}, False),
        ({"method": {"exact": "GET"}}, {"method": {"exact": "PUT"}}, False),
        ({"ignoreUriCase": True}, {}, False),
        ({"port": 80}, {"port": 81}, False),
        ({"port": 80}, {}, True),
        ({"sourceNamespace": "web"}, {}, False),
        ({"sourceNamespace": "web"}, {"sourceNamespace": "web"}, True),
        ({"sourceLabels": {}}, {"sourceLabels": {}}, True),
        ({"gateways": ["mesh"]}, {"gateways": ["other"]}, False),
        ({"gateways": ["mesh", "shop/x"]}, {"gateways": ["mesh"]}, True),
    ],
)
def test_a_delegate_may_narrow_what_its_root_asks_for(root: dict[str, Any], own: dict[str, Any], fits: bool) -> None:
    """No regular expression goes with another text, and the caller's namespace has to be said again."""
    rules, said = merged([{"match": [root]}], [{"match": [own], **ANSWER}])

    assert bool(rules) is fits
    both = "its matches contradict those of VirtualService shop/root http[0], which delegates to it"
    assert said == ([] if fits else [f"VirtualService team/own http[0] is dropped: {both}."])


def test_one_route_that_contradicts_is_dropped_alone() -> None:
    """The others of the delegate stay; each match goes with every one of the root that it fits."""
    root = [{"match": [{"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/b"}}]}]
    rules, said = merged(root, [{"match": [{"uri": {"exact": "/c"}}], **ANSWER}, {"match": [{"port": 80}], **ANSWER}])

    assert [[asked(item) for item in rule.conditions] for rule in rules] == [
        ["path prefix /a root/spec/http/0/match/0/uri"],
        ["path prefix /b root/spec/http/0/match/1/uri"],
    ]
    assert len(said) == 1


def test_a_delegate_takes_on_what_it_does_not_say() -> None:
    """Its time, its retries and its mirror, which is of the root's namespace; its own destination is of its own."""
    root = [{"timeout": "1s", "retries": {"attempts": 7}, "mirror": {"host": "m"}, "name": "r"}]
    (rule,), _ = merged(root, [{"route": [{"destination": {"host": "x"}}], "retries": {"attempts": 1}, "name": "d"}])
    assert isinstance(rule.action, Forward)

    assert (rule.name, rule.action.timeout, rule.action.retries) == ("r-d", 1.0, 1)
    assert [item.host for item in (*rule.action.targets, *rule.action.mirrors)] == ["x.team.svc.cluster.local", "m.shop.svc.cluster.local"]
    (rule,), _ = merged([{"directResponse": {"status": 418}}], [{"timeout": "1s"}])
    assert rule.action == DirectResponse(status=418)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"hosts": ["c.d"]}, "which has hosts of its own."),
        ({"exportTo": ["."]}, "VirtualService team/own is not exported to namespace shop."),
        ({"exportTo": ["shop"]}, ""),
    ],
)
def test_a_delegate_has_no_hosts_and_is_exported(spec: dict[str, Any], said: str) -> None:
    """Else the route that delegates is dropped, and told of."""
    rules, lines = merged([{}], [ANSWER], **spec)

    assert bool(rules) is not bool(said)
    assert [line.endswith(said) for line in lines] == ([True] if said else [])


def test_a_delegate_that_is_missing_drops_its_route_alone() -> None:
    """And none delegates again, so that there is no circle."""
    root: VirtualService = make(VirtualService, "root", http=[{"delegate": {"name": "gone"}}, ANSWER], hosts=["a.b"])
    found = told(told_rules(Mesh([root]), caller(), root, 80))
    assert [rule.at.path for rule in found.value if rule.at] == ["/spec/http/1"]
    assert "VirtualService shop/gone" in sentence(found.steps[0])

    circle: VirtualService = make(VirtualService, "own", "team", http=[{"delegate": {"name": "own"}}, ANSWER])
    rules, lines = merged([{}], json.loads(json.dumps([{"delegate": {"name": "own"}}, ANSWER])))
    assert [rule.at.path for rule in rules if rule.at] == ["/spec/http/1"]
    assert lines == ["VirtualService team/own http[0] is dropped: a delegate cannot delegate again."]
    assert circle.spec.http[0].delegate


def test_where_a_delegate_was_not_read_nobody_knows_where_requests_go() -> None:
    """Files that hold nothing of its namespace do not say that it is missing; its root's matches hold all the same."""
    match = [{"uri": {"prefix": "/a"}}]
    root: VirtualService = make(
        VirtualService, "root", http=[{"match": match, "delegate": {"name": "own", "namespace": "team"}}, ANSWER], hosts=["a.b"]
    )
    found = told(told_rules(Mesh([root]), caller(), root, 80))
    action = found.value[0].action
    assert isinstance(action, Forward)
    assert action.unknown is not None

    assert (action.targets, action.unknown.of) == ((), "VirtualService team/own")
    assert [asked(item) for item in found.value[0].conditions] == ["path prefix /a /spec/http/0/match/0/uri"]
    assert len(found.value) == 2
