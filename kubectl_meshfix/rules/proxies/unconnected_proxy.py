"""MF951: proxies that are connected to no istiod."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.in_force.connections import Unconnected, unconnected
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

EFFECT = "get no new routes, endpoints and policies, and no certificate once theirs ends"
LISTED = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each control plane without a ready istiod whose proxies are cut off; else each workload with such proxies."""
    without: dict[Ref, list[Unconnected]] = defaultdict(list)
    for found in unconnected(mesh):
        match found:
            case Unconnected(plane=control_plane.ControlPlane(deployment=Ref() as deployment), is_served=False):
                without[deployment].append(found)
            case _:
                yield _of_workload(mesh, found)
    yield from (_of_istiod(deployment, rows) for deployment, rows in without.items())


def _of_istiod(deployment: Ref, rows: Sequence[Unconnected]) -> Finding:
    pods = [pod.ref for row in rows for pod in row.pods]
    where = deployment.namespace_flag
    return Finding(
        resource=deployment,
        path="/spec/replicas",
        message=f"No pod of this istiod is ready, and {_count(len(pods))} connected to none. They {EFFECT}.",
        evidence=tuple(f"{row.workload.ref}: {len(row.pods)} of {row.of} proxies" for row in rows),
        fix=manual("Get istiod's pods ready.", f"kubectl describe deployment {deployment.name}{where}", f"kubectl get pods{where}"),
    )


def _of_workload(mesh: Mesh, found: Unconnected) -> Finding:
    first = found.pods[0].ref
    which = f"{len(found.pods)} of {found.of} proxies are" if found.of > 1 else "Its proxy is"
    is_gone = found.plane is None and all(mesh.knows(kind) for kind in control_plane.INPUTS)
    gone = f" There is no control plane of revision {found.revision}." if is_gone else ""
    fix = manual(
        "Find in the proxy's log why it cannot connect.", f"kubectl logs {first.name}{first.namespace_flag} -c istio-proxy --tail=20"
    )
    if gone:
        fix = manual("Label the namespace for a revision that is there, and replace the pods.")
    who = "It gets" if found.of == 1 else "They get"
    return Finding(
        resource=found.workload.ref,
        path="/spec",
        message=f"{which} connected to no istiod.{gone} {who}{EFFECT.removeprefix('get')}.",
        evidence=tuple(str(pod.ref) for pod in found.pods[:LISTED]),
        fix=fix,
        severity=None if mesh.answers.is_every_istiod else Severity.WARNING,
    )


def _count(proxies: int) -> str:
    return "1 proxy is" if proxies == 1 else f"{proxies} proxies are"


RULE = Rule(
    code="MF951",
    name="unconnected-proxy",
    severity=Severity.ERROR,
    inputs=(kinds.POD,),
    optional=(*kinds.WORKLOADS, *control_plane.INPUTS),
    of_answers=True,
    summary="Proxies are connected to no istiod",
    check=check,
)
