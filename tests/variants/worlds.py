"""What becomes of the situations' requests with something beside what they show; ``make docs`` writes ``worlds.txt``.

A situation is one small mesh and one request. Here the mesh has one to three things more: a label, a field, a policy of the whole mesh.
Every other one is a cluster that runs it, with an istiod; of some not every kind was read, and some requests are those of others. What is
found, what ``explain`` says of each workload and what becomes of the request is a line each, whose words are a digest; what is said
without the additions too is left out.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import KINDS, Kind, of_object
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.terms.request import Request
from tests.traffic.situations.scenes import Situation, ask, mesh, situations
from tests.traffic.worlds import running
from tests.variants.adding import enriched
from tests.variants.installing import installed
from tests.variants.making import PICKED, chosen
from tests.variants.told import explained, finding, planned, traced

FILE = Path(__file__).with_name("worlds.txt")
EACH = 8
"""Meshes of a situation."""

_SOURCE = from_texts({})[0].source
_CALLERS = ("plain/old", "shop/cart")


def lines(item: Situation) -> Iterator[str]:
    """All that is said of a situation's meshes, but for what is said of the situation itself."""
    yield item.name
    plain = {is_live: {*_said(item, item.documents, item.request, is_live=is_live)} for is_live in (False, True)}
    for number in (*range(EACH), *PICKED["worlds"].get(item.name, ())):
        rng = random.Random(f"{item.name} {number}")
        made = enriched([dict(document) for document in item.documents], f"{item.name} {number}")
        is_live = number % 2 == 1
        request = chosen(rng, situations()).request if number % 4 == 2 else item.request
        unread = {chosen(rng, KINDS) for _ in range(3)} if number % 4 == 3 else set[Kind]()
        without = f" without {', '.join(sorted(kind.plural for kind in unread))}" if unread else ""
        yield f" {number}{' live' if is_live else ''}{without}: {'; '.join(made.changes)}"
        said = _said(item, made.documents, request, is_live=is_live, unread=unread)
        yield from (f"  {line}" for line in said if line not in plain[is_live])


def _said(
    item: Situation,
    documents: Sequence[Mapping[str, Any]],
    request: Request,
    *,
    is_live: bool,
    unread: Collection[Kind] = (),
) -> Iterator[str]:
    try:
        world = mesh((*documents, *running(tuple(documents))) if is_live else tuple(documents), live=is_live)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError):  # what is added is no object that an API server would have taken
        yield "no mesh"
        return
    if is_live:
        found = {obj.ref: obj for obj in (*installed(item.name), *world.objects) if of_object(obj) not in unread}
        coverage = {kind: Coverage(reason="forbidden") for kind in unread}
        world = Mesh(tuple(found.values()), live=True, taken_at="2026-03-01T12:00:00Z", coverage=coverage)
    report = diagnose(Snapshot(meshes=Meshes([world]), source=_SOURCE), RULES)
    yield from map(finding, report.active)
    yield from planned(report, world)
    yield from explained(world)
    for caller in dict.fromkeys((item.caller, *_CALLERS)):
        try:
            yield f"{caller}: {traced(ask(world, caller, request))}"
        except UsageError:  # the caller is not there any more
            yield f"{caller} is not there"


def text() -> str:
    """The whole file."""
    return "".join(f"{line}\n" for item in situations() for line in lines(item))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
