"""Which DestinationRules are in force between a client and a host."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking import DestinationRule
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE


def rules_in_force(mesh: Mesh, host: str, client: str, home: str) -> tuple[DestinationRule, ...]:
    """The rules that proxies in the namespace ``client`` follow for a full host of the namespace ``home``.

    The first of three namespaces that has any decides: the client's, the host's, the root namespace; in it, the most specific host
    (`pilot/pkg/model/push_context.go destinationRule`). Rules of one host in one namespace are merged.
    """
    config = mesh_config(mesh)

    def is_followed(rule: DestinationRule, *, is_own: bool) -> bool:
        exports = {HERE} if rule.spec.workload_selector else set(rule.spec.export_to)
        is_private = exports in ({HERE}, {rule.namespace}) or (not exports and HERE in config.default_destination_rule_export_to)
        if is_own and client == config.root_namespace:
            return is_private
        if is_own:
            return not exports or bool(exports & {EVERYWHERE, HERE, client})
        return not is_private and (not exports or bool(exports & {EVERYWHERE, client}))

    for namespace, is_own in ((client, True), (home, False), (config.root_namespace, False)):
        for rules in _most_specific_first(mesh, namespace, host):
            if found := tuple(rule for rule in rules if is_followed(rule, is_own=is_own)):
                return found
    return ()


def rules_covering(mesh: Mesh, host: str) -> tuple[DestinationRule, ...]:
    """All rules that cover a full host, in force or not."""
    return tuple(rule for rules in _most_specific_first(mesh, EVERYWHERE, host) for rule in rules)


def full_host(rule: DestinationRule) -> str:
    """The rule's host in full."""
    return hosts.fqdn(rule.spec.host, rule.namespace)


def _most_specific_first(mesh: Mesh, namespace: str, host: str) -> Iterator[list[DestinationRule]]:
    """`pilot/pkg/model/config.go MostSpecificHostMatch`; the namespace ``*`` stands for all."""
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


class _Table(NamedTuple):
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
