"""How old things are, as far as what was read tells the time."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object


def moment(text: str | None) -> datetime | None:
    """A moment as the API server writes it; None for anything else."""
    with suppress(ValueError):
        found = datetime.fromisoformat(text or "")
        return found if found.tzinfo else None
    return None


def now(mesh: Mesh) -> datetime | None:
    """When a cluster was read; of files when the youngest object was made, which they are younger than. None where nothing tells."""
    return mesh.cached("now", _now)


def age(mesh: Mesh, obj: Object) -> timedelta | None:
    """How old an object is, and at least as old where files tell; None where nothing tells."""
    present, made = now(mesh), moment(obj.metadata.creation_timestamp)
    return present - made if present and made else None


def span(time: timedelta) -> str:
    """A time in minutes, or from an hour on in hours."""
    minutes = time.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 60 else f"{minutes / 60:.0f} h"


def _now(mesh: Mesh) -> datetime | None:
    if mesh.taken_at:
        return moment(mesh.taken_at)
    youngest = max(_created(mesh), default=None)
    return youngest.astimezone(UTC) if youngest else None


def _created(mesh: Mesh) -> Iterator[datetime]:
    for obj in mesh.objects:
        made = moment(obj.metadata.creation_timestamp)
        if made:
            yield made
