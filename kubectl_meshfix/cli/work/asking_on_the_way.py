"""``trace --proxies``: the proxies on the way of a request are asked what they have themselves."""

import msgspec

from kubectl_meshfix.cli.work.asking import Wanted
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.proxies.asking import Ask, asker
from kubectl_meshfix.sources.proxies.config_dump import read
from kubectl_meshfix.sources.proxies.gathering import PATIENCE, WORKERS, gather
from kubectl_meshfix.sources.proxies.side_by_side import done
from kubectl_meshfix.sources.proxies.written import written
from kubectl_meshfix.traffic.observed.asking import Standing, standing
from kubectl_meshfix.traffic.observed.joining import Answered, joined
from kubectl_meshfix.traffic.observed.reasons import objects
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import CallerName

_PODS = ("pod", "pods", "po")


def with_proxies(api: Connection, mesh: Mesh, made: Trace, caller: CallerName, wanted: Wanted) -> Trace:
    """The trace, and what each proxy that sends the request on has itself. A proxy that gives no answer is said to.

    Where one has something else than is predicted, istiods are asked too, and the objects on its way are read again, to say why.
    """
    places = standing(mesh, made, _named(mesh, caller))[: wanted.largest]
    ask, late = asker(api), f"the {PATIENCE:g} s for all were over"
    found = dict(done(range(len(places)), lambda at: _answer(ask, places[at]), workers=WORKERS, seconds=PATIENCE))
    answers = [found.get(at) or Answered(of=place, reason=late) for at, place in enumerate(places)]
    compared = joined(mesh, made, answers)
    if not compared.parted:
        return compared
    times = written(api, dict.fromkeys(ref for place in places for ref in objects(place.ways)))
    asked = mesh.with_answers(gather(api, mesh, ()))
    return joined(asked, made, [msgspec.structs.replace(answer, written=times) for answer in answers])


def _answer(ask: Ask, place: Standing) -> Answered:
    if place.pod is None:
        return Answered(of=place)
    try:
        return Answered(of=place, config=read(ask, place))
    except MeshfixError as error:
        return Answered(of=place, reason=error.message.rstrip("."))


def _named(mesh: Mesh, caller: CallerName) -> Ref | None:
    """The pod that the caller's word names."""
    if caller.kind.lower() not in _PODS:
        return None
    return next((pod.ref for pod in mesh.all(Pod) if pod.name == caller.name), None)
