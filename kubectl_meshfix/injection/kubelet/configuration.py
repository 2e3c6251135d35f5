"""What istiods and the proxy itself say of a pod's proxy, where they were asked: its configuration and its certificate."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.in_force.certificates import seconds_due
from kubectl_meshfix.injection.in_force.connections import is_unconnected
from kubectl_meshfix.injection.in_force.hearing import hear
from kubectl_meshfix.injection.in_force.pushes import unacknowledged
from kubectl_meshfix.mesh.answers import NONE_ASKED, Connected, Proxy, Push, Sync, changes, proxy_of
from kubectl_meshfix.mesh.envoy_words import read_words
from kubectl_meshfix.mesh.moments import span
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod

_ASKING = "the answers of istiod and the proxy"


def inspect_configuration(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    """Whether a running proxy has what istiod sends, and a valid certificate; nothing where nobody was asked."""
    if mesh.answers == NONE_ASKED:
        return
    at, heard = Where(resource=pod.ref), hear(mesh)
    served = heard.served.get((pod.namespace, pod.name), ())
    proxy = heard.proxies.get((pod.namespace, pod.name))
    yield _served(mesh, served, at) if served else _alone(mesh, pod, proxy, at)
    yield from _certificate(mesh, pod, proxy, at)


def _served(mesh: Mesh, served: Sequence[Connected], at: Where) -> Step:
    """What the istiod says that sends the proxy its configuration: of several, for a moment, the one that has most to say."""
    for item in served:
        if refused := [push for push in item.pushes if push.sync is Sync.ERROR]:
            words = [read_words(push) for push in refused]
            evidence = tuple(f"refused: {name}" for said in words for name in said.resources[:3])
            first = (words[0].reason or "nothing").rstrip(".")
            return step(
                checks.CONFIGURATION_REFUSED, at, evidence=evidence, what=_what(refused), istiod=f"istiod {item.istiod.name}", words=first
            )
    for item in served:
        if late := unacknowledged(mesh, item):
            since = span(max(row.since for row in late))
            what = _what([row.push for row in late])
            return step(checks.UNACKNOWLEDGED, at, istiod=f"istiod {item.istiod.name}", what=what, span=since)
    name = f"Istiod {served[0].istiod.name}"
    if stale := [push for push in served[0].pushes if push.sync is Sync.STALE]:
        return step(checks.TAKING, at, istiod=name, what=_what(stale))
    return step(checks.IN_FORCE, at, evidence=tuple(f"{push.type}: {push.sync}" for push in served[0].pushes), istiod=name)


def _alone(mesh: Mesh, pod: Pod, proxy: Proxy | None, at: Where) -> Step:
    """No istiod that answered names the proxy."""
    if is_unconnected(mesh, pod):
        return step(checks.UNCONNECTED if mesh.answers.is_every_istiod else checks.SAYS_UNCONNECTED, at)
    if not mesh.answers.is_every_istiod:
        reason = next((f"{item.subject}: {item.reason}" for item in mesh.answers.missing if item.subject.startswith("istiod")), "")
        reason = reason or "no istiod of it was found"
    elif proxy and proxy.is_connected:
        reason = "the proxy says that it is connected, and no istiod names it yet"
    else:
        reason = "the proxy has only begun to run"
    return step(checks.UNHEARD, at, unknown=_unknown(), reason=reason)


def _certificate(mesh: Mesh, pod: Pod, proxy: Proxy | None, at: Where) -> Iterator[Step]:
    """Silent where the proxy answered and does not know."""
    if proxy is None:
        missing = (item.reason for item in mesh.answers.missing if item.subject == proxy_of(pod.ref))
        yield step(checks.CERTIFICATE_UNASKED, at, unknown=_unknown(), reason=next(missing, "it was not among those that were asked"))
    elif (left := proxy.certificate_seconds) is not None:
        late = left < seconds_due(mesh, pod)
        if late and left <= 0:
            yield step(checks.CERTIFICATE_OVER, at)
        else:
            yield step(checks.CERTIFICATE_LATE if late else checks.CERTIFICATE_VALID, at, span=span(timedelta(seconds=left)))


def _what(pushes: Sequence[Push]) -> str:
    return changes(push.type for push in pushes)


def _unknown() -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of="what istiod sends", settled_by=_ASKING)
