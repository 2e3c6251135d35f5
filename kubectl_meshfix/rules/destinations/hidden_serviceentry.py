"""MF429: a ServiceEntry hides ports of another one for the same host."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.scoping.overlaps import How, Overlap, overlaps
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, Entry


class _Said(msgspec.Struct, frozen=True):
    on: Entry
    message: str
    fix: str
    aliases: tuple[str, ...] = ()


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each entry of which proxies do not know a port, or know it with another protocol."""
    seen = set()
    for found in overlaps(mesh):
        if not mesh.are_together(found.used.resource, found.hidden.resource):
            continue
        said = _said(found)
        path = _path(mesh, said.on, found)
        if (said.on.resource, path) not in seen:
            seen.add((said.on.resource, path))
            yield Finding(resource=said.on.resource, path=path, message=said.message, fix=manual(said.fix), aliases=said.aliases)


def _said(found: Overlap) -> _Said:
    used, hidden, host = str(found.used.resource), str(found.hidden.resource), found.used.host
    ports = ("port " if len(found.ports) == 1 else "ports ") + " and ".join(map(str, found.ports))
    match found.how:
        case How.OWN:
            message = f"In namespace {found.namespace}, this is all that {host} has. It hides {ports} of {hidden} there."
            return _Said(found.used, message, f"Add {ports} to this ServiceEntry, or delete it.")
        case How.OLDER:
            message = f"{used} is for {host} too. Other namespaces use only the older one, and may not know {ports} of this one."
            return _Said(found.hidden, message, "Write all ports of the host into one ServiceEntry.")
        case How.APART:
            message = f"{used} is for {host} too, with other exportTo or resolution. Proxies drop {ports} of the younger one."
            return _Said(found.hidden, message, "Give both the same exportTo and resolution, or merge them.")
        case How.PROTOCOL:
            message = f"{used} declares another protocol for {ports} of {host}. Proxies use that of the older one."
            return _Said(found.hidden, message, "Declare one protocol in both.", ("IST0177", "KIA1212"))


def _path(mesh: Mesh, entry: Entry, found: Overlap) -> str:
    match mesh.find(entry.resource), found.how:
        case ServiceEntry(spec=spec), How.PROTOCOL:
            position = next(i for i, port in enumerate(spec.ports) if port.number == found.ports[0])
            return f"/spec/ports/{position}/protocol"
        case ServiceEntry(spec=spec), How.OWN | How.APART if spec.export_to:
            return "/spec/exportTo"
        case ServiceEntry(spec=spec), _:
            return f"/spec/hosts/{spec.hosts.index(entry.host)}"
        case _:
            return "/spec"


RULE = Rule(
    code="MF429",
    name="hidden-serviceentry",
    severity=Severity.WARNING,
    inputs=INPUTS,
    optional=OPTIONAL,
    about=(kinds.SERVICE_ENTRY,),
    aliases=("IST0177", "KIA1212"),
    summary="A ServiceEntry hides ports of another one for the same host",
    check=check,
)
