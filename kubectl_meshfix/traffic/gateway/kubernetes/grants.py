"""ReferenceGrants: what objects of other namespaces may refer to (`pilot/pkg/config/kube/gatewaycommon/references.go`)."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.gateway_api import ReferenceGrant
from kubectl_meshfix.resources.meta import Object


class Reference(msgspec.Struct, frozen=True):
    """A name that an object writes of one in another namespace."""

    asker: Object
    group: str
    kind: str
    namespace: str
    name: str


def granted(mesh: Mesh, reference: Reference) -> ReferenceGrant | Unknown | None:
    """The grant that allows a reference into another namespace; None where there is none, Unknown where grants of there were not read.

    Files hold the grants of a namespace where they hold one of them.
    """
    for grant in _by_namespace(mesh).get(reference.namespace, ()):
        if _names_asker(grant, reference) and _names_target(grant, reference):
            return grant
    if mesh.knows(kinds.REFERENCE_GRANT, reference.namespace, reference.asker):
        return None
    kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
    return Unknown(kind=kind, of=kinds.REFERENCE_GRANT, settled_by=CLUSTER)


def for_unknown_namespaces(mesh: Mesh) -> Iterator[tuple[ReferenceGrant, int, str | None]]:
    """Each entry of a grant for a namespace that is known not to be there, with one of nearly that name. Files know of a slip alone."""
    mesh.require(kinds.REFERENCE_GRANT)
    names = {space.name for space in mesh.all(Namespace)}
    for grant in mesh.all(ReferenceGrant):
        for position, item in enumerate(grant.spec.granted_from):
            if item.namespace and item.namespace not in names:
                meant = nearest(item.namespace, names)
                if mesh.knows(kinds.NAMESPACE) if mesh.live else meant and mesh.holds_all(kinds.NAMESPACE):
                    yield grant, position, meant


def _names_asker(grant: ReferenceGrant, reference: Reference) -> bool:
    asker = reference.asker
    return any(
        (item.group, item.kind, item.namespace) == (asker.ref.group, asker.kind, asker.namespace) for item in grant.spec.granted_from
    )


def _names_target(grant: ReferenceGrant, reference: Reference) -> bool:
    return any(
        (item.group, item.kind) == (reference.group, reference.kind) and item.name in (None, reference.name) for item in grant.spec.to
    )


def _by_namespace(mesh: Mesh) -> Mapping[str, Sequence[ReferenceGrant]]:
    mesh.require(kinds.REFERENCE_GRANT)
    return mesh.cached("grants by namespace", lambda view: grouped(view.all(ReferenceGrant), lambda grant: grant.namespace))
