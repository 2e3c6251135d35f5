"""How many pods there are to be while they are replaced: what autoscalers and disruption budgets say of it."""

import math
from collections.abc import Iterator

from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.disruption import HorizontalPodAutoscaler, PodDisruptionBudget


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """A number, or a percentage of ``total`` (`k8s.io/apimachinery/pkg/util/intstr GetScaledValueFromIntOrPercent`)."""
    if isinstance(value, int):
        return value
    number = value.removesuffix("%")
    if not number.isdecimal():  # "²" is a digit, and no number
        return 0
    part = total * int(number) / 100
    return math.ceil(part) if up else math.floor(part)


def autoscaler(mesh: Mesh, workload: Workload) -> HorizontalPodAutoscaler | None:
    """The autoscaler that sets a workload's replicas."""
    scalers = mesh.within(HorizontalPodAutoscaler, workload.namespace)
    names = ((scaler, scaler.spec.scale_target_ref) for scaler in scalers)
    return next((scaler for scaler, target in names if (target.kind, target.name) == (workload.kind.kind, workload.name)), None)


def scale(mesh: Mesh, workload: Workload, pods: int | None) -> Iterator[str]:
    """Between which numbers an autoscaler keeps the pods that a manifest cannot count."""
    scaler = autoscaler(mesh, workload) if pods is None else None
    if scaler:
        yield f"It has {scaler.spec.min_replicas or 1} to {scaler.spec.max_replicas} pods ({scaler.ref})."


def budgets(mesh: Mesh, workload: Workload, strategy: str | None, serving: int | None, pods: int | None) -> Iterator[str]:
    """Which budgets want more pods than the ``serving`` of ``pods`` that a rollout by ``strategy`` leaves.

    They bind evictions alone: no controller that replaces pods reads them, and neither does a deletion
    (`pkg/registry/core/pod/storage/eviction.go` reads them, and the scheduler where it preempts; nothing below
    `pkg/controller/{deployment,statefulset,daemon}` does). Of a budget for other workloads' pods too, this one's tell nothing.
    """
    for budget in mesh.within(PodDisruptionBudget, workload.namespace):
        if budget.spec.selector is None or not matches(budget.spec.selector, workload.labels):
            continue
        if strategy == "OnDelete":
            allowed = budget.status.disruptions_allowed
            now = "" if allowed is None else f", {allowed} now"
            yield f"{budget.ref} allows evictions one by one{now}; kubectl delete pod ignores it."
        elif serving is not None and pods and serving < (healthy := _healthy(budget, pods)) and _is_for(mesh, budget, workload):
            yield f"{budget.ref} wants {healthy} available, but a rollout ignores it: only evictions respect it."


def forbids_evictions(mesh: Mesh, budget: PodDisruptionBudget, workload: Workload, pods: int) -> bool:
    """Whether a budget that is for one workload's pods alone wants all of its ``pods`` available, so that none may be evicted."""
    selector = budget.spec.selector
    is_ours = selector is not None and matches(selector, workload.labels) and _is_for(mesh, budget, workload)
    return is_ours and pods > 0 and _healthy(budget, pods) >= pods


def _is_for(mesh: Mesh, budget: PodDisruptionBudget, workload: Workload) -> bool:
    others = (other for other in mesh.workloads if other.namespace == budget.namespace and other.ref != workload.ref)
    return budget.spec.selector is not None and not any(matches(budget.spec.selector, other.labels) for other in others)


def _healthy(budget: PodDisruptionBudget, pods: int) -> int:
    """`pkg/controller/disruption/disruption.go getExpectedPodCount`: percentages are rounded up."""
    if budget.spec.max_unavailable is not None:
        return max(0, pods - scaled(budget.spec.max_unavailable, pods, up=True))
    return 0 if budget.spec.min_available is None else scaled(budget.spec.min_available, pods, up=True)
