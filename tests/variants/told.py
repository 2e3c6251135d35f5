"""What is said of a variant, a line each: findings, chains and requests. Words are a digest; they are read in other files."""

import hashlib
from collections.abc import Iterator

import msgspec

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.fixes.effects.consequences import of_mesh
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.traffic.trace.answers import Ending, Trace


def finding(row: Diagnosis) -> str:
    """A finding with its fix."""
    fix = row.fix.safety if row.fix else "no fix"
    patches = [msgspec.json.encode(operation) for patch in row.fix.patches for operation in patch.operations] if row.fix else []
    words = (row.message, row.evidence, row.aliases, row.fix and (row.fix.advice, row.fix.risk, row.fix.commands), patches, row.location)
    return f"{row.code} {row.severity}{' on request' if row.on_request else ''} {row.resource} {row.path} {fix} {digest(*words)}"


def explained(mesh: Mesh) -> Iterator[str]:
    """How each workload's pods are made."""
    for item in mesh.workloads:
        yield _explained(explain(mesh, subject(mesh, item.object)))


def _explained(found: Explanation) -> str:
    verdict = found.verdict
    steps = [_step(step) for stage in found.stages for step in stage.steps]
    return f"explain {found.target}: {verdict.mode} by {verdict.decided_by.check} {digest(verdict.summary, steps, found.advice)}"


def traced(found: Trace) -> str:
    """What becomes of a request."""
    ends = [
        f"{branch.share} {branch.ending.status or branch.ending.symptom or ('arrives' if branch.ending.arrives else 'may arrive')}"
        for branch in found.branches
    ]
    steps = [_step(step) for branch in found.branches for hop in branch.hops for step in hop.steps]
    return f"trace {found.request.host}:{found.request.port}: {', '.join(ends)} {digest(steps, [item.given for item in found.branches])}"


def _end(ending: Ending) -> str:
    return str(ending.status or ending.symptom or ("arrives" if ending.arrives else "may arrive"))


def _step(step: Step) -> tuple[object, ...]:
    return step.check, step.status, sentence(step), step.at, step.evidence, step.unknown


def planned(report: Report, mesh: Mesh) -> Iterator[str]:
    """What all fixes that are no work for a person come to, and what each change does beyond its object."""
    plan = make_plan(proposals(report), frozenset(Safety) - {Safety.MANUAL}, consequences_of=of_mesh(mesh))
    for change in plan.changes:
        effects = "".join(f" {item.effect}" for item in change.consequences)
        yield f"change {change.resource}{effects} {digest(msgspec.json.encode(change.operations), change.consequences)}"
    for held in plan.held:
        yield f"held {held.proposal.code} {held.proposal.resource} {digest(held.because, held.consequences)}"
    for choice in plan.choices:
        yield f"choice {choice.resource} {digest([(item.code, choice.pick(item)) for item in choice.proposals])}"


def proposals(report: Report) -> list[Proposal]:
    """The fixes of what was found."""
    return [Proposal(code=row.code, resource=row.resource, fix=row.fix) for row in report.active if row.fix]


def digest(*words: object) -> str:
    """Eight letters that are others for other words."""
    return hashlib.sha256(repr(words).encode()).hexdigest()[:8]
