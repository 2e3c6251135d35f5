"""Control planes: which istiods there are, as far as what was read tells, and how each is configured."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook, WebhookConfiguration
from kubectl_meshfix.resources.core import ConfigMap, Container
from kubectl_meshfix.resources.injector_config import InjectorConfig, read_injector_config
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.mesh_config import MeshConfig, read_mesh_config
from kubectl_meshfix.resources.meta import Object, Ref, Struct
from kubectl_meshfix.resources.workloads import Deployment

INPUTS: tuple[Kind, ...] = (kinds.CONFIG_MAP, kinds.DEPLOYMENT, kinds.MUTATING_WEBHOOK_CONFIGURATION)
"""Kinds that tell of control planes. Any of them may be missing or unreadable."""

DEFAULT_REVISION = "default"
SYSTEM_NAMESPACE = "istio-system"
IGNORED_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease", "local-path-storage"})
"""Namespaces Istio never injects (`pkg/kube/inject/initializer.go IgnoredNamespaces`)."""
REVISION_LABEL = "istio.io/rev"
TAG_LABEL = "istio.io/tag"
INJECTOR_WEBHOOK = "sidecar-injector.istio.io"
VALIDATOR_WEBHOOK = "validation.istio.io"
_INJECTOR = "istio-sidecar-injector"
_MESH = "istio"
_NOT_REVISIONS = ("istiod-remote", "istiod-revision-tag-")


class Version(NamedTuple):
    """Istio's version; it compares with ``(major, minor)``."""

    major: int
    minor: int
    text: str


class ControlPlane(Struct, frozen=True):
    """One istiod and its configuration. What was not read is None, or Istio's default.

    ``deployment`` is None where istiod was not read or runs elsewhere; ``injector`` is None where its ConfigMap was not read, and not
    ``usable`` where it is known to be missing or broken. ``env`` is istiod's environment, None where it is unknown.
    """

    revision: str
    namespace: str
    version: Version | None = None
    deployment: Ref | None = None
    injector: InjectorConfig | None = None
    env: dict[str, str] | None = None
    mesh_config: MeshConfig = MeshConfig()
    mesh_config_map: Ref | None = None
    problems: tuple[str, ...] = ()


_DEFAULTS = MeshConfig()


def control_planes(mesh: Mesh) -> tuple[ControlPlane, ...]:
    """Every control plane that something read tells of, sorted by namespace and revision."""
    _require_inputs(mesh)
    return mesh.cached("control planes", lambda view: tuple(_control_plane(view, *place) for place in sorted(set(_places(view)))))


def control_plane(mesh: Mesh, revision: str, namespace: str | None = None) -> ControlPlane | None:
    """The control plane of a revision, else of the tag of that name, or None. ``namespace`` decides between two of one name."""
    planes = control_planes(mesh)
    if not planes:
        return None
    found = [plane for plane in planes if plane.revision == revision]
    found = found or [plane for plane in planes if plane.revision == tags(mesh).get(revision)]
    return next((plane for plane in found if plane.namespace == namespace), found[0] if found else None)


def plane_of_revision(mesh: Mesh, revision: str | None) -> ControlPlane | None:
    """The control plane of a proxy's revision; the main one where that is not known."""
    return control_plane(mesh, revision) if revision else main_control_plane(mesh)


def main_control_plane(mesh: Mesh) -> ControlPlane | None:
    """The control plane behind the tag ``default``, else of the revision ``default``, else the first there is."""
    _require_inputs(mesh)
    return mesh.cached("main control plane", _main)


def _main(mesh: Mesh) -> ControlPlane | None:
    owner = tags(mesh).get(DEFAULT_REVISION, DEFAULT_REVISION)
    return control_plane(mesh, owner) or next(iter(control_planes(mesh)), None)


def tags(mesh: Mesh) -> Mapping[str, str]:
    """The revision each revision tag points to (`istioctl/pkg/tag/util.go GetWebhookTagName`)."""
    _require_inputs(mesh)
    return mesh.cached("revision tags", _tags)


def mesh_config(mesh: Mesh, revision: str | None = None) -> MeshConfig:
    """The mesh configuration of a revision, or of the main control plane; Istio's defaults where none was read."""
    plane = plane_of_revision(mesh, revision)
    return plane.mesh_config if plane else _DEFAULTS


def root_namespace(mesh: Mesh, revision: str | None = None) -> str:
    """The namespace whose policies hold for the whole mesh."""
    return mesh_config(mesh, revision).root_namespace


def is_injector(webhook: Webhook) -> bool:
    """Whether a webhook is Istio's injector, going by its name as istiod does (`pilot/pkg/bootstrap/sidecarinjector.go webhookName`)."""
    return webhook.name.endswith(INJECTOR_WEBHOOK)


def is_validator(webhook: Webhook) -> bool:
    """Whether a webhook is istiod's check of Istio's objects (`templates/validatingwebhookconfiguration.yaml`)."""
    return webhook.name.endswith(VALIDATOR_WEBHOOK)


def config_map_name(name: str, revision: str) -> str:
    """The ConfigMap that istiod reads (`pilot/pkg/bootstrap`: `getInjectorConfigMapName`, `getMeshConfigMapName`)."""
    return name if revision in ("", DEFAULT_REVISION) else f"{name}-{revision}"


