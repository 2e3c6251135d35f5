"""MF314: annotations that a later Istio may not read any more."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.injection.labels import INJECT, INJECTION
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.injection import INPUTS
from kubectl_meshfix.rules.injection.annotated_objects import READ, Annotated, annotated_objects
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

_STATS, _TAGS = "proxyStatsMatcher of proxy.istio.io/config", "a Telemetry with tagOverrides"
INSTEAD = {
    INJECT: f"the label {INJECT}",
    "sidecar.istio.io/discoveryAddress": "discoveryAddress of proxy.istio.io/config",
    "sidecar.istio.io/statsInclusionPrefixes": _STATS,
    "sidecar.istio.io/statsInclusionSuffixes": _STATS,
    "sidecar.istio.io/statsInclusionRegexps": _STATS,
    "sidecar.istio.io/extraStatTags": _TAGS,
    "traffic.sidecar.istio.io/kubevirtInterfaces": "istio.io/reroute-virtual-interfaces",
}
"""What to write instead of a deprecated annotation."""

FIRST_WITH_LABEL = (1, 10)
"""The first version of Istio whose injector reads the label `sidecar.istio.io/inject`."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each deprecated annotation that is read where it is."""
    for found in annotated_objects(mesh):
        keys = [key for name in found.annotations if (key := ANNOTATIONS.get(name)) and found.may_bear(key.kinds)]
        for key in keys:
            if key.is_deprecated and not (key.name == INJECT and _is_told_elsewhere(mesh, found)):
                instead = INSTEAD.get(key.name)
                yield Finding(
                    resource=found.obj.ref,
                    path=found.path + join("annotations", key.name),
                    message=f"The annotation {key.name} is deprecated, and a later Istio may ignore it.",
                    fix=_fix(mesh, found, key.name, instead),
                )


def _is_told_elsewhere(mesh: Mesh, found: Annotated) -> bool:
    """Whether the label is there too, or MF303 has a finding about the annotation, because pods do otherwise than it asks.

    On a cluster whose webhooks may not be read, it may have one. An istiod of before 1.10 reads no label. Nobody brings sidecars to the
    pods of istiod's own namespace, so what keeps them away there changes nothing: installers and add-ons of Istio have it.
    """
    from kubectl_meshfix.injection.apiserver import is_assumed  # noqa: PLC0415 -- few files have such an annotation

    if INJECT in found.labels or not found.workload or (mesh.live and is_assumed(mesh)):
        return True
    plane = control_plane.main_control_plane(mesh)
    if plane and plane.version and plane.version < FIRST_WITH_LABEL:
        return True
    if found.annotations[INJECT] == "false" and found.workload.namespace == control_plane.root_namespace(mesh):
        own = mesh.namespace(found.workload.namespace)
        if not own or not own.labels.keys() & {INJECTION, control_plane.REVISION_LABEL}:
            return True
    return membership(mesh, found.workload).injected is not {"true": True, "false": False}.get(found.annotations[INJECT])


def _fix(mesh: Mesh, found: Annotated, name: str, instead: str | None) -> Fix:
    if instead is None:
        return manual("Remove it where nothing depends on it.")
    if name != INJECT or not found.workload:
        return manual(f"Use {instead} instead.")
    value = found.annotations[name]
    gone = pod_template.remove_annotation(found.workload, name)
    operations: tuple[Operation, ...] = (*gone, *pod_template.set_label(found.workload, name, value))
    return pod_template.change(mesh, found.workload, operations, f"Replace it by {instead}.", Safety.RESTART)


RULE = Rule(
    code="MF314",
    name="deprecated-annotation",
    severity=Severity.INFO,
    inputs=kinds.WORKLOADS,
    optional=(*INPUTS, kinds.NAMESPACE, *READ),
    about=(kinds.NAMESPACE, *READ, *kinds.WORKLOADS),
    words=("annotations",),
    aliases=("IST0135",),
    summary="An annotation of Istio's is deprecated, and a later Istio may ignore it",
    check=check,
)
