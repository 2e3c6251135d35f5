"""``apply -o``: the changes for a repository; nothing is changed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix.cli.flags.formats.plans import PlanFormat
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.fixes.istio_installer import source_of
from kubectl_meshfix.fixes.plan import Plan, Refusal
from kubectl_meshfix.render.plan import helm_values, manifest
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.targets.full_objects import FullObject, full_objects

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.diagnosing import Diagnosed


def exported(found: "Diagnosed", plan: Plan, output: PlanFormat) -> tuple[str, tuple[Refusal, ...]]:
    """A plan in one of the formats, and the changes that do not fit the objects as they are now."""
    wholes, refusals = full_objects(plan, found.manifests) if found.manifests else _of_cluster(found, plan)
    match output:
        case PlanFormat.KUSTOMIZE:
            kept, left_out = _one_a_name(wholes)
            changes = [(whole.before, whole.change.operations) for whole in kept]
            return manifest.component(changes) if changes else "", (*refusals, *left_out)
        case PlanFormat.MANIFEST:
            return manifest.manifests(whole.after for whole in wholes), refusals
        case _:
            return _values(found, wholes), refusals


def _one_a_name(wholes: Sequence[FullObject]) -> tuple[list[FullObject], list[Refusal]]:
    """Changes for one component, in which a patch goes to every object of a name: of copies the first, and why others cannot be in it."""
    kept: dict[tuple[str, ...], FullObject] = {}
    refusals: list[Refusal] = []
    for whole in wholes:
        metadata = whole.before.get("metadata")
        if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
            refusals.append(Refusal(resource=whole.change.resource, reason="it has no name, by which a patch finds its object"))
            continue
        *name, _ = map(str, whole.change.resource.key)
        first = kept.setdefault(tuple(name), whole)
        if first.change.operations != whole.change.operations:
            reason = "another copy of it needs another change; name the files of one environment alone"
            refusals.append(Refusal(resource=whole.change.resource, reason=reason))
    return list(kept.values()), refusals


def _of_cluster(found: "Diagnosed", plan: Plan) -> tuple[tuple[FullObject, ...], tuple[Refusal, ...]]:
    from kubectl_meshfix.targets import cluster  # noqa: PLC0415 -- a run on files never imports the client

    if found.api is None:
        raise UsageError("No cluster was read, so there is nothing to print.")
    previews = cluster.preview(plan, found.api, on_server=False)
    return tuple(FullObject(change=item.change, before=item.before, after=item.after) for item in previews.accepted), previews.refused


def _values(found: "Diagnosed", wholes: Sequence[FullObject]) -> str:
    maps = [(whole, found.meshes.find(whole.change.resource)) for whole in wholes]
    return helm_values.owner_values((whole.before, whole.after, source_of(obj)) for whole, obj in maps if isinstance(obj, ConfigMap))
