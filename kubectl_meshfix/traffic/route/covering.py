"""Whether one match takes every request that another one takes, so that the second is never used behind the first."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, VirtualService
from kubectl_meshfix.traffic.gateway_names import MESH, full_name
from kubectl_meshfix.traffic.route.translating.string_match import PlacedMatch, conditions
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field

_ANY = HTTPMatch()
_ANYTHING = (".*", "^.*$", "(.*)", ".+")
_PathKey = tuple[str, str]


class Taking(msgspec.Struct, frozen=True):
    """A match of one of a VirtualService's HTTP routes, or a route without any, with what it compares.

    ``route`` is the route's position, ``at`` the match's place (the route's, where it has none). ``gateways`` are the full names of those
    that it is for, with ``mesh`` for all sidecars. What delegates takes of that only what its delegate asks for, which is ``is_partial``.
    """

    route: int
    at: Where
    match: HTTPMatch
    conditions: tuple[Condition, ...]
    gateways: frozenset[str]
    is_partial: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether it compares nothing of a request (`route.go IsCatchAllRoute`)."""
        return not self.conditions


class Earlier:
    """Matches in their order, by the paths that they take, so that nobody compares each with all."""

    def __init__(self) -> None:
        self._by_path: dict[_PathKey, list[Taking]] = {}

    def add(self, taking: Taking) -> None:
        """One more, which comes after all that are there."""
        self._by_path.setdefault(_path_key(taking.conditions), []).append(taking)

    def covering(self, later: Taking) -> Taking | None:
        """The first that takes all that a later one takes; what delegates covers nothing."""
        found = (
            taking
            for key in _keys_above(later.conditions)
            for taking in self._by_path.get(key, ())
            if not taking.is_partial and covers(taking, later)
        )
        return min(found, key=lambda taking: (taking.route, len(taking.at.path), taking.at.path), default=None)


def takings(virtual_service: VirtualService) -> tuple[Taking, ...]:
    """All matches of its HTTP routes, in order."""
    bound = frozenset(full_name(name, virtual_service.namespace) for name in virtual_service.spec.gateways or (MESH,))
    return tuple(_takings(virtual_service, bound))


def covers(first: Taking, later: Taking) -> bool:
    """Whether every request, of every caller and on every port, that a later match takes is taken by the first one."""
    one, other = first.match, later.match
    return (
        one.port in (0, other.port)
        and later.gateways <= first.gateways
        and _asks_no_more_of_callers(one, other)
        and all(any(_implies(given, wanted) for given in later.conditions) for wanted in first.conditions)
    )


def _takings(virtual_service: VirtualService, bound: frozenset[str]) -> Iterator[Taking]:
    for index, route in enumerate(virtual_service.spec.http):
        at = Where(virtual_service.ref, f"/spec/http/{index}")
        for position, match in enumerate(route.match or (None,)):
            here = Where(at.resource, f"{at.path}/match/{position}") if match else at
            own = match or _ANY
            named = frozenset(full_name(name, virtual_service.namespace) for name in own.gateways) if own.gateways else bound
            yield Taking(index, here, own, conditions(PlacedMatch(own, here)), named, is_partial=route.delegate is not None)


def _asks_no_more_of_callers(one: HTTPMatch, other: HTTPMatch) -> bool:
    """Where a match names gateways, nothing is asked of the caller (`route.go sourceMatchHTTP`)."""
    if one.gateways:
        return True
    labels, namespace = ({}, "") if other.gateways else (other.source_labels, other.source_namespace)
    return is_subset(one.source_labels, labels) and one.source_namespace in ("", namespace)


def _implies(given: Condition, wanted: Condition) -> bool:
    """Whether what meets one condition meets another."""
    if (given.field, given.name, given.is_negated) != (wanted.field, wanted.name, wanted.is_negated):
        return False
    if _bare(given) == _bare(wanted):
        return True
    if given.is_negated or (given.ignores_case and not wanted.ignores_case):
        return False
    text, value = (given.value.lower(), wanted.value.lower()) if wanted.ignores_case else (given.value, wanted.value)
    match wanted.comparison:
        case Comparison.PRESENT:
            return True
        case Comparison.EXACT:
            return given.comparison is Comparison.EXACT and text == value
        case Comparison.PREFIX:
            return given.comparison in (Comparison.EXACT, Comparison.PREFIX) and text.startswith(value)
        case Comparison.REGEX if given.comparison is Comparison.EXACT and not given.ignores_case:
            from kubectl_meshfix.resources.re2.matching import fully_matches  # noqa: PLC0415 -- few matches are regular expressions

            return fully_matches(wanted.value, given.value) is True
    return False


def _bare(condition: Condition) -> Condition:
    return replace(condition, path="", resource=None)


def _path_of(found: Iterable[Condition]) -> Condition | None:
    return next((condition for condition in found if condition.field is Field.PATH), None)


def _path_key(found: Sequence[Condition]) -> _PathKey:
    path = _path_of(found)
    if path is None or (path.comparison is Comparison.REGEX and path.value in _ANYTHING):
        return ("", "")
    return ("regex" if path.comparison is Comparison.REGEX else "text", path.value.lower())


def _keys_above(found: Sequence[Condition]) -> Iterator[_PathKey]:
    """The keys of all paths that can cover the path of a match; regular expressions cover texts too seldom to look for them."""
    yield ("", "")
    path = _path_of(found)
    if path is None:
        return
    if path.comparison is Comparison.REGEX:
        yield ("regex", path.value.lower())
        return
    yield from (("text", path.value[:length].lower()) for length in range(len(path.value) + 1))


def same_action(one: VirtualService, first: Taking, other: VirtualService, second: Taking) -> bool:
    """Whether the routes of two matches do the same with a request."""
    mine, theirs = (item.spec.http[taking.route] for item, taking in ((one, first), (other, second)))
    return one.namespace == other.namespace and replace(mine, match=(), name="") == replace(theirs, match=(), name="")


def may_meet(one: Taking, other: Taking) -> bool:
    """Whether some caller gets both matches on some port."""
    first, second = one.match, other.match
    labels = {**first.source_labels, **second.source_labels}
    return (
        bool(one.gateways & other.gateways)
        and (not first.port or not second.port or first.port == second.port)
        and is_subset(first.source_labels, labels)
        and is_subset(second.source_labels, labels)
        and (not first.source_namespace or first.source_namespace in (second.source_namespace, "") or not second.source_namespace)
    )
