"""Validation webhooks that cannot be called, and an istiod that serves nobody: which of several findings says it.

One istiod that is down stops the injector, the check of Istio's objects and the proxies' configuration. The injector's webhook says it
where it takes pods, else istiod's Deployment; the validation webhook says what is wrong with itself, and with its Service where nobody else
does.
"""

from collections.abc import Iterator

from kubectl_meshfix.injection.apiserver import Candidate
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.reaching import Unchecked, unchecked
from kubectl_meshfix.injection.unreachable import reported
from kubectl_meshfix.mesh.control_plane import control_plane, serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.admission import ServiceReference
from kubectl_meshfix.resources.meta import Ref

_OF_ISTIOD = (checks.ENDPOINTS, checks.ISTIOD)


def unchecked_alone(mesh: Mesh) -> Iterator[Unchecked]:
    """The failing validation webhooks whose fault nobody else reports."""
    for found in unchecked(mesh):
        if not _is_reported(mesh, found) and not (found.broken.outcome.check in _OF_ISTIOD and istiod_behind(mesh, found.candidate)):
            yield found


def beside(mesh: Mesh, candidate: Candidate) -> tuple[Unchecked, ...]:
    """The failing validation webhooks that call the same Service as a webhook of the injector."""
    place = _place(candidate.webhook.client_config.service)
    return tuple(found for found in unchecked(mesh) if place and _place(found.candidate.webhook.client_config.service) == place)


def istiod_behind(mesh: Mesh, candidate: Candidate) -> Ref | None:
    """The Deployment of the istiod that a webhook calls, where it was read."""
    service = candidate.webhook.client_config.service
    if service is None:
        return None
    plane = control_plane(mesh, serving_revision(candidate.configuration, candidate.webhook), service.namespace)
    return plane.deployment if plane and plane.namespace == service.namespace else None


def is_told_by_injector(mesh: Mesh, deployment: Ref) -> bool:
    """Whether a webhook of the injector reports that this istiod serves nobody."""
    told = (found for found in reported(mesh) if found.broken.outcome.check in _OF_ISTIOD)
    return any(istiod_behind(mesh, found.candidate) == deployment for found in told)


def _is_reported(mesh: Mesh, found: Unchecked) -> bool:
    """Whether the injector's webhook reports the same; a configuration that is left over is deleted by itself."""
    if found.broken.outcome is checks.SERVICE_MISSING:
        return False
    ours = found.candidate.webhook.client_config
    for other in reported(mesh):
        theirs = other.candidate.webhook.client_config
        is_same = other.broken.outcome.check is found.broken.outcome.check and _place(theirs.service) == _place(ours.service)
        if is_same and (found.broken.outcome.check is not checks.CA_BUNDLE or theirs.ca_bundle == ours.ca_bundle):
            return True
    return False


def _place(service: ServiceReference | None) -> tuple[str, str, int] | None:
    return (service.namespace, service.name, service.port) if service else None
