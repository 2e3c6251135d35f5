"""What is said of each small change of the rules' examples; ``make docs`` writes ``said.txt``.

Rules' pages show one thing at a time. Here an object is gone, a value is another, a list is empty: what is found then, what ``explain`` and
``trace`` come to, and what ``apply`` would write, is a line each. Words are a digest; they are read in ``tests/rules/said.txt``.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Plan, make_plan
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Report
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.kinds import KINDS
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets.files import patched_texts, prepare
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.rules.pages import ALL, FILE, Example
from tests.traffic.worlds import running
from tests.variants.adding import enriched
from tests.variants.installing import installed
from tests.variants.making import PICKED, Variant, variant
from tests.variants.told import digest, explained, finding, proposals, traced

FILE_OF_ALL = Path(__file__).with_name("said.txt")
EACH = 3
"""Small changes of an example."""

_ISTIOD = " istio-system/istiod"
"""What is said of the installation itself is left out."""

MORE = 2
"""Examples with something beside what they show."""

EXAMPLES = tuple(example for example in ALL if not example.is_settings)
_STYLES = (
    partial(yaml.safe_dump, sort_keys=False),
    partial(yaml.safe_dump, sort_keys=False, default_flow_style=True, width=60),
    partial(yaml.safe_dump, sort_keys=False, indent=4, default_style='"'),
)


def text() -> str:
    """The whole file."""
    return "".join(f"{line}\n" for example in EXAMPLES for line in lines(example))


def lines(example: Example) -> Iterator[str]:
    """All that is said of an example's variants. Every other one is a cluster that runs its workloads; with additions, Istio too."""
    documents = [item for item in yaml.safe_load_all(example.text) if isinstance(item, dict)]
    if not documents or not all(isinstance(item.get("metadata"), dict) and "kind" in item for item in documents):
        return
    yield str(example)
    for number in (*range(EACH + MORE), *PICKED["said"].get(str(example), ())):
        has_more = number % (EACH + MORE) >= EACH
        made = (enriched if has_more else variant)(documents, f"{example} {number}")
        is_live = number % 2 == 1
        yield f" {number}{' live' if is_live else ''}: {'; '.join(made.changes)}"
        istio = (installed(made.changes[0]) if has_more else ()) if is_live else None
        yield from (f"  {line}" for line in _said(made, example.beside, _STYLES[number % len(_STYLES)], istio=istio) if _ISTIOD not in line)


def _said(made: Variant, beside: dict[str, str], style: Any, *, istio: Iterable[Object] | None) -> Iterator[str]:
    snapshot, manifests = from_texts({FILE: "---\n".join(map(style, made.documents)), **beside})
    if istio is not None:
        more = _started(made.documents)
        objects = (obj for kind in KINDS for obj in from_texts({"more.yaml": more, **manifests.texts})[0].mesh.all(kind.struct))
        mesh = Mesh((*istio, *objects), live=True, taken_at="2026-03-01T12:00:00Z", problems=snapshot.mesh.problems)
        snapshot = Snapshot(meshes=Meshes([mesh]), source=snapshot.source)
    report = diagnose(snapshot, RULES)
    yield from map(finding, report.active)
    yield from _chains(snapshot.mesh)
    edits = prepare(_planned(report), manifests)
    if edits.edits or edits.refusals:
        yield f"apply {len(edits.edits)} files, {len(edits.refusals)} refused {digest(patched_texts(edits, manifests), edits.refusals)}"


def _started(documents: Sequence[dict[str, Any]]) -> str:
    try:
        return yaml.safe_dump_all(running(tuple(documents)))
    except (KeyError, TypeError, AttributeError):  # a change left no template to run
        return ""


def _chains(mesh: Mesh) -> Iterator[str]:
    """How each workload's pods are made, and what becomes of a request of the first to each port of a Service."""
    yield from explained(mesh)
    for caller in mesh.workloads[:1]:
        steps, parties = told(parties_of(mesh, caller))
        for address in dict.fromkeys(_addresses(mesh)):
            try:
                request = parse_request(f"http://{address}/items")
            except UsageError:  # a change made it no address
                continue
            yield traced(trace(mesh, parties, request, steps))


def _addresses(mesh: Mesh) -> Iterator[str]:
    for service in mesh.all(Service):
        yield from (f"{service.name}.{service.namespace}:{port.port}" for port in service.spec.ports[:2])
    for entry in mesh.all(ServiceEntry):
        yield from (f"{host}:{port.number}" for host in entry.spec.hosts[:1] for port in entry.spec.ports[:1])
    for routes in mesh.all(VirtualService):
        yield from (host.replace("*", "a") for host in routes.spec.hosts[:1])


def _planned(report: Report) -> Plan:
    return make_plan(proposals(report), frozenset(Safety) - {Safety.MANUAL})


if __name__ == "__main__":
    FILE_OF_ALL.write_text(text(), encoding="utf-8")
