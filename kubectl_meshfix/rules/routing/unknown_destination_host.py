"""MF401: a VirtualService sends traffic to a host or a port that nobody registered."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.registry import EXPORT_TO, INPUTS, OPTIONAL, Entry, is_absent, is_unplaced, registry
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking import VirtualService
from kubectl_meshfix.rules.routing.destinations import Target, clients, consequence, listed, meant, replace, targets
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination for which istiod makes no cluster (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`)."""
    known = registry(mesh)
    for virtual_service in mesh.all(VirtualService):
        namespaces = clients(mesh, virtual_service)
        for target in targets(virtual_service) if namespaces else ():
            if entries := known.visible(target.host, namespaces):
                yield from _unknown_port(mesh, virtual_service, target, entries)
            elif hidden := known.exact.get(target.host):
                yield _hidden(virtual_service, target, hidden[0], namespaces)
            else:
                yield from _unknown_host(mesh, virtual_service, target)


def _unknown_host(mesh: Mesh, virtual_service: VirtualService, target: Target) -> Iterator[Finding]:
    written, path = target.destination.host, f"{target.path}/host"
    better = meant(mesh, virtual_service, target)
    is_cut = any(host.startswith(f"{written}.") for host in better if "." in written)
    if not is_cut and (not is_absent(mesh, target.host, virtual_service.namespace) or _may_stand_elsewhere(mesh, virtual_service, target)):
        return
    who = "No Service or ServiceEntry visible here has" if mesh.live else "None of the Services and ServiceEntries in these files has"
    why = "; Istio takes a name with a dot as it stands" if is_cut else "" if "." in written else f", which stands for {target.host}"
    then = ": " if mesh.live or better else ". Unless another has, "
    yield Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{who} the host {written}{why}{then}{consequence(target)}.",
        fix=replace(virtual_service, path, written, better[0]) if len(better) == 1 else _choose(better),
        severity=None if mesh.live or better else Severity.INFO,
    )


def _may_stand_elsewhere(mesh: Mesh, virtual_service: VirtualService, target: Target) -> bool:
    """Whether files have a Service of that name, and nobody knows for sure that it is of another namespace."""
    name, _, rest = target.host.partition(".")
    homes = (entry.namespace for entry in registry(mesh).by_name.get(name, ()))
    return any(is_unplaced(mesh, home, virtual_service.namespace, rest.partition(".")[0]) for home in homes)


def _choose(better: tuple[str, ...]) -> Fix:
    if better:
        return manual(f"Name one of {listed(better)} in full.")
    return manual(
        "Correct the host, or register it: a Service, or a ServiceEntry for hosts outside of the mesh.",
        "kubectl get services,serviceentries --all-namespaces",
    )


def _hidden(virtual_service: VirtualService, target: Target, entry: Entry, namespaces: frozenset[str]) -> Finding:
    field = f'annotation "{EXPORT_TO}"' if entry.resource.kind == kinds.SERVICE.kind else "exportTo"
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"{target.destination.host} is not exported to {listed(sorted(namespaces))}, where this applies: {consequence(target)}.",
        evidence=(f"{entry.resource} is exported to {listed(sorted(entry.namespaces)) or 'no namespace'}",),
        fix=manual(f"Add {listed(sorted(namespaces))} to the {field} of {entry.resource}, or send elsewhere."),
    )


def _unknown_port(mesh: Mesh, virtual_service: VirtualService, target: Target, entries: tuple[Entry, ...]) -> Iterator[Finding]:
    number = target.destination.port.number if target.destination.port else 0
    ports = {port.number: port for entry in entries for port in entry.ports}
    if not number or number in ports or any(entry.is_alias or mesh.is_ambiguous(entry.resource) for entry in entries):
        return
    behind = [port.number for port in ports.values() if port.target == number] or (list(ports) if len(ports) == 1 else [])
    path = f"{target.path}/port/number"
    has, choice = (
        (f"only {listed(sorted(ports))}", f"one of {listed(sorted(ports))}") if ports else ("and no other", "one, once it has any")
    )
    yield Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{target.destination.host} has no port {number}, {has}: {consequence(target)}.",
        evidence=tuple(
            f"{entry.resource} leads from port {port.number} to {number}"
            for entry in entries
            for port in entry.ports
            if port.target == number
        ),
        fix=replace(virtual_service, path, number, behind[0])
        if len(behind) == 1
        else manual(f"Send to a port that {target.destination.host} has: {choice}."),
    )


RULE = Rule(
    code="MF401",
    name="unknown-destination-host",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=OPTIONAL,
    aliases=("IST0101", "KIA1101"),
    summary="A VirtualService sends traffic to a host or port that does not exist",
    check=check,
)
