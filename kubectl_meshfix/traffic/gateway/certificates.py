"""Certificates of servers that end TLS, and those that they want of their callers (`pilot/pkg/xds/sds.go`).

Secrets are not read on a cluster: a server's certificate is taken to be there and to be good, and a step says so. Files may hold them.
"""

from kubectl_meshfix.chain.steps import Steps, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.resources.istio_networking.gateways import ServerTLS
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.wire import Transport, Wire

_OF_MESH, _OF_LISTENER, _OF_SECRET = "builtin://", "kubernetes-gateway://", "kubernetes://"


def shown_by_server(mesh: Mesh, server: Server, namespace: str) -> Steps[Failure | None]:
    """Whether a server that ends TLS has a certificate, so far as that is known; ``namespace`` is that of the gateway's pods."""
    tls = server.tls or ServerTLS()
    names = names_of(tls)
    if tls.mode == "ISTIO_MUTUAL" or any(name.startswith(_OF_MESH) for name in names):
        yield step(check.IN_MESH, server.at)
        return None
    if not names:
        file = tls.server_certificate
        if not file:
            yield step(check.NO_CREDENTIAL, server.at)
            return Failure.TLS_REFUSED
        yield step(check.FROM_FILE, server.at, unknown=Unknown(kind=UnknownKind.RUNTIME, of=file, settled_by=file), file=file)
        return None
    secret = secret_of(names[0], namespace)
    if secret is None:
        unknown = Unknown(kind=UnknownKind.OPAQUE, of=names[0], settled_by=names[0])
        yield step(check.FROM_FILE, server.at, unknown=unknown, file=names[0])
        return None
    home, name = secret
    if home != namespace and server.listener is None:
        yield step(check.SECRET_ELSEWHERE, server.at, name=names[0], namespace=namespace)
        return Failure.TLS_REFUSED
    return (yield from _of_secret(mesh, server, home, name))


def names_of(tls: ServerTLS) -> tuple[str, ...]:
    """The names of a server's credentials, as they are written; several take precedence over one."""
    return tls.credential_names or ((tls.credential_name,) if tls.credential_name else ())


def secret_of(name: str, namespace: str) -> tuple[str, str] | None:
    """Namespace and name of a Secret; None for what is no Secret of Kubernetes (`pilot/pkg/model/credentials/resource.go`)."""
    rest = name.removeprefix(_OF_LISTENER).removeprefix(_OF_SECRET)
    if "://" in rest:
        return None
    home, slash, own = rest.partition("/")
    return (home, own) if slash else (namespace, rest)


def holds_certificate(mesh: Mesh, namespace: str, name: str) -> bool | None:
    """Whether a Secret has a certificate and its key; None where that is not known (`secrets.go ExtractCertInfo`)."""
    secret = mesh.get(Secret, namespace, name)
    if secret is None or secret.is_opaque:
        return None
    return secret.has("cert", "key") or secret.has("tls.crt", "tls.key")


def _of_secret(mesh: Mesh, server: Server, namespace: str, name: str) -> Steps[Failure | None]:
    ref, path = Ref("v1", "Secret", namespace, name), f"{namespace}/{name}"
    holds = holds_certificate(mesh, namespace, name)
    if holds is not None:
        yield step(check.IN_FILES if holds else check.WITHOUT_KEYS, server.at, secret=path)
        return None if holds else Failure.TLS_REFUSED
    unknown = Unknown(kind=UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES, of=ref, settled_by=str(ref))
    others = ", ".join(secret.namespace for secret in mesh.all(Secret) if secret.name == name)
    if others:
        yield step(check.ELSEWHERE_IN_FILES, server.at, unknown=unknown, secret=path, namespaces=others)
    else:
        yield step(check.SECRET_NOT_READ, server.at, unknown=unknown, secret=path)
    return None


def wanted_of_caller(mesh: Mesh, server: Server, request: Request, wire: Wire | None) -> Steps[str | Failure]:
    """Whether the caller shows what a server that ends TLS wants: its identity in the mesh, empty where it has none or shows none."""
    mode = server.tls.mode if server.tls else ""
    shows_mesh = wire.transport is Transport.ISTIO if wire else bool(request.principal)
    identity = (wire.identity if wire else request.principal) if shows_mesh else ""
    if mode == "ISTIO_MUTUAL":
        if not shows_mesh:
            yield step(check.NONE_SHOWN, server.at, mode=mode)
            return Failure.NO_CERTIFICATE
        yield step(check.SHOWN_OF_MESH, server.at, identity=identity or f"one of {mesh_config(mesh).trust_domain}")
        return identity
    if wire and wire.transport is Transport.ISTIO and not _shows_mesh(server):
        yield step(check.MESH_EXPECTED, server.at)
        return Failure.BAD_CERTIFICATE
    if mode == "OPTIONAL_MUTUAL":
        yield step(check.OPTIONAL, server.at)
    elif mode == "MUTUAL":
        if not (wire.has_client_certificate if wire else bool(request.principal)):
            yield step(check.NONE_SHOWN, server.at, mode=mode)
            return Failure.NO_CERTIFICATE
        unknown = Unknown(kind=UnknownKind.UNSTATED, of="the caller's certificate", settled_by="the caller's certificate")
        yield step(check.SHOWN, server.at, unknown=unknown)
    return ""


def _shows_mesh(server: Server) -> bool:
    """Whether a server's certificate is the gateway's own of the mesh."""
    return server.tls is not None and server.tls.credential_name.startswith(_OF_MESH)
