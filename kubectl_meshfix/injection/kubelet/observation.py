"""The last stage: what became of the pods, or why there are none."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.chain.steps import Status, Step, Steps, Told, Where, step, told
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet.admission_errors import Refused
from kubectl_meshfix.injection.kubelet.controllers import Failure, explain_absence, find_failure, newest_pods
from kubectl_meshfix.injection.kubelet.missing_proxy import explain_missing
from kubectl_meshfix.injection.kubelet.proxy_health import find_placeholder, inspect_proxy
from kubectl_meshfix.injection.kubelet.refusals import is_over, read_failure
from kubectl_meshfix.injection.labels import REDIRECTION
from kubectl_meshfix.injection.membership import Membership, Mode
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected, proxy_container
from kubectl_meshfix.injection.reaching import CallPath
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod


class Observed(msgspec.Struct, frozen=True):
    """What there is of a workload's pods. ``decider`` is what is wrong with them, ``refused`` what keeps the next one from being made.

    ``proxy`` says that the judged pod has its proxy, ``enrolled`` that it is in ambient, ``late`` that ambient has not got to one;
    ``outdated`` that a new pod differs.
    """

    pods: tuple[Pod, ...] = ()
    injected: bool | None = None
    decider: Step | None = None
    refused: Refused | None = None
    message: str = ""
    proxy: Step | None = None
    enrolled: Step | None = None
    late: Step | None = None
    outdated: Step | None = None


def observe(mesh: Mesh, workload: Workload, expected: Membership, path: CallPath) -> Steps[Observed]:
    """What kubelet and the pod's makers have to say; ``expected`` is what a pod made now would be, ``path`` the way to the injector."""
    if mesh.live and not mesh.knows(kinds.POD, workload.namespace) and not workload.is_pod:
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.POD, settled_by="the right to read pods")
        yield step(checks.PODS_UNREAD, unknown=unknown, reason=mesh.coverage(kinds.POD).reason or "no pods were read")
        return Observed()
    pods = tuple(pod for pod in newest_pods(mesh, workload) if not pod.metadata.deletion_timestamp)
    failed = find_failure(mesh, workload)
    if failed and failed.current:
        refused = read_failure(failed, expected)
        if not is_over(mesh, refused):
            return (yield from _refused(pods, failed, refused))
        if not pods:
            yield step(checks.TRIED_AGAIN)
            return Observed()
    if not pods:
        yield _absent(mesh, workload)
        return Observed()
    judged = [(pod, told(_judge(mesh, pod, expected, path))) for pod in pods]
    pod, (steps, wrong) = min(judged, key=lambda row: (_rank(row[1]), row[0].metadata.creation_timestamp or "", row[0].name))
    yield _overview(pods, pod)
    yield from steps
    injected = has_proxy(pod.spec)
    waiting = None if injected or expected.mode is not Mode.AMBIENT else _find_waiting(pods)
    if waiting:
        yield waiting
    found = {item.outcome: item for item in steps}
    outdated = found.get(checks.OLD_REVISION) or found.get(checks.OLD_IMAGE)
    proxy, enrolled = found.get(checks.PROXY_THERE), found.get(checks.ENROLLED)
    return Observed(pods, injected, wrong, proxy=proxy, enrolled=enrolled, late=waiting, outdated=outdated)


def _find_waiting(pods: Sequence[Pod]) -> Step | None:
    """The step about a pod that ambient has not enrolled yet."""
    missing = next((pod for pod in pods if not is_redirected(pod.metadata.annotations)), None)
    return step(checks.NOT_ENROLLED, Where(resource=missing.ref, path="/metadata/annotations"), pod=missing.name) if missing else None


def _judge(mesh: Mesh, pod: Pod, expected: Membership, path: CallPath) -> Steps[Step | None]:
    """What is wrong with one pod."""
    at = Where(resource=pod.ref)
    if placeholder := find_placeholder(pod):
        yield placeholder
        return placeholder
    if proxy := proxy_container(pod.spec):
        yield step(checks.PROXY_THERE, at, pod=pod.name)
        return (yield from inspect_proxy(mesh, pod, proxy, expected))
    if is_redirected(pod.metadata.annotations):
        yield step(checks.ENROLLED, Where(resource=pod.ref, path=join("metadata", "annotations", REDIRECTION)), pod=pod.name)
        return None
    if expected.injected is True:
        return (yield from explain_missing(mesh, pod, expected, path))
    yield step(checks.NO_PROXY_EXPECTED, at, pod=pod.name)
    return None


def _rank(judged: Told[Step | None]) -> int:
    statuses = {item.status for item in judged.steps}
    return 0 if Status.FAIL in statuses else 1 if Status.WARN in statuses else 2


def _overview(pods: Sequence[Pod], shown: Pod) -> Step:
    at = Where(resource=shown.ref, path="/status/phase")
    if len(pods) == 1:
        return step(checks.ONE_POD, at, pod=shown.name, phase=shown.status.phase or "in no known phase")
    having = sum(has_proxy(pod.spec) for pod in pods)
    evidence = tuple(pod.name for pod in pods[:10])
    return step(checks.SEVERAL_PODS, at, evidence=evidence, having=having, count=len(pods), pod=shown.name)


def _refused(pods: tuple[Pod, ...], failed: Failure, found: Refused) -> Steps[Observed]:
    yield found.step
    at = found.step.at
    overview = (
        step(checks.NOT_CREATED_ANY_MORE, at, cause=found.step, count=len(pods))
        if pods
        else step(checks.NOT_CREATED, at, evidence=(failed.message, failed.source), cause=found.step)
    )
    yield overview
    return Observed(pods, False if not pods else all(has_proxy(pod.spec) for pod in pods), overview, found, failed.message)


def _absent(mesh: Mesh, workload: Workload) -> Step:
    if reason := explain_absence(workload):
        return reason
    if not mesh.live:
        return step(checks.NOT_IN_FILES, Where(resource=workload.ref), workload=str(workload.ref))
    if not mesh.knows(kinds.EVENT, workload.namespace):
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.EVENT, settled_by="the right to read events")
        return step(checks.EVENTS_UNREAD, unknown=unknown, reason=mesh.coverage(kinds.EVENT).reason or "no events were read")
    return step(checks.UNEXPLAINED, unknown=Unknown(kind=UnknownKind.RUNTIME, of=workload.ref, settled_by=DRY_RUN))
