"""A proxy's own configuration beside what is predicted of it, stage by stage."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kubectl_meshfix.chain.steps import Status, Step, Steps, Where, step, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Key, Ref
from kubectl_meshfix.traffic.checks import observed as check
from kubectl_meshfix.traffic.observed import actions
from kubectl_meshfix.traffic.observed.actions import Action, Way
from kubectl_meshfix.traffic.observed.clusters import compare_clusters
from kubectl_meshfix.traffic.observed.connections import expected, opened
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.observed.inbound import compare_inbound
from kubectl_meshfix.traffic.observed.listening import Ends, Taken, has_own, taken
from kubectl_meshfix.traffic.observed.matching import NotEvaluated
from kubectl_meshfix.traffic.observed.reasons import reasons
from kubectl_meshfix.traffic.trace.way import SERVER

_WORDS = {"cluster": "clusters", "tls": "TLS", "inbound": "listener"}
"""The checks whose id is no word for people."""

_NONE: Mapping[Key, str] = MappingProxyType({})


def compare(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config, written: Mapping[Key, str] = _NONE) -> Steps[None]:
    """What a pod's proxy has beside what is predicted of it. ``ways`` are those of one request through this proxy.

    Ends with what they agree in, or with why they may differ.
    """
    told_steps = told(_stages(mesh, pod, ways, found)).steps
    yield from told_steps
    if any(item.status is Status.WARN for item in told_steps):
        yield from reasons(mesh, pod, ways, found, written)
    elif parts := [_WORDS.get(item.check, item.check) for item in told_steps if item.status is Status.PASS]:
        yield step(check.SAME, Where(pod), pod=str(pod), parts=_listed(list(dict.fromkeys(parts))))


def not_asked(pod: Ref, reason: str) -> Step:
    """The step of a proxy that gave no answer; ``reason`` is half a sentence."""
    unknown = Unknown(kind=UnknownKind.UNREADABLE, of=f"the configuration of {pod}", settled_by="an answer of the proxy")
    return step(check.NOT_ASKED, Where(pod), unknown=unknown, pod=str(pod), reason=reason)


def _stages(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config) -> Steps[None]:
    if ways[0][1].role == SERVER:
        yield from compare_inbound(pod, ways, found)
        return
    ends = yield from _listener(pod, ways, found)
    wanted = actions.predicted(ways)
    if ends is None or not wanted:
        return
    yield from _route(pod, ways, wanted, ends, found)
    yield from compare_clusters(mesh, pod, ways, found)


def _listener(pod: Ref, ways: Sequence[Way], found: Config) -> Steps[Ends | None]:
    """What ends the chain that takes the connection; None where there is nothing to compare."""
    chosen = ways[0][1].chosen
    asked, wanted = opened(chosen), expected(ways)
    if asked is None or wanted is None:
        return None
    took = taken(found, asked)
    at, port = Where(pod), asked.port
    if not asked.address and has_own(found, port) and (took is None or _reads(took) is not wanted):
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="the address that is called", settled_by="a request")
        yield step(check.LISTENER_UNKNOWN, at, unknown=unknown, pod=str(pod), port=port)
        return None
    if took is None:
        yield step(check.LISTENER_ABSENT, at, pod=str(pod), port=port, wanted=_does(wanted))
        return None
    if _reads(took) is not wanted:
        has, name = _does(_reads(took)), took.listener.name
        yield step(check.LISTENER_DIFFERS, at, pod=str(pod), listener=name, reads=has, wanted=_does(wanted))
        return None
    yield step(check.LISTENER_SAME, at, listener=took.listener.name, reads=_does(wanted))
    return took.ends


def _route(pod: Ref, ways: Sequence[Way], wanted: Sequence[Action], ends: Ends, found: Config) -> Steps[None]:
    chosen, at = ways[0][1].chosen, Where(pod)
    if chosen.request is None:
        return
    words = " or ".join(map(str, wanted))
    try:
        has = actions.observed(ends, found, chosen.request)
    except NotEvaluated as opaque:
        unknown = Unknown(kind=UnknownKind.OPAQUE, of=str(opaque), settled_by="a request")
        yield step(check.ROUTE_OPAQUE, at, unknown=unknown, pod=str(pod), what=str(opaque))
        return
    if has is None:
        name = ends.rds.route_config_name if ends.rds else ""
        yield step(check.ROUTES_ABSENT, at, pod=str(pod), name=name, wanted=words)
    elif has.key in {item.key for item in wanted}:
        yield step(check.ROUTE_SAME, at, does=str(has))
    else:
        yield step(check.ROUTE_DIFFERS, at, pod=str(pod), does=str(has), wanted=words)


def _reads(took: Taken) -> bool | None:
    """Whether a chain reads HTTP; None where none takes the connection."""
    return took.ends.reads_http if took.ends else None


def _does(reads_http: bool | None) -> str:
    return "closes the connection" if reads_http is None else "reads HTTP" if reads_http else "hands on the bytes"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
