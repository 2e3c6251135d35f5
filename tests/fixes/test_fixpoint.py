"""Laws of all fixes together, on random meshes with random mistakes.

MESHFIX_LAWS=100 pytest tests/fixes/test_fixpoint.py tries them at length, on meshes drawn anew.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.cli.work.journaled import rewrite_files
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Plan, Proposal, make_plan
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.kinds import KINDS
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.files import read_manifests
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets import files, journal, undo_files
from kubectl_meshfix.targets.journal_entry import JournalEntry
from kubectl_meshfix.traffic import hosts
from tests.documents.often import often
from tests.fixes.meshes import meshes
from tests.fixes.risks import must_name_its_risk

FILE = "mesh.yaml"
ROUNDS = 4
EVERYTHING = frozenset(Safety) - {Safety.MANUAL}

REVEALED = {
    ("MF401", "MF404"): "which of a host's ports is meant can be asked once the host is there",
    ("MF201", "MF203"): "a Service whose selector is misspelt can be told once the pods have the label that it misses",
    **dict.fromkeys((("MF403", "MF406"), ("MF403", "MF411")), "whether a gateway uses the routes can be told once the name is that of one"),
    ("MF601", "MF610"): "whether callers of a namespace have an identity can be told once it is one that exists",
    ("MF202", "MF203"): "the same, where both labels are written at once",
}
"""What a fix brings to light at the very place that it wrote."""


class Round(NamedTuple):
    """One run of apply on manifests, read as those of a cluster where ``live``."""

    mesh: Mesh
    report: Report
    plan: Plan
    edits: files.FileEdits
    after: str

    def written(self) -> Iterator[tuple[object, str, str]]:
        """Each place that was written, by object and pointer, and the code of what it mends."""
        made = [(proposal.code, patch) for change in self.plan.changes for proposal in change.proposals for patch in proposal.fix.patches]
        for code, patch in made:
            yield from ((patch.resource.key, operation.path, code) for operation in patch.operations if operation.op != "test")


def look(text: str, *, live: bool) -> tuple[Snapshot, Manifests]:
    """What was read of a text."""
    snapshot, manifests = from_texts({FILE: text})
    if live:
        objects = (obj for kind in KINDS for obj in snapshot.mesh.all(kind.struct))
        mesh = Mesh(objects, live=True, taken_at="2026-03-01T12:00:00Z", problems=snapshot.mesh.problems)
        snapshot = Snapshot(meshes=Meshes([mesh]), source=snapshot.source)
    return snapshot, manifests


def planned(report: Report, allowed: frozenset[Safety]) -> Plan:
    """The fixes of a report."""
    found = [Proposal(code=row.code, resource=row.resource, fix=row.fix) for row in report.active if row.fix]
    return make_plan(found, allowed)


def apply(text: str, *, live: bool, allowed: frozenset[Safety] = EVERYTHING) -> Round:
    """One run."""
    snapshot, manifests = look(text, live=live)
    report = diagnose(snapshot, RULES)
    for row in report.findings:
        must_name_its_risk(row.fix)
    plan = planned(report, allowed)
    edits = files.prepare(plan, manifests)
    return Round(snapshot.mesh, report, plan, edits, files.patched_texts(edits, manifests)[FILE])


def to_the_end(text: str, *, live: bool) -> list[Round]:
    """Runs until one changes nothing, which is the last; at most one more than there should be."""
    rounds = [apply(text, live=live)]
    while rounds[-1].after != text and len(rounds) <= ROUNDS:
        text = rounds[-1].after
        rounds.append(apply(text, live=live))
    return rounds


def by_place(report: Report) -> Mapping[tuple[str, object, str], Diagnosis]:
    """Findings by what they find where."""
    return {(row.code, row.resource.key, row.path): row for row in report.active}


@often(40)
@given(meshes(), st.booleans())
def test_apply_comes_to_an_end(text: str, live: bool) -> None:
    """After a few runs with all flags nothing changes any more, and what is left is for a person to do, or to choose."""
    *rounds, last = to_the_end(text, live=live)

    assert len(rounds) <= ROUNDS
    assert last.after == (rounds[-1].after if rounds else text)
    assert not last.plan.changes
    assert all(held.proposal.fix.safety is Safety.MANUAL for held in last.plan.held)
    assert not [edit for one in rounds for edit in one.edits.refusals]


@often(40)
@given(meshes(), st.booleans())
def test_no_fix_makes_a_mistake(text: str, live: bool) -> None:
    """Nothing is found in what a fix wrote, and no ports that it declares disagree; other findings may come to light."""
    before = apply(text, live=live)
    after = apply(before.after, live=live)

    new = by_place(after.report).keys() - by_place(before.report).keys()
    written = list(before.written())
    assert not [
        (code, by, path)
        for code, key, path in new
        for resource, place, by in written
        if (resource, place) == (key, path) and (by, code) not in REVEALED
    ]
    moved = {change.resource.kind for change in before.plan.changes} - {"Service"}
    assert moved or not [code for code, _, _ in new if code == "MF103"]


@often(15)
@given(meshes())
def test_everything_is_taken_back(text: str) -> None:
    """Runs undone in reverse give every first byte."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", folder)
        path = Path(folder, FILE)
        path.write_bytes(text.encode())
        for _ in range(ROUNDS):
            snapshot, manifests = read_manifests([str(path)])
            edits = files.prepare(planned(diagnose(snapshot, RULES), EVERYTHING), manifests)
            if edits.edits:
                rewrite_files(edits, manifests)

        for entry in reversed(journal.runs()):
            assert isinstance(entry, JournalEntry)
            undo_files.take_back(entry, undo_files.prepare(entry, force=False), lambda _: None)

        assert path.read_bytes().decode() == text


