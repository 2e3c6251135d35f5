"""Membership: whether the pods of a workload are, or would be, in the mesh, and what decides it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from kubectl_meshfix.chain.checks import Status
from kubectl_meshfix.injection import summary
from kubectl_meshfix.injection.apiserver import webhooks
from kubectl_meshfix.injection.apiserver.webhook import CHECKS, NamespaceLabels, Verdict
from kubectl_meshfix.injection.apiserver.webhooks import injector_verdicts, namespace_labels, pod_label_keys, served_revisions
from kubectl_meshfix.injection.injector.decision import Decision, decide
from kubectl_meshfix.injection.injector.native_sidecar import INPUTS as NATIVE_INPUTS
from kubectl_meshfix.injection.injector.native_sidecar import native_sidecar
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, NATIVE, TEMPLATES
from kubectl_meshfix.injection.proxy import PROXY, has_native_proxy, has_proxy, is_ambient, is_namespace_wanted, is_redirected, is_wanted
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_plane, control_planes
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Struct

INPUTS: tuple[Kind, ...] = (*webhooks.INPUTS, *NATIVE_INPUTS)
"""Kinds that ``membership`` reads. Any of them may be missing or unreadable; the answer then says that it is assumed, or unknown."""

WORKLOAD_INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*INPUTS, *kinds.WORKLOADS)))
"""Kinds that ``in_mesh`` and ``meant_for_mesh`` read."""


class Mode(StrEnum):
    """How pods take part in the mesh."""

    SIDECAR = "sidecar"
    NATIVE_SIDECAR = "native-sidecar"
    AMBIENT = "ambient"
    NONE = "none"


class DecidedBy(Struct, frozen=True):
    """The check that decided, and the stage it belongs to: ``apiserver``, ``injector`` or ``kubelet`` (what is there already)."""

    stage: str
    check: str


class WebhookName(Struct, frozen=True):
    """A webhook and the configuration it is in."""

    configuration: str
    webhook: str


class Membership(Struct, frozen=True):
    """What becomes of a pod made from a template now.

    ``injected`` and ``native`` are None where they cannot be told. ``webhooks`` are those the API server calls, the ``revision`` that of
    the istiod that injects. ``wanted`` says whether labels ask for the mesh, heard or not. An ``assumed`` answer rests on Istio's
    defaults, because webhooks or the injector's configuration were not read.
    """

    mode: Mode
    injected: bool | None
    decided_by: DecidedBy
    reason: str
    native: bool | None = None
    revision: str | None = None
    webhooks: tuple[WebhookName, ...] = ()
    wanted: bool = False
    assumed: bool = False


def membership(mesh: Mesh, workload: Workload) -> Membership:
    """The membership of pods made from a workload's template; a proxy that the template itself has counts as a sidecar."""
    return predicted(mesh, workload.namespace, workload.template)


def predicted(mesh: Mesh, namespace: str, template: PodTemplate) -> Membership:
    """The membership of a pod made from any template in a namespace; worked out once for all that differ in nothing that matters."""
    mesh.require(*INPUTS)
    memo: dict[object, Membership] = mesh.memo("memberships")
    key = equivalence_key(mesh, namespace, template)
    if key not in memo:
        memo[key] = _predicted(mesh, namespace, template)
    return memo[key]


def equivalence_key(mesh: Mesh, namespace: str, template: PodTemplate) -> tuple[object, ...]:
    """Equal for pods that the API server and the injector treat alike."""
    labels, annotations, spec = template.labels, template.annotations, template.spec
    return (
        namespace,
        *map(labels.get, mesh.cached("membership labels", _label_keys)),
        *map(annotations.get, _ANNOTATIONS),
        spec.host_network,
        spec.node_name if not mesh.live else "",
        has_proxy(spec),
        has_native_proxy(spec),
    )


def in_mesh(mesh: Mesh, workload: Workload) -> bool:
    """Whether a workload is in the mesh: its next pods will be, or a pod it has today is."""
    if membership(mesh, workload).mode is not Mode.NONE:
        return True
    return any(has_proxy(pod.spec) or is_redirected(pod.metadata.annotations) for pod in mesh.pods_of(workload))


def meant_for_mesh(mesh: Mesh, namespace: str) -> bool:
    """Whether a namespace has to do with the mesh: its labels ask for it, or those of a workload, or one of them is in it."""
    mesh.require(*WORKLOAD_INPUTS)
    return namespace in mesh.cached("namespaces meant for the mesh", _namespaces)


def _namespaces(mesh: Mesh) -> frozenset[str]:
    asking = (namespace.name for namespace in mesh.all(Namespace) if is_namespace_wanted(namespace.labels))
    holding = (workload.namespace for workload in mesh.workloads if membership(mesh, workload).wanted or in_mesh(mesh, workload))
    return frozenset((*asking, *holding))


