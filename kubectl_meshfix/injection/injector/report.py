"""The injector's stage in words: its configuration, its decision, and the pod it would make."""

from collections.abc import Iterator

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.webhook import Verdict
from kubectl_meshfix.injection.injector.annotations import INTERCEPTION, PROXY_CONFIG, annotation_values
from kubectl_meshfix.injection.injector.decision import Decision, decide, selected_templates
from kubectl_meshfix.injection.injector.native_sidecar import native_sidecar
from kubectl_meshfix.mesh.control_plane import ControlPlane, config_map_name, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.mesh_config import MeshConfig

CONFIG_MAP, NATIVE_SIDECAR, ORDER, CNI = "configMap", "nativeSidecar", "containerOrder", "cni"


def injecting(mesh: Mesh, verdict: Verdict | None, namespace: str, template: PodTemplate) -> tuple[Check, ...]:
    """What the istiod that a webhook calls makes of a pod; without a webhook nobody asks it."""
    if verdict is None:
        detail = "No webhook takes the pod, so no injector is asked."
        return (Check(name=CONFIG_MAP, status=Status.SKIPPED, detail=detail),)
    plane = control_plane(mesh, verdict.revision, verdict.namespace)
    decision = decide(plane, namespace, template)
    checks = [_config_map(mesh, verdict, plane), *decision.checks]
    if decision.injects is False:
        return tuple(checks)
    values = annotation_values(template.annotations)
    checks.append(values)
    if values.status is not Status.FAIL:
        checks += _additions(mesh, plane, template)
    return tuple(checks)


def decision_of(mesh: Mesh, verdict: Verdict, namespace: str, template: PodTemplate) -> Decision:
    """The decision of the istiod that a webhook calls."""
    return decide(control_plane(mesh, verdict.revision, verdict.namespace), namespace, template)


def _config_map(mesh: Mesh, verdict: Verdict, plane: ControlPlane | None) -> Check:
    config = plane.injector if plane else None
    if config is None:
        name = f"ConfigMap {verdict.namespace}/{config_map_name('istio-sidecar-injector', verdict.revision)}"
        reason = mesh.coverage(kinds.CONFIG_MAP).reason or ("it is not here" if mesh.live else "it is not among the files")
        status = Status.UNKNOWN if mesh.live else Status.SKIPPED
        return Check(name=CONFIG_MAP, status=status, detail=f"{name} was not read ({reason}); what Istio's chart installs is assumed.")
    if not config.usable:
        detail = f"{config.config_map} is broken: {' '.join(config.problems)} A running istiod goes on with the one it had; "
        detail += "its next start fails."
        return Check(name=CONFIG_MAP, status=Status.WARN, detail=detail, evidence=config.problems)
    detail = f"{config.config_map} is in order."
    return Check(name=CONFIG_MAP, status=Status.PASS, detail=detail, evidence=tuple(f"template {name}" for name in config.templates))


def _additions(mesh: Mesh, plane: ControlPlane | None, template: PodTemplate) -> Iterator[Check]:
    """What the pod gets (`webhook.go reorderPod`, `files/injection-template.yaml`)."""
    kind = native_sidecar(mesh, plane, template)
    shown = {True: "The sidecar is a native one", False: "The sidecar is an ordinary container", None: "It is not known what kind it is"}
    status = Status.UNKNOWN if kind.native is None else Status.PASS
    yield Check(
        name=NATIVE_SIDECAR, status=status, detail=f"{shown[kind.native]}: {kind.reason}", evidence=(f"decided by {kind.decided_by}",)
    )
    config = plane.injector if plane else None
    chosen = selected_templates(config, template.annotations) if config else ("sidecar",)
    if "sidecar" not in chosen:
        return
    has_cni = bool(config and config.values.cni_enabled)
    mode = template.annotations.get(INTERCEPTION) or (plane.mesh_config if plane else MeshConfig()).default_config.interception_mode
    first = None if mode == "NONE" else "istio-validation" if has_cni else "istio-init"
    yield _order(plane, template, first, is_native=bool(kind.native))
    own = bool(template.spec.init_containers)
    if mode == "NONE":
        yield Check(name=CNI, status=Status.PASS, detail=f"{INTERCEPTION} is NONE: no traffic is redirected to the proxy by itself.")
    elif has_cni and own and not kind.native:
        detail = "The node's CNI agent redirects traffic before the pod's init containers run, and the proxy starts after them: "
        yield Check(name=CNI, status=Status.WARN, detail=f"{detail}they have no network.")
    elif has_cni:
        yield Check(name=CNI, status=Status.PASS, detail="The node's CNI agent redirects traffic; istio-validation checks that it did.")
    elif config:
        yield Check(name=CNI, status=Status.PASS, detail="There is no CNI agent: istio-init redirects traffic, with NET_ADMIN and NET_RAW.")


def _order(plane: ControlPlane | None, template: PodTemplate, first: str | None, *, is_native: bool) -> Check:
    own = [container.name or "?" for container in template.spec.init_containers]
    apps = [container.name or "?" for container in template.spec.containers]
    if is_native:
        order = [*([first] if first else []), "istio-proxy", *own, *apps]
        detail = "The proxy runs before everything else, the pod's own init containers included."
    elif _holds(plane, template):
        order = [*_around(own, first), "istio-proxy", *apps]
        detail = "The application waits for the proxy."
    else:
        order = [*_around(own, first), *apps, "istio-proxy"]
        detail = "The application does not wait for the proxy: its first calls may fail."
    return Check(name=ORDER, status=Status.PASS, detail=detail, evidence=(" → ".join(order),))


def _around(own: list[str], first: str | None) -> list[str]:
    return [first, *own] if first == "istio-validation" else [*own, *([first] if first else [])]


def _holds(plane: ControlPlane | None, template: PodTemplate) -> bool:
    """Whether the proxy comes first; the pod's annotation stands in for the mesh's default, and the chart's value adds to both."""
    own = mapping(template.annotations.get(PROXY_CONFIG, ""))[0].get("holdApplicationUntilProxyStarts")
    default = plane.mesh_config.default_config.hold_application_until_proxy_starts if plane else False
    always = plane.injector.values.hold_application_until_proxy_starts if plane and plane.injector else False
    return always or (own if isinstance(own, bool) else default)
