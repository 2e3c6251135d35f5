"""Workloads: whatever makes pods, seen through its pod template."""

from collections.abc import Mapping

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, PodSpec, PodTemplate
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Meta, Object, OwnerReference, Ref, Struct
from kubectl_meshfix.resources.workloads import CronJob, Job


class Workload(Struct, frozen=True):
    """An object and the pods it makes.

    ``template_path`` is the JSON pointer of the pod template inside of the object, empty for a bare pod. ``maker`` is the
    controller that made the object and may put it back (an operator's custom resource); it is None for what people wrote.
    """

    object: Object
    kind: Kind
    template: PodTemplate
    template_path: str
    maker: OwnerReference | None = None

    @property
    def ref(self) -> Ref:
        """The object's reference."""
        return self.object.ref

    @property
    def namespace(self) -> str:
        """The namespace of the object and of its pods."""
        return self.object.namespace

    @property
    def name(self) -> str:
        """The object's name."""
        return self.object.name

    @property
    def meta(self) -> Meta:
        """The object's own metadata, not the template's."""
        return self.object.metadata

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels its pods get."""
        return self.template.labels

    @property
    def annotations(self) -> Mapping[str, str]:
        """The annotations its pods get."""
        return self.template.annotations

    @property
    def spec(self) -> PodSpec:
        """What its pods run."""
        return self.template.spec

    @property
    def is_pod(self) -> bool:
        """Whether this is a bare pod, which nobody remakes."""
        return self.kind is kinds.POD

    @property
    def runs_to_completion(self) -> bool:
        """Whether its pods are meant to end."""
        return self.kind in (kinds.JOB, kinds.CRON_JOB)

    @property
    def has_ended(self) -> bool:
        """Whether it makes no more pods: a Job that is done, a pod whose containers are."""
        match self.object:
            case Pod(status=status):
                return status.phase in ("Succeeded", "Failed")
            case Job(status=status):
                return any(condition.type in ("Complete", "Failed") and condition.status == "True" for condition in status.conditions)
            case _:
                return False


def template_of(obj: Object) -> tuple[PodTemplate, str] | None:
    """An object's pod template and the JSON pointer to it; None where it has none (a Rollout with ``workloadRef``)."""
    if isinstance(obj, Pod):
        return PodTemplate(metadata=obj.metadata, spec=obj.spec), ""
    if isinstance(obj, CronJob):
        return obj.spec.job_template.spec.template, "/spec/jobTemplate/spec/template"
    template: PodTemplate | None = getattr(getattr(obj, "spec", None), "template", None)
    return (template, "/spec/template") if template else None


def workload(obj: Object) -> Workload | None:
    """An object as a workload; None where it has no template of its own."""
    found = template_of(obj)
    if not found:
        return None
    template, path = found
    return Workload(object=obj, kind=kinds.of_object(obj), template=template, template_path=path, maker=obj.metadata.controller)
