"""How the pods of a workload are replaced: by a restart where its kind has one, else by hand."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import REPLACED, Fix, Safety, manual
from kubectl_meshfix.fixes.restarts import RESTARTED_AT, ROLLED
from kubectl_meshfix.injection.new_pods import Obstacle, reason
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod


def replacement(mesh: Mesh, workload: Workload, pods: Sequence[Pod], obstacle: Obstacle | None) -> Fix:
    """What replaces a workload's pods; a patch only where the workload can be restarted, and no other tool manages it.

    Nothing does while there is an ``obstacle``: who replaced the pods would have none.
    """
    if obstacle and obstacle.is_known:
        return manual(
            f"Correct first what keeps new pods from coming up, then replace the pods of {workload.ref}.", why=reason(obstacle, workload)
        )
    if _is_under_way(workload, pods):
        why = "It was restarted after these pods were created, and its new pods are not ready yet."
        command = f"kubectl rollout status {workload.kind.singular}/{workload.name}{workload.ref.namespace_flag}"
        return manual(f"Find out why the new pods of {workload.ref} are not ready.", command, why=why)
    text, commands = _by_hand(workload)
    if obstacle:
        return manual(text, why=reason(obstacle, workload))
    if not mesh.taken_at or workload.maker:
        return manual(text, *commands, why=pod_template.why_not_patchable(mesh, workload, ()))
    if workload.kind in ROLLED:
        operations = pod_template.set_annotation(workload, RESTARTED_AT, mesh.taken_at)
    elif workload.kind is kinds.ROLLOUT:
        operations = (Operation("add", "/spec/restartAt", mesh.taken_at),)
    else:
        return manual(text, *commands)
    return patch(workload.ref, operations, text, Safety.RESTART, risk=REPLACED)


def _is_under_way(workload: Workload, pods: Sequence[Pod]) -> bool:
    """Whether these pods are being replaced already: another restart would begin again what the last one has not finished."""
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
        return "Let the running Job end, or delete it and create it again. Only new pods get a sidecar.", ()
    if workload.is_pod:
        return "Delete the pod, and create it again; only new pods are injected.", ()
    selector = ",".join(f"{key}={value}" for key, value in sorted(workload.labels.items()))
    return f"Delete the pods of {workload.ref}. It creates new ones.", (f"kubectl delete pod{workload.ref.namespace_flag} -l {selector}",)
