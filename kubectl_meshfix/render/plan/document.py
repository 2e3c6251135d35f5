"""A plan for programs. Its shape is schemaVersion 1 (`docs/schema`)."""

from collections.abc import Callable
from typing import Any

import msgspec

from kubectl_meshfix.fixes.held import EVEN_IF_MANAGED, Because, ByHand, DoesNotFit, ManagedBy, NeedsFlag
from kubectl_meshfix.fixes.plan import Plan, Proposal
from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.resources.meta import Ref


def plan_document(plan: Plan, file_of: Callable[[Ref], str | None] = lambda _: None) -> dict[str, Any]:
    """A plan as plain values: patches that ``kubectl patch --type json`` takes, what is held back, and what somebody has to choose.

    ``file_of`` names the file that each object of manifests stands in, which tells copies of one object apart.
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "patches": [
            {
                "resource": msgspec.to_builtins(change.resource),
                **({"file": file} if (file := file_of(change.resource)) else {}),
                "findings": sorted({proposal.code for proposal in change.proposals}),
                "safety": max((proposal.fix.safety for proposal in change.proposals), key=list(type(change.proposals[0].fix.safety)).index),
                "risks": list(dict.fromkeys(proposal.fix.risk for proposal in change.proposals if proposal.fix.risk)),
                "operations": msgspec.to_builtins(change.operations),
                "managedBy": change.manager.name if change.manager else None,
                "consequences": msgspec.to_builtins(change.consequences),
            }
            for change in plan.changes
        ],
        "choices": [
            {
                "resource": msgspec.to_builtins(choice.resource),
                "proposals": [{**_proposal(item), "pick": choice.pick(item) or None} for item in choice.proposals],
            }
            for choice in plan.choices
        ],
        "held": [
            {
                **_proposal(held.proposal),
                **_because(held.because),
                "consequences": msgspec.to_builtins(held.consequences),
            }
            for held in plan.held
        ],
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    fix = proposal.fix
    return {"code": proposal.code, "resource": msgspec.to_builtins(proposal.resource), "summary": fix.summary, "risk": fix.risk}


def _because(because: Because) -> dict[str, str | None]:
    """What holds a fix back: the flag that frees it, else the reason; and who manages the object."""
    match because:
        case NeedsFlag(flag=flag):
            return {"flag": flag, "reason": None, "managedBy": None}
        case ManagedBy(manager=manager) if not manager.is_maker:
            return {"flag": EVEN_IF_MANAGED, "reason": None, "managedBy": manager.name}
        case ManagedBy(manager=manager):
            return {"flag": None, "reason": f"{manager}; {manager.remedy}.", "managedBy": manager.name}
        case DoesNotFit(codes=codes):
            return {"flag": None, "reason": f"It cannot be joined with the fix of {' and '.join(codes)}.", "managedBy": None}
        case ByHand(why=why):
            return {"flag": None, "reason": why or "It has to be done by hand.", "managedBy": None}
