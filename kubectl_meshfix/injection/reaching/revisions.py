"""The revisions and tags whose webhooks can be called."""

from collections.abc import Callable

from kubectl_meshfix.injection.apiserver import injectors, revisions_of
from kubectl_meshfix.injection.reaching.call_path import path_of
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh


def reachable_revisions(mesh: Mesh) -> tuple[str, ...]:
    """The revisions and tags of the injector's webhooks whose calls are not known to fail: no other may be recommended."""
    return revisions_of(item for item in injectors(mesh) if path_of(mesh, item).value.broken is None)


def only_revision(mesh: Mesh, answers: Callable[[str], bool]) -> str | None:
    """The label value for the only reachable revision that ``answers``, preferably a tag of it; None where several do, or none."""
    served = [value for value in reachable_revisions(mesh) if answers(value)]
    known = control_plane.tags(mesh)
    return min(served, key=lambda value: (value not in known, value)) if len({known.get(value, value) for value in served}) == 1 else None
