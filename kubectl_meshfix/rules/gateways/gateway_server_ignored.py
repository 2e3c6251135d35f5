"""MF503: a server of a gateway is ignored because of another on its port."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.gateways.wording import listed, protocol
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.merging import Why
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sharing.exclusion import Excluded, Loss, Refused, excluded, refused
from kubectl_meshfix.traffic.gateway.sharing.ports import INPUTS, ROUTES

_BY_AGE = "Istio reads the oldest Gateway first, and among those of one second the first by name. These files do not say which is older."
_FIELDS = {Why.HOST_TAKEN: "/hosts", Why.PROTOCOL_TAKEN: "/port/protocol", Why.NAME_TAKEN: "/port/name"}
_SEVERITIES = {Loss.ROUTES: None, Loss.UNKNOWN: Severity.WARNING, Loss.NOTHING: Severity.INFO}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each server that istiod skips, and each for which Envoy refuses the whole port."""
    for found in excluded(mesh):
        if mesh.are_together(found.row.server.at.resource, found.row.other.at.resource):
            yield _skipped(found)
    for row in refused(mesh):
        if not mesh.are_together(row.server.at.resource, row.other.at.resource):
            continue
        message = (
            f"This server and {_named(row.server, row.other)} are both for {listed(row.names)} on port {row.server.number}. "
            "Envoy refuses the whole port."
        )
        yield Finding(resource=row.server.at.resource, path=row.server.at.path, message=message, fix=_apart(row), aliases=())


def _skipped(found: Excluded) -> Finding:
    server, why, other, _ = found.row
    is_listener = server.listener is not None
    severity = Severity.WARNING if found.is_by_age else _SEVERITIES[found.loss]
    return Finding(
        resource=server.at.resource,
        path=server.at.path + ("" if is_listener else _FIELDS[why]),
        message=_message(found),
        evidence=(f"The other server: {other.at.resource}, {other.at.path}", *((_BY_AGE,) if found.is_by_age or found.either else ())),
        fix=_fix(found),
        severity=severity,
        aliases=("IST0145", "KIA0301") if set(server.hosts) & set(other.hosts) else (),
    )


def _message(found: Excluded) -> str:
    server, why, other, hosts = found.row
    theirs = _named(server, other)
    if why is Why.NAME_TAKEN:
        return f"The port name {server.port_name} is used twice in this Gateway. Istio ignores this server, and nobody gets its routes."
    if why is Why.HOST_TAKEN:
        which = "the one of the younger Gateway" if found.either or found.is_by_age else "this one"
        rest = ", and no route is lost" if found.loss is Loss.NOTHING else " and its routes"
        return f"{theirs} has a TLS server for {listed(hosts)} too. Istio ignores {which}{rest}."
    kind = f"this {protocol(server)} server"
    by_age = f"If that Gateway is older, Istio ignores {kind}" if found.is_by_age else f"Istio ignores {kind}"
    ignored = "Istio ignores the server of the younger Gateway" if found.either else by_age
    return f"Port {server.number} is {protocol(other)} for {theirs}. {ignored}, and its clients reach the other server."


def _named(server: Server, other: Server) -> str:
    """The other server: by its Gateway, or by its place where both are of one."""
    return f"{other.at.resource}" if other.gateway is not server.gateway else other.at.path.replace("/spec/", "").replace("/", " ")


def _fix(found: Excluded) -> Fix:
    server, why, _, hosts = found.row
    if why is Why.NAME_TAKEN:
        return manual("Give each port of this Gateway a name of its own.")
    if why is Why.HOST_TAKEN:
        return manual(f"Leave {listed(hosts)} in one of the two servers only, and bind all its routes to that Gateway.")
    return manual(f"Give one of the two servers another port than {server.number}, or the same protocol.")


def _apart(row: Refused) -> Fix:
    return manual(f"Give {listed(row.names)} to one of the two servers only.", why="Which one answers is for you to decide.")


RULE = Rule(
    code="MF503",
    name="gateway-server-ignored",
    severity=Severity.ERROR,
    inputs=(kinds.GATEWAY, *kinds.WORKLOADS),
    optional=tuple(dict.fromkeys(kind for kind in (*INPUTS, *ROUTES) if kind not in (kinds.GATEWAY, *kinds.WORKLOADS))),
    about=(kinds.GATEWAY, kinds.KUBERNETES_GATEWAY),
    aliases=("IST0145", "KIA0301"),
    summary="A server of a gateway is ignored because of another on its port",
    check=check,
)
