"""The last stage: what became of the pods, or why there are none."""

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.kubelet.admission_errors import refusal
from kubectl_meshfix.injection.kubelet.admission_errors_table import Refusal
from kubectl_meshfix.injection.kubelet.controllers import failure, newest_pods, wants_pods
from kubectl_meshfix.injection.kubelet.missing_proxy import lacking
from kubectl_meshfix.injection.kubelet.proxy_health import image_auto, running
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.proxy import PROXY, has_proxy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod

PODS = "pods"


class Observed(NamedTuple):
    """What there is of a workload's pods. ``decider`` is what is wrong with them, ``refused`` what keeps the next one from being made."""

    checks: tuple[Check, ...]
    pods: tuple[Pod, ...] = ()
    injected: bool | None = None
    decider: Check | None = None
    refused: Refusal | None = None
    message: str = ""


def observe(mesh: Mesh, workload: Workload, expected: Membership, path: Sequence[Check]) -> Observed:
    """What kubelet and the pod's makers have to say; ``expected`` is what a pod made now would be, ``path`` the way to the injector."""
    if not mesh.knows(kinds.POD, workload.namespace) and not workload.is_pod:
        reason = mesh.coverage(kinds.POD).reason
        return Observed((Check(name=PODS, status=Status.UNKNOWN, detail=f"The pods could not be read: {reason}."),))
    pods = tuple(pod for pod in newest_pods(mesh, workload) if not pod.metadata.deletion_timestamp)
    failed = failure(mesh, workload)
    if failed and failed.current:
        return _refused(pods, failed.message, failed.source)
    if not pods:
        return _none(mesh, workload)
    judged = [(pod, _judged(mesh, pod, expected, path)) for pod in pods]
    pod, checks = min(judged, key=lambda row: (_rank(row[1]), row[0].metadata.creation_timestamp or "", row[0].name))
    wrong = next((check for check in checks if check.status is Status.FAIL), None)
    return Observed((_overview(pods, pod), *checks), pods, has_proxy(pod.spec), wrong)


def _judged(mesh: Mesh, pod: Pod, expected: Membership, path: Sequence[Check]) -> tuple[Check, ...]:
    if auto := image_auto(pod):
        return (auto,)
    if has_proxy(pod.spec):
        return (Check(name=PROXY, status=Status.PASS, detail=f"{pod.name} has the proxy."), *running(mesh, pod, expected))
    if expected.injected:
        return tuple(lacking(mesh, pod, expected, path))
    return (Check(name=PROXY, status=Status.SKIPPED, detail=f"{pod.name} has no proxy, as was to be expected."),)


def _rank(checks: Sequence[Check]) -> int:
    statuses = {check.status for check in checks}
    return 0 if Status.FAIL in statuses else 1 if Status.WARN in statuses else 2


def _overview(pods: Sequence[Pod], shown: Pod) -> Check:
    having = sum(has_proxy(pod.spec) for pod in pods)
    if len(pods) == 1:
        return Check(name=PODS, status=Status.PASS, detail=f"{shown.name} is there, {shown.status.phase or 'in no known phase'}.")
    detail = f"{having} of {len(pods)} pods have the proxy; this is about {shown.name}."
    return Check(name=PODS, status=Status.PASS, detail=detail, evidence=tuple(pod.name for pod in pods[:10]))


def _refused(pods: tuple[Pod, ...], message: str, source: str) -> Observed:
    found = refusal(message)
    more = f" {len(pods)} older ones are there." if pods else ""
    check = Check(name=PODS, status=Status.FAIL, detail=f"The pod cannot be created: {found.cause}{more}", evidence=(message, source))
    return Observed((check,), pods, False if not pods else all(has_proxy(pod.spec) for pod in pods), check, found, message)


def _none(mesh: Mesh, workload: Workload) -> Observed:
    if reason := wants_pods(workload):
        return Observed((Check(name=PODS, status=Status.SKIPPED, detail=f"There are no pods: {reason}"),))
    if not mesh.knows(kinds.EVENT, workload.namespace):
        detail = f"There are no pods, and why is not known: {mesh.coverage(kinds.EVENT).reason or 'no events were read'}."
        return Observed((Check(name=PODS, status=Status.UNKNOWN, detail=detail),))
    detail = "There are no pods, and neither a condition nor an event says why; events are kept for an hour."
    return Observed((Check(name=PODS, status=Status.UNKNOWN, detail=detail),))
