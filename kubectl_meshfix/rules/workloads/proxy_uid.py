"""MF204: an application that runs as the proxy's user or group."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.corrections import replacement
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS, Mode, in_mesh, membership
from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads
from kubectl_meshfix.rules.workloads.proxy_ids import ProxyIds, proxy_ids

_FILES = "Files that belong to the old number may be out of its reach, and its traffic goes through the proxy for the first time."
_INIT_CONTAINERS = "Init containers run as the new number too: with Istio's CNI agent, their calls fail until the proxy is up."


class Place(NamedTuple):
    """Where a pod takes an id of the proxy: the pointer of the ``number`` inside of the pod, who runs by it, and as ``what``."""

    path: str
    containers: tuple[str, ...]
    what: str
    number: int

    @property
    def is_of_pod(self) -> bool:
        """Whether it holds for all containers that name none of their own."""
        return self.path.startswith("/spec/securityContext/")


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each id in a security context that the redirection exempts; in ambient mode it exempts none."""
    for workload in user_workloads(mesh):
        made = membership(mesh, workload)
        if not isinstance(made.injected, Unknown) and (made.mode is Mode.AMBIENT or not in_mesh(mesh, workload)):
            continue
        unknown = () if not isinstance(made.injected, Unknown) else (f"whether its pods are in the mesh is not known: {made.reason}",)
        ids = proxy_ids(mesh, workload)
        for place in _places(workload.spec, ids):
            one = len(place.containers) == 1
            yield Finding(
                resource=workload.ref,
                path=workload.template_path + place.path,
                message=f"Container{'' if one else 's'} {' and '.join(place.containers)} run{'s' if one else ''} as {place.what} "
                f"{place.number}, the proxy's own, so {'once in the mesh ' if unknown else ''}what the application sends passes for the "
                "proxy's: it leaves the pod without mTLS, routing, policy or metrics, and servers with STRICT mTLS refuse it.",
                evidence=(f"proxies run as user {ids.user} and group {ids.group}, {ids.source}", *unknown),
                fix=_fix(mesh, workload, place, ids),
                severity=Severity.WARNING if unknown else None,
            )


def _places(spec: PodSpec, ids: ProxyIds) -> Iterator[Place]:
    """Init containers are passed over unless they keep running: with Istio's CNI plugin, the proxy's id is their way to the network."""
    found = [(f"/spec/containers/{index}", item) for index, item in enumerate(spec.containers)]
    found += [(f"/spec/initContainers/{index}", item) for index, item in enumerate(spec.init_containers) if item.restart_policy == "Always"]
    running = [(path, item) for path, item in found if item.name != PROXY]
    rows = (("user", "runAsUser", "run_as_user", ids.user), ("group", "runAsGroup", "run_as_group", ids.group))
    for what, field, attribute, number in rows:
        own = [(path, item.name, getattr(item.security_context, attribute, None)) for path, item in running]
        heirs = tuple(name for _, name, value in own if value is None)
        if heirs and getattr(spec.security_context, attribute, None) == number:
            yield Place(f"/spec/securityContext/{field}", heirs, what, number)
        yield from (Place(f"{path}/securityContext/{field}", (name,), what, number) for path, name, value in own if value == number)


def _fix(mesh: Mesh, workload: Workload, place: Place, ids: ProxyIds) -> Fix:
    path = workload.template_path + place.path
    operations = replacement(path, place.number, ids.free)
    fix = pod_template.change(mesh, workload, operations, f"Run as {place.what} {ids.free}.", Safety.UNSAFE)
    return at_risk(fix, _INIT_CONTAINERS if place.is_of_pod and workload.spec.init_containers else _FILES)


RULE = Rule(
    code="MF204",
    name="proxy-uid",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=WORKLOAD_INPUTS,
    aliases=("IST0144",),
    summary="An application runs as the proxy's user or group, and bypasses it",
    check=check,
)
