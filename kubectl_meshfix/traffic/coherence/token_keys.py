"""Keys of tokens that istiod cannot fetch; it then installs one that nobody owns (`pilot/pkg/model/jwks_resolver.go`)."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_policy import RequestAuthentication
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.coherence.seen import is_seen
from kubectl_meshfix.traffic.server.plain_text import Refusal, refused_by

_REMOTE = "PILOT_JWT_ENABLE_REMOTE_JWKS"
_OFF = ("", "false")


class Unreachable(NamedTuple):
    """A rule's place among those of its policy, the host of its keys, and why istiod does not reach it.

    ``home`` is istiod's namespace, in which the host does not exist, and ``meant`` the Service of that name in the policy's; else
    ``refusal`` says which pods refuse istiod, which has no sidecar.
    """

    policy: RequestAuthentication
    number: int
    host: str
    home: str = ""
    meant: Service | None = None
    refusal: Refusal | None = None


def unreachable_keys(mesh: Mesh) -> Iterator[Unreachable]:
    """Each ``jwksUri`` whose host is the name of a Service in another namespace than istiod's, or whose pods demand mTLS."""
    plane = control_plane.main_control_plane(mesh)
    is_known = not mesh.live or (plane is not None and plane.env is not None)
    if not is_known or (plane and plane.env and plane.env.get(_REMOTE, "").lower() not in _OFF):
        return
    home = plane.namespace if plane else control_plane.SYSTEM_NAMESPACE
    for policy in mesh.all(RequestAuthentication):
        for number, rule in enumerate(policy.spec.jwt_rules):
            if rule.jwks_uri and not rule.jwks and (found := _unreachable(mesh, policy, number, rule.jwks_uri, home)):
                yield found


def _unreachable(mesh: Mesh, policy: RequestAuthentication, number: int, uri: str, home: str) -> Unreachable | None:
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    meant = mesh.get(Service, policy.namespace, host)
    if "." not in host and meant and policy.namespace != home and not mesh.get(Service, home, host) and _is_read(mesh, home):
        return Unreachable(policy, number, host, home=home, meant=meant)
    refusal = refused_by(mesh, home, host, port)
    if refusal and not is_seen(mesh, refusal.service.namespace):
        return None
    return Unreachable(policy, number, host, refusal=refusal) if refusal else None


def _is_read(mesh: Mesh, home: str) -> bool:
    """Whether it is known which Services istiod's namespace has; files that hold none of it are taken to lack none."""
    return mesh.knows(kinds.SERVICE, home) if mesh.live else mesh.holds_all(kinds.SERVICE, home)


def full_uri(found: Unreachable, uri: str) -> str:
    """The address of the keys with the Service's name in full."""
    name = hosts.of_service(found.meant.name, found.meant.namespace) if found.meant else found.host
    return uri.replace(f"//{found.host}", f"//{name}", 1)
