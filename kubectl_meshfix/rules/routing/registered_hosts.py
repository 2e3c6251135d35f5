"""What MF401 says of hosts that are registered: out of sight, or without the port."""

from collections.abc import Collection

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.suggestions import replace
from kubectl_meshfix.rules.routing.wording import consequence, effect, few, listed, severity
from kubectl_meshfix.rules.rule import Finding, Severity
from kubectl_meshfix.traffic.registry import EXPORT_TO, Entry
from kubectl_meshfix.traffic.route.targets import RouteTarget


def not_exported(virtual_service: VirtualService, target: RouteTarget, entry: Entry, namespaces: frozenset[str]) -> Finding:
    """The finding of a host that exists, but is not exported to the namespaces that have to see it."""
    field = f"annotation {EXPORT_TO}" if entry.is_kubernetes else "field exportTo"
    where = listed(sorted(namespaces))
    hidden = f"is not exported to {few(sorted(namespaces))}, where this VirtualService applies"
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"{target.written} {hidden if entry.namespaces else 'is exported to no namespace'}. {effect(target)}",
        evidence=(f"{entry.resource} is exported to {listed(sorted(entry.namespaces)) or 'no namespace'}",),
        fix=manual(f"Add {where} to the {field} of {entry.resource}, or route to another host."),
        severity=severity(target),
    )


def only_covered(virtual_service: VirtualService, target: RouteTarget, entry: Entry, *, is_live: bool) -> Finding:
    """The finding of a host that a wildcard stands for, which has no cluster of its own.

    Files are certain of it where the wildcard stands beside the VirtualService: who writes the one there would write the other there too.
    """
    is_certain = is_live or entry.namespace == virtual_service.namespace
    result = effect(target) if is_certain else f"If nothing else registers it, {consequence(target)}."
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"Only {entry.host} covers {target.written}, which has no cluster of its own. {result}",
        evidence=(f"{entry.resource} has the host {entry.host}",),
        fix=manual(f"Add a ServiceEntry with the host {target.written}, or route to {entry.host}."),
        severity=severity(target, None if is_certain else Severity.INFO),
    )


def unresolved(virtual_service: VirtualService, target: RouteTarget, called: Collection[int], entry: Entry) -> Finding:
    """The finding of an ExternalName Service that lacks the port on which its callers are routed."""
    ports = few(sorted(called))
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"{target.written} is an ExternalName Service without port {ports}. Sidecars do not resolve it, and {consequence(target)}.",
        fix=manual(f"Add port {ports} to {entry.resource}, or route to the host that it stands for."),
        severity=severity(target),
    )


def unknown_port(virtual_service: VirtualService, target: RouteTarget, number: int, entries: Collection[Entry]) -> Finding:
    """The finding. The port whose target port has this number, or the only port, is what was meant."""
    ports = {port.number: port for entry in entries for port in entry.ports}
    leading = [(entry.resource, port.number) for entry in entries for port in entry.ports if port.target == number]
    behind = [port.number for port in ports.values() if port.target == number] or (list(ports) if len(ports) == 1 else [])
    path = f"{target.path}/port/number"
    has = f"only {few(sorted(ports))}" if ports else "nor any other"
    advice = f"Route to one of its ports: {listed(sorted(ports))}." if ports else f"Add a port to {target.written}, and route to it."
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{target.written} has no port {number}, {has}. {effect(target)}",
        evidence=tuple(f"{resource}: port {port} has the target port {number}" for resource, port in leading),
        fix=replace(virtual_service, path, number, behind[0]) if len(behind) == 1 else manual(advice),
        severity=severity(target),
    )
