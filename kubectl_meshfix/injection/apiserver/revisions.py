"""The revisions and tags that the injector's webhooks serve, and those of them whose istiod can be called."""

from collections.abc import Callable, Iterable

from kubectl_meshfix.injection.apiserver.call_path import path_of
from kubectl_meshfix.injection.apiserver.webhook import Candidate
from kubectl_meshfix.injection.apiserver.webhooks import injectors
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh


def served_revisions(mesh: Mesh) -> tuple[str, ...]:
    """The revisions and tags that the injector's webhooks answer to, whether their calls succeed or not."""
    return mesh.cached("served revisions", lambda view: _values(injectors(view)))


def reachable_revisions(mesh: Mesh) -> tuple[str, ...]:
    """Those of them whose calls are not known to fail: no other may be recommended."""
    return _values(item for item in injectors(mesh) if path_of(mesh, item).value.broken is None)


def only_revision(mesh: Mesh, answers: Callable[[str], bool]) -> str | None:
    """The label value for the only reachable revision that ``answers``, preferably a tag of it; None where several do, or none."""
    served = [value for value in reachable_revisions(mesh) if answers(value)]
    known = control_plane.tags(mesh)
    return min(served, key=lambda value: (value not in known, value)) if len({known.get(value, value) for value in served}) == 1 else None


def _values(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """The values that webhooks select namespaces by."""
    wanted = (requirement for item in candidates for requirement in requirements(item.webhook.namespace_selector))
    asked = (requirement for requirement in wanted if (requirement.key, requirement.operator) == (REVISION_LABEL, "In"))
    return tuple(sorted({value for requirement in asked for value in requirement.values}))
