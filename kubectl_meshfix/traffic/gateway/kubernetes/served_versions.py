"""Objects of the Gateway API in a version that is too old for istiod, which then ignores their kind.

istiod watches each kind in one version, and leaves a CustomResourceDefinition alone that does not have it
(`pkg/kube/kclient/crdwatcher.go minimumVersionFilter`, `pkg/config/schema/gvr`, release by release). A cluster's objects are read in the
newest version that it serves.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from kubectl_meshfix.mesh.control_plane import INPUTS as PLANES
from kubectl_meshfix.mesh.control_plane import control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import gateway_api, kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from kubectl_meshfix.traffic.gateway.kubernetes.parents import is_served_by_istio

WANTED = "v1"


class Needed(msgspec.Struct, frozen=True):
    """The minor version of Istio since which it reads a kind as v1 alone, and the release of the Gateway API that has v1 of it."""

    since: int
    release: str


NEEDED: Mapping[Kind, Needed] = {
    kinds.KUBERNETES_GATEWAY: Needed(29, "1.0"),
    kinds.HTTP_ROUTE: Needed(29, "1.0"),
    kinds.GRPC_ROUTE: Needed(22, "1.1"),
    kinds.BACKEND_TLS_POLICY: Needed(28, "1.4"),
    kinds.TLS_ROUTE: Needed(30, "1.5"),
    kinds.TCP_ROUTE: Needed(31, "1.6"),
}

INPUTS = tuple(dict.fromkeys((*NEEDED, kinds.GATEWAY_CLASS, *PLANES)))


class Ignored(NamedTuple):
    """An object that no istiod reads: the ``served`` version of its kind, the oldest istiod's, and the release of the Gateway API."""

    owner: Object
    kind: Kind
    served: str
    istiod: str
    release: str


def ignored(mesh: Mesh) -> Iterator[Ignored]:
    """Each object that is for Istio, of a kind that is served without the version that every istiod needs.

    Files count where they are a cluster's own words: there an object has a uid.
    """
    mesh.require(*INPUTS)
    versions = [plane.version for plane in control_planes(mesh)]
    known = [version for version in versions if version]
    if not known or len(known) < len(versions):
        return
    oldest = min(known)
    for kind, needed in NEEDED.items():
        if oldest.minor >= needed.since:
            for obj in mesh.all(kind.struct):
                served = obj.api_version.rpartition("/")[2]
                if served != WANTED and (obj.metadata.uid or mesh.is_live(obj.ref)) and _is_istios(mesh, obj):
                    yield Ignored(obj, kind, served, oldest.text, needed.release)


def _is_istios(mesh: Mesh, obj: Object) -> bool:
    match obj:
        case KubernetesGateway():
            return classes.is_istios(mesh, obj)
        case gateway_api.BackendTLSPolicy():
            return all(classes.is_istios(mesh, gateway) for gateway in mesh.all(KubernetesGateway))
        case gateway_api.HTTPRoute() | gateway_api.GRPCRoute() | gateway_api.TLSRoute() | gateway_api.TCPRoute():
            return is_served_by_istio(mesh, obj)
    return False
