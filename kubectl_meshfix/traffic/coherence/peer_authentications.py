"""PeerAuthentications of which something has no effect: the whole of one that another hides, or the mode of a port."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh import control_plane, ports
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.coherence.seen import is_seen
from kubectl_meshfix.traffic.workload_selectors import workloads_of


class Hidden(msgspec.Struct, frozen=True):
    """A policy of which at least some pods use another, ``by``; None where it has no effect on any, as it selects in the root namespace.

    ``is_known`` says that the other one is known to be older.
    """

    policy: PeerAuthentication
    by: PeerAuthentication | None = None
    is_known: bool = True


class WrongPort(msgspec.Struct, frozen=True):
    """A mode for a Service's port, which pods do not listen on; the container ports behind it."""

    policy: PeerAuthentication
    port: str
    service: Ref
    numbers: Sequence[int]


def hidden(mesh: Mesh) -> Iterator[Hidden]:
    """Each policy that another one of the same level hides (`pilot/pkg/security/authn/policy_applier.go ComposePeerAuthentication`)."""
    root = control_plane.root_namespace(mesh)
    for namespace, here in grouped(mesh.all(PeerAuthentication), lambda policy: policy.namespace).items():
        selecting = [policy for policy in here if _labels(policy)]
        if namespace == root:
            yield from (Hidden(policy) for policy in selecting)
        elif len(selecting) > 1:
            yield from _selecting_the_same(mesh, namespace, selecting)
        yield from _hidden([policy for policy in here if not _labels(policy)])


def is_undecided(mesh: Mesh, namespace: str) -> bool:
    """Whether it is not known which of several different policies counts in a namespace: files do not say which is older."""
    found = mesh.cached("namespaces of undecided mTLS", _undecided)
    return namespace in found or control_plane.root_namespace(mesh) in found


def _undecided(mesh: Mesh) -> frozenset[str]:
    return frozenset(
        item.policy.namespace
        for item in hidden(mesh)
        if item.by and not item.is_known
        if (item.by.spec.mtls, item.by.spec.port_level_mtls) != (item.policy.spec.mtls, item.policy.spec.port_level_mtls)
    )


def wrong_ports(mesh: Mesh) -> Iterator[WrongPort]:
    """Each key of ``portLevelMtls`` that is a Service's port of the selected pods and none that they have."""
    for policy in mesh.all(PeerAuthentication):
        labels = _labels(policy)
        if not policy.spec.port_level_mtls or not labels or policy.namespace == control_plane.root_namespace(mesh):
            continue
        behind = mesh.workloads_selected(labels, policy.namespace) if is_seen(mesh, policy.namespace, kinds.SERVICE) else ()
        for port in policy.spec.port_level_mtls:
            yield from _wrong(mesh, policy, port, behind)


def _wrong(mesh: Mesh, policy: PeerAuthentication, port: str, behind: Sequence[Workload]) -> Iterator[WrongPort]:
    targets = [target for workload in behind for target in ports.targets(mesh, workload) if target.port.protocol != "UDP"]
    leading = [target for target in targets if str(target.port.port) == port]
    listening = {str(target.number) for target in targets} | {str(number) for workload in behind for number in _declared(workload)}
    if leading and port not in listening:
        yield WrongPort(policy, port, leading[0].service.ref, sorted({target.number for target in leading}))


def _declared(workload: Workload) -> Iterator[int]:
    for container in (*workload.spec.containers, *workload.spec.init_containers):
        yield from (port.container_port for port in container.ports)


def _selecting_the_same(mesh: Mesh, namespace: str, policies: Sequence[PeerAuthentication]) -> Iterator[Hidden]:
    """Of policies with a selector those that find pods which an older one finds; in files also pods that would have the labels of one."""
    pods = [workload.labels for workload in workloads_of(mesh, namespace)]
    if not mesh.live:
        pods += [_labels(policy) for policy in policies]
    found: dict[Ref, Hidden] = {}
    for labels in {frozenset(item.items()): item for item in pods}.values():
        for item in _hidden([policy for policy in policies if is_subset(_labels(policy), labels)]):
            found.setdefault(item.policy.ref, item)
    yield from found.values()


def _hidden(policies: Sequence[PeerAuthentication]) -> Iterator[Hidden]:
    """All but the oldest; files have no ages, and names decide."""
    in_order = sorted(policies, key=_age)
    for policy in in_order[1:]:
        yield Hidden(policy, in_order[0], bool(in_order[0].metadata.creation_timestamp and policy.metadata.creation_timestamp))


def _age(policy: PeerAuthentication) -> tuple[str, str]:
    return policy.metadata.creation_timestamp or "", policy.name


def _labels(policy: PeerAuthentication) -> dict[str, str]:
    return policy.spec.selector.match_labels if policy.spec.selector else {}


INPUTS = (kinds.PEER_AUTHENTICATION, *control_plane.INPUTS)
"""Kinds that decide, beside Services and workloads."""
