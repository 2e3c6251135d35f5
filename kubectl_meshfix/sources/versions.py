"""The versions of a cluster and of the control planes in it."""

import msgspec

from kubectl_meshfix.errors import ForbiddenError
from kubectl_meshfix.mesh.control_plane import SYSTEM_NAMESPACE, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import NOT_JSON
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.reader import Reader


class IstioVersion(Struct, frozen=True):
    """One control plane; ``version`` is "" where its image, its chart and its configuration name none."""

    revision: str
    namespace: str
    version: str


class Versions(Struct, frozen=True):
    """What a cluster runs. ``reason`` says why control planes could not be looked for, "" where they could."""

    kubernetes: str
    istio: tuple[IstioVersion, ...]
    reason: str = ""


class _Info(msgspec.Struct):
    git_version: str = msgspec.field(name="gitVersion", default="")


def read_versions(connection: Connection) -> Versions:
    """Ask a cluster (``/version``, webhooks, Deployments labelled ``app=istiod``). Raises SourceError where it does not answer."""
    try:
        kubernetes = msgspec.json.decode(connection.get("/version").body, type=_Info).git_version
    except (ForbiddenError, *NOT_JSON):
        kubernetes = ""
    reader = Reader(connection)
    reader.list(kinds.MUTATING_WEBHOOK_CONFIGURATION)
    reader.list(kinds.DEPLOYMENT, labels="app=istiod")
    if kinds.DEPLOYMENT in reader.refused:
        reader.list(kinds.DEPLOYMENT, SYSTEM_NAMESPACE, labels="app=istiod")
    planes = control_planes(Mesh(reader.objects.values(), live=True))
    found = tuple(IstioVersion(plane.revision, plane.namespace, plane.version.text if plane.version else "") for plane in planes)
    return Versions(kubernetes=kubernetes, istio=found, reason="" if found else "; ".join(reader.refused.values()))
