"""Which of a virtual host's routes takes a request: the first one that matches."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.route.matching.conditions import header_values, holds, query_value
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.terms.conditions import Condition, Field
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Rule

_LONGEST = 60


class _Verdict(msgspec.Struct, frozen=True):
    """Whether a rule matches, and the condition that decides: the first that does not hold, else the first that is not known."""

    matches: bool | Unknown
    by: Condition | None


def choose(rules: Sequence[Rule], request: Request, claims_known: bool = True) -> Steps[tuple[Alternative[Rule | None], ...]]:
    """The rules that may take a request; None where none does. One step for each that is passed over, up to the one that matches.

    A rule of which nobody knows whether it matches makes an alternative; each takes for granted that those before it do not match.
    """
    told: dict[Where | None, Step] = {}
    found: list[Alternative[Rule | None]] = []
    passed: tuple[Given, ...] = ()
    denied: set[Unknown] = set()
    for rule in rules:
        verdict = _verdict(rule, request, claims_known=claims_known)
        made = _step(rule, verdict, request)
        told[made.at] = made if made.at not in told or verdict.matches is not False else told[made.at]
        if isinstance(verdict.matches, Unknown):
            if verdict.matches not in denied:
                found.append(Alternative(rule, given=(*passed, Given(unknown=verdict.matches, is_so=True))))
                passed = (*passed, Given(unknown=verdict.matches, is_so=False))
                denied.add(verdict.matches)
        elif verdict.matches:
            found.append(Alternative(rule, given=passed))
            break
    else:
        found.append(Alternative(None, given=passed))
    yield from told.values()
    if found[-1].value is None:
        yield _none_matches(rules, is_known=not passed)
    return tuple(found)


def _none_matches(rules: Sequence[Rule], *, is_known: bool) -> Step:
    objects = list(dict.fromkeys(rule.at.resource for rule in rules if rule.at))
    at = Where(objects[-1]) if objects else None
    if not is_known:
        return step(check.NO_OTHER_ROUTE, at)
    return step(check.NO_ROUTE, at, objects=" and ".join(map(str, objects))) if rules else step(check.NO_ROUTES)


def _verdict(rule: Rule, request: Request, *, claims_known: bool) -> _Verdict:
    undecided: list[tuple[Unknown, Condition]] = []
    for condition in rule.conditions:
        so = holds(condition, request, claims_known=claims_known)
        if so is False:
            return _Verdict(matches=False, by=condition)
        if isinstance(so, Unknown):
            undecided.append((so, condition))
    if not undecided:
        return _Verdict(matches=True, by=None)
    first, condition = undecided[0]
    if len(undecided) == 1 and not condition.is_negated:
        return _Verdict(matches=first, by=condition)
    what = " and ".join(f"not {unknown.of}" if condition.is_negated else str(unknown.of) for unknown, condition in undecided)
    return _Verdict(matches=Unknown(kind=first.kind, of=what, settled_by=first.settled_by), by=condition)


def _step(rule: Rule, verdict: _Verdict, request: Request) -> Step:
    name = place(rule.at)
    if rule.at is None:
        return step(check.DEFAULT)
    if verdict.by is None:
        return step(check.MATCHES if rule.conditions else check.TAKES_ALL, rule.at, route=name)
    at = Where(verdict.by.resource or rule.at.resource, verdict.by.path)
    if isinstance(verdict.matches, Unknown):
        return step(check.UNDECIDED, at, unknown=verdict.matches, route=name, wanted=worded(verdict.by))
    return step(check.DIFFERS, at, route=name, wanted=worded(verdict.by), value=_given(verdict.by, request))


def worded(condition: Condition) -> str:
    """A condition in words."""
    what = check.FIELDS[condition.field].format(name=condition.name)
    wanted = check.COMPARISONS[condition.comparison].format(what=what, value=condition.value or '""')
    return check.NEGATED.format(wanted=wanted) if condition.is_negated else wanted


def _given(condition: Condition, request: Request) -> str:
    """What the request has where a condition looks."""
    values = list(_written(condition, request))
    text = ", ".join(values) or '""' if values else check.NOTHING
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _written(condition: Condition, request: Request) -> Iterator[str]:
    match condition.field:
        case Field.PATH:
            yield request.path
        case Field.QUERY:
            value = query_value(request.query, condition.name)
            yield from () if value is None else (value,)
        case Field.CLAIM:
            yield from () if request.claims is None else ("a token without it",)
        case Field.HEADER:
            yield from header_values(request, condition.name)
        case _:
            yield from header_values(request, f":{condition.field.value}")
