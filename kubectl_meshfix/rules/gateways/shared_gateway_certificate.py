"""MF504: several servers of a port show one certificate, and HTTP/2 clients take a connection to one for the other."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import at
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.written import written
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sharing.certificates import Reused, reused
from kubectl_meshfix.traffic.gateway.sharing.ports import INPUTS, ROUTES

RISK = "Requests for all these hosts share connections, and an EnvoyFilter that names the removed server's port no longer applies."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each server but the first of those that show one certificate (`analyzers/gateway/certificate.go`, for Istio's Gateways alone)."""
    for found in reused(mesh):
        server, other = found.server, found.other
        if not mesh.are_together(server.at.resource, other.at.resource):
            continue
        yield Finding(
            resource=server.at.resource,
            path=server.at.path + _field(server),
            message=_message(found),
            evidence=(
                f"{found.certificate} is the certificate of {other.at.resource}, {other.at.path}, too",
                "each server has only its own routes",
            ),
            fix=_fix(found),
            aliases=("IST0138",) if server.listener is None and other.listener is None else (),
        )


def _message(found: Reused) -> str:
    return f"Browsers reuse connections to {found.connected} for {found.host}, whose certificate is the same, and get 404."


def _field(server: Server) -> str:
    if server.listener:
        return "/tls/certificateRefs"
    tls = server.tls
    named = (("/tls/credentialNames", tls.credential_names), ("/tls/credentialName", tls.credential_name)) if tls else ()
    return next((path for path, value in named if value), "/tls")


def _fix(found: Reused) -> Fix:
    server, other = found.server, found.other
    gateway = server.gateway
    if not found.is_only_pair or not isinstance(gateway, Gateway) or gateway is not other.gateway or not _are_alike(server, other):
        return manual("Use one server for all hosts of this certificate, or a certificate of its own for each server.")
    first, last = (gateway.spec.servers[int(item.at.path.rpartition("/")[2])].hosts for item in (other, server))
    both = list(dict.fromkeys((*first, *last)))
    operations = (
        Operation("test", f"{other.at.path}/hosts", list(first)),
        Operation("test", f"{server.at.path}/hosts", list(last)),
        Operation("replace", f"{other.at.path}/hosts", both),
        Operation("remove", server.at.path),
    )
    return patch(gateway.ref, operations, f"Move the hosts of this server to {_named(other)}, and remove it.", risk=RISK)


def _are_alike(one: Server, other: Server) -> bool:
    return (one.number, one.protocol, one.bind, _tls(one)) == (other.number, other.protocol, other.bind, _tls(other))


def _tls(server: Server) -> object:
    """The TLS of a server with all that is written of it, such as versions and ciphers, of which the Struct has the least."""
    whole = written(server.gateway)
    return at(whole, f"{server.at.path}/tls") if whole else server.tls


def _named(server: Server) -> str:
    return f"the server of port {server.number} {server.port_name}"


RULE = Rule(
    code="MF504",
    name="shared-gateway-certificate",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=tuple(dict.fromkeys(kind for kind in (*INPUTS, *ROUTES) if kind not in kinds.WORKLOADS)),
    about=(kinds.GATEWAY, kinds.KUBERNETES_GATEWAY),
    aliases=("IST0138",),
    summary="Several servers of a gateway show the same certificate",
    check=check,
)
