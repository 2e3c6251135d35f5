"""What the rules of HTTPRoutes and GRPCRoutes match, and which is tried first (`pilot/pkg/config/kube/gateway/conversion.go`)."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Outcome, Where
from kubectl_meshfix.resources.gateway_api import (
    GRPCMethodMatch,
    GRPCRouteMatch,
    GRPCRouteRule,
    HTTPRouteMatch,
    HTTPRouteRule,
    NamedMatch,
)  # fmt: skip
from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.route.translating.string_match import condition
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field

_RANKS = {Comparison.EXACT: 3, Comparison.PATH_PREFIX: 2, Comparison.REGEX: 1}
_STRINGS = {"Exact": "exact", "RegularExpression": "regex"}


class Problem(msgspec.Struct, frozen=True):
    """Why istiod drops a route whole, where that stands, and the name of what it does not take."""

    outcome: Outcome
    at: Where
    name: str = ""


class Match(msgspec.Struct, frozen=True):
    """One match of a rule, or the rule itself without any. ``path`` is how its path is compared, before a slash at the end is dropped."""

    at: Where
    conditions: tuple[Condition, ...] = ()
    path: tuple[Comparison, str] | None = None
    is_match: bool = True

    @property
    def prefix(self) -> str | None:
        """The prefix of whole segments that it matches, as it is replaced; None where it matches none."""
        return self.path[1].removesuffix("/") if self.path and self.path[0] is Comparison.PATH_PREFIX else None


def matches(rule: HTTPRouteRule | GRPCRouteRule, at: Where) -> tuple[Match, ...] | Problem:
    """The matches of a rule, each of which is tried on its own."""
    found: list[Match] = []
    for index, written in enumerate(rule.matches):
        place = Where(at.resource, f"{at.path}/matches/{index}")
        match written:
            case HTTPRouteMatch():
                made = _http(written, place)
            case GRPCRouteMatch():
                made = _grpc(written, place)
        if isinstance(made, Problem):
            return made
        found.append(made)
    return tuple(found) or (Match(at, is_match=False),)


def rank(match: Match) -> tuple[bool, int, int, bool, int, int]:
    """Its place among others (`sortHTTPRoutes`): exact paths, prefixes, regular expressions, the longest first; then what asks for more."""
    fields = [item.field for item in match.conditions]
    kind, text = match.path or (Comparison.PRESENT, "")
    return (
        not match.is_match,
        -_RANKS.get(kind, -1),
        -len(text.encode()),
        Field.METHOD not in fields,
        -fields.count(Field.HEADER),
        -fields.count(Field.QUERY),
    )


def _http(written: HTTPRouteMatch, at: Where) -> Match | Problem:
    value = written.path.value
    match written.path.type:
        case "Exact":
            path = Comparison.EXACT, value
        case "PathPrefix":
            path = Comparison.PATH_PREFIX, value if value == "/" else value.removesuffix("/")
        case "RegularExpression":
            path = Comparison.REGEX, value
        case other:
            return Problem(check.UNSUPPORTED_MATCH, Where(at.resource, f"{at.path}/path/type"), other)
    named = _named(at, Field.HEADER, "headers", written.headers), _named(at, Field.QUERY, "queryParams", written.query_params)
    problem = next((item for found in named for item in found if isinstance(item, Problem)), None)
    if problem:
        return problem
    method = [replace(condition(Field.METHOD, written.method), path=f"{at.path}/method")] if written.method else []
    kept = (item for found in named for item in found if not isinstance(item, Problem))
    return Match(at, (*_path(*path, f"{at.path}/path"), *kept, *method), path)


def _grpc(written: GRPCRouteMatch, at: Where) -> Match | Problem:
    path = _call(written.method) if written.method else None
    if written.method and path is None:
        return Problem(check.UNSUPPORTED_MATCH, Where(at.resource, f"{at.path}/method"), written.method.type)
    named = _named(at, Field.HEADER, "headers", written.headers)
    problem = next((item for item in named if isinstance(item, Problem)), None)
    if problem:
        return problem
    kept = (item for item in named if not isinstance(item, Problem))
    return Match(at, (*(_path(*path, f"{at.path}/method") if path else ()), *kept), path)


def _call(method: GRPCMethodMatch) -> tuple[Comparison, str] | None:
    """The path of a call, ``/SERVICE/METHOD`` (`createGRPCURIMatch`)."""
    service, name = method.service, method.method
    match method.type:
        case _ if service is None and name is None:
            return None
        case "Exact" | "RegularExpression" if service is None:
            return Comparison.REGEX, f"/[^/]+/{name}"
        case "Exact":
            return (Comparison.PATH_PREFIX, f"/{service}/") if name is None else (Comparison.EXACT, f"/{service}/{name}")
        case "RegularExpression":
            return Comparison.REGEX, f"/{service}/{'.+' if name is None else name}"
    return None


def _path(kind: Comparison, value: str, pointer: str) -> Iterator[Condition]:
    """None for what takes every path."""
    if (kind, value) not in ((Comparison.PATH_PREFIX, "/"), (Comparison.REGEX, ".*")):
        trimmed = value.removesuffix("/") if kind is Comparison.PATH_PREFIX else value
        yield Condition(field=Field.PATH, comparison=kind, value=trimmed, path=pointer)


def _named(at: Where, field: Field, key: str, written: tuple[NamedMatch, ...]) -> list[Condition | Problem]:
    """The last one of a name counts."""
    found: dict[str, Condition | Problem] = {}
    for index, item in enumerate(written):
        pointer = f"{at.path}/{key}/{index}"
        kind = _STRINGS.get(item.type)
        if kind is None:
            found[item.name] = Problem(check.UNSUPPORTED_MATCH, Where(at.resource, f"{pointer}/type"), item.type)
            continue
        name = item.name.lower() if field is Field.HEADER else item.name
        found[item.name] = replace(condition(field, StringMatch(**{kind: item.value}), name), path=pointer)
    return list(found.values())
