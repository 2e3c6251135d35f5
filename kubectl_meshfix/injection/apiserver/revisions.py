"""The revisions and tags that the injector's webhooks serve."""

from collections.abc import Iterable

from kubectl_meshfix.injection.apiserver.webhook import Candidate
from kubectl_meshfix.injection.apiserver.webhooks import injectors
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh


def served_revisions(mesh: Mesh) -> tuple[str, ...]:
    """The revisions and tags that the injector's webhooks answer to, whether their calls succeed or not."""
    return mesh.cached("served revisions", lambda view: revisions_of(injectors(view)))


def revisions_of(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """The values that webhooks select namespaces by."""
    wanted = (requirement for item in candidates for requirement in requirements(item.webhook.namespace_selector))
    asked = (requirement for requirement in wanted if (requirement.key, requirement.operator) == (REVISION_LABEL, "In"))
    return tuple(sorted({value for requirement in asked for value in requirement.values}))
