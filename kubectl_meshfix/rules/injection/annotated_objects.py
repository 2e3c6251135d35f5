"""The objects on which Istio's annotations and labels may be written, each with what may stand there."""

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection.labels import INJECT, MANAGED
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, REVISION_LABEL
from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS, LABELS, is_istio_name
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import injection_spellings, lasting, unfinished

READ = (
    kinds.SERVICE, kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS, kinds.SERVICE_ENTRY, kinds.WORKLOAD_ENTRY, kinds.VIRTUAL_SERVICE,
    kinds.DESTINATION_RULE, kinds.GATEWAY, kinds.SIDECAR, kinds.ENVOY_FILTER, kinds.AUTHORIZATION_POLICY, kinds.PEER_AUTHENTICATION,
    kinds.REQUEST_AUTHENTICATION, kinds.TELEMETRY, kinds.WASM_PLUGIN,
)  # fmt: skip
"""Kinds that make no pods and are looked at, besides namespaces."""

CHANGED = "Its new pods are configured as the annotation says, and may send or take their traffic in another way."
"""The risk of an annotation that begins to apply."""


class Annotated(msgspec.Struct, frozen=True):
    """An object's annotations and labels, or its pod template's.

    ``kind`` is what Istio's tables call their bearer: a pod template is a ``Pod``. ``path`` is the JSON pointer of the metadata.
    ``workload`` makes pods; its own metadata is not ``of_pods``, and does not reach them.
    """

    obj: Object
    kind: str
    path: str
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    workload: Workload | None = None
    of_pods: bool = False

    @property
    def bearer(self) -> str:
        """What it is, as sentences call it."""
        return "pod template" if self.of_pods and self.workload and not self.workload.is_pod else self.obj.kind

    def may_bear(self, allowed: frozenset[str]) -> bool:
        """Whether something that these kinds may have is read here. Gateways hand their own on to the pods that are made for them."""
        return bool(allowed & {"Any", self.kind}) or (self.kind == "Gateway" and "Pod" in allowed)


def annotated_objects(mesh: Mesh) -> tuple[Annotated, ...]:
    """Everything that has an annotation or a label of Istio's, or one that looks like it. What a controller makes is a copy, and pods that
    have their proxy already got annotations with it.

    istiod copies a Gateway's annotations to all that it makes for it (`deploymentcontroller.go`, `spec.infrastructure` where that is set).
    """
    mesh.require(*kinds.WORKLOADS, kinds.NAMESPACE, *READ)
    return mesh.cached(
        "objects that Istio's annotations and labels are on",
        lambda view: tuple(item for item in _all(view) if any(map(_is_istios, (*item.annotations, *item.labels)))),
    )


@cache
def _is_istios(name: str) -> bool:
    return name in ANNOTATIONS or name in LABELS or is_istio_name(name)


def _all(mesh: Mesh) -> Iterator[Annotated]:
    for workload in unfinished(mesh):
        if workload.maker or MANAGED in workload.meta.labels or workload.namespace in IGNORED_NAMESPACES:
            continue
        if workload.is_pod and has_proxy(workload.spec):
            continue
        if not workload.is_pod:
            meta = workload.meta
            yield Annotated(workload.object, workload.kind.kind, "/metadata", meta.annotations, meta.labels, workload)
        path = f"{workload.template_path}/metadata"
        yield Annotated(workload.object, "Pod", path, workload.annotations, workload.labels, workload, of_pods=True)
    for namespace in lasting(mesh):
        yield Annotated(namespace, "Namespace", "/metadata", namespace.metadata.annotations, namespace.labels)
    for kind in READ:
        name = "IstioGateway" if kind is kinds.GATEWAY else kind.kind
        for obj in mesh.all(kind.struct):
            if MANAGED not in obj.labels:
                yield Annotated(obj, name, "/metadata", obj.metadata.annotations, obj.labels)


def is_about_injection(name: str) -> bool:
    """Whether a name, or what it is a slip of, brings pods into the mesh or keeps them out: that is another rule's."""
    return name in (INJECT, REVISION_LABEL) or bool(injection_spellings.pod_key(name))


class Entry(msgspec.Struct, frozen=True):
    """One annotation or label: ``field`` is ``annotations`` or ``labels``."""

    at: Annotated
    field: str
    name: str

    @property
    def values(self) -> Mapping[str, str]:
        """The map it is in."""
        return self.at.annotations if self.field == "annotations" else self.at.labels

    @property
    def value(self) -> str:
        """What it says."""
        return self.values[self.name]

    @property
    def path(self) -> str:
        """Its JSON pointer."""
        return self.at.path + join(self.field, self.name)

    @property
    def word(self) -> str:
        """What it is: an ``annotation`` or a ``label``."""
        return self.field.removesuffix("s")

    @property
    def is_around_template(self) -> bool:
        """Whether it is on an object that makes pods, and not on its pod template."""
        return self.at.workload is not None and not self.at.of_pods


def entries(at: Annotated, field: str) -> Iterator[Entry]:
    """All annotations or labels that have a value already."""
    values = at.annotations if field == "annotations" else at.labels
    return (Entry(at, field, name) for name, value in values.items() if not injection_spellings.is_placeholder(value))


def renamed(mesh: Mesh, entry: Entry, name: str) -> Fix:
    """Write it by another name."""
    path, value = entry.path, entry.value
    target = entry.at.path + join(entry.field, name)
    operations = (Operation("test", path, value), Operation("remove", path), Operation("add", target, value))
    summary = f"Replace {entry.name} with {name}."
    if not entry.at.workload:
        return patch(entry.at.obj.ref, operations, summary, risk="What it says begins to apply, and may change how traffic is treated.")
    return at_risk(pod_template.change(mesh, entry.at.workload, operations, summary, Safety.UNSAFE), CHANGED)


def refused_values(annotations: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """As the injector's own function of that name, which is loaded only where an annotation is for it."""
    from kubectl_meshfix.injection import template  # noqa: PLC0415 -- few files have any

    return template.refused_values(annotations)


def moved_to_template(mesh: Mesh, entry: Entry) -> Fix:
    """Move it to the pod template that it is around, unless pods with it would be refused."""
    workload = entry.at.workload
    if not workload or any(refused_values({entry.name: entry.value})):
        return manual("Remove it, or correct its value and move it to the pod template.")
    write = pod_template.set_annotation if entry.field == "annotations" else pod_template.set_label
    gone = entry.path if len(entry.values) > 1 else entry.at.path + join(entry.field)
    summary = f"Move it to {workload.template_path.strip('/').replace('/', '.')}.metadata.{entry.field}."
    operations = (Operation("test", entry.path, entry.value), Operation("remove", gone), *write(workload, entry.name, entry.value))
    return at_risk(pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE), CHANGED)
