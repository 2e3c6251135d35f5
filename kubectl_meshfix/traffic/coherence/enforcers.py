"""The proxies that enforce a policy."""

from collections import defaultdict
from collections.abc import Mapping

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication
from kubectl_meshfix.resources.meta import Key
from kubectl_meshfix.traffic.attachment import meant_pods, targets
from kubectl_meshfix.traffic.coherence.seen import proxies
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.terms.parties import Party


def enforcers(mesh: Mesh, policy: AuthorizationPolicy | RequestAuthentication) -> tuple[Party, ...]:
    """The pods with an Envoy that enforce a policy; none where it is not known of one of them whether it has a proxy.

    Policies that name targets are not answered for. Pods that files do not hold are as the policy wants them.
    """
    if targets(policy.spec):
        return ()
    is_of_root = policy.namespace == control_plane.root_namespace(mesh)
    by_policy = mesh.cached("pods that enforce policies", _by_policy)
    found = tuple(party for party in by_policy.get(policy.ref.key, ()) if is_of_root or party.namespace == policy.namespace)
    return found if found or mesh.live else tuple(meant_pods(mesh, policy))


def _by_policy(mesh: Mesh) -> Mapping[Key, list[Party]]:
    found: dict[Key, list[Party]] = defaultdict(list)
    for parties in _by_namespace(mesh).values():
        for party in parties:
            for policy in (*attached(mesh, AuthorizationPolicy, party), *attached(mesh, RequestAuthentication, party)):
                found[policy.ref.key].append(party)
    return dict(found)


def _by_namespace(mesh: Mesh) -> Mapping[str, tuple[Party, ...]]:
    found: dict[str, dict[object, Party]] = defaultdict(dict)
    for _, party in proxies(mesh):
        found[party.namespace].setdefault((party.plane, frozenset(party.labels.items()), party.revision), party)
    return {namespace: tuple(parties.values()) for namespace, parties in found.items()}
