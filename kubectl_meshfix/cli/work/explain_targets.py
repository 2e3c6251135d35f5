"""From words to the objects that are explained."""

from collections.abc import Sequence

from kubectl_meshfix import scope
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.subjects import chosen
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.resources.meta import Key, LabelSelector, Object


def chosen_objects(
    meshes: Meshes, wanted: Sequence[scope.NamedTarget], labels: LabelSelector | None, namespace: str | None, *, may_be_many: bool = True
) -> list[Object]:
    """The targets, every copy of them; all workloads where nothing is named.

    Raises UsageError where a name is not there, or there in more than one namespace.
    """
    found: dict[Key, Object] = {}
    for item in wanted:
        meant = _named(meshes, item, labels, namespace)
        places = sorted({obj.namespace for obj in meant.values()})
        if item.name and not may_be_many and len(places) > 1:
            raise UsageError(
                f"{item.name} is in several namespaces: {', '.join(places)}.", "Choose one with -n, or explain all of them with -A."
            )
        found |= meant
    if not wanted:
        found = {item.ref.key: item.object for mesh in meshes for item in mesh.workloads if _is_meant(item.object, namespace, labels)}
        if not found:
            raise UsageError("There is nothing to explain: no workload was found.", "Check the files, -n and -l.")
    return list(found.values())


def _named(meshes: Meshes, item: scope.NamedTarget, labels: LabelSelector | None, namespace: str | None) -> dict[Key, Object]:
    """The objects that one word names. Raises UsageError where no mesh has one; of several errors, that of a mesh with the name."""
    found: dict[Key, Object] = {}
    errors: list[tuple[bool, UsageError]] = []
    for mesh in meshes:
        try:
            found |= {obj.ref.key: obj for obj in chosen(mesh, item.kinds, item.name, namespace=namespace, labels=labels)}
        except UsageError as error:
            errors.append((any(obj.name == item.name for kind in item.kinds for obj in mesh.all(kind.struct)), error))
    if not found and len(errors) == len(meshes):
        raise max(errors, key=lambda row: row[0])[1]
    return found


def _is_meant(obj: Object, namespace: str | None, labels: LabelSelector | None) -> bool:
    return namespace in (None, obj.namespace) and (labels is None or matches(labels, obj.labels))
