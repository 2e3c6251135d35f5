"""The proxies that enforce a policy."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication
from kubectl_meshfix.resources.meta import Key
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
    is_of_root = policy.namespace == control_plane.root_namespace(mesh)
    by_policy = mesh.cached("pods that enforce policies", _by_policy)
    found = tuple(party for party in by_policy.get(policy.ref.key, ()) if is_of_root or party.namespace == policy.namespace)
    return found if found or mesh.live else tuple(_meant(mesh, policy))


def _by_policy(mesh: Mesh) -> Mapping[Key, list[Party]]:
    found: dict[Key, list[Party]] = defaultdict(list)
    for parties in _by_namespace(mesh).values():
        for party in parties:
            for policy in (*attached(mesh, AuthorizationPolicy, party), *attached(mesh, RequestAuthentication, party)):
                found[policy.ref.key].append(party)
    return dict(found)


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
