"""``apply -o``: the changes for a repository; nothing is changed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix.cli.flags.formats import PlanFormat
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
            changes = [(whole.before, whole.change.operations) for whole in wholes]
            return manifest.component(changes) if changes else "", refusals
        case PlanFormat.MANIFEST:
            return manifest.manifests(whole.after for whole in wholes), refusals
        case _:
            return _values(found, wholes), refusals


def _of_cluster(found: "Diagnosed", plan: Plan) -> tuple[tuple[FullObject, ...], tuple[Refusal, ...]]:
    from kubectl_meshfix.targets import cluster  # noqa: PLC0415 -- a run on files never imports the client

    if found.api is None:
        raise UsageError("No cluster was read, so there is nothing to print.")
    previews = cluster.preview(plan, found.api, on_server=False)
    return tuple(FullObject(change=item.change, before=item.before, after=item.after) for item in previews.accepted), previews.refused


def _values(found: "Diagnosed", wholes: Sequence[FullObject]) -> str:
    maps = [(whole, found.meshes.find(whole.change.resource)) for whole in wholes]
    return helm_values.owner_values((whole.before, whole.after, source_of(obj)) for whole, obj in maps if isinstance(obj, ConfigMap))
