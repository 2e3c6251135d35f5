"""MF426: a ServiceEntry's TCP port has no address, and its listener catches connections to other hosts."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.catching import Catching, catching
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL

RISK = "Connections to the host that are not HTTP are no longer sent to it."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each such port once, with the worst that happens to it (IST0134, `analyzers/serviceentry/protocoladdresses.go`)."""
    found: dict[tuple[object, int], Catching] = {}
    for item in catching(mesh):
        key = item.entry.resource, item.port.number
        if key not in found or (item.first and not found[key].first):
            found[key] = item
    for item in found.values():
        position, written = _written(mesh, item)
        if not written or item.port.protocol is not Protocol.UNSUPPORTED:  # else it is MF004's
            yield _finding(mesh, item, position, written)


def _written(mesh: Mesh, found: Catching) -> tuple[int, str]:
    """Where the port stands in its ServiceEntry, and its protocol as it is written."""
    service_entry = mesh.find(found.entry.resource)
    ports = service_entry.spec.ports if isinstance(service_entry, ServiceEntry) else ()
    return next(((i, port.protocol) for i, port in enumerate(ports) if port.number == found.port.number), (0, ""))


def _finding(mesh: Mesh, found: Catching, position: int, written: str) -> Finding:
    entry, number = found.entry, found.port.number
    path = f"/spec/ports/{position}/protocol" if written else f"/spec/ports/{position}"
    effect, severity = _effect(mesh, found, written)
    what = f"TCP port {number} has no addresses" if written else f"Port {number} has no protocol and no addresses"
    return Finding(
        resource=entry.resource,
        path=path,
        message=f"{what}{effect}",
        evidence=("sidecars that do not capture DNS listen for it on all addresses",),
        fix=_fix(found, path, written),
        severity=severity,
    )


def _effect(mesh: Mesh, found: Catching, written: str) -> tuple[str, Severity | None]:
    entry, number, first = found.entry, found.port.number, found.first
    kept_out = None if mesh.live else Severity.WARNING  # where files lack the mesh configuration, DNS may be captured
    if first and first.resource == entry.resource:
        return f", and this entry several hosts. Sidecars send all of its connections to {first.host}.", kept_out
    if first:
        return f", nor has that of {first.resource}. The older of the two gets all connections.", kept_out
    if found.http:
        return f", and HTTP hosts share it. Requests to {entry.host} are not routed by this entry.", Severity.WARNING
    severity = Severity.WARNING if mesh.live else Severity.INFO
    rest = "what is for no other host" if written else "what is not HTTP and for no other host"
    return f". Sidecars that know it send {rest} on port {number} to {entry.host}.", severity


def _fix(found: Catching, path: str, written: str) -> Fix:
    if found.http and not found.first and found.port.number in (80, 8080):
        return corrected(found.entry.resource, path, written, ("HTTP",), manual("Declare HTTP."), risk=RISK)
    return manual(
        "List the host's addresses, or declare TLS where its clients speak that."
        if written
        else "Declare the protocol that its clients speak: TLS or HTTP. For any other list the host's addresses.",
        why="With DNS captured (ISTIO_META_DNS_CAPTURE), sidecars need no addresses.",
    )


RULE = Rule(
    code="MF426",
    name="tcp-without-addresses",
    severity=Severity.ERROR,
    inputs=INPUTS,
    optional=(*OPTIONAL, kinds.NAMESPACE, kinds.PROXY_CONFIG),
    about=(kinds.SERVICE_ENTRY,),
    aliases=("IST0134",),
    summary="A ServiceEntry's TCP port without addresses catches connections to others",
    check=check,
)
