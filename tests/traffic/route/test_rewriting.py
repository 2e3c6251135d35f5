"""The server sees what routes make of a request."""

from typing import Any

import pytest

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.route.rewriting import answers_preflight, sent
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Cors, DirectResponse, Forward, HeaderChanges, Rule, Target
from tests.traffic.route.scenes import get

TARGET = Target(host="a")


def seen(request: Request, *conditions: Condition, target: Target = TARGET, **forward: Any) -> Request | Unknown:
    """What the server of a target sees."""
    return sent(Rule(conditions=conditions, action=Forward(targets=(target,), **forward)), target, request)


def prefix(value: str) -> Condition:
    """A condition on the path."""
    return Condition(field=Field.PATH, comparison=Comparison.PREFIX, value=value)


@pytest.mark.parametrize(
    ("conditions", "forward", "path", "becomes"),
    [
        ((), {}, "/a", "/a"),
        ((), {"rewrite_path": "/n"}, "/a/b", "/n"),
        ((prefix("/a"),), {"rewrite_prefix": "/n"}, "/a/b", "/n/b"),
        ((prefix("/a/"),), {"rewrite_prefix": "/"}, "/a/b", "/b"),
        ((prefix("/a"),), {"rewrite_prefix": "/"}, "/a/b", "//b"),
        ((), {"rewrite_prefix": "/n"}, "/a", "/na"),
        ((), {"rewrite_regex": ("a", "b")}, "/a/a", "/b/b"),
    ],
)
def test_a_path_is_rewritten(conditions: tuple[Condition, ...], forward: dict[str, Any], path: str, becomes: str) -> None:
    """What was matched is replaced, as text; the query stays."""
    made = seen(get(path=f"{path}?q=1"), *conditions, **forward)

    assert isinstance(made, Request)
    assert (made.path, made.query) == (becomes, "q=1")


def test_a_pattern_is_not_evaluated_here() -> None:
    """What becomes of the path is not known then."""
    assert isinstance(seen(get(), rewrite_regex=("^/(.*)$", r"/\1")), Unknown)


def test_headers_are_removed_then_set_then_added() -> None:
    """Those of the route before those of its target; the route's authority comes before the target's."""
    target = Target(host="a", changes=HeaderChanges(set={"x": "3"}, removed=("z",), authority="t"))
    request = get(headers={"x": "1", "y": "1", "z": "1"})
    changes: dict[str, Any] = {"set_headers": {"x": "2"}, "add_headers": {"y": "2"}, "removed_headers": ("x",)}
    one, other = seen(request, target=target, **changes), seen(request, target=target, rewrite_authority="r", **changes)
    assert isinstance(one, Request)
    assert isinstance(other, Request)

    assert one.headers == (("y", "1"), ("y", "2"), ("x", "3"), ("host", "t"))
    assert (one.authority, other.authority) == ("t", "r")


def test_what_goes_nowhere_is_seen_by_nobody() -> None:
    """The request stays as it is."""
    assert sent(Rule(conditions=(), action=DirectResponse(status=200)), TARGET, get()) == get()


@pytest.mark.parametrize(("origin", "answered"), [("a", True), ("b", False), ("", False)])
def test_only_preflights_of_known_origins_are_answered(origin: str, answered: bool) -> None:
    """Others go on."""
    known = Condition(field=Field.HEADER, comparison=Comparison.EXACT, value="a", name="origin")
    request = get(method="OPTIONS", headers={"origin": origin, "access-control-request-method": "GET"})

    assert answers_preflight(Cors(origins=(known,)), request) is answered
    assert answers_preflight(None, request) is False
