"""Which DestinationRules are in force between a proxy and a host, and how one gets another subset."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh import hosts
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.registry import EVERYWHERE, HERE
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import DestinationRule


def in_force(mesh: Mesh, host: str, client: str, home: str) -> tuple[DestinationRule, ...]:
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


def of_host(mesh: Mesh, host: str) -> tuple[DestinationRule, ...]:
    """All rules that cover a full host, in force or not."""
    return tuple(rule for rules in _most_specific_first(mesh, EVERYWHERE, host) for rule in rules)


def resolved(rule: DestinationRule) -> str:
    """The rule's host in full."""
    return hosts.fqdn(rule.spec.host, rule.namespace)


def with_subset(mesh: Mesh, rule: DestinationRule, subset: str) -> Fix | None:
    """The fix that defines a subset by the label its siblings are named after, else ``version``; None where no pod behind the host has it.

    Safe where the siblings prove the label: requests to the subset fail today, and nothing else changes.
    """
    siblings = rule.spec.subsets
    keys = {key for item in siblings for key, value in item.labels.items() if value == item.name}
    label = keys.pop() if len(keys) == 1 else "version"
    found = hosts.service_of(resolved(rule))
    service = mesh.get(Service, found[1], found[0]) if found else None
    if not service or not service.spec.selector:
        return None
    if not mesh.workloads_selected({**service.spec.selector, label: subset}, service.namespace):
        return None
    value = {"name": subset, "labels": {label: subset}}
    change = Operation("add", "/spec/subsets/-", value) if siblings else Operation("add", "/spec/subsets", [value])
    is_proven = bool(siblings) and all(item.labels == {label: item.name} for item in siblings)
    return Fix(
        summary=f"Add the subset {subset} ({label}: {subset}) to {rule.ref}.",
        safety=Safety.SAFE if is_proven else Safety.UNSAFE,
        risk=None if is_proven else "Requests that fail today go to the pods with this label, and the label is a guess.",
        patches=(Patch(resource=rule.ref, operations=(Operation("test", "/spec/host", rule.spec.host), change)),),
    )


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
            index[namespace][resolved(rule)].append(rule)
    return {
        namespace: _Table(dict(rules), tuple(sorted({len(host) - 1 for host in rules if host.startswith("*")}, reverse=True)))
        for namespace, rules in index.items()
    }
