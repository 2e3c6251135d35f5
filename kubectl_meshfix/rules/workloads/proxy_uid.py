"""MF204: an application that runs as the proxy's user or group."""

from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.corrections import few, replacement
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.membership import Mode, in_mesh, membership
from kubectl_meshfix.injection.proxy_ids import ProxyIds
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads
from kubectl_meshfix.rules.workloads.proxy_ids import Place, places, proxy_ids

_FILES = "It may lose access to files of the old user or group, and its traffic begins to go through the proxy."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each id in a security context that is the proxy's; in ambient mode no id is exempt from redirection."""
    for workload in user_workloads(mesh):
        made = membership(mesh, workload)
        if not isinstance(made.injected, Unknown) and (made.mode is Mode.AMBIENT or not in_mesh(mesh, workload)):
            continue
        unknown = () if not isinstance(made.injected, Unknown) else (f"whether its pods are in the mesh is not known: {made.reason}",)
        ids = proxy_ids(mesh, workload)
        for place in places(workload.spec, ids):
            one = len(place.containers) == 1
            who = f"Container {place.containers[0]} runs" if one else f"Containers {few(place.containers)} run"
            calls = f"Once in the mesh, {'its' if one else 'their'} calls" if unknown else f"{'Its' if one else 'Their'} calls"
            yield Finding(
                resource=workload.ref,
                path=workload.template_path + place.path,
                message=f"{who} as {place.what} {place.number}, like the proxy. {calls} bypass the proxy: no mTLS, "
                "routing or policy applies.",
                evidence=(f"proxies run as user {ids.user} and group {ids.group}, {ids.source}", *unknown),
                fix=_fix(mesh, workload, place, ids),
                severity=Severity.WARNING if unknown else None,
            )


def _fix(mesh: Mesh, workload: Workload, place: Place, ids: ProxyIds) -> Fix:
    """Another id where this one is written; where init containers take it from the pod too, of the containers that the finding is about.

    With Istio's CNI agent the proxy's id is how init containers reach the network, so that is what it may be there for.
    """
    path = workload.template_path + place.path
    if place.is_shared:
        summary = f"Run {few(place.containers)} as {place.what} {ids.free}; init containers keep {place.number}."
        own = (operation for heir in place.heirs for operation in _own(workload, heir, path.rpartition("/")[2], ids.free))
        operations = (Operation("test", path, place.number), *own)
    else:
        summary = f"Run the {'pod' if place.is_of_pod else 'container'} as {place.what} {ids.free}."
        operations = replacement(path, place.number, ids.free)
    return at_risk(pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE), _FILES)


def _own(workload: Workload, heir: str, field: str, number: int) -> Iterator[Operation]:
    """Give a container an id of its own; ``heir`` is its pointer inside of the pod."""
    group, index = heir.rpartition("/")[0], int(heir.rpartition("/")[2])
    containers = workload.spec.containers if group.endswith("/containers") else workload.spec.init_containers
    path = f"{workload.template_path}{heir}/securityContext"
    yield Operation("test", f"{workload.template_path}{heir}/name", containers[index].name)
    if containers[index].security_context is None:
        yield Operation("add", path, {field: number})
    else:
        yield Operation("add", f"{path}/{field}", number)


RULE = Rule(
    code="MF204",
    name="proxy-uid",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=WORKLOAD_INPUTS,
    about=kinds.WORKLOADS,
    words=("runAsUser", "runAsGroup"),
    aliases=("IST0144",),
    summary="An application runs as the proxy's user or group, and bypasses it",
    check=check,
)