Outcome = tuple[Verdict, Decision]

_ANNOTATIONS = (INJECT, TEMPLATES, NATIVE, REVISION_LABEL)


def _label_keys(mesh: Mesh) -> tuple[str, ...]:
    """The pod labels on which anything here depends."""
    configs = [plane.injector for plane in control_planes(mesh) if plane.injector]
    selectors = (selector for config in configs for selector in (*config.never_inject_selector, *config.always_inject_selector))
    chosen = {requirement.key for selector in selectors for requirement in requirements(selector)}
    return tuple(sorted(chosen | set(pod_label_keys(mesh)) | {INJECT, REVISION_LABEL, DATAPLANE_MODE}))


def _predicted(mesh: Mesh, namespace: str, template: PodTemplate) -> Membership:
    labels = namespace_labels(mesh, namespace)
    verdicts = injector_verdicts(mesh, labels, template.labels)
    called = [verdict for verdict in verdicts if verdict.status is not Status.FAIL]
    outcomes = [(verdict, decide(control_plane(mesh, verdict.revision, verdict.namespace), namespace, template)) for verdict in called]
    made = _already(template) or _outcome(mesh, verdicts, outcomes, labels, template)
    if made.injected is not True and is_ambient(labels.labels, template):
        made = _ambient(made, template)
    webhooks = tuple(
        WebhookName(configuration=verdict.configuration, webhook=verdict.webhook) for verdict in called if verdict.status is Status.PASS
    )
    return msgspec.structs.replace(made, webhooks=webhooks, wanted=is_wanted(labels.labels, template))


def _already(template: PodTemplate) -> Membership | None:
    if not has_proxy(template.spec):
        return None
    is_native = has_native_proxy(template.spec)
    return Membership(
        mode=Mode.NATIVE_SIDECAR if is_native else Mode.SIDECAR,
        injected=True,
        native=is_native,
        revision=template.annotations.get(REVISION_LABEL),
        decided_by=DecidedBy(stage="kubelet", check=PROXY),
        reason="The proxy is among the containers already.",
    )


def _outcome(
    mesh: Mesh, verdicts: Sequence[Verdict], outcomes: Sequence[Outcome], namespace: NamespaceLabels, template: PodTemplate
) -> Membership:
    """What the webhooks make of a pod together; of two that inject, the later one has the last word."""
    for verdict, decision in reversed(outcomes):
        if verdict.status is Status.PASS and decision.injects:
            return _injected(mesh, verdict, decision, namespace, template)
    assumed = any(verdict.assumed for verdict in verdicts) or any(decision.assumed for _, decision in outcomes)
    for verdict, decision in outcomes:
        if decision.injects is not False:
            stage, check = ("apiserver", verdict.decided_by) if verdict.status is Status.UNKNOWN else ("injector", decision.decided_by)
            reason = summary.undecided(verdict, decision)
            return _none(stage, check, reason, injected=None, assumed=assumed)
    if outcomes:
        verdict, decision = outcomes[-1]
        return _none("injector", decision.decided_by, summary.declined(verdict, decision), assumed=assumed)
    closest = max((verdict.decided_by for verdict in verdicts), key=CHECKS.index, default="webhooks")
    reason = summary.unmatched(verdicts, namespace.labels, template, served_revisions(mesh))
    return _none("apiserver", closest, reason, assumed=assumed)


def _injected(mesh: Mesh, verdict: Verdict, decision: Decision, namespace: NamespaceLabels, template: PodTemplate) -> Membership:
    kind = native_sidecar(mesh, control_plane(mesh, verdict.revision, verdict.namespace), template)
    return Membership(
        mode=Mode.NATIVE_SIDECAR if kind.native else Mode.SIDECAR,
        injected=True,
        native=kind.native,
        revision=verdict.revision,
        decided_by=DecidedBy(stage="injector", check=decision.decided_by),
        reason=summary.injected(verdict, decision, namespace.labels, template),
        assumed=verdict.assumed or decision.assumed,
    )


def _none(stage: str, check: str, reason: str, *, injected: bool | None = False, assumed: bool) -> Membership:
    return Membership(mode=Mode.NONE, injected=injected, decided_by=DecidedBy(stage=stage, check=check), reason=reason, assumed=assumed)


def _ambient(made: Membership, template: PodTemplate) -> Membership:
    owner = "pod" if template.labels.get(DATAPLANE_MODE) == "ambient" else "namespace"
    reason = f"{DATAPLANE_MODE}=ambient on the {owner} hands its traffic to ztunnel, without a sidecar."
    return msgspec.structs.replace(made, mode=Mode.AMBIENT, decided_by=DecidedBy(stage="kubelet", check=DATAPLANE_MODE), reason=reason)
