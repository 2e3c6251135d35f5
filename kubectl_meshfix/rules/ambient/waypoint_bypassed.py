"""MF807: sidecars beside waypoints, which they bypass, and waypoints that nobody in ambient mode can use."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, Asker, Binding, askers, bind, named_by
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.waypoint import INGRESS_USE_WAYPOINT
from kubectl_meshfix.traffic.terms.parties import Plane


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each sidecar of a namespace in ambient mode that has a waypoint; each label for a waypoint in a mesh without ambient mode."""
    for workload in mesh.workloads if members.is_used(mesh) else ():
        space = mesh.namespace(workload.namespace)
        name = named_by(space.labels, space.name) if space and members.is_ambient(mesh, space.name) else None
        if not space or not name or bind(mesh, space, name, None) not in (Binding.USED, Binding.UNKNOWN):
            continue
        if members.plane_of(mesh, workload) is Plane.SIDECAR and workload.labels.get(USE_WAYPOINT) != "none":  # else it is meant
            yield Finding(
                resource=workload.ref,
                path=workload.template_path or "/spec",
                message=f"Its pods have a sidecar, in a namespace in ambient mode. Their calls bypass waypoint {name} and its policies.",
                evidence=(f"{space.ref} has {USE_WAYPOINT}={name.name}",),
                fix=manual("Take the sidecar away to use ambient mode, or let the servers' own policies admit the waypoint alone."),
                aliases=("KIA1316",),
            )
    if not members.is_used(mesh):
        yield from (_unused(asker) for asker in askers(mesh) if _is_known(mesh, asker) and not _is_for_gateways(mesh, asker))


def _is_known(mesh: Mesh, asker: Asker) -> bool:
    """Whether the labels of the asker's own namespace were read: on a cluster those of all others too."""
    return isinstance(asker.owner, Namespace) or mesh.namespace(asker.owner.namespace) is not None


def _is_for_gateways(mesh: Mesh, asker: Asker) -> bool:
    """Whether ingress gateways are told to use the waypoint."""
    space = mesh.namespace(asker.owner.namespace)
    return any(labels.get(INGRESS_USE_WAYPOINT, "").lower() == "true" for labels in (asker.owner.labels, space.labels if space else {}))


def _unused(asker: Asker) -> Finding:
    return Finding(
        resource=asker.owner.ref,
        path=asker.path,
        message=f"{USE_WAYPOINT} has no effect, as far as was read: only callers in ambient mode use a waypoint, and no pod is in it.",
        fix=manual("Label the namespaces of the callers istio.io/dataplane-mode=ambient, or remove the label."),
        severity=Severity.INFO,
        aliases=("KIA1312",),
    )


RULE = Rule(
    code="MF807",
    name="waypoint-bypassed",
    severity=Severity.WARNING,
    inputs=(*kinds.WORKLOADS, *waypoints.INPUTS),
    optional=(*members.INPUTS, kinds.SERVICE, kinds.SERVICE_ENTRY),
    needs=(kinds.NAMESPACE,),
    words=("waypoint",),
    aliases=("KIA1312", "KIA1316"),
    summary="Sidecars bypass a waypoint, or nobody in ambient mode uses it",
    check=check,
)
