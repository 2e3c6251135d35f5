"""``trace --proxies``: the proxies on the way are asked what they have themselves."""

from concurrent.futures import ThreadPoolExecutor

import msgspec

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.proxies.asking import Ask, asker
from kubectl_meshfix.sources.proxies.config_dump import read
from kubectl_meshfix.sources.proxies.written import written
from kubectl_meshfix.traffic.observed.asking import Standing, standing
from kubectl_meshfix.traffic.observed.joining import Answered, joined
from kubectl_meshfix.traffic.observed.reasons import objects
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import CallerName

_AT_ONCE = 4


def with_proxies(api: Connection, mesh: Mesh, made: Trace, caller: CallerName) -> Trace:
    """The trace, and what each proxy that sends the request on has itself. A proxy that gives no answer is said to."""
    places = standing(mesh, made, _named(mesh, caller))
    ask = asker(api)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda place: _answer(ask, place), places))
    found = joined(mesh, made, answers)
    if not found.parted:
        return found
    known = written(api, dict.fromkeys(ref for place in places for ref in objects(place.ways)))
    return joined(mesh, made, [msgspec.structs.replace(answer, written=known) for answer in answers])


def _answer(ask: Ask, place: Standing) -> Answered:
    if place.pod is None:
        return Answered(of=place)
    try:
        return Answered(of=place, config=read(ask, place))
    except SourceError as error:
        return Answered(of=place, reason=error.message.rstrip("."))


def _named(mesh: Mesh, caller: CallerName) -> Ref | None:
    """The pod that the caller's word names."""
    if caller.kind.lower() not in ("pod", "pods", "po"):
        return None
    return next((pod.ref for pod in mesh.all(Pod) if pod.name == caller.name), None)
