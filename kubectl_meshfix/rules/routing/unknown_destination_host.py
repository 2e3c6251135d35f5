"""MF401: a VirtualService routes to a host or a port that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.routing.registered_hosts import not_exported, only_covered, unknown_port, unresolved
from kubectl_meshfix.rules.routing.suggestions import choose_host, suggested_hosts
from kubectl_meshfix.rules.routing.wording import consequence, severity
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.absence import is_unregistered, may_be_unplaced
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.client.out_of_sight import cut_off
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, only_covers, registry
from kubectl_meshfix.traffic.route.ports import lacks_port, without_cluster
from kubectl_meshfix.traffic.route.targets import RouteTarget, targets_of


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination for which istiod makes no cluster (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`)."""
    for virtual_service in mesh.all(VirtualService):
        known, namespaces = registry(mesh), destinations_seen_from(mesh, virtual_service)
        for target in targets_of(mesh, virtual_service) if namespaces else ():
            entries = known.visible(target.host, namespaces)
            if not only_covers(entries, target.host):
                if target.port and lacks_port(entries, target.port):
                    yield unknown_port(virtual_service, target, target.port, entries)
                elif all(entry.is_alias for entry in entries) and (called := without_cluster(mesh, virtual_service, target, entries)):
                    yield unresolved(virtual_service, target, called, entries[0])
            elif hidden := known.exact.get(target.host):
                if all(cut_off(mesh, virtual_service, entry) for entry in hidden):
                    yield not_exported(virtual_service, target, hidden[0], cut_off(mesh, virtual_service, hidden[0]))
            elif entries:
                if is_unregistered(mesh, target.host, virtual_service.namespace, virtual_service):
                    yield only_covered(virtual_service, target, entries[0], is_live=mesh.live)
            else:
                yield from _unknown_host(mesh, virtual_service, target)


def _unknown_host(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget) -> Iterator[Finding]:
    written, home = target.written, virtual_service.namespace
    better = suggested_hosts(mesh, virtual_service, target)
    is_cut = any(host.startswith(f"{written}.") for host in better if "." in written)
    if not is_cut and (not is_unregistered(mesh, target.host, home, virtual_service) or may_be_unplaced(mesh, target.host, home)):
        return
    effect = f"Istio does not expand dotted names, and {consequence(target)}" if is_cut else consequence(target)
    message, told = absence(f"Service or ServiceEntry with the host {written}", effect, is_live=mesh.live, is_slip=bool(better))
    yield Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=message,
        evidence=() if "." in written or not virtual_service.ref.namespace else (f"{written} means {target.host}",),
        fix=choose_host(virtual_service, target, better),
        severity=severity(target, told),
    )


RULE = Rule(
    code="MF401",
    name="unknown-destination-host",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=(*OPTIONAL, kinds.GATEWAY, *kinds.WORKLOADS),
    about=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0101", "KIA1101"),
    summary="A VirtualService routes to a host or port that does not exist",
    check=check,
)
