"""A namespace whose labels ask for sidecars and for ambient: which of the two is meant, and what leads there."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import restarts
from kubectl_meshfix.fixes.corrections import few, patch, removal
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECTION
from kubectl_meshfix.injection.membership import Mode, membership, predicted
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, following, named_by, waypoints_in
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod, PodTemplate, Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.injection import unfinished

OTHER_GATEWAYS = "New pods get no sidecar and enter ambient mode, and Gateways that follow the label move to another control plane."


class Conflict(msgspec.Struct, frozen=True):
    """The ``label`` that gives new pods sidecars, why it does, what says that ambient is meant, if anything does, and the way out."""

    label: str
    reason: str
    says_ambient: tuple[str, ...]
    fix: Fix

    @property
    def is_ambient_meant(self) -> bool:
        """Whether waypoints tell that the namespace is to be in ambient."""
        return bool(self.says_ambient)


def conflict(mesh: Mesh, namespace: Namespace) -> Conflict | None:
    """The conflict of a namespace in ambient mode; None where no label gives its new pods a sidecar."""
    label = next((key for key in (INJECTION, REVISION_LABEL) if key in namespace.labels), None)
    made = predicted(mesh, namespace.name, PodTemplate())
    if label is None or made.surely_injected is not True:
        return None
    meant = tuple(_waypoints(mesh, namespace))
    fix = _for_ambient(mesh, namespace) if meant else _for_sidecars(mesh, namespace, label)
    return Conflict(label, made.reason, meant, fix)


def without(namespace: Namespace, key: str, summary: str, safety: Safety) -> Fix:
    """The fix that removes a label of a namespace."""
    return patch(namespace.ref, removal(join("metadata", "labels", key), namespace.labels[key]), summary, safety)


def _waypoints(mesh: Mesh, namespace: Namespace) -> Iterator[str]:
    """What has to do with waypoints, which only traffic of ambient uses, each as a clause."""
    if name := named_by(namespace.labels, namespace.name):
        yield f"{USE_WAYPOINT}={name.name} is set"
    yield from (f"{gateway.ref} is a waypoint" for gateway in waypoints_in(mesh, namespace.name))
    if service := next((item for item in mesh.within(Service, namespace.name) if named_by(item.labels, item.namespace)), None):
        yield f"{service.ref} has {USE_WAYPOINT}"


def _for_ambient(mesh: Mesh, namespace: Namespace) -> Fix:
    """No label is left that gives sidecars; the revision goes to the Gateways that took it from the namespace.

    A Gateway's own label goes first (`pkg/revisions/tag_watcher.go IsMine`).
    """
    gone = [key for key in (INJECTION, REVISION_LABEL) if key in namespace.labels]
    heirs = tuple(following(mesh, namespace.name)) if REVISION_LABEL in gone else ()
    operations = [operation for key in gone for operation in removal(join("metadata", "labels", key), namespace.labels[key])]
    summary = f"Remove {' and '.join(gone)}, so that new pods are in ambient."
    if heirs:
        first = f"Remove {INJECTION}, and move" if INJECTION in gone else "Move"
        moved = f"{REVISION_LABEL}={namespace.labels[REVISION_LABEL]}"
        summary = f"{first} {moved} to {few([str(gateway.ref) for gateway in heirs])}, so that new pods are in ambient."
    is_unread = REVISION_LABEL in gone and not mesh.knows(kinds.KUBERNETES_GATEWAY, namespace.name)
    return Fix(
        summary=summary,
        safety=Safety.UNSAFE,
        risk=OTHER_GATEWAYS if is_unread else risks.NEW_PODS_IN_AMBIENT,
        patches=(
            Patch(resource=namespace.ref, operations=tuple(operations)),
            *(_labelled(gateway, namespace.labels[REVISION_LABEL]) for gateway in heirs),
        ),
        commands=(restarts.of_namespace(namespace.name),) if any(has_proxy(pod.spec) for pod in mesh.within(Pod, namespace.name)) else (),
    )


def _labelled(gateway: KubernetesGateway, revision: str) -> Patch:
    if not gateway.labels:
        return Patch(resource=gateway.ref, operations=(Operation("add", join("metadata", "labels"), {REVISION_LABEL: revision}),))
    return Patch(resource=gateway.ref, operations=(Operation("add", join("metadata", "labels", REVISION_LABEL), revision),))


def _for_sidecars(mesh: Mesh, namespace: Namespace, label: str) -> Fix:
    """Nothing speaks of waypoints: ambient's label goes. That is safe only where it is known that no pod is in ambient."""
    if namespace.name in mesh.cached("namespaces with pods in ambient", _holding_ambient):
        summary = f"To use ambient, remove {label} and restart the pods; else remove {DATAPLANE_MODE}."
        commands = (f"kubectl label namespace {namespace.name} {label}-", restarts.of_namespace(namespace.name))
        return manual(summary, *commands, why=f"Some pods here are in ambient mode, and leave the mesh without {DATAPLANE_MODE}.")
    summary = f"Remove {DATAPLANE_MODE}. To use ambient, remove {label} instead and restart the pods."
    is_seen = mesh.live and mesh.knows(kinds.POD, namespace.name)
    return at_risk(without(namespace, DATAPLANE_MODE, summary, Safety.SAFE if is_seen else Safety.UNSAFE), risks.MAY_LEAVE_AMBIENT)


def _holding_ambient(mesh: Mesh) -> frozenset[str]:
    """The namespaces with a pod that is in ambient, or a workload whose next pod will be."""
    enrolled = (pod.namespace for pod in mesh.all(Pod) if is_redirected(pod.metadata.annotations))
    entering = (item.namespace for item in unfinished(mesh) if membership(mesh, item).mode is Mode.AMBIENT)
    return frozenset((*enrolled, *entering))
