"""Whether the sidecar is a native one, an init container that keeps running (`pkg/kube/inject/webhook.go DetectNativeSidecar`)."""

import re

from kubectl_meshfix.injection.injector.decision import selected_templates
from kubectl_meshfix.injection.labels import NATIVE, TEMPLATES
from kubectl_meshfix.mesh.control_plane import ControlPlane, Version
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Node, PodTemplate
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct

INPUTS: tuple[Kind, ...] = (kinds.NODE,)
"""Kinds that decide on native sidecars, next to the control plane's."""

ENV = "ENABLE_NATIVE_SIDECARS"
KUBELET_MINOR = 33
"""The oldest kubelet, 1.33, for which ``auto`` turns native sidecars on; one older node turns them off everywhere."""

_FIRST = (1, 19)
_ANNOTATED = (1, 24)
_AUTOMATIC = (1, 27)
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_ORDINARY_TEMPLATES = frozenset({"gateway", "grpc-simple", "grpc-agent", "waypoint", "kube-gateway"})


class NativeSidecar(Struct, frozen=True):
    """Whether an injected sidecar is native; None where what decides it was not read. ``decided_by`` is stable, ``reason`` a sentence."""

    native: bool | None
    decided_by: str
    reason: str


def native_sidecar(mesh: Mesh, plane: ControlPlane | None, template: PodTemplate) -> NativeSidecar:
    """Whether a control plane makes a pod's sidecar native: by the templates, the pod's annotation, istiod's setting, the kubelets."""
    version = plane.version if plane else None
    config = (plane.injector if plane else None) or InjectorConfig(config_map=Ref("v1", "ConfigMap", None, ""))
    templates = selected_templates(config, template.annotations)
    if "sidecar" not in templates:
        known = bool(templates) and _ORDINARY_TEMPLATES.issuperset(templates)
        return NativeSidecar(native=False if known else None, decided_by=TEMPLATES, reason=f"The templates are {', '.join(templates)}.")
    annotation = template.annotations.get(NATIVE, "")
    if annotation and (version is None or version >= _ANNOTATED):
        return NativeSidecar(native=annotation != "false", decided_by=NATIVE, reason=f"The annotation {NATIVE} says {annotation}.")
    setting, source = _setting(plane.env if plane else None, version)
    if setting != "auto":
        return NativeSidecar(native=setting == "true", decided_by=ENV, reason=source)
    return _by_kubelets(mesh, template.spec.node_name)


def _setting(env: dict[str, str] | None, version: Version | None) -> tuple[str, str]:
    """The mode istiod runs in, ``true``, ``false`` or ``auto``, and why (`pilot/pkg/features/pilot.go EnableNativeSidecars`)."""
    if version is not None and version < _FIRST:
        return "false", f"Istio {version.text} knows no native sidecars."
    value = (env or {}).get(ENV)
    if version is not None and version < _AUTOMATIC:
        chosen = "true" if value in _TRUE else "false"
        return chosen, f"{ENV} is {value or 'unset'}, and Istio {version.text} has them off by default."
    if value is None:
        return "auto", f"{ENV} is unset."
    return value if value in ("true", "auto") else "false", f"{ENV} is {value}."


def _by_kubelets(mesh: Mesh, node_name: str) -> NativeSidecar:
    mesh.require(kinds.NODE)
    if not mesh.knows(kinds.NODE):
        return NativeSidecar(native=None, decided_by="kubelet", reason="It depends on the nodes' versions, and no nodes were read.")
    minors = mesh.cached("kubelet minors", lambda view: {node.name: _minor(node) for node in view.all(Node)})
    bound = node_name in minors and not mesh.live  # a live pod got its node only after istiod had seen it
    oldest = node_name if bound else min(minors, key=lambda name: (minors[name], name), default="")
    if not oldest or minors[oldest] >= KUBELET_MINOR:
        return NativeSidecar(native=True, decided_by="kubelet", reason=f"All kubelets are at least 1.{KUBELET_MINOR}.")
    reason = f"Node {oldest} runs kubelet 1.{minors[oldest]}, older than 1.{KUBELET_MINOR}."
    return NativeSidecar(native=False, decided_by="kubelet", reason=reason)


def _minor(node: Node) -> int:
    """A kubelet's minor version; one that cannot be read counts as too old, as it does for istiod."""
    found = re.match(r"v?\d+\.(\d+)", node.status.node_info.kubelet_version)
    return int(found[1]) if found else 0
