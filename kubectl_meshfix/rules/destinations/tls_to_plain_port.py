"""MF423: proxies start TLS towards port 80, where servers speak plain HTTP."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.originating import is_doubled, is_to_plain_port, originations
from kubectl_meshfix.traffic.registry import INPUTS
from kubectl_meshfix.traffic.route import routed
from kubectl_meshfix.traffic.route.routed import are_known, is_led_elsewhere

RISK = "Requests that fail today go to the server's port 443."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each HTTP port 80 of a ServiceEntry without another ``targetPort`` that gets TLS, unless routes lead its requests to another port."""
    doubled = {(found.at, found.entry.host) for found in originations(mesh) if is_doubled(found)}
    seen = set()
    for found in originations(mesh) if are_known(mesh) else ():
        key = (found.entry.resource, found.port.number)
        entry = mesh.find(found.entry.resource)
        is_meant = not isinstance(entry, ServiceEntry) or any(item.ports for item in entry.spec.endpoints)
        if not is_to_plain_port(found) or is_meant or key in seen or (found.at, found.entry.host) in doubled:
            continue
        if is_led_elsewhere(mesh, found.entry.host, found.port.number):
            continue
        seen.add(key)
        position = [port.number for port in entry.spec.ports].index(found.port.number) if isinstance(entry, ServiceEntry) else 0
        path = f"/spec/ports/{position}"
        operations = (Operation("test", f"{path}/number", found.port.number), Operation("add", f"{path}/targetPort", 443))
        yield Finding(
            resource=found.entry.resource,
            path=path,
            message=f"{found.rule.ref} starts TLS towards port 80 of {found.entry.host}. Requests get 503.",
            evidence=("servers speak plain HTTP on port 80, and refuse a TLS handshake",),
            fix=patch(found.entry.resource, operations, "Set targetPort 443, where the server speaks TLS.", risk=RISK),
        )


RULE = Rule(
    code="MF423",
    name="tls-to-plain-port",
    severity=Severity.ERROR,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=(*control_plane.INPUTS, *routed.INPUTS),
    about=(kinds.SERVICE_ENTRY,),
    summary="Proxies start TLS towards port 80, where servers speak plain HTTP",
    check=check,
)
