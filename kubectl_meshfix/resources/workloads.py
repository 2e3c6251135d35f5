"""Kinds that make pods: `apps/v1`, `batch/v1`, OpenShift's DeploymentConfig and Argo's Rollout."""

from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Condition, LabelSelector, Meta, Object, Struct


class RollingUpdate(Struct, frozen=True):
    """How many pods may be missing or too many, as a number or a percentage; ``partition`` pods of a StatefulSet are left alone."""

    max_unavailable: int | str | None = None
    max_surge: int | str | None = None
    partition: int = 0


class Strategy(Struct, frozen=True):
    """How pods are replaced: ``RollingUpdate``, ``Recreate``, ``OnDelete``; OpenShift says ``Rolling`` and ``rollingParams``."""

    type: str = ""
    rolling_update: RollingUpdate | None = None
    rolling_params: RollingUpdate | None = None

    @property
    def rolling(self) -> RollingUpdate:
        """Its numbers, under either name."""
        return self.rolling_update or self.rolling_params or RollingUpdate()


class WorkloadSpec(Struct, frozen=True):
    """What Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and Rollouts have in common; a Job needs no selector."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate = PodTemplate()
    suspend: bool = False
    paused: bool = False
    strategy: Strategy = Strategy()
    update_strategy: Strategy = Strategy()


class WorkloadStatus(Struct, frozen=True):
    """What the controller says."""

    replicas: int = 0
    ready_replicas: int = 0
    succeeded: int = 0
    failed: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(Object, frozen=True):
    """`apps/v1`."""

    api_version: str = "apps/v1"
    kind: str = "Deployment"
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class StatefulSetSpec(WorkloadSpec, frozen=True):
    """``service_name`` is the Service that gives each of its pods a name of its own."""

    service_name: str = ""


class StatefulSet(Object, frozen=True):
    """`apps/v1`."""

    api_version: str = "apps/v1"
    kind: str = "StatefulSet"
    spec: StatefulSetSpec = StatefulSetSpec()
    status: WorkloadStatus = WorkloadStatus()


class DaemonSet(Object, frozen=True):
    """`apps/v1`."""

    api_version: str = "apps/v1"
    kind: str = "DaemonSet"
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicaSet(Object, frozen=True):
    """`apps/v1`; nearly always a Deployment's."""

    api_version: str = "apps/v1"
    kind: str = "ReplicaSet"
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class Job(Object, frozen=True):
    """`batch/v1`."""

    api_version: str = "batch/v1"
    kind: str = "Job"
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class JobTemplate(Struct, frozen=True):
    """A Job in the making."""

    metadata: Meta | None = None
    spec: WorkloadSpec = WorkloadSpec()


class CronJobSpec(Struct, frozen=True):
    """A schedule's Jobs."""

    suspend: bool = False
    job_template: JobTemplate = JobTemplate()


class CronJob(Object, frozen=True):
    """`batch/v1`."""

    api_version: str = "batch/v1"
    kind: str = "CronJob"
    spec: CronJobSpec = CronJobSpec()


class MapSelectorSpec(Struct, frozen=True):
    """OpenShift's and the ReplicationController's older form: the selector is a map, the template may be absent."""

    replicas: int | None = None
    selector: dict[str, str] = {}
    template: PodTemplate | None = None


class Trigger(Struct, frozen=True):
    """What makes a DeploymentConfig roll out: ``ConfigChange`` does on every change of its template."""

    type: str = ""


class DeploymentConfigSpec(MapSelectorSpec, frozen=True):
    """``triggers`` None stands for the API's default, ConfigChange; empty means that only people roll it out."""

    paused: bool = False
    strategy: Strategy = Strategy()
    triggers: tuple[Trigger, ...] | None = None


class DeploymentConfig(Object, frozen=True):
    """`apps.openshift.io/v1`."""

    api_version: str = "apps.openshift.io/v1"
    kind: str = "DeploymentConfig"
    spec: DeploymentConfigSpec = DeploymentConfigSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicationController(Object, frozen=True):
    """Core `v1`; today nearly always a DeploymentConfig's."""

    api_version: str = "v1"
    kind: str = "ReplicationController"
    spec: MapSelectorSpec = MapSelectorSpec()
    status: WorkloadStatus = WorkloadStatus()


class RolloutSpec(Struct, frozen=True):
    """A Deployment's spec, but the template may be borrowed from a Deployment by ``workloadRef``."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None
    paused: bool = False


class Rollout(Object, frozen=True):
    """`argoproj.io/v1alpha1`."""

    api_version: str = "argoproj.io/v1alpha1"
    kind: str = "Rollout"
    spec: RolloutSpec = RolloutSpec()
    status: WorkloadStatus = WorkloadStatus()
