"""What there is to explain: a pod, a workload, or a namespace, as people name it."""

import difflib
from collections.abc import Iterable, Iterator, Sequence

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.proxy import has_proxy, without_proxy
from kubectl_meshfix.mesh.pictures import is_pictured
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod, PodTemplate, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Object, Ref, Struct

KINDS: tuple[Kind, ...] = (*kinds.WORKLOADS, kinds.NAMESPACE)
"""Kinds that can be explained."""

LEADING: tuple[Kind, ...] = (*KINDS, kinds.SERVICE)
"""Kinds that can be named: a Service stands for the workloads behind it."""


class Subject(Struct, frozen=True):
    """One target. ``workload`` is None for a namespace, whose ``template`` is a pod that says nothing for itself.

    ``template`` is the pod as the API server would get it, without what injection added to it. ``is_observed`` says whether the target is
    a thing on a cluster, with pods or without, or in a picture of one, and not a manifest.
    """

    object: Object
    workload: Workload | None
    template: PodTemplate
    is_observed: bool

    @property
    def ref(self) -> Ref:
        """The target's reference."""
        return self.object.ref

    @property
    def namespace(self) -> str:
        """The namespace that the pods are in."""
        return self.object.name if isinstance(self.object, Namespace) else self.object.namespace

    @property
    def namespace_to_write(self) -> str:
        """The same for a command; where the files do not name it, a word that somebody has to replace."""
        return "NAMESPACE" if self.object.metadata.home else self.namespace


def subject(mesh: Mesh, obj: Object, *, from_manifest: bool = False) -> Subject:
    """An object as a target; a live pod is looked at as it was before it was injected, unless its maker gave it the proxy."""
    made = workload(obj)
    if made is None:
        if isinstance(obj, Namespace):
            return Subject(object=obj, workload=None, template=PodTemplate(), is_observed=False)
        raise UsageError(f"{obj.ref} has no pod template of its own.", "Explain the Deployment that it refers to, or one of its pods.")
    template = made.template
    is_real = not from_manifest and (mesh.live or is_pictured(mesh, made))
    if isinstance(obj, Pod) and is_real:
        maker = mesh.owner(obj)
        owner = workload(maker) if maker is not obj else None
        if owner is None or not has_proxy(owner.spec):
            template = without_proxy(template)
    return Subject(object=obj, workload=made, template=template, is_observed=is_real)


def chosen(
    mesh: Mesh, wanted: Sequence[Kind], name: str | None, *, namespace: str | None = None, labels: LabelSelector | None = None
) -> Iterator[Object]:
    """The objects that a ``TYPE`` or ``TYPE/NAME`` means, a Service being its workloads.

    Raises UsageError for kinds without pods, for names that are not there, and for a named Service that nothing is behind.
    """
    able = [kind for kind in wanted if kind in LEADING]
    if not able:
        raise UsageError(f"A {wanted[0]} makes no pods, so there is no injection to explain.", f"Explain one of {_spelt(LEADING)}.")
    found = [
        obj
        for kind in able
        for obj in mesh.all(kind.struct)
        if (name is None or obj.name == name) and (namespace is None or namespace == obj.namespace or kind is kinds.NAMESPACE)
    ]
    if name is not None and not found:
        raise not_found(able[0], name, namespace, [obj.name for kind in able for obj in mesh.all(kind.struct)])
    return (
        behind
        for obj in found
        if labels is None or matches(labels, obj.labels)
        for behind in (_behind(mesh, obj, is_named=name is not None) if isinstance(obj, Service) else [obj])
    )


def _behind(mesh: Mesh, service: Service, *, is_named: bool) -> list[Object]:
    """The workloads that a Service selects. Raises UsageError where there is none and the Service was named."""
    selector = service.spec.selector
    found = [made.object for made in mesh.workloads_selected(selector, service.namespace)] if selector else []
    if not found and is_named:
        labels = ",".join(f"{key}={value}" for key, value in selector.items())
        why = f"no workload here has the labels {labels}" if labels else "it has no selector"
        raise UsageError(f"There are no pods behind Service {service.namespace}/{service.name}: {why}.", "Explain a workload by its name.")
    return found


def not_found(kind: Kind, name: str, namespace: str | None, names: Sequence[str]) -> UsageError:
    """The error for a name that is not there, with the nearest ones that are."""
    near = difflib.get_close_matches(name, sorted(set(names)), n=3, cutoff=0.4)
    where = f" in namespace {namespace}" if namespace and kind.namespaced else ""
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check the name and the namespace (-n)."
    return UsageError(f'There is no {kind} "{name}"{where}.', hint)


def no_namespace(namespace: str, names: Iterable[str] = ()) -> UsageError:
    """The error for a namespace that is not there, with the nearest ones that are."""
    near = difflib.get_close_matches(namespace, sorted(names), n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check -n and the context, or look everywhere with -A."
    return UsageError(f'There is no namespace "{namespace}" in this cluster.', hint)


def _spelt(wanted: Sequence[Kind]) -> str:
    return ", ".join(sorted({kind.short[0] if kind.short else kind.singular for kind in wanted}))