def is_istiod(obj: Object) -> bool:
    """Whether an object is an istiod's Deployment, by its label and its container."""
    return (
        isinstance(obj, Deployment)
        and "istiod" in (obj.labels.get("app"), obj.spec.template.labels.get("app"))
        and _discovery(obj) is not None
    )


def serving_revision(configuration: WebhookConfiguration, webhook: Webhook) -> str:
    """The revision of the istiod that a webhook calls: by the name of its Service, else by the configuration's label."""
    service = webhook.client_config.service
    if service and service.name == "istiod":
        return DEFAULT_REVISION
    if service and service.name.startswith("istiod-") and not service.name.startswith(_NOT_REVISIONS):
        return service.name.removeprefix("istiod-")
    return configuration.labels.get(REVISION_LABEL) or DEFAULT_REVISION


def parse_version(text: str) -> Version | None:
    """A version such as ``1.27.3``, ``1.28-alpha.1a2b``, ``v1.26.0`` or ``1.24.2-distroless``; None for what is not Istio 1.x."""
    found = re.fullmatch(r"v?1\.(\d+)(?:[.+_-].*)?", text)
    return Version(1, int(found[1]), text) if found else None


def _require_inputs(mesh: Mesh) -> None:
    """Fail for a view that lacks an input whether or not the answer was made before."""
    mesh.require(*INPUTS)


def _tags(mesh: Mesh) -> Mapping[str, str]:
    return {
        tag: next(
            (serving_revision(configuration, webhook) for webhook in configuration.webhooks if is_injector(webhook)),
            configuration.labels.get(REVISION_LABEL) or DEFAULT_REVISION,
        )
        for configuration in mesh.all(MutatingWebhookConfiguration)
        if (tag := configuration.labels.get(TAG_LABEL))
    }


def _places(mesh: Mesh) -> Iterator[tuple[str, str]]:
    """Namespace and revision of everything that belongs to a control plane."""
    for deployment in mesh.all(Deployment):
        if is_istiod(deployment):
            yield deployment.namespace, _revision_of(deployment)
    for config_map in mesh.all(ConfigMap):
        for name, key in ((_INJECTOR, "config"), (_MESH, "mesh")):
            revision = config_map.name.removeprefix(name).removeprefix("-") or DEFAULT_REVISION
            if key in config_map.data and config_map.name == config_map_name(name, revision):
                yield config_map.namespace, revision
    for configuration in mesh.all(MutatingWebhookConfiguration):
        for webhook in filter(is_injector, configuration.webhooks):
            service = webhook.client_config.service
            yield service.namespace if service else SYSTEM_NAMESPACE, serving_revision(configuration, webhook)


def _discovery(deployment: Deployment) -> Container | None:
    return next((container for container in deployment.spec.template.spec.containers if container.name == "discovery"), None)


def _revision_of(deployment: Deployment) -> str:
    container = _discovery(deployment)
    env = {var.name: var.value for var in container.env} if container else {}
    labels = (deployment.spec.template.labels, deployment.labels)
    return env.get("REVISION") or next((found[REVISION_LABEL] for found in labels if found.get(REVISION_LABEL)), DEFAULT_REVISION)


def _control_plane(mesh: Mesh, namespace: str, revision: str) -> ControlPlane:
    deployments = (found for found in mesh.within(Deployment, namespace) if is_istiod(found))
    deployment = next((found for found in deployments if _revision_of(found) == revision), None)
    container = _discovery(deployment) if deployment else None
    injector = _injector(mesh, namespace, revision, is_local=deployment is not None)
    settings = mesh.get(ConfigMap, namespace, config_map_name(_MESH, revision))
    read, problem = read_mesh_config(settings.data["mesh"]) if settings and "mesh" in settings.data else (None, "")
    env = {var.name: var.value for var in container.env} if container else injector.values.env if injector else None
    return ControlPlane(
        revision=revision,
        namespace=namespace,
        version=_version(deployment, container, injector),
        deployment=deployment.ref if deployment else None,
        injector=injector,
        env=env,
        mesh_config=read or MeshConfig(root_namespace=namespace),
        mesh_config_map=settings.ref if settings else None,
        problems=(f"Its mesh configuration cannot be read: {problem}",) if problem else (),
    )


def _injector(mesh: Mesh, namespace: str, revision: str, *, is_local: bool) -> InjectorConfig | None:
    name = config_map_name(_INJECTOR, revision)
    config_map = mesh.get(ConfigMap, namespace, name)
    if config_map:
        return read_injector_config(config_map.ref, config_map.data)
    if is_local and mesh.live and mesh.knows(kinds.CONFIG_MAP, namespace, name=name):
        missing = Ref("v1", "ConfigMap", namespace, name)
        return InjectorConfig(config_map=missing, usable=False, problems=("It does not exist, so this istiod serves no injection.",))
    return None


def _version(deployment: Deployment | None, container: Container | None, injector: InjectorConfig | None) -> Version | None:
    """Istiod's version: its image's tag, else the chart's label, else the tag proxies get; vendors pin images by digest."""
    tag = container.image.partition("@")[0].rpartition("/")[2].partition(":")[2] if container else ""
    label = deployment.spec.template.labels.get("app.kubernetes.io/version", "") if deployment else ""
    texts = (tag, label, injector.values.tag if injector else "")
    return next((version for text in texts if (version := parse_version(text))), None)
