"""Labels that ask for the mesh and have no effect, because another one takes precedence."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECTION
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref


def ignored_labels(mesh: Mesh, subject: Subject, made: Membership) -> Iterator[Step]:
    """A step for each label of the namespace or the pod that asks for something else than what comes of it.

    ``istio-injection`` takes precedence over a namespace's revision, and both over a pod's (`templates/mutatingwebhook.yaml`); a sidecar
    takes precedence over ambient (`cni/pkg/util/podutil.go`). Of a pod that gets no sidecar nothing is said.
    """
    if made.injected is not True:
        return
    space = mesh.namespace(subject.namespace)
    home = space.ref if space else Ref("v1", "Namespace", None, subject.namespace)
    labels: Mapping[str, str] = space.labels if space else {}
    inside = subject.workload.template_path if subject.workload else ""
    deciding = next((key for key in (INJECTION, REVISION_LABEL) if key in labels), "")
    for whose, ref, above, found in (("namespace", home, "", labels), ("pod", subject.ref, inside, subject.template.labels)):

        def at(key: str, ref: Ref = ref, above: str = above) -> Where:
            return Where(resource=ref, path=above + join("metadata", "labels", key))

        value = found.get(REVISION_LABEL, "")
        decides = not deciding or (whose == "namespace" and deciding == REVISION_LABEL)
        has_its_way = tags(mesh).get(value, value) == made.revision
        if value and not decides and not has_its_way:
            other = f"{deciding}={labels[deciding]}"
            yield step(checks.REVISION_IGNORED, at(REVISION_LABEL), whose=whose, label=f"{REVISION_LABEL}={value}", other=other)
        if found.get(DATAPLANE_MODE) == "ambient":
            yield step(checks.AMBIENT_IGNORED, at(DATAPLANE_MODE), whose=whose, label=f"{DATAPLANE_MODE}=ambient")
