"""CUSTOM policies that refuse all requests they match, because their provider cannot be used (`builder.go`, `extauthz.go`)."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.attachment import meant_pods, targets
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.policy import providers
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.policy.custom import takes_several
from kubectl_meshfix.traffic.policy.evaluation.layers import CUSTOM
from kubectl_meshfix.traffic.policy.evaluation.prepared import is_dry_run
from kubectl_meshfix.traffic.terms.parties import Party, Plane


class Refusing(msgspec.Struct, frozen=True):
    """A policy, and why it refuses: a ``rival`` with another provider for the same pods, or a ``problem`` of its own provider, a clause."""

    policy: AuthorizationPolicy
    problem: str = ""
    rival: AuthorizationPolicy | None = None


def refusing(mesh: Mesh) -> Iterator[Refusing]:
    """Each CUSTOM policy that is known to refuse what it matches."""
    asking = [policy for policy in mesh.all(AuthorizationPolicy) if policy.spec.action == CUSTOM and policy.spec.rules]
    asking = [policy for policy in asking if not is_dry_run(policy)]
    rivals = _rivals(mesh, asking) if len({policy.spec.provider.name for policy in asking}) > 1 else {}
    for policy in asking:
        if problem := _problem(mesh, policy.spec.provider.name):
            yield Refusing(policy, problem=problem)
        elif rival := rivals.get(policy.ref.key):
            yield Refusing(policy, rival=rival)


def _problem(mesh: Mesh, name: str) -> str:
    """Why no istiod can use a provider; empty where one can, or where that is not known."""
    revisions: list[str | None] = [plane.revision for plane in control_plane.control_planes(mesh)]
    found = [providers.problem(mesh, name, revision) for revision in revisions or [None]]
    return found[0] if isinstance(found[0], str) and all(isinstance(item, str) and item for item in found) else ""


def _rivals(mesh: Mesh, asking: list[AuthorizationPolicy]) -> dict[object, AuthorizationPolicy]:
    """The policies that share pods with an older one of another provider, and that one; files have no ages, and names decide."""
    found: dict[object, AuthorizationPolicy] = {}
    keys = {policy.ref.key for policy in asking}
    for party in _parties(mesh, asking):
        here = [policy for policy in attached(mesh, AuthorizationPolicy, party) if policy.ref.key in keys]
        if len({policy.spec.provider.name for policy in here}) > 1 and _takes_one(mesh, party):
            first, *others = sorted(here, key=lambda policy: (policy.metadata.creation_timestamp or "", policy.name, policy.namespace))
            found.update((item.ref.key, first) for item in others if item.spec.provider.name != first.spec.provider.name)
    return found


def _takes_one(mesh: Mesh, party: Party) -> bool:
    """Whether it is known that a proxy may have one provider alone; of a cluster its istiod has to be read for that."""
    plane = control_plane.plane_of_revision(mesh, party.revision) or control_plane.main_control_plane(mesh)
    is_known = not mesh.live or (plane is not None and plane.env is not None)
    return is_known and not takes_several(mesh, party)


def _parties(mesh: Mesh, asking: list[AuthorizationPolicy]) -> Iterator[Party]:
    """The pods that may be asked about: those of the policies' namespaces, and those that files do not hold but a policy is for."""
    spaces = {policy.namespace for policy in asking}
    reaches_all = control_plane.root_namespace(mesh) in spaces
    for workload in mesh.workloads:
        if (reaches_all or workload.namespace in spaces) and (not mesh.live or mesh.knows(kinds.POD, workload.namespace)):
            ways = answer(parties_of(mesh, workload))
            if len(ways) == 1 and ways[0].value.has_envoy:
                yield ways[0].value
    for policy in asking if not mesh.live else ():
        yield from _meant(mesh, policy)


def _meant(mesh: Mesh, policy: AuthorizationPolicy) -> Iterator[Party]:
    """Pods as a policy of files wants them, where the files do not hold any and may not hold all."""
    for target in targets(policy.spec):
        if target.kind == "Gateway":
            yield Party(plane=Plane.GATEWAY, namespace=policy.namespace, labels={GATEWAY_NAME: target.name})
    yield from meant_pods(mesh, policy)
