"""The configuration of the istiod that a webhook calls, as far as it was read."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver import WebhookMatch
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.mesh.control_plane import ControlPlane, config_map_name, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref


def find_plane(mesh: Mesh, match: WebhookMatch) -> ControlPlane | None:
    """The control plane that a webhook calls; None where nothing of it was read."""
    return control_plane(mesh, match.revision, match.namespace)


def read_config(mesh: Mesh, match: WebhookMatch) -> Steps[ControlPlane | None]:
    """The same, and what there is to say of its injector's configuration."""
    plane = find_plane(mesh, match)
    config = plane.injector if plane else None
    if config is None:
        ref = Ref("v1", "ConfigMap", match.namespace, config_map_name("istio-sidecar-injector", match.revision))
        at, reason = (
            Where(resource=ref),
            mesh.coverage(kinds.CONFIG_MAP).why_unread(match.namespace, ref.name) or "no such object was found",
        )
        unknown = Unknown(kind=UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES, of=ref, settled_by=CLUSTER)
        if mesh.live:
            yield step(checks.NOT_READ, at, unknown=unknown, config_map=ref.path, reason=reason)
        else:
            yield step(checks.NOT_AMONG_FILES, at, unknown=unknown, config_map=ref.path)
        return plane
    at = Where(resource=config.config_map)
    if config.usable:
        yield step(checks.IN_ORDER, at, evidence=tuple(f"template {name}" for name in config.templates), config_map=str(config.config_map))
    else:
        yield step(checks.BROKEN, at, evidence=config.problems, config_map=str(config.config_map))
    return plane
