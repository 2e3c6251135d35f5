"""The external authorizers of CUSTOM policies, and whether they can be used (`pilot/pkg/security/authz/builder/extauthz.go`)."""

import re
from http import HTTPStatus

from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.mesh_config import ExtensionProvider
from kubectl_meshfix.traffic.registry import registry

HTTP, GRPC = "envoyExtAuthzHttp", "envoyExtAuthzGrpc"
"""The two kinds of authorizers."""

NAMES_CHECKED = (1, 30)
"""Since this version a provider's name has to be a DNS label, and stands in the names of rules."""

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LAST_PORT = 65535


def provider(mesh: Mesh, name: str, revision: str | None) -> ExtensionProvider | None:
    """The external authorizer of a name, None where there is none."""
    found = (item for item in control_plane.mesh_config(mesh, revision).extension_providers if item.kind in (HTTP, GRPC))
    return next((item for item in found if item.name == name), None)


def problem(mesh: Mesh, name: str, revision: str | None) -> str | Unknown:
    """Why the authorizer of a name cannot be used; empty where it can, unknown where what it needs was not read."""
    plane = control_plane.control_plane(mesh, revision) if revision else control_plane.main_control_plane(mesh)
    found = provider(mesh, name, revision)
    if found is None:
        if plane is None or plane.mesh_config_map is None:
            return Unknown(kind=UnknownKind.NOT_IN_FILES, of="the mesh configuration", settled_by=CLUSTER)
        return "the mesh configuration has no external authorizer of that name"
    others = [item for item in control_plane.mesh_config(mesh, revision).extension_providers if item.name == name]
    if len(others) > 1:
        return "the mesh configuration has several providers of that name"
    if (plane is None or plane.version is None or plane.version >= NAMES_CHECKED) and not _LABEL.fullmatch(name):
        return "its name may only have lower-case letters, digits and hyphens"
    if found.port is None or not 0 < found.port <= _LAST_PORT:
        return "its port is missing or out of range"
    if found.status_on_error and not _is_status(found.status_on_error):
        return f"statusOnError {found.status_on_error} is no HTTP status"
    if found.path_prefix and not found.path_prefix.startswith("/"):
        return f"pathPrefix {found.path_prefix} does not start with a slash"
    return _unresolved(mesh, found.service)


def _unresolved(mesh: Mesh, service: str) -> str | Unknown:
    """`pilot/pkg/model/telemetry_logging.go LookupCluster`."""
    home, slash, host = service.rpartition("/")
    entries = registry(mesh).exact.get(host, ())
    namespaces = {entry.namespace for entry in entries if not slash or entry.namespace == home}
    if len(namespaces) == 1:
        return ""
    if namespaces:
        return f"its host {host} is registered in several namespaces ({', '.join(sorted(namespaces))})"
    if (
        mesh.live
        and not registry(mesh).spans_clusters
        and all(mesh.coverage(kind).is_complete for kind in (kinds.SERVICE, kinds.SERVICE_ENTRY))
    ):
        return f"its host {service} is not registered"
    return Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"the host {service}", settled_by=CLUSTER)


def _is_status(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) in {status.value for status in HTTPStatus}
