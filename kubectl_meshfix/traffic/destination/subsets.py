"""Which subsets of a host are defined for the clients that follow a VirtualService."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.absence import is_unplaced, is_unregistered
from kubectl_meshfix.traffic.client.following import exported_to, gateways_alone
from kubectl_meshfix.traffic.destination.destination_rules import full_host, namespaces_of_rules, rules_covering, rules_in_force
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import registry


class UndefinedSubset(msgspec.Struct, frozen=True):
    """A subset without a cluster: the namespace of its host, the rules in force, and those that define it for others."""

    home: str
    in_force: tuple[DestinationRule, ...]
    not_in_force: tuple[DestinationRule, ...]


def undefined(mesh: Mesh, virtual_service: VirtualService, host: str, subset: str) -> UndefinedSubset | None:
    """What lacks a full host's subset, where no proxy that follows a VirtualService has a cluster for it.

    None where one has it, where nobody follows, where nobody can tell, and where the host itself is not registered
    (`pilot/pkg/networking/core/cluster_builder.go applyDestinationRule`).
    """
    home = home_of(mesh, host, virtual_service.namespace)
    clients = tuple(sorted(client_classes(mesh, virtual_service, host, home)))
    followed = _followed(mesh, host, clients, home)
    if not clients or subset in _defining(mesh, followed) or not _is_known(mesh, host, virtual_service, home):
        return None
    if _may_be_defined(mesh, virtual_service.namespace, host, subset):
        return None
    return UndefinedSubset(home, followed, tuple(_defining(mesh, rules_covering(mesh, host)).get(subset, ())))


def _followed(mesh: Mesh, host: str, clients: tuple[str, ...], home: str) -> tuple[DestinationRule, ...]:
    """The rules in force for clients of some namespaces: worked out once for all routes to a host."""
    memo: dict[object, tuple[DestinationRule, ...]] = mesh.memo("rules in force for namespaces")
    key = (host, clients, home)
    if key not in memo:
        memo[key] = tuple({rule.ref: rule for client in clients for rule in rules_in_force(mesh, host, client, home)}.values())
    return memo[key]


def _defining(mesh: Mesh, rules: Sequence[DestinationRule]) -> Mapping[str, Sequence[DestinationRule]]:
    """Those that define a subset, by its name. The ``rules`` have to be kept as long as the mesh is."""
    memo: dict[int, dict[str, list[DestinationRule]]] = mesh.memo("rules by the names of their subsets")
    key = id(rules)
    if key not in memo:
        made: dict[str, list[DestinationRule]] = {}
        for rule in rules:
            for name in dict.fromkeys(item.name for item in rule.spec.subsets):
                made.setdefault(name, []).append(rule)
        memo[key] = made
    return memo[key]


def is_defined(mesh: Mesh, host: str, clients: Iterable[str], home: str, subset: str) -> bool:
    """Whether a rule that is in force for clients of some namespaces defines a subset of a full host of the namespace ``home``."""
    return subset in _defining(mesh, _followed(mesh, host, tuple(sorted(clients)), home))


def home_of(mesh: Mesh, host: str, namespace: str) -> str:
    """The namespace of a full host's Service or ServiceEntry, as ``namespace`` sees it; itself where it sees none."""
    if service := hosts.service_of(host):
        return service[1]
    entries = registry(mesh).visible(host, (namespace,))
    return entries[0].namespace if entries else namespace


def client_classes(mesh: Mesh, virtual_service: VirtualService, host: str, home: str) -> frozenset[str]:
    """Namespaces of the proxies that follow a VirtualService; of those for which the same rules of the host are in force, only one.

    Proxies of a namespace that has no rule for the host follow the rules beside the host, or the root namespace's.
    """
    if gateways := gateways_alone(mesh, virtual_service):
        return gateways
    exported = exported_to(mesh, virtual_service)
    if EVERYWHERE not in exported:
        return exported
    return namespaces_of_rules(mesh, host) | {virtual_service.namespace, home}


def _is_known(mesh: Mesh, host: str, virtual_service: VirtualService, home: str) -> bool:
    """Whether a subset that is not here is nowhere: every rule was read, or the one beside the host, which decides for most proxies."""
    is_covered = bool(registry(mesh).visible(host, (virtual_service.namespace,)))
    if hosts.is_of_another_domain(host) or (not is_covered and is_unregistered(mesh, host, virtual_service.namespace, virtual_service)):
        return False
    return holds_rules(mesh, host, home, virtual_service)


def holds_rules(mesh: Mesh, host: str, home: str, asker: Object | None) -> bool:
    """Whether every rule that may define subsets of a full host was read, or the one beside the host, which decides for most proxies.

    ``asker`` is who names the subset: one that names no namespace is answered by what lies beside it.
    """
    if mesh.live and mesh.coverage(kinds.DESTINATION_RULE).is_complete:
        return True
    if not mesh.holds_all(kinds.DESTINATION_RULE):
        return False
    has_own_rule = any(rule.namespace == home and full_host(rule) == host for rule in rules_covering(mesh, host))
    is_registered = host in registry(mesh).exact
    return has_own_rule or (is_registered and not mesh.live and mesh.knows(kinds.DESTINATION_RULE, home, asker))


def _may_be_defined(mesh: Mesh, namespace: str, host: str, subset: str) -> bool:
    """Whether files define it for a host of that name, and nobody knows for sure that it is of another namespace."""
    name = host.partition(".")[0]
    rules = mesh.cached("DestinationRules by the first word of their hosts", _by_first_word).get(name, ()) if not mesh.live else ()
    defining = _defining(mesh, rules).get(subset, ()) if rules else ()
    return any(is_unplaced(mesh, rule.namespace, namespace) and full_host(rule) != host for rule in defining)


def _by_first_word(mesh: Mesh) -> Mapping[str, Sequence[DestinationRule]]:
    return grouped(mesh.all(DestinationRule), lambda rule: rule.spec.host.partition(".")[0])
