"""Whether a new pod of a workload comes up: no fix that replaces pods is offered where that is not known."""

import msgspec

from kubectl_meshfix.chain.words import clause
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection import kubelet
from kubectl_meshfix.injection.apiserver import is_assumed, namespace_labels
from kubectl_meshfix.injection.creation import Creation, CreationResult, told_creation
from kubectl_meshfix.injection.inputs import CALL_INPUTS
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.kubelet import find_refusal_now
from kubectl_meshfix.injection.labels import INJECTION
from kubectl_meshfix.injection.pod_security import find_forbidden, would_forbid
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.injection.quota import without_room
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*MEMBERSHIP_INPUTS, *CALL_INPUTS, *kubelet.INPUTS, *kinds.WORKLOADS, kinds.RESOURCE_QUOTA)))
"""Kinds that tell whether new pods come up. Any of them may be missing or unreadable; then it is not known."""

LONGEST = 160
"""Characters of a reason, as people are shown it."""


_NOT_KNOWN = "Whether its new pods come up is not known"
_WEBHOOKS_UNREAD = "the webhooks were not read"


class Obstacle(msgspec.Struct, frozen=True):
    """What keeps new pods from coming up as they should, as a clause: ``is_known``, or only not excluded.

    ``is_refused`` says that there would be no pod, and not one without its sidecar.
    """

    text: str
    is_known: bool = True
    is_refused: bool = True


def find_obstacle(mesh: Mesh, item: Workload) -> Obstacle | None:
    """What keeps a new pod of a workload from coming up; None where everything was read and nothing stands in the way.

    Files tell what is wrong and never that all is well: of them only what is known is an obstacle. Not looked at: policies of others
    that have refused nothing yet.
    """
    mesh.require(*INPUTS)
    memo: dict[object, Obstacle | None] = mesh.memo("obstacles of new pods")
    if item.ref.key not in memo:
        memo[item.ref.key] = _find(mesh, item)
    return memo[item.ref.key]


def _find(mesh: Mesh, item: Workload) -> Obstacle | None:
    ahead = told_creation(mesh, item.namespace, item.template).value
    if now := find_refusal_now(mesh, item, ahead.made):
        return Obstacle(clause(now.refused.step))
    if ahead.path.broken and (ahead.result is CreationResult.REFUSED or ahead.made.injected is not False):
        return Obstacle(clause(ahead.path.broken), is_refused=not ahead.path.opens)
    if ahead.refused_by:
        return Obstacle(clause(ahead.refused_by))
    if forbidden := find_forbidden(mesh, item):
        return Obstacle(f"the namespace does not admit {forbidden.why.value}")
    if full := without_room(mesh, item, adds_proxy=ahead.made.injected is True and _has_bare_pod(mesh, item)):
        return Obstacle(full)
    unread = _unread(mesh, item, ahead) if mesh.live else ""
    return Obstacle(unread, is_known=False) if unread else None


def _has_bare_pod(mesh: Mesh, item: Workload) -> bool:
    """Whether a pod would be replaced by one that has a container more."""
    return any(not has_proxy(pod.spec) for pod in mesh.pods_of(item))


def _unread(mesh: Mesh, item: Workload, ahead: Creation) -> str:
    """What was not read of all that decides, in words."""
    if is_assumed(mesh):
        return _WEBHOOKS_UNREAD
    if namespace_labels(mesh, item.namespace).missing is not None:
        return f"the labels of namespace {item.namespace} were not read"
    if not ahead.path.is_known:
        return "the way to the injector was not read"
    for kind in (kinds.EVENT, kinds.RESOURCE_QUOTA):
        if not mesh.knows(kind, item.namespace):
            return f"{kind.plural} of namespace {item.namespace} were not read"
    return ""


def offered(mesh: Mesh, fix: Fix) -> Fix:
    """The fix where the pods that it replaces are known to be replaced; else the same for a person, and why."""
    if not mesh.live:
        return fix
    for patch in fix.patches:
        obj = mesh.find(patch.resource)
        if isinstance(obj, Namespace) and any(map(_asks_for_sidecars, patch.operations)):
            if is_assumed(mesh):
                return manual(fix.summary, why=f"{_NOT_KNOWN}: {_WEBHOOKS_UNREAD}.")
            if why := would_forbid(mesh, obj):
                return manual(fix.summary, why=f"Its new pods would be refused: the namespace does not admit {why.value}.")
        made = workload(obj) if obj else None
        if made and _replaces_pods(made, patch.operations) and (found := find_obstacle(mesh, made)):
            return manual(fix.summary, why=reason(found, made))
    return fix


def reason(found: Obstacle, item: Workload) -> str:
    """Why a person has to look first, as a sentence."""
    text = f"{'Its new pods do not come up' if found.is_known else _NOT_KNOWN}: {found.text}."
    if len(text) <= LONGEST:
        return text
    return f"{text.partition(':')[0]}: see kubectl meshfix explain {item.kind.singular}/{item.name}{item.ref.namespace_flag}."


def _asks_for_sidecars(operation: Operation) -> bool:
    """Whether an operation writes a label that has a namespace's new pods injected."""
    if operation.op in {"test", "remove"}:
        return False
    keys = (INJECTION, REVISION_LABEL)
    written = operation.value if isinstance(operation.value, dict) else {}
    return operation.path in {join("metadata", "labels", key) for key in keys} or any(key in written for key in keys)


def _replaces_pods(item: Workload, operations: tuple[Operation, ...]) -> bool:
    """Whether the operations change the template of pods that are replaced then."""
    if item.is_pod or item.kind is kinds.CRON_JOB or item.has_ended:
        return False
    return any(operation.op != "test" and operation.path.startswith((item.template_path, "/spec/restartAt")) for operation in operations)