def behind_host(mesh: Mesh, rule: DestinationRule) -> frozenset[object]:
    """The workloads whose pods a rule's host leads to: a subset chooses among them alone."""
    host = hosts.service_of(hosts.fqdn(rule.spec.host, rule.namespace))
    service = mesh.get(Service, host[1], host[0]) if host else None
    if service is None or not service.spec.selector:
        return frozenset()
    return frozenset(item.ref.key for item in mesh.workloads_selected(service.spec.selector, service.namespace))


def selections(mesh: Mesh) -> Iterator[tuple[object, frozenset[object]]]:
    """Whom each selector picks."""

    def picked(labels: Mapping[str, str], namespace: str | None) -> frozenset[object]:
        return frozenset(item.ref.key for item in mesh.workloads_selected(labels, namespace))

    for service in mesh.all(Service):
        yield service.ref.key, picked(service.spec.selector, service.namespace) if service.spec.selector else frozenset()
    for rule in mesh.all(DestinationRule):
        behind = behind_host(mesh, rule)
        yield from (((rule.ref.key, subset.name), picked(subset.labels, None) & behind) for subset in rule.spec.subsets)
    for gateway in mesh.all(Gateway):
        yield gateway.ref.key, picked(gateway.spec.selector, None)
    for policy in mesh.all(AuthorizationPolicy):
        yield policy.ref.key, picked(policy.spec.selector.match_labels if policy.spec.selector else {}, policy.namespace)
    for sidecar in mesh.all(Sidecar):
        yield sidecar.ref.key, picked(sidecar.spec.workload_selector.labels if sidecar.spec.workload_selector else {}, sidecar.namespace)


def spoken(mesh: Mesh) -> Mapping[tuple[object, int], Protocol]:
    """What Istio makes of each port that it need not guess at."""
    return {
        (service.ref.key, position): protocol
        for service in mesh.all(Service)
        for position, port in enumerate(service.spec.ports)
        if (protocol := protocols.verdict(port).protocol) is not Protocol.UNSUPPORTED
    }


@often(40)
@given(meshes(), st.booleans())
def test_what_is_safe_changes_nothing_that_works(text: str, live: bool) -> None:
    """After safe fixes alone declared ports speak what they spoke, selectors pick whom they picked, and pods are as much in the mesh."""
    before = apply(text, live=live, allowed=frozenset({Safety.SAFE}))
    after = apply(before.after, live=live)

    assert spoken(before.mesh).items() <= spoken(after.mesh).items()
    kept, now = dict(selections(before.mesh)), dict(selections(after.mesh))
    assert {key: now[key] for key in kept} == kept
    for one, other in zip(before.mesh.workloads, after.mesh.workloads, strict=True):
        was, is_now = membership(before.mesh, one), membership(after.mesh, other)
        assert (was.mode, was.injected, was.revision) == (is_now.mode, is_now.injected, is_now.revision)
    assert "MF103" not in {code for code, _, _ in by_place(after.report).keys() - by_place(before.report).keys()}
