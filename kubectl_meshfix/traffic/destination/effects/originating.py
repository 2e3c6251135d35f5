"""TLS that proxies start by themselves towards a host, because a DestinationRule says so."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import ClientTLS, DestinationRule, TrafficPolicy
from kubectl_meshfix.resources.mesh_config import DefaultTrafficPolicy
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.destination import traffic_policies as policies
from kubectl_meshfix.traffic.destination.consolidated import Consolidated
from kubectl_meshfix.traffic.destination.destination_rules import in_use, rules_covering
from kubectl_meshfix.traffic.registry import Entry, Port, registry

MODES = frozenset({"SIMPLE", "MUTUAL"})
"""The modes of TLS that is not the mesh's own."""


class Origination(msgspec.Struct, frozen=True):
    """TLS towards one port of a registered host, by the ``tls`` at a place. ``is_for_some`` marks a rule with a ``workloadSelector``."""

    entry: Entry
    port: Port
    tls: ClientTLS
    at: Where
    rule: DestinationRule
    is_for_some: bool

    @property
    def is_of_port(self) -> bool:
        """Whether it stands in settings of that one port."""
        return "/portLevelSettings/" in self.at.path


def originations(mesh: Mesh) -> Sequence[Origination]:
    """All TLS that some proxy starts towards a registered host, once for each host's port and each place that says so.

    Of several that register a host, proxies use the one of their own namespace, and none that is not exported to it.
    """
    mesh.require(kinds.DESTINATION_RULE)
    return mesh.cached("TLS that proxies start", lambda view: tuple(_all(view)))


def _all(mesh: Mesh) -> Iterator[Origination]:
    if not any(map(_asks, mesh.all(DestinationRule))):
        return
    for host, entries in registry(mesh).exact.items():
        covering = rules_covering(mesh, host)
        if not any(map(_asks, covering)):
            continue
        homes, rivals = {entry.namespace for entry in entries if entry.is_visible(entry.namespace)}, {rule.namespace for rule in covering}
        for entry in entries:
            found: dict[tuple[Ref, str, int], Origination] = {}
            others = sorted({"", *rivals} - homes) if entry.namespaces - {entry.namespace} else ()
            for client in sorted({entry.namespace, *(other for other in others if not other or entry.is_visible(other))}):
                for item in in_use(mesh, host, client, entry.namespace):
                    for row in _of(entry, item):
                        found[row.at.resource, row.at.path, row.port.number] = row
            yield from found.values()


def _of(entry: Entry, item: Consolidated) -> Iterator[Origination]:
    rules = {rule.ref: rule for rule in item.rules}
    top = policies.top_policy(item.rules)
    subsets = [found for rule in item.rules for i, subset in enumerate(rule.spec.subsets) if (found := policies.Found(subset, rule, i))]
    for port in entry.ports:
        for own in (None, *(policies.subset_policy(found) for found in subsets)):
            said = policies.settled(top, own, port.number, DefaultTrafficPolicy()).tls
            if said and said[0].mode in MODES:
                yield Origination(entry, port, said[0], said[1], rules[said[1].resource], item.selector is not None)


def _asks(rule: DestinationRule) -> bool:
    return any(map(_has_tls, (rule.spec.traffic_policy, *(subset.traffic_policy for subset in rule.spec.subsets))))


def _has_tls(policy: TrafficPolicy | None) -> bool:
    if policy is None:
        return False
    return any(tls is not None and tls.mode in MODES for tls in (policy.tls, *(item.tls for item in policy.port_level_settings)))


_TLS = frozenset({Protocol.HTTPS, Protocol.TLS})


def is_doubled(found: Origination) -> bool:
    """Whether a port of a host that is no Service declares that clients speak TLS on it themselves."""
    return not found.entry.is_kubernetes and found.port.protocol in _TLS


def is_to_plain_port(found: Origination) -> bool:
    """Whether the server's port is 80, and clients speak HTTP to it."""
    port = found.port
    return not found.entry.is_kubernetes and port.protocol in HTTP_LIKE and (port.number, port.target or 80) == (80, 80)


def is_ignored_by_sidecars(found: Origination) -> bool:
    """Whether sidecars get no TLS from it: it names a Secret and selects no pods (`buildUpstreamClusterTLSContext`)."""
    name = found.tls.credential_name
    return bool(name) and not name.startswith("configmap://") and not found.is_for_some
