"""What a proxy has not acknowledged yet, and for how long."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kubectl_meshfix.mesh.answers import Connected, Push, Sync
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Key, Struct

USUAL = timedelta(minutes=1)
"""What a proxy may need to answer a push; the clocks of istiod and the API server may be apart a little, too."""


class Waiting(NamedTuple):
    """A push that a proxy has neither taken nor refused, and the time since it was sent."""

    push: Push
    since: timedelta


def unacknowledged(mesh: Mesh, proxy: Connected) -> Sequence[Waiting]:
    """The pushes that a proxy should have answered by now; silent where nobody says when they were sent, or when istiod was asked."""
    now = _time(mesh.answers.at or mesh.taken_at or "")
    if now is None:
        return ()
    stale = ((push, _time(push.sent)) for push in proxy.pushes if push.sync is Sync.STALE)
    found = (Waiting(push, now - sent) for push, sent in stale if sent is not None and sent.year > 1)
    return tuple(item for item in found if item.since > USUAL)


class Unanswered(Struct, frozen=True):
    """Pods of a workload whose proxies do not answer what istiod sent: the longest time, and what was sent."""

    workload: Workload
    pods: tuple[Pod, ...]
    types: tuple[str, ...]
    since: timedelta


def unanswered(mesh: Mesh) -> Iterator[Unanswered]:
    """The workloads with such proxies, as far as their pods are known."""
    found: dict[Key, list[tuple[Pod, Waiting]]] = defaultdict(list)
    for item in mesh.answers.connected:
        if pod := mesh.get(Pod, item.namespace, item.name):
            for waiting in unacknowledged(mesh, item):
                found[mesh.workload_of(pod).ref.key].append((pod, waiting))
    for rows in found.values():
        yield Unanswered(
            workload=mesh.workload_of(rows[0][0]),
            pods=tuple({pod.ref: pod for pod, _ in rows}.values()),
            types=tuple(sorted({waiting.push.type for _, waiting in rows})),
            since=max(waiting.since for _, waiting in rows),
        )


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
