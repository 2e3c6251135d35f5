"""Kinds that say how many pods there are to be: autoscalers and disruption budgets."""

from kubectl_meshfix.resources.meta import LabelSelector, Object, Struct


class BudgetSpec(Struct, frozen=True):
    """One of the two numbers is set; each may be a percentage."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: LabelSelector | None = None


class BudgetStatus(Struct, frozen=True):
    """How many pods may be evicted now."""

    disruptions_allowed: int | None = None


class PodDisruptionBudget(Object, frozen=True):
    """`policy/v1`; only evictions ask it."""

    api_version: str = "policy/v1"
    kind: str = "PodDisruptionBudget"
    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


class ScaleTarget(Struct, frozen=True):
    """The workload whose replicas an autoscaler sets."""

    api_version: str = ""
    kind: str = ""
    name: str = ""


class AutoscalerSpec(Struct, frozen=True):
    """Whom it scales, and between which numbers."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int | None = None
    max_replicas: int = 0


class HorizontalPodAutoscaler(Object, frozen=True):
    """`autoscaling/v2`, and `v1`, which has these fields too."""

    api_version: str = "autoscaling/v2"
    kind: str = "HorizontalPodAutoscaler"
    spec: AutoscalerSpec = AutoscalerSpec()
