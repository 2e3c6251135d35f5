"""Whether the sidecar is a native one, an init container that keeps running (`pkg/kube/inject/webhook.go DetectNativeSidecar`)."""

import re

import msgspec

from kubectl_meshfix.chain.steps import Outcome, Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.injection.injector.decision import select_templates
from kubectl_meshfix.injection.labels import NATIVE, TEMPLATES
from kubectl_meshfix.injection.views import PodView
from kubectl_meshfix.mesh.control_plane import ControlPlane, Version
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Node
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import Ref, Struct

ENV = "ENABLE_NATIVE_SIDECARS"
KUBELET_MINOR = 33
"""The oldest kubelet, 1.33, for which ``auto`` turns native sidecars on; one older node turns them off everywhere."""

OLDEST_KUBELET = 29
"""Since Kubernetes 1.29 kubelet has native sidecars by default; before, a pod with one would never start."""

_FIRST = (1, 19)
_ANNOTATED = (1, 24)
_AUTOMATIC = (1, 27)
_ORDINARY_TEMPLATES = frozenset({"gateway", "grpc-simple", "grpc-agent", "waypoint", "kube-gateway"})


class NativeSidecar(Struct, frozen=True):
    """Whether an injected sidecar is native. ``decided_by`` is the annotation, the setting, or ``kubelet``; ``because`` says it."""

    native: bool | Unknown
    decided_by: str
    because: Step

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return sentence(self.because)


def choose_sidecar(mesh: Mesh, plane: ControlPlane | None, pod: PodView) -> Steps[NativeSidecar]:
    """Whether a control plane makes a pod's sidecar native: by the templates, the pod's annotation, istiod's setting, the kubelets."""
    version = plane.version if plane else None
    config = (plane.injector if plane else None) or InjectorConfig(config_map=Ref("v1", "ConfigMap", None, ""))
    templates = select_templates(config, pod.annotations)
    if "sidecar" not in templates:
        named = ", ".join(templates)
        if templates and _ORDINARY_TEMPLATES.issuperset(templates):
            return (yield from _say(checks.OTHER_TEMPLATES, TEMPLATES, native=False, templates=named))
        unknown = Unknown(kind=UnknownKind.OPAQUE, of=f"templates {named}", settled_by="the templates")
        return (yield from _say(checks.OWN_TEMPLATES, TEMPLATES, native=unknown, templates=named or "none"))
    annotation = pod.annotations.get(NATIVE, "")
    if annotation and (version is None or version >= _ANNOTATED):
        outcome = checks.ANNOTATED if annotation != "false" else checks.ANNOTATED_ORDINARY
        return (yield from _say(outcome, NATIVE, native=annotation != "false", annotation=f"{NATIVE}={annotation}"))
    by_setting = yield from _ask_setting(plane, version)
    return by_setting or (yield from _ask_kubelets(mesh, pod.node_name))


class Obstacle(msgspec.Struct, frozen=True):
    """What keeps the annotation from making sidecars native, in words; ``has_setting`` says that istiod's own setting would."""

    why: str
    has_setting: bool = False


def why_not_native(mesh: Mesh, plane: ControlPlane | None) -> Obstacle | None:
    """What keeps the annotation from making sidecars native; None where nothing that was read does."""
    mesh.require(kinds.NODE)
    minors = {node.name: _minor(node) for node in mesh.all(Node)}
    old = next((name for name, minor in minors.items() if 0 < minor < OLDEST_KUBELET), None)
    if old:
        return Obstacle(f"the kubelet of node {old} is older than 1.{OLDEST_KUBELET}")
    if plane and plane.version is not None and plane.version < _ANNOTATED:
        return Obstacle(f"Istio {plane.version.text} does not read the annotation {NATIVE}", has_setting=plane.version >= _FIRST)
    config = plane.injector if plane else None
    if config and "sidecar" in config.templates and NATIVE not in config.text:
        return Obstacle("the injector's template has no native sidecars")
    return None


def are_kubelets_certain(mesh: Mesh) -> bool:
    """Whether every kubelet is known to have native sidecars that nobody can turn off, as since 1.33."""
    mesh.require(kinds.NODE)
    return mesh.knows(kinds.NODE) and all(_minor(node) >= KUBELET_MINOR for node in mesh.all(Node))


def _say(outcome: Outcome, decided_by: str, at: Where | None = None, *, native: bool | Unknown, **args: str | int) -> Steps[NativeSidecar]:
    unknown = native if isinstance(native, Unknown) else None
    found = step(outcome, at, evidence=(f"decided by {decided_by}",), unknown=unknown, **args)
    yield found
    return NativeSidecar(native=native, decided_by=decided_by, because=found)


def _ask_setting(plane: ControlPlane | None, version: Version | None) -> Steps[NativeSidecar | None]:
    """What istiod's setting says; None where it leaves it to the kubelets (`pilot/pkg/features/pilot.go EnableNativeSidecars`)."""
    value = ((plane.env if plane else None) or {}).get(ENV)
    at = Where(resource=plane.deployment) if plane and plane.deployment else None
    if version is not None and version < _FIRST:
        return (yield from _say(checks.TOO_OLD, ENV, at, native=False, version=version.text))
    if version is not None and version < _AUTOMATIC:
        if go_bool(value or ""):
            return (yield from _say(checks.SET, ENV, at, native=True, setting=f"{ENV}={value}"))
        return (yield from _say(checks.OFF_BY_DEFAULT, ENV, at, native=False, version=version.text, env=ENV))
    if value in (None, "auto"):
        return None
    outcome = checks.SET if value == "true" else checks.SET_ORDINARY
    return (yield from _say(outcome, ENV, at, native=value == "true", setting=f"{ENV}={value}"))


def _ask_kubelets(mesh: Mesh, node_name: str) -> Steps[NativeSidecar]:
    mesh.require(kinds.NODE)
    if not mesh.knows(kinds.NODE):
        kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
        unknown = Unknown(kind=kind, of=kinds.NODE, settled_by=CLUSTER)
        return (yield from _say(checks.NODES_UNREAD, "kubelet", native=unknown))
    minors = mesh.cached("kubelet minors", lambda view: {node.name: _minor(node) for node in view.all(Node)})
    bound = node_name in minors and not mesh.live  # a live pod got its node only after istiod had seen it
    oldest = node_name if bound else min(minors, key=lambda name: (minors[name], name), default="")
    if not oldest or minors[oldest] >= KUBELET_MINOR:
        return (yield from _say(checks.KUBELETS_NEW, "kubelet", native=True, oldest=KUBELET_MINOR))
    at = Where(resource=Ref("v1", "Node", None, oldest), path="/status/nodeInfo/kubeletVersion")
    return (yield from _say(checks.KUBELET_OLD, "kubelet", at, native=False, node=oldest, minor=minors[oldest], oldest=KUBELET_MINOR))


def _minor(node: Node) -> int:
    """A kubelet's minor version; one that cannot be read counts as too old, as it does for istiod."""
    found = re.match(r"v?\d+\.(\d+)", node.status.node_info.kubelet_version)
    return int(found[1]) if found else 0
