"""Which DestinationRules are in force between a client and a host."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.destination.consolidated import (
    Consolidated,
    consolidated,
    exports_of,
    for_all_pods,
    for_pod,
    is_order_known,
    readings,
)
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE
from kubectl_meshfix.traffic.workload_selectors import selects_nothing


class Candidates(msgspec.Struct, frozen=True):
    """The rules of one host and namespace of which clients in a namespace use some.

    ``client`` is that namespace where it only sees what is exported to it, and None where the rules are its own.
    """

    rules: Sequence[DestinationRule]
    client: str | None = None

    def seen(self, merged: Iterable[Consolidated]) -> list[Consolidated]:
        """Of the merged rules, those that the clients see."""
        return [item for item in merged if self.client is None or not item.exports or item.exports & {EVERYWHERE, self.client}]


def candidates(mesh: Mesh, host: str, client: str, home: str) -> Candidates:
    """The rules for a full host of the namespace ``home`` that count for clients in a namespace; none where nobody has any.

    The first of three namespaces that has any decides: the client's, the host's, the root namespace; in it, the most specific host
    (`pilot/pkg/model/push_context.go destinationRule`).
    """
    config = mesh_config(mesh)

    def is_private(rule: DestinationRule) -> bool:
        exports = exports_of(rule)
        return exports in ({HERE}, {rule.namespace}) or (not exports and HERE in config.default_destination_rule_export_to)

    def is_own(rule: DestinationRule) -> bool:
        if client == config.root_namespace:
            return is_private(rule)
        exports = exports_of(rule)
        return not exports or bool(exports & {EVERYWHERE, HERE, client})

    if own := _most_specific(mesh, client, host, is_own):
        return Candidates(own)
    for namespace in (home, config.root_namespace):
        exported = Candidates(_most_specific(mesh, namespace, host, lambda rule: not is_private(rule)), client)
        if exported.seen(consolidated(exported.rules)):
            return exported
    return Candidates(())


def rules_in_force(mesh: Mesh, host: str, client: str, home: str) -> tuple[DestinationRule, ...]:
    """The rules that some proxy in the namespace ``client`` uses for a full host of the namespace ``home``.

    Of the rules of one host in one namespace, proxies use those that istiod merges into one: for the pods that a ``workloadSelector``
    picks, or for all others. Where nobody knows which of several is older, each that may be used is in force.
    """
    found = candidates(mesh, host, client, home)
    merged = found.seen(consolidated(found.rules))
    if not is_order_known(found.rules) and len(merged) > 1:
        used = list(merged)
    else:
        others = for_all_pods(merged)
        used = [item for item in merged if item.selector is not None and _picks_pods(mesh, item, client)] + ([others] if others else [])
    return tuple({rule.ref: rule for item in used for rule in item.rules}.values())


def in_use(mesh: Mesh, host: str, client: str, home: str) -> list[Consolidated]:
    """The merged rules that pods of a namespace use for a full host of the namespace ``home``: for all, and for those that are selected.

    Where nobody knows which rule is older, names decide.
    """
    found = candidates(mesh, host, client, home)
    merged = found.seen(consolidated(found.rules))
    others = for_all_pods(merged)
    return [*(item for item in merged if item.selector is not None and item.rules[0].namespace == client), *([others] if others else [])]


def rules_of_pod(mesh: Mesh, host: str, client: tuple[str, Mapping[str, str]], home: str) -> tuple[tuple[DestinationRule, ...], ...]:
    """What the proxy of one pod uses for a full host: rules that istiod merges into one, the first of them first.

    ``client`` is the pod's namespace and labels. There are several answers where nobody knows which rule is older; the first is that of
    their names. One without rules means that none is used.
    """
    namespace, labels = client
    found = candidates(mesh, host, namespace, home)
    used = [for_pod(found.seen(merged), namespace, labels) for merged in readings(found.rules)]
    return tuple({tuple(rule.ref for rule in item.rules) if item else (): tuple(item.rules) if item else () for item in used}.values())


def _picks_pods(mesh: Mesh, item: Consolidated, client: str) -> bool:
    return item.rules[0].namespace == client and not selects_nothing(mesh, dict(item.selector or ()), client)


def rules_covering(mesh: Mesh, host: str) -> tuple[DestinationRule, ...]:
    """All rules that cover a full host, in force or not."""
    return _covering(mesh, host).rules


def namespaces_of_rules(mesh: Mesh, host: str) -> frozenset[str]:
    """The namespaces of the rules that cover a full host."""
    return _covering(mesh, host).homes


def namespaces_apart(mesh: Mesh, host: str) -> frozenset[str]:
    """The namespaces of the rules that cover a full host, and those to which one of them is exported by name."""
    return _covering(mesh, host).namespaces


class _Covering(msgspec.Struct, frozen=True):
    rules: tuple[DestinationRule, ...]
    homes: frozenset[str]
    namespaces: frozenset[str]


def _covering(mesh: Mesh, host: str) -> _Covering:
    """What covers a host, worked out once for all hosts that the same wildcards cover."""
    memo: dict[tuple[int, ...], _Covering] = mesh.memo("DestinationRules that cover a host")
    found = tuple(_most_specific_first(mesh, EVERYWHERE, host))
    key = tuple(map(id, found))  # the lists of an index that is kept
    if key not in memo:
        rules = tuple(rule for same in found for rule in same)
        exported = {name for rule in rules for name in rule.spec.export_to} - {EVERYWHERE}
        homes = frozenset(rule.namespace for rule in rules)
        memo[key] = _Covering(rules, homes, homes | exported)
    return memo[key]


def full_host(rule: DestinationRule) -> str:
    """The rule's host in full."""
    return hosts.fqdn(rule.spec.host, rule.namespace)


def _most_specific(mesh: Mesh, namespace: str, host: str, is_kept: Callable[[DestinationRule], bool]) -> Sequence[DestinationRule]:
    """Of the rules of a namespace that are kept, those with the most specific host (`pilot/pkg/model/config.go MostSpecificHostMatch`)."""
    kept = ([rule for rule in rules if is_kept(rule)] for rules in _most_specific_first(mesh, namespace, host))
    return next(filter(None, kept), ())


def _most_specific_first(mesh: Mesh, namespace: str, host: str) -> Iterator[list[DestinationRule]]:
    """The rules that cover a host, by how specific theirs is; the namespace ``*`` stands for all."""
    mesh.require(kinds.DESTINATION_RULE)
    table = mesh.cached("DestinationRules by namespace and host", _by_namespace_and_host).get(namespace)
    if not table:
        return
    if host in table.rules:
        yield table.rules[host]
    rest = host.removeprefix("*")
    for length in table.wildcards:
        key = f"*{rest[len(rest) - length :]}"
        if length <= len(rest) and key != host and key in table.rules:
            yield table.rules[key]


class _Table(msgspec.Struct, frozen=True):
    """Rules by their full hosts, and how long the wildcard ones are without their star, longest first."""

    rules: Mapping[str, list[DestinationRule]]
    wildcards: tuple[int, ...]


def _by_namespace_and_host(mesh: Mesh) -> Mapping[str, _Table]:
    index: dict[str, dict[str, list[DestinationRule]]] = defaultdict(lambda: defaultdict(list))
    for rule in mesh.all(DestinationRule):
        for namespace in (rule.namespace, EVERYWHERE):
            index[namespace][full_host(rule)].append(rule)
    return {
        namespace: _Table(dict(rules), tuple(sorted({len(host) - 1 for host in rules if host.startswith("*")}, reverse=True)))
        for namespace, rules in index.items()
    }
