"""Traces for programs: schemaVersion 1 (`docs/schema/trace.v1.json`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.traffic.responses import Log
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Hop, Trace

_WORST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS, Status.SKIPPED)


def document(rows: Sequence[tuple[Trace, Sequence[Diagnosis], Sequence[str]]]) -> dict[str, Any]:
    """Traces, the findings on the way of each, and the commands that lead on, as a document of the machine contract."""
    return {"schemaVersion": SCHEMA_VERSION, "traces": [_trace(*row) for row in rows]}


def _trace(trace: Trace, findings: Sequence[Diagnosis], advice: Sequence[str]) -> Mapping[str, Any]:
    foremost = trace.foremost
    return {
        "from": party(trace.caller),
        "request": _request(trace.request),
        "verdict": {**_verdict(trace, foremost), "arrives": trace.arrives, "summary": words.headline(trace)},
        "branches": [_branch(trace, branch) for branch in trace.branches],
        "stages": _stages(foremost),
        "findings": [{"code": item.code, "resource": item.resource, "path": item.path} for item in findings],
        "advice": list(advice),
    }


def party(item: Party) -> Mapping[str, Any]:
    """One side of a request."""
    return {
        "name": str(item),
        "plane": item.plane.name.lower(),
        "namespace": item.namespace,
        "serviceAccount": item.service_account,
        "resource": item.workload.ref if item.workload else item.gateway,
    }


def _request(asked: Request) -> Mapping[str, Any]:
    return {
        "scheme": asked.scheme,
        "host": asked.host,
        "port": asked.port,
        "method": asked.method,
        "path": asked.path,
        "query": asked.query,
        "headers": [{"name": name, "value": value} for name, value in asked.headers],
        "sni": asked.sni,
        "sourceIP": asked.source_ip,
    }


def _verdict(trace: Trace, branch: Branch) -> dict[str, Any]:
    ending = branch.ending
    own = ending.client or ending.server
    return {
        "arrives": ending.arrives,
        "status": ending.status,
        "flag": (ending.client.flag or None) if ending.client else None,
        "details": (own.details or None) if own else None,
        "symptom": ending.symptom,
        "decidedBy": decided_by(ending.by),
        "summary": words.verdict(trace, branch),
        "logs": {"client": _log(ending.client), "server": _log(ending.server)},
    }


def decided_by(step: Step | None) -> Mapping[str, Any] | None:
    """The stage, the check and the place of the step that decided."""
    return {"stage": step.stage, "check": step.check, **_place(step)} if step else None


def _branch(trace: Trace, branch: Branch) -> Mapping[str, Any]:
    return {
        "share": float(branch.share),
        "given": [{"unknown": str(item.unknown.of), "isSo": item.is_so, "settledBy": item.unknown.settled_by} for item in branch.given],
        "destination": _destination(branch.to),
        "verdict": _verdict(trace, branch),
        "delaySeconds": branch.delay,
        "timeoutSeconds": branch.timeout,
        "mirrors": branch.mirrors,
        "stages": _stages(branch),
    }


def _destination(to: Destination) -> Mapping[str, Any]:
    return {
        "host": to.host,
        "port": to.port,
        "subset": to.subset or None,
        "containerPort": to.container_port or None,
        "party": party(to.party) if to.party else None,
    }


def _stages(branch: Branch) -> list[Mapping[str, Any]]:
    return [stage for hop in branch.hops for stage in _of_hop(hop)]


def _of_hop(hop: Hop) -> list[Mapping[str, Any]]:
    """A hop's stages in their order, each with the worst status of its checks."""
    names = dict.fromkeys(step.stage for step in hop.steps)
    found = {name: [step for step in hop.steps if step.stage == name] for name in names}
    return [
        {
            "stage": name,
            "at": str(hop.party),
            "role": hop.role,
            "status": min((step.status for step in steps), key=_WORST.index),
            "checks": [_step(step) for step in steps],
        }
        for name, steps in found.items()
    ]


def _step(step: Step) -> Mapping[str, Any]:
    unknown = step.unknown
    return {
        "name": step.check,
        "status": step.status,
        "detail": sentence(step),
        "evidence": step.evidence,
        "settledBy": unknown.settled_by if unknown is not None else None,
        **_place(step),
    }


def _place(step: Step) -> Mapping[str, Any]:
    return {"resource": step.at.resource if step.at else None, "path": step.at.path if step.at else ""}


def _log(log: Log | None) -> Mapping[str, Any] | None:
    return {"code": log.code, "flag": log.flag or None, "details": log.details or None} if log else None
