"""MF305: pods without the sidecar that a new pod would get, or with another one."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from kubectl_meshfix.fixes.fix import Fix, at_risk
from kubectl_meshfix.injection import risks, stale_proxies
from kubectl_meshfix.injection.membership import Membership, membership, predicted
from kubectl_meshfix.injection.new_pods import INPUTS, Obstacle, find_obstacle
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected, without_proxy
from kubectl_meshfix.mesh.pictures import was_made
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.injection import pod_replacement, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with pods that have no sidecar, or another one than a new pod would get.

    In files, every bare pod of a namespace in which one shows its proxy exists too: the files are a dump of a cluster.
    """
    pictured = {pod.namespace for pod in mesh.all(Pod) if has_proxy(pod.spec)}
    for workload in unfinished(mesh):
        pods = [pod for pod in mesh.pods_of(workload) if _runs(pod) and (was_made(pod) or _is_dumped(mesh, pod, pictured))]
        if not pods or (has_proxy(workload.spec) and not workload.is_pod):
            continue
        expected = membership(mesh, workload)
        if workload.is_pod:
            expected = predicted(mesh, workload.namespace, without_proxy(workload.template))
        if expected.surely_injected is True:
            yield from _compared(mesh, workload, pods, expected)


def _runs(pod: Pod) -> bool:
    return pod.status.phase not in ("Succeeded", "Failed") and not pod.metadata.deletion_timestamp


def _is_dumped(mesh: Mesh, pod: Pod, pictured: Collection[str]) -> bool:
    """Whether files are a dump of a cluster: then every bare pod of a namespace in which one shows its proxy exists."""
    return pod.namespace in pictured and mesh.is_live(pod.ref) is mesh.live


def _compared(mesh: Mesh, workload: Workload, pods: Sequence[Pod], expected: Membership) -> Iterator[Finding]:
    missing = [pod.name for pod in pods if not has_proxy(pod.spec) and not is_redirected(pod.metadata.annotations)]
    stale = (
        {pod.name: text for pod in pods if (text := stale_proxies.difference(mesh, pod, expected))}
        if not workload.runs_to_completion
        else {}
    )
    obstacle = find_obstacle(mesh, workload)
    replaced = [pod for pod in pods if pod.name in stale or pod.name in missing]
    fix = pod_replacement.replacement(mesh, workload, replaced, obstacle)
    why = (f"new pods do not come up: {obstacle.text}",) if obstacle and obstacle.is_known else ()
    if missing:
        yield _finding(
            workload,
            f"{_share(workload, missing, pods)} no sidecar, {_new_pods(obstacle)}. "
            f"{'Its' if len(missing) == 1 else 'Their'} calls have no mTLS: STRICT servers refuse them.",
            (*_named(missing), expected.reason, *why),
            at_risk(fix, risks.PODS_ENTER),
            "IST0103",
        )
    if stale:
        differences = ", ".join(text for text, _ in Counter(stale.values()).most_common(2))
        effect = "Istio supports proxies one minor version older."
        if differences.startswith("revision"):
            effect = "Pods keep their revision until they are replaced."
        yield _finding(
            workload,
            f"{_share(workload, list(stale), pods)} another proxy than new pods get: {differences}. {effect}",
            (*_named([f"{name}: {text}" for name, text in stale.items()]), expected.reason, *why),
            fix,
            "IST0158",
        )


def _new_pods(obstacle: Obstacle | None) -> str:
    """What becomes of new pods, after a comma."""
    if obstacle is None or not obstacle.is_known:
        return "but new pods get one"
    return "and no new pod can be created now" if obstacle.is_refused else "and new pods get none while the injector cannot be called"


def _share(workload: Workload, some: Sequence[str], pods: Sequence[Pod]) -> str:
    if workload.is_pod:
        return "This pod has"
    if len(pods) == 1:
        return "The only pod has"
    return f"{len(some)} of {len(pods)} pods {'has' if len(some) == 1 else 'have'}"


def _named(texts: Sequence[str]) -> tuple[str, ...]:
    return (*sorted(texts)[:5], *((f"and {len(texts) - 5} more",) if texts[5:] else ()))


def _finding(workload: Workload, message: str, evidence: tuple[str, ...], fix: Fix, alias: str) -> Finding:
    path = workload.template_path or "/spec"
    return Finding(resource=workload.ref, path=path, message=message, evidence=evidence, fix=fix, aliases=(alias,))


RULE = Rule(
    code="MF305",
    name="missing-sidecar",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=INPUTS,
    about=kinds.WORKLOADS,
    needs=(kinds.POD,),
    aliases=("IST0103", "IST0158"),
    summary="Pods have no sidecar, or another proxy than new pods would get",
    check=check,
)
