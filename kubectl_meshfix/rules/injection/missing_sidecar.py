"""MF305: running pods that a new pod in their place would not be like."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import REPLACED, Fix, Safety, at_risk, manual
from kubectl_meshfix.fixes.restarts import RESTARTED_AT, ROLLED
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.membership import INPUTS, Membership, membership, predicted
from kubectl_meshfix.injection.proxy import has_proxy, without_proxy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.injection import stale_proxies
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with running pods that lack the sidecar, or have another one than they would get now."""
    pictured = {pod.namespace for pod in mesh.all(Pod) if has_proxy(pod.spec)}
    for workload in mesh.workloads:
        pods = [pod for pod in mesh.pods_of(workload) if _runs(pod) and (_was_made(pod) or pod.namespace in pictured)]
        if not pods or (has_proxy(workload.spec) and not workload.is_pod):
            continue
        expected = membership(mesh, workload)
        if workload.is_pod:
            expected = predicted(mesh, workload.namespace, without_proxy(workload.template))
        if expected.injected:
            yield from _compared(mesh, workload, pods, expected)


def _runs(pod: Pod) -> bool:
    return pod.status.phase not in ("Succeeded", "Failed") and not pod.metadata.deletion_timestamp


def _was_made(pod: Pod) -> bool:
    """Whether a pod is a real one and no manifest that waits to be applied.

    In files, so is every bare pod of a namespace in which one shows its proxy: they are a picture of a cluster.
    """
    return bool(pod.metadata.uid or pod.status.phase or pod.metadata.owner_references)


def _compared(mesh: Mesh, workload: Workload, pods: Sequence[Pod], expected: Membership) -> Iterator[Finding]:
    missing = [pod.name for pod in pods if not has_proxy(pod.spec)]
    stale = (
        {pod.name: text for pod in pods if (text := stale_proxies.difference(mesh, pod, expected))}
        if not workload.runs_to_completion
        else {}
    )
    fix = _restart(mesh, workload, [pod for pod in pods if pod.name in stale or pod.name in missing])
    if missing:
        yield _finding(
            workload,
            f"{_share(workload, missing, pods)} no sidecar, though a pod made now would get one: calls go out in plain text, servers with "
            "strict mutual TLS refuse them, and no route or policy of the mesh holds.",
            (*_named(missing), expected.reason),
            at_risk(fix, risks.PODS_ENTER),
            "IST0103",
        )
    if stale:
        versions = ", ".join(text for text, _ in Counter(stale.values()).most_common(2))
        yield _finding(
            workload,
            f"{_share(workload, list(stale), pods)} another proxy than a pod made now would get ({versions}): a change of the control "
            "plane has not reached them, and istiod supports proxies no more than two minor versions older.",
            (*_named([f"{name}: {text}" for name, text in stale.items()]), expected.reason),
            fix,
            "IST0158",
        )


def _share(workload: Workload, some: Sequence[str], pods: Sequence[Pod]) -> str:
    if workload.is_pod:
        return "This pod has"
    return f"{len(some)} of {len(pods)} running pods {'has' if len(some) == 1 else 'have'}"


def _named(texts: Sequence[str]) -> tuple[str, ...]:
    return (*sorted(texts)[:5], *((f"and {len(texts) - 5} more",) if texts[5:] else ()))


def _finding(workload: Workload, message: str, evidence: tuple[str, ...], fix: Fix, alias: str) -> Finding:
    path = workload.template_path or "/spec"
    return Finding(resource=workload.ref, path=path, message=message, evidence=evidence, fix=fix, aliases=(alias,))


def _restart(mesh: Mesh, workload: Workload, pods: Sequence[Pod]) -> Fix:
    """What replaces a workload's pods; a patch only where the workload is there to be restarted, and nobody else looks after it."""
    if _is_under_way(workload, pods):
        why = "It was restarted after these pods were made, and its new pods are not ready yet."
        command = f"kubectl rollout status {workload.kind.singular}/{workload.name}{workload.ref.namespace_flag}"
        return manual(f"See what the new pods of {workload.ref} wait for.", command, why=why)
    text, commands = _by_hand(workload)
    if not mesh.live or not mesh.taken_at or workload.maker:
        return manual(text, *commands, why=pod_template.why_not_patchable(mesh, workload, ()))
    if workload.kind in ROLLED:
        operations = pod_template.set_annotation(workload, RESTARTED_AT, mesh.taken_at)
    elif workload.kind is kinds.ROLLOUT:
        operations = (Operation("add", "/spec/restartAt", mesh.taken_at),)
    else:
        return manual(text, *commands)
    return patch(workload.ref, operations, text, Safety.RESTART, risk=REPLACED)


def _is_under_way(workload: Workload, pods: Sequence[Pod]) -> bool:
    """Whether these pods are about to go anyway: another restart would only begin anew what the last one has not finished."""
    restarted = _time(workload.annotations.get(RESTARTED_AT))
    made = [_time(pod.metadata.creation_timestamp) for pod in pods]
    return restarted is not None and all(time is not None and time < restarted for time in made)


def _time(text: str | None) -> datetime | None:
    """A moment as kubectl and the API server write it, each in its own time zone; None for anything else."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(text or "")
        return moment if moment.tzinfo else None
    return None


def _by_hand(workload: Workload) -> tuple[str, tuple[str, ...]]:
    if command := restarts.of_workload(workload):
        return f"Restart {workload.ref}.", (command,)
    if workload.runs_to_completion:
        return "Let the running Job end, or delete it and start it anew; the next one's pods get the sidecar.", ()
    if workload.is_pod:
        return "Delete the pod and create it anew; nothing brings a sidecar into a pod that is there.", ()
    selector = ",".join(f"{key}={value}" for key, value in sorted(workload.labels.items()))
    return f"Delete the pods of {workload.ref}; it makes new ones.", (f"kubectl delete pod{workload.ref.namespace_flag} -l {selector}",)


RULE = Rule(
    code="MF305",
    name="missing-sidecar",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=INPUTS,
    aliases=("IST0103", "IST0158"),
    summary="Running pods lack the sidecar that new ones in their place would get, or have another",
    check=check,
)
