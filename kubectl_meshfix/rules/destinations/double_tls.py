"""MF422: proxies start TLS on a port on which the clients speak TLS themselves."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.originating import Origination, is_doubled, originations
from kubectl_meshfix.traffic.registry import INPUTS
from kubectl_meshfix.traffic.route import routed
from kubectl_meshfix.traffic.route.routed import are_known, takes_http

RISK = "Clients that send plain HTTP to this port, which Istio encrypts today, reach the server without TLS."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each port of a ServiceEntry that declares TLS and gets no HTTP by a route (`core/cluster_tls.go buildUpstreamClusterTLSContext`)."""
    for found in originations(mesh) if are_known(mesh) else ():
        if is_doubled(found) and not takes_http(mesh, found.entry.host, found.port.number):
            yield _finding(mesh, found)


def _finding(mesh: Mesh, found: Origination) -> Finding:
    number, host = found.port.number, found.entry.host
    return Finding(
        resource=found.at.resource,
        path=found.at.path,
        message=f"Port {number} of {host} is {found.port.protocol.value.upper()}, and this starts TLS again. "
        "Handshakes of TLS clients fail.",
        evidence=(f"{found.entry.resource} declares port {number}", "no route sends HTTP to this port"),
        fix=_fix(found),
        severity=None if mesh.knows(kinds.VIRTUAL_SERVICE, found.rule.namespace, found.rule) else Severity.WARNING,
    )


def _fix(found: Origination) -> Fix:
    ports = {port.number for port in found.entry.ports}
    if found.is_of_port or len(ports) == 1:
        path = f"{found.at.path}/mode"
        summary = f"Replace mode {found.tls.mode} with DISABLE, so that the clients' own TLS passes."
        return patch(found.at.resource, replacement(path, found.tls.mode, "DISABLE"), summary, risk=RISK)
    return manual("Move tls to portLevelSettings of the ports that clients call with plain HTTP, or remove it.")


RULE = Rule(
    code="MF422",
    name="double-tls",
    severity=Severity.ERROR,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=(*control_plane.INPUTS, *routed.INPUTS),
    about=(kinds.DESTINATION_RULE,),
    words=("tls",),
    summary="Proxies start TLS on a port on which clients speak TLS themselves",
    check=check,
)
