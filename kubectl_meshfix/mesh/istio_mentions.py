"""Whether objects speak of Istio at all: in files without a word of it, nobody knows whether a mesh is meant."""

from collections.abc import Iterable, Mapping

from kubectl_meshfix.mesh.control_plane import SYSTEM_NAMESPACE, is_injector, is_validator
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, ValidatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod
from kubectl_meshfix.resources.meta import Object, Ref

_GATEWAY_API = "gateway.networking.k8s.io"
_PROXY = "istio-proxy"


def speaks_of_istio(mesh: Mesh) -> bool:
    """Whether anything that was read has to do with Istio.

    That is an object of a group of istio.io or of Gateway API, also one that could not be read; a label, an annotation or a Service's
    selector with "istio" in its key; a webhook of istiod's; a container istio-proxy; or anything in istio-system.
    """
    return any(map(_is_of_istio, (problem.resource for problem in mesh.problems))) or any(map(_speaks, mesh.objects))


def _is_of_istio(ref: Ref) -> bool:
    group = ref.group
    return group == "istio.io" or group.endswith((".istio.io", "sailoperator.io")) or group == _GATEWAY_API or ref.kind == "IstioOperator"


def _speaks(obj: Object) -> bool:
    if _is_of_istio(obj.ref) or obj.namespace == SYSTEM_NAMESPACE or any(map(_names_istio, _keys(obj))):
        return True
    match obj:
        case Namespace():
            return obj.name == SYSTEM_NAMESPACE
        case MutatingWebhookConfiguration():
            return any(map(is_injector, obj.webhooks))
        case ValidatingWebhookConfiguration():
            return any(map(is_validator, obj.webhooks))
        case _:
            made = workload(obj)
            return made is not None and any(item.name == _PROXY for item in (*made.spec.containers, *made.spec.init_containers))


def _names_istio(keys: Mapping[str, str]) -> bool:
    return any("istio" in key.lower() for key in keys)


def _keys(obj: Object) -> Iterable[Mapping[str, str]]:
    """The labels and annotations of an object and of its pods, and the labels that a Service selects."""
    yield obj.labels
    yield obj.metadata.annotations
    made = None if isinstance(obj, Pod) else workload(obj)
    if made:
        yield made.labels
        yield made.annotations
    selector = getattr(getattr(obj, "spec", None), "selector", None)
    if isinstance(selector, dict):
        yield selector
