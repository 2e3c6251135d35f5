"""MF208: replicas of a StatefulSet that call each other's pods on a port that the mesh does not know them by."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.injection.early import EXCLUDE_OUTBOUND_PORTS
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.ports import targets
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ContainerPort, Service
from kubectl_meshfix.resources.workloads import StatefulSet
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads
from kubectl_meshfix.rules.workloads.peer_ports import peer_ports
from kubectl_meshfix.traffic.server import plain_text
from kubectl_meshfix.traffic.server.plain_text import strictly

_RISK = "Calls to these pods on the port use mutual TLS then; callers without a sidecar are refused as before."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each StatefulSet of several replicas in the mesh whose ports between them are on no headless Service, and accept only mutual TLS."""
    for workload in user_workloads(mesh):
        match workload.object:
            case StatefulSet(spec=spec) if (spec.replicas or 1) > 1 and spec.service_name:
                service = mesh.get(Service, workload.namespace, spec.service_name)
                if service and membership(mesh, workload).mode in (Mode.SIDECAR, Mode.NATIVE_SIDECAR) and not has_proxy(workload.spec):
                    yield from _findings(mesh, workload, service)


def _findings(mesh: Mesh, workload: Workload, governing: Service) -> Iterator[Finding]:
    if not mesh.knows(kinds.SERVICE, workload.namespace, workload.object):
        return
    known = {target.number for target in targets(mesh, workload) if target.service.is_headless}
    excluded = {part.strip() for part in workload.annotations.get(EXCLUDE_OUTBOUND_PORTS, "").split(",")}
    refused = {
        port: by.reason
        for port in peer_ports(workload)
        if port.container_port not in known and str(port.container_port) not in excluded
        if (by := strictly(mesh, workload, port.container_port))
    }
    if refused:
        names = few([_spelt(port) for port in refused])
        state = "headless, without the port" if governing.is_headless else "not headless"
        yield Finding(
            resource=workload.ref,
            path="/spec/serviceName",
            message=f"No headless Service has port {names}, by which these replicas call each other. Calls to pod IPs are plain text, and "
            "STRICT mTLS refuses them.",
            evidence=(f"{governing.ref} is {state}", *dict.fromkeys(refused.values())),
            fix=_fix(workload, governing, tuple(refused)),
        )


def _spelt(port: ContainerPort) -> str:
    return f'{port.container_port} "{port.name}"' if port.name else str(port.container_port)


def _fix(workload: Workload, governing: Service, ports: Sequence[ContainerPort]) -> Fix:
    names = few([_spelt(port) for port in ports])
    selector = governing.spec.selector
    if not governing.is_headless or not selector or any(workload.labels.get(key) != value for key, value in selector.items()):
        return manual(f"Add a headless Service (clusterIP: None) that selects these pods, with port {names}.")
    added = (Operation("add", "/spec/ports/-", {"name": f"tcp-{_name(port)}", "port": port.container_port}) for port in ports)
    return patch(governing.ref, tuple(added), f"Add port {names} to the headless {governing.ref}.", Safety.UNSAFE, risk=_RISK)


def _name(port: ContainerPort) -> str:
    return port.name.removeprefix("tcp-") or str(port.container_port)


RULE = Rule(
    code="MF208",
    name="peers-without-headless-port",
    severity=Severity.WARNING,
    inputs=(kinds.PEER_AUTHENTICATION, kinds.SERVICE, *kinds.WORKLOADS),
    optional=plain_text.INPUTS,
    about=kinds.WORKLOADS,
    needs=(kinds.PEER_AUTHENTICATION,),
    summary="Replicas of a StatefulSet call each other on a port of no headless Service, and STRICT mutual TLS refuses them",
    check=check,
)
