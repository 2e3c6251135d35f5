"""What an injector that injects makes of a pod (`webhook.go reorderPod`, `files/injection-template.yaml`)."""

from collections.abc import Mapping

from kubectl_meshfix.chain.steps import Steps, step
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.injection.injector.annotations import INTERCEPTION, PROXY_CONFIG
from kubectl_meshfix.injection.injector.decision import select_templates
from kubectl_meshfix.injection.views import CreationView
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.mesh_config import MeshConfig


def add_sidecar(plane: ControlPlane | None, pod: CreationView, *, is_native: bool) -> Steps[tuple[str, ...]]:
    """The pod's containers in the order they start, as far as the sidecar's template is used; and who redirects the traffic."""
    config = plane.injector if plane else None
    own = (*pod.init_containers, *pod.containers)
    if "sidecar" not in (select_templates(config, pod.pod.annotations) if config else ("sidecar",)):
        return own
    has_cni = bool(config and config.values.cni_enabled)
    mode = pod.annotations.get(INTERCEPTION) or (plane.mesh_config if plane else MeshConfig()).default_config.interception_mode
    first = () if mode == "NONE" else ("istio-validation",) if has_cni else ("istio-init",)
    order = yield from _order(plane, pod, first, is_native=is_native)
    if mode == "NONE":
        yield step(checks.NOT_REDIRECTED)
    elif has_cni and pod.init_containers and not is_native:
        yield step(checks.INIT_WITHOUT_NETWORK)
    elif has_cni:
        yield step(checks.BY_AGENT)
    elif config:
        yield step(checks.BY_INIT)
    return order


def _order(plane: ControlPlane | None, pod: CreationView, first: tuple[str, ...], *, is_native: bool) -> Steps[tuple[str, ...]]:
    own, apps = pod.init_containers, pod.containers
    around = (*first, *own) if first == ("istio-validation",) else (*own, *first)
    if is_native:
        outcome, order = checks.PROXY_FIRST, (*first, "istio-proxy", *own, *apps)
    elif _waits(plane, pod.annotations):
        outcome, order = checks.APP_WAITS, (*around, "istio-proxy", *apps)
    else:
        outcome, order = checks.APP_DOES_NOT_WAIT, (*around, *apps, "istio-proxy")
    yield step(outcome, evidence=(" → ".join(order),))
    return order


def _waits(plane: ControlPlane | None, annotations: Mapping[str, str]) -> bool:
    """Whether the proxy comes first; the pod's annotation stands in for the mesh's default, and the chart's value adds to both."""
    own = mapping(annotations.get(PROXY_CONFIG, ""))[0].get("holdApplicationUntilProxyStarts")
    default = plane.mesh_config.default_config.hold_application_until_proxy_starts if plane else False
    always = plane.injector.values.hold_application_until_proxy_starts if plane and plane.injector else False
    return always or (own if isinstance(own, bool) else default)
