"""Which subsets of a host are defined for the clients that follow a VirtualService."""

from collections.abc import Mapping, Sequence

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
from kubectl_meshfix.traffic.destination.destination_rules import full_host, rules_covering, rules_in_force
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
    if not _is_known(mesh, host, virtual_service, home):
        return None
    clients = sorted(client_classes(mesh, virtual_service, host, home))
    followed = {rule.ref: rule for client in clients for rule in rules_in_force(mesh, host, client, home)}
    is_defined = any(defines(mesh, rule, subset) for rule in followed.values())
    if not clients or is_defined or _may_be_defined(mesh, virtual_service.namespace, host, subset):
        return None
    others = tuple(rule for rule in rules_covering(mesh, host) if defines(mesh, rule, subset))
    return UndefinedSubset(home, tuple(followed.values()), others)


def defines(mesh: Mesh, rule: DestinationRule, subset: str) -> bool:
    """Whether a rule of the mesh has a subset of this name."""
    memo: dict[int, frozenset[str]] = mesh.memo("names of subsets")
    key = id(rule)  # a rule of the snapshot lives as long as its answers
    if key not in memo:
        memo[key] = frozenset(item.name for item in rule.spec.subsets)
    return subset in memo[key]


def home_of(mesh: Mesh, host: str, namespace: str) -> str:
    """The namespace of a full host's Service or ServiceEntry, as ``namespace`` sees it; itself where it sees none."""
    service, entries = hosts.service_of(host), registry(mesh).visible(host, (namespace,))
    return service[1] if service else entries[0].namespace if entries else namespace


def client_classes(mesh: Mesh, virtual_service: VirtualService, host: str, home: str) -> frozenset[str]:
    """Namespaces of the proxies that follow a VirtualService; of those for which the same rules of the host are in force, only one.

    Proxies of a namespace that has no rule for the host follow the rules beside the host, or the root namespace's.
    """
    if gateways := gateways_alone(mesh, virtual_service):
        return gateways
    exported = exported_to(mesh, virtual_service)
    if EVERYWHERE not in exported:
        return exported
    return frozenset({virtual_service.namespace, home, *(rule.namespace for rule in rules_covering(mesh, host))})


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
    return any(is_unplaced(mesh, rule.namespace, namespace) and full_host(rule) != host for rule in rules if defines(mesh, rule, subset))


def _by_first_word(mesh: Mesh) -> Mapping[str, Sequence[DestinationRule]]:
    return grouped(mesh.all(DestinationRule), lambda rule: rule.spec.host.partition(".")[0])
