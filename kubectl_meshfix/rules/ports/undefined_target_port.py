"""MF106: a Service port whose target is a name that no container port of its pods has."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected, near
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.ports import container_port, kinds_behind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

RISK = "Requests that fail today go to this port of the pods, which may not be the one that was meant."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each named target that none of the pods behind its Service has (`pkg/api/v1/pod/util.go FindPort`); numbers need no declaration."""
    for service in mesh.all(Service):
        if service.spec.type == "ExternalName" or service.namespace in IGNORED_NAMESPACES:
            continue
        behind = kinds_behind(mesh, service)
        for position, port in enumerate(service.spec.ports):
            if behind and all(container_port(port, workload.spec) is None for workload in behind):
                yield _finding(service, position, port, behind)


def _finding(service: Service, position: int, port: ServicePort, behind: tuple[Workload, ...]) -> Finding:
    target, path = str(port.target_port), join("spec", "ports", position, "targetPort")
    declared = [(item.name, item.protocol) for workload in behind for container in workload.spec.containers for item in container.ports]
    names = [name for name, protocol in declared if name and protocol == port.protocol]
    others = [protocol for name, protocol in declared if name == target]
    what = f"a {others[0]} port" if others else f"no port of {behind[0].ref}"
    return Finding(
        resource=service.ref,
        path=path,
        message=f'Port {port.port} leads to "{target}", which is {what}. It has no endpoints: requests get 503.',
        evidence=(f"container ports with a name: {', '.join(names) or 'none'}",),
        fix=corrected(
            service.ref, path, target, near(target, names), manual("Name a container port so, or set targetPort to its number."), risk=RISK
        ),
    )


RULE = Rule(
    code="MF106",
    name="undefined-target-port",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    about=(kinds.SERVICE,),
    aliases=("KIA0701",),
    summary="A Service port leads to a named container port that its pods do not have",
    check=check,
)
