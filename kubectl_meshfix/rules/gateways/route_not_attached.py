"""MF505: a route of the Gateway API is attached to no listener."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, few, near
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.absence import absence, sentence
from kubectl_meshfix.rules.gateways.admitting import Homes, admit, refused_namespaces
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.admission import Route, described
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import Far, hostnames
from kubectl_meshfix.traffic.gateway.kubernetes.parents import INPUTS, Unattached, services_missing, unattached

RISK = "Requests of that listener's hosts begin to follow this route."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each reference to a Gateway that attaches its route to nothing, and each to a Service that is not there."""
    every = list(unattached(mesh))
    homes = refused_namespaces(every)
    for found in every:
        yield _missing(mesh, found) if found.far is None else _finding(found, homes)
    for route, position in services_missing(mesh):
        name = route.spec.parent_refs[position].name
        message, severity = absence(f"Service {name} that this route is for", "no request follows it", is_live=mesh.live)
        fix = manual("Name a Service that exists.", f"kubectl get services{route.ref.namespace_flag}")
        path = f"/spec/parentRefs/{position}/name"
        yield Finding(resource=route.ref, path=path, message=message, fix=fix, severity=severity, aliases=("KIA1402",))


def _missing(mesh: Mesh, found: Unattached) -> Finding:
    route, position, ref = found.item
    names = [gateway.name for gateway in mesh.within(KubernetesGateway, found.home)]
    path, better = f"/spec/parentRefs/{position}/name", near(ref.name, names)
    message, severity = absence(f"Gateway {found.home}/{ref.name}", _effect(found), is_live=mesh.live, is_slip=bool(better))
    fix = corrected(route.ref, path, ref.name, better, _elsewhere(mesh, ref.name), risk=RISK)
    return Finding(resource=route.ref, path=path, message=message, fix=fix, severity=severity)


def _finding(found: Unattached, homes: Homes) -> Finding:
    route, position, _ = found.item
    return Finding(
        resource=route.ref,
        path=f"/spec/parentRefs/{position}",
        message=f"{_reason(found)} {sentence(_effect(found))}",
        evidence=tuple(f"listener {item.name}: hostname {item.hostname or '*'}, port {item.port}" for _, item in found.listeners),
        fix=_fix(found, homes),
        severity=Severity.WARNING if found.has_others else None,
    )


def _reason(found: Unattached) -> str:
    route, _, ref = found.item
    gateway = str(found.gateway.ref) if found.gateway else ref.name
    names = few([item.name for _, item in found.listeners])
    match found.far:
        case Far.OTHER_HOSTS:
            return f"No listener of {gateway} is for {few(hostnames(route))}."
        case Far.OTHER_NAMESPACE:
            return f"{gateway} admits no route of namespace {route.namespace} ({names}: {described(found.listeners[0][1])})."
        case Far.OTHER_KIND:
            return f"{gateway} admits no {route.kind} at {names}."
        case Far.MORE_SPECIFIC:
            return f"{few(hostnames(route))} is for a more specific listener of {gateway} than {names}."
    asked = (f"name {ref.section_name}" if ref.section_name else "", f"port {ref.port}" if ref.port else "")
    return f"{gateway} has no listener with the {' and the '.join(filter(None, asked))}." if any(asked) else f"{gateway} has no listener."


def _effect(found: Unattached) -> str:
    if found.has_others:
        return "the route is attached by its other parentRefs alone"
    return f"the route is not attached, and {_requests(found.item.route)}"


def _requests(route: Route) -> str:
    return "requests get 404" if route.kind in ("HTTPRoute", "GRPCRoute") else "connections are closed"


def _fix(found: Unattached, homes: Homes) -> Fix:
    route, position, ref = found.item
    match found.far, found.gateway:
        case Far.OTHER_NAMESPACE, KubernetesGateway() as gateway:
            return admit(gateway, homes, found)
        case Far.OTHER_SECTION | Far.OTHER_PORT, KubernetesGateway() as gateway if ref.section_name:
            names = near(ref.section_name, [item.name for item in gateway.spec.listeners if ref.port in (None, item.port)])
            otherwise = manual(f"Name a listener of {gateway.ref}.")
            return corrected(route.ref, f"/spec/parentRefs/{position}/sectionName", ref.section_name, names, otherwise, risk=RISK)
    return manual(f"Change the {'hostnames or the ' if found.far is Far.OTHER_HOSTS else ''}parentRef of this route, or the listener.")


def _elsewhere(mesh: Mesh, name: str) -> Fix:
    homes = [gateway.namespace for gateway in mesh.all(KubernetesGateway) if gateway.name == name]
    if homes:
        return manual(f"Add the namespace of the Gateway to the parentRef: there is one of this name in {few(homes)}.")
    return manual("Name a Gateway that exists.", "kubectl get gateways.gateway.networking.k8s.io --all-namespaces")


RULE = Rule(
    code="MF505",
    name="route-not-attached",
    severity=Severity.ERROR,
    inputs=(kinds.KUBERNETES_GATEWAY,),
    optional=(*(kind for kind in INPUTS if kind is not kinds.KUBERNETES_GATEWAY), kinds.SERVICE),
    about=(kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE),
    aliases=("KIA1401", "KIA1402"),
    summary="A route of the Gateway API is attached to no listener",
    check=check,
)
