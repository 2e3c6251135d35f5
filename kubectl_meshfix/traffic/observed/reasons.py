"""Why a proxy may have something else than is predicted, as far as it was read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.answers import Answers, Sync
from kubectl_meshfix.mesh.control_plane import parse_version, plane_of_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Key, Ref
from kubectl_meshfix.traffic.checks import observed as check
from kubectl_meshfix.traffic.extensions import GATEWAY, INBOUND, OUTBOUND, altering
from kubectl_meshfix.traffic.observed.actions import Way
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.trace.way import SERVER

_LONGEST = 300
"""Characters of what Envoy says of an update that it refused."""

_GROUPS = ("istio.io", "gateway.networking.k8s.io")
_BEHIND = (Sync.STALE, Sync.ERROR)


def reasons(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config, written: Mapping[Key, str]) -> Steps[None]:
    """Every reason that is known; where there is none, that the prediction may be wrong.

    ``written`` is when objects were last written (RFC 3339); of others, the time of their creation counts.
    """
    _, hop = ways[0]
    known: list[Step] = [
        *_refused(mesh, pod, found), *_cut_off(mesh, pod, hop.party), *_younger(mesh, ways, found, written),
        *_patches(mesh, hop.party, hop.role), *_version(mesh, hop.party, found),
    ]  # fmt: skip
    yield from known
    if not known:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of=f"why {pod} has something else", settled_by="another look in a minute")
        yield step(check.UNEXPLAINED, Where(pod), unknown=unknown)


def _refused(mesh: Mesh, pod: Ref, found: Config) -> Iterator[Step]:
    """What the proxy says that it refused, else what istiod heard of it."""
    errors = [item.refusal for item in found.taken.values() if item.refusal]
    own = (item for item in mesh.answers.connected if (item.namespace, item.name) == (pod.namespace, pod.name))
    pushes = [push for item in own for push in item.pushes]
    errors += [push.error for push in pushes if push.error]
    if errors:
        yield step(check.REFUSED, Where(pod), error=errors[0][:_LONGEST].rstrip("."))
    elif behind := next((push for push in pushes if push.sync in _BEHIND), None):
        yield step(check.STALE, Where(pod), sync=behind.sync.value, type=behind.type)


def _cut_off(mesh: Mesh, pod: Ref, party: Party) -> Iterator[Step]:
    """Whether anybody configures the proxy: its own word, and whether its istiod runs."""
    plane = plane_of_revision(mesh, party.revision)
    deployment = mesh.find(plane.deployment) if plane and plane.deployment else None
    istiod = workload(deployment) if deployment else None
    if istiod is not None and mesh.knows(kinds.POD, istiod.namespace) and not any(pod.is_ready for pod in mesh.pods_of(istiod)):
        yield step(check.NO_ISTIOD, Where(istiod.ref), istiod=str(istiod.ref))
    elif _is_lost(mesh.answers, pod):
        yield step(check.DISCONNECTED, Where(pod))


def _is_lost(answers: Answers, pod: Ref) -> bool:
    """Whether a proxy has no connection to an istiod: it says so itself, or no istiod knows it and all were asked."""
    if any(item.pod.key == pod.key and item.is_connected is False for item in answers.proxies):
        return True
    return answers.is_every_istiod and all((item.namespace, item.name) != (pod.namespace, pod.name) for item in answers.connected)


def _younger(mesh: Mesh, ways: Sequence[Way], found: Config, written: Mapping[Key, str]) -> Iterator[Step]:
    """The objects on the way that were written after the proxy took everything that they may be part of."""
    last = max((item.updated for item in found.taken.values()), default="", key=_moment)
    for ref in objects(ways):
        obj = mesh.find(ref)
        moment = written.get(ref.key) or (obj.metadata.creation_timestamp if obj else None) or ""
        if last and moment and _moment(moment) > _moment(last):
            yield step(check.YOUNGER, Where(ref), object=str(ref), written=moment, taken=last)


def objects(ways: Sequence[Way]) -> tuple[Ref, ...]:
    """The objects of Istio and of Gateway API that decide what one proxy does with a request."""
    found = (item.at.resource for _, hop in ways for item in hop.steps if item.at and item.at.resource.group.endswith(_GROUPS))
    return tuple(dict.fromkeys(found))


def _patches(mesh: Mesh, party: Party, role: str) -> Iterator[Step]:
    context = GATEWAY if party.plane is not Plane.SIDECAR else INBOUND if role == SERVER else OUTBOUND
    yield from (step(check.PATCHED, Where(obj.ref), object=str(obj.ref)) for obj in altering(mesh, party, context))


def _version(mesh: Mesh, party: Party, found: Config) -> Iterator[Step]:
    plane, own = plane_of_revision(mesh, party.revision), parse_version(found.version)
    if plane and plane.version and own and own[:2] != plane.version[:2]:
        at = Where(plane.deployment) if plane.deployment else None
        yield step(check.OTHER_VERSION, at, proxy=own.text, istiod=plane.version.text)


def _moment(text: str) -> float:
    """Seconds since 1970; -1 for what is no time."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return -1.0
