"""Explanations for programs: schemaVersion 1 (`docs/schema/explanation.v1.json`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.explanation import Advice, Explanation, InjectionVerdict, Stage
from kubectl_meshfix.render.chain.signs import command_of
from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.resources.meta import Ref


def document(explanations: Sequence[Explanation]) -> dict[str, Any]:
    """Explanations as a document of the machine contract."""
    return {"schemaVersion": SCHEMA_VERSION, "explanations": [_explanation(item) for item in explanations]}


def _explanation(item: Explanation) -> Mapping[str, Any]:
    return {
        "target": item.target,
        "verdict": _verdict(item.verdict),
        "matchedWebhooks": item.matched_webhooks,
        "stages": [_stage(stage) for stage in item.stages],
        "probe": item.probe,
        "advice": [_advice(item.target, advice) for advice in item.advice],
        "location": item.location,
        "beside": item.beside,
    }


def _verdict(verdict: InjectionVerdict) -> Mapping[str, Any]:
    return {
        "injected": _known(verdict.injected),
        "mode": verdict.mode,
        "decidedBy": {"stage": verdict.decided_by.stage, "check": verdict.decided_by.check, **_place(verdict.decided_by)},
        "summary": verdict.summary,
        "asked": _known(verdict.requested),
        "asAsked": verdict.as_requested,
        "present": verdict.present,
    }


def _stage(stage: Stage) -> Mapping[str, Any]:
    return {"stage": stage.stage, "status": stage.status, "checks": [_step(step) for step in stage.steps]}


def _step(step: Step) -> Mapping[str, Any]:
    return {"name": step.check, "status": step.status, "detail": sentence(step), "evidence": step.evidence, **_place(step)}


def _place(step: Step) -> Mapping[str, Ref | str | None]:
    return {"resource": step.at.resource if step.at else None, "path": step.at.path if step.at else ""}


def _advice(target: Ref, advice: Advice) -> Mapping[str, Any]:
    fix = msgspec.to_builtins(advice.fix) if advice.fix else None
    return {"summary": advice.summary, "command": command_of(target, advice), "fix": fix}


def _known(value: bool | Unknown | None) -> bool | None:
    return None if isinstance(value, Unknown) else value
