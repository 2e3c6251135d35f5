"""Which route of Envoy's takes a request, evaluated as the routes of objects are (`envoy/config/route/v3/route_components.proto`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.observed.envoy import Route, RouteConfiguration, VirtualHost
from kubectl_meshfix.traffic.route.domains import host_of, lookup
from kubectl_meshfix.traffic.route.matching.conditions import holds
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request

_PATHS = {"prefix": Comparison.PREFIX, "path": Comparison.EXACT, "path_separated_prefix": Comparison.PATH_PREFIX}
_TEXTS = {"exact": Comparison.EXACT, "prefix": Comparison.PREFIX, "suffix": Comparison.SUFFIX}


class NotEvaluated(Exception):  # noqa: N818 -- it is an answer, no error
    """A match holds something that nobody here evaluates; its text names it."""


def virtual_host(found: RouteConfiguration, request: Request) -> VirtualHost | None:
    """The virtual host for a request's Host."""
    table = {domain.lower(): host for host in reversed(found.virtual_hosts) for domain in host.domains}
    authority = host_of(request.authority) if found.ignore_port_in_host_matching else request.authority.lower()
    hit = lookup(table, authority)
    return hit[1] if hit else None


def first(routes: Iterable[Route], request: Request) -> Route | None:
    """The first route that matches; None where none does. Raises NotEvaluated where one before it cannot be decided."""
    return next((route for route in routes if _matches(route.match, request)), None)


def _matches(match: Mapping[str, Any], request: Request) -> bool:
    """Whether all of a match holds. What surely does not hold decides, whatever comes behind it."""
    undecided: Unknown | None = None
    for condition in _conditions(match):
        answer = holds(condition, request)
        if answer is False:
            return False
        undecided = answer if isinstance(answer, Unknown) else undecided
    if undecided is not None:
        raise NotEvaluated(str(undecided.of))
    return True


def _conditions(match: Mapping[str, Any]) -> Iterator[Condition]:
    ignores_case = match.get("case_sensitive") is False
    for key, value in match.items():
        match key:
            case "case_sensitive":
                continue
            case "safe_regex":
                yield Condition(field=Field.PATH, comparison=Comparison.REGEX, value=_text(value, "regex"))
            case "prefix" | "path" | "path_separated_prefix" if isinstance(value, str):
                yield Condition(field=Field.PATH, comparison=_PATHS[key], value=value, ignores_case=ignores_case)
            case "headers":
                yield from map(_header, _parts(value))
            case "query_parameters":
                yield from map(_query, _parts(value))
            case _:
                raise NotEvaluated(f"the match {key}")


def _header(asked: Mapping[str, Any]) -> Condition:
    name, known = _text(asked, "name").lower(), {"name", "string_match", "present_match", "invert_match", "treat_missing_header_as_empty"}
    is_negated = asked.get("invert_match") is True
    is_whole = "string_match" not in asked or not is_negated or asked.get("treat_missing_header_as_empty") is True
    if set(asked) - known or not is_whole:
        raise NotEvaluated(f"the match of header {name}")
    if "string_match" not in asked:
        is_absent = asked.get("present_match") is False
        return Condition(field=Field.HEADER, comparison=Comparison.PRESENT, name=name, is_negated=is_negated is not is_absent)
    comparison, value, ignores_case = _string(asked["string_match"], name)
    return Condition(
        field=Field.HEADER, comparison=comparison, value=value, name=name, ignores_case=ignores_case, is_negated=is_negated
    )  # fmt: skip


def _query(asked: Mapping[str, Any]) -> Condition:
    name = _text(asked, "name")
    if set(asked) - {"name", "string_match", "present_match"} or asked.get("present_match") is False:
        raise NotEvaluated(f"the match of query parameter {name}")
    if "string_match" not in asked:
        return Condition(field=Field.QUERY, comparison=Comparison.PRESENT, name=name)
    comparison, value, ignores_case = _string(asked["string_match"], name)
    return Condition(field=Field.QUERY, comparison=comparison, value=value, name=name, ignores_case=ignores_case)


def _string(asked: Any, name: str) -> tuple[Comparison, str, bool]:
    fields = dict(asked) if isinstance(asked, dict) else {}
    ignores_case = fields.pop("ignore_case", False) is True
    if len(fields) == 1:
        ((key, value),) = fields.items()
        if key == "safe_regex":
            return Comparison.REGEX, _text(value, "regex"), False
        if key in _TEXTS and isinstance(value, str):
            return _TEXTS[key], value, ignores_case
    raise NotEvaluated(f"the match of {name}")


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise NotEvaluated(f"the match {key}")
    return found


def _parts(value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotEvaluated("a match")
    return value
