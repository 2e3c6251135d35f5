"""The proxies that enforce a policy."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication
from kubectl_meshfix.traffic.attachment import applies_to_nothing, attachment, targets
from kubectl_meshfix.traffic.coherence.seen import is_seen
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import selects


def enforcers(mesh: Mesh, policy: AuthorizationPolicy | RequestAuthentication) -> tuple[Party, ...]:
    """The pods with an Envoy that enforce a policy; none where it is not known of one of them whether it has a proxy.

    Policies that name targets are not answered for. Pods that files do not hold are as the policy wants them.
    """
    if targets(policy.spec):
        return ()
    known = mesh.cached("pods that may enforce policies", _by_namespace)
    is_of_root = policy.namespace == control_plane.root_namespace(mesh)
    here = [party for space, parties in known.items() if is_of_root or space == policy.namespace for party in parties]
    found = [party for party in here if _is_attached(mesh, policy, party)]
    if found or mesh.live:
        return tuple(found)
    return tuple(_meant(mesh, policy))


def _is_attached(mesh: Mesh, policy: AuthorizationPolicy | RequestAuthentication, party: Party) -> bool:
    if isinstance(policy, AuthorizationPolicy):
        return policy in attached(mesh, AuthorizationPolicy, party)
    return policy in attached(mesh, RequestAuthentication, party)


def _meant(mesh: Mesh, policy: AuthorizationPolicy | RequestAuthentication) -> Iterator[Party]:
    """Pods as a policy of files wants them, where the files do not hold any and may not hold all."""
    found = attachment(mesh, policy)
    if found and found.namespace and not applies_to_nothing(mesh, found) and not selects(mesh, found.labels, found.namespace):
        yield Party(plane=Plane.SIDECAR, namespace=policy.namespace, labels=found.labels)


def _by_namespace(mesh: Mesh) -> Mapping[str, tuple[Party, ...]]:
    found: dict[str, dict[object, Party]] = defaultdict(dict)
    for workload in mesh.workloads:
        ways = answer(parties_of(mesh, workload))
        party = ways[0].value
        is_known = len(ways) == 1 and party.plane in (Plane.SIDECAR, Plane.GATEWAY) and not workload.has_ended
        if is_known and is_seen(mesh, party.namespace):
            found[party.namespace].setdefault((party.plane, frozenset(party.labels.items()), party.revision), party)
    return {namespace: tuple(parties.values()) for namespace, parties in found.items()}
