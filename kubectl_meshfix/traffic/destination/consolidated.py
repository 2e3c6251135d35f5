"""How istiod merges the DestinationRules of one host and one namespace, and which of the merged ones a proxy uses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations

import msgspec

from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic.export_to import HERE

_FEW = 3
"""Rules of which every order is read: six of them."""


class Consolidated(msgspec.Struct, frozen=True):
    """Rules that proxies use as one. ``selector`` has the labels of the pods it is for, and is None for all pods."""

    exports: frozenset[str]
    selector: frozenset[tuple[str, str]] | None
    rules: list[DestinationRule]


def consolidated(rules: Sequence[DestinationRule]) -> list[Consolidated]:
    """The rules of one host and namespace as istiod merges them: those with a selector first, then the oldest first; else by name."""
    return _merged(sorted(rules, key=_rank))


def readings(rules: Sequence[DestinationRule]) -> Iterator[list[Consolidated]]:
    """The ways in which istiod may merge the rules of one host and namespace: one, or several where nobody knows which is older.

    The first is that of their names, which holds for rules that were applied within one second. Of many rules whose order is not known,
    only that and its contrary are read.
    """
    if is_order_known(rules):
        yield consolidated(rules)
        return
    selected, others = ([rule for rule in sorted(rules, key=_rank) if bool(rule.spec.workload_selector) is has] for has in (True, False))
    for one in _orders(selected):
        for other in _orders(others):
            yield _merged([*one, *other])


def for_pod(merged: Sequence[Consolidated], namespace: str, labels: Mapping[str, str]) -> Consolidated | None:
    """What a pod uses: the first one whose selector picks it, which has to be of its own namespace; else what is for all pods."""
    own = (item for item in merged if item.selector is not None and item.rules[0].namespace == namespace)
    return next((item for item in own if is_subset(dict(item.selector or ()), labels)), None) or for_all_pods(merged)


def _orders(rules: Sequence[DestinationRule]) -> Iterable[Sequence[DestinationRule]]:
    if is_order_known(rules):
        return (rules,)
    return permutations(rules) if len(rules) <= _FEW else (rules, rules[::-1])


def _merged(rules: Iterable[DestinationRule]) -> list[Consolidated]:
    """Rules in their order, merged.

    Rules with equal ``exportTo`` become one; the younger ones are merged into an older one whose ``exportTo`` they include, and all others
    stay apart (`pilot/pkg/model/destination_rule.go mergeDestinationRule`, `push_context.go sortConfigBySelectorAndCreationTime`).
    """
    merged: list[Consolidated] = []
    for rule in rules:
        exports, selector = exports_of(rule), _selector(rule)
        is_apart = True
        for other in merged:
            if exports != other.exports and not (other.exports and exports >= other.exports):
                is_apart = True
                continue
            is_apart = exports != other.exports
            if selector is not None and other.selector is not None and selector != other.selector:
                is_apart = True
                continue
            if (selector is None) == (other.selector is None):
                is_apart = False
            other.rules.append(rule)
        if is_apart:
            merged.append(Consolidated(exports, selector, [rule]))
    return merged


def for_all_pods(merged: Iterable[Consolidated]) -> Consolidated | None:
    """What pods use that no selector picks: the last one without a selector (`pilot/pkg/model/sidecar.go SidecarScope.DestinationRule`)."""
    return next((item for item in reversed(list(merged)) if item.selector is None), None)


def is_order_known(rules: Sequence[DestinationRule]) -> bool:
    """Whether it is known which of several rules is older, among those with a selector and among the others. Files do not say."""
    classes = [[rule for rule in rules if bool(rule.spec.workload_selector) is is_selected] for is_selected in (True, False)]
    return all(len(alike) < 2 or all(rule.metadata.creation_timestamp for rule in alike) for alike in classes)


def exports_of(rule: DestinationRule) -> frozenset[str]:
    """Its ``exportTo`` as istiod takes it: one with a selector is for its own namespace alone (`push_context.go setDestinationRules`)."""
    return frozenset({HERE}) if rule.spec.workload_selector else frozenset(rule.spec.export_to)


def _selector(rule: DestinationRule) -> frozenset[tuple[str, str]] | None:
    return frozenset(rule.spec.workload_selector.match_labels.items()) if rule.spec.workload_selector else None


def _rank(rule: DestinationRule) -> tuple[bool, str, str, str]:
    return rule.spec.workload_selector is None, rule.metadata.creation_timestamp or "", rule.name, rule.namespace
