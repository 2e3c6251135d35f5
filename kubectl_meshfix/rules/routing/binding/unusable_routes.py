"""MF406: a VirtualService has routes of a kind, for a port or for a gateway, that none of its ports uses."""

from collections.abc import Collection, Iterator, Sequence

from kubectl_meshfix.fixes.corrections import choice, patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.usable_routes import Bound, Port, bindings, kinds_at
from kubectl_meshfix.traffic.gateway_names import MESH, full_name, served_by_others
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route.places import spot
from kubectl_meshfix.traffic.route.targets import ROUTE_KINDS, RouteKind

RISK = "Calls on this port, which other routes or the default route take today, are taken by this route."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each VirtualService with routes that its gateways or hosts do not use (`pilot/pkg/networking/core/gateway.go`, `route/route.go`)."""
    for virtual_service in mesh.all(VirtualService):
        if not virtual_service.spec.hosts:
            continue
        bound = tuple(bindings(mesh, virtual_service))
        dead = [one for one in bound if one.kinds and one.kinds.isdisjoint(kinds_at(virtual_service, one.name) or one.kinds)]
        if len(dead) == len(bound):
            yield _of_kind(virtual_service, dead[0])
            continue
        for one in dead:
            if one.name != MESH and not served_by_others(mesh, virtual_service, one.name):
                yield _of_gateway(virtual_service, one)
        yield from _of_ports(virtual_service, bound)


def _of_kind(virtual_service: VirtualService, bound: Bound) -> Finding:
    from kubectl_meshfix.rules.routing.binding.other_kind import as_other_kind  # noqa: PLC0415 -- for what is wrong alone

    kind = kinds_at(virtual_service, bound.name)[0]
    return Finding(
        resource=virtual_service.ref,
        path=f"/spec/{kind}",
        message=f"{_uses(bound)}, and this VirtualService has only {kind} routes. They are not used, and {_effect(bound)}.",
        fix=as_other_kind(virtual_service, bound, kind),
    )


def _of_gateway(virtual_service: VirtualService, bound: Bound) -> Finding:
    here = " and ".join(kinds_at(virtual_service, bound.name))
    return Finding(
        resource=virtual_service.ref,
        path=f"/spec/gateways/{bound.position}",
        message=f"{_uses(bound)}, and this VirtualService has only {here} routes for it. There, {_effect(bound)}.",
        fix=manual(f"Add {' or '.join(sorted(bound.kinds))} routes for this gateway, or remove it from the VirtualService."),
        severity=Severity.WARNING,
    )


def _uses(bound: Bound) -> str:
    used = " and ".join(sorted(bound.kinds))
    numbers = ", ".join(map(str, dict.fromkeys(port.number for port in bound.ports)))
    where = "Sidecars use" if bound.name == MESH else f"Gateway {bound.name} uses"
    return f"{where} only {used} routes for {'the' if bound.name == MESH else 'these'} hosts (port {numbers})"


def _effect(bound: Bound) -> str:
    if bound.name == MESH:
        return "calls there go to the hosts themselves"
    return "requests get 404" if "http" in bound.kinds else "connections are closed"


def _of_ports(virtual_service: VirtualService, bound: Sequence[Bound]) -> Iterator[Finding]:
    """Matches for a port on which nobody calls, and for gateways to which the VirtualService is not bound."""
    known = {one.name: one for one in bound}
    for kind in ROUTE_KINDS:
        for i, route in enumerate(getattr(virtual_service.spec, kind)):
            for j, match in enumerate(route.match):
                names = {full_name(name, virtual_service.namespace) for name in match.gateways} or set(known)
                path = f"/spec/{kind}/{i}/match/{j}"
                if names.isdisjoint(known):
                    yield _unbound(virtual_service, path, match.gateways)
                elif match.port and all(known[name].ports for name in names & set(known)):
                    ports = {port for name in names & set(known) for port in known[name].ports}
                    if match.port not in {port.number for port in ports}:
                        yield _other_port(virtual_service, f"{path}/port", kind, match.port, ports)


def _unbound(virtual_service: VirtualService, path: str, names: Sequence[str]) -> Finding:
    return Finding(
        resource=virtual_service.ref,
        path=f"{path}/gateways/0",
        message=f"{spot(path)} is only for gateway {', '.join(names)}, to which the VirtualService is not bound. It is never used.",
        fix=manual("Add the gateway to the VirtualService's gateways, or remove it from the match."),
        severity=Severity.WARNING,
    )


def _other_port(virtual_service: VirtualService, path: str, kind: RouteKind, number: int, ports: Collection[Port]) -> Finding:
    where, called = spot(path.removesuffix("/port")), ", ".join(map(str, sorted({port.number for port in ports})))
    usable = sorted({port.number for port in ports if port.kind in (kind, None)})
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{where} is only for port {number}, and the hosts are called on {called}. It is never used.",
        fix=_port(virtual_service, path, number, usable) if usable else manual(f"Remove it: no {kind} route is used on {called}."),
        severity=None if usable else Severity.WARNING,
    )


def _port(virtual_service: VirtualService, path: str, number: int, usable: Sequence[int]) -> Fix:
    if len(usable) == 1:
        return patch(virtual_service.ref, replacement(path, number, usable[0]), f"Replace {number} with {usable[0]}.", risk=RISK)
    return choice("Match {}.", usable)


RULE = Rule(
    code="MF406",
    name="unusable-routes",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, kinds.DESTINATION_RULE, *INPUTS),
    optional=(*OPTIONAL, kinds.SIDECAR),
    about=(kinds.VIRTUAL_SERVICE,),
    summary="A VirtualService has routes of a kind, or for a port, that its gateways or hosts do not use",
    check=check,
)
