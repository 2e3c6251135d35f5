"""Fixes as a plan sees them."""

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.plan import Proposal
from kubectl_meshfix.resources.meta import Ref

CART = Ref("apps/v1", "Deployment", "shop", "cart")
EVERYTHING = frozenset(Safety)


def proposal(code: str, *operations: Operation, safety: Safety = Safety.SAFE, ref: Ref = CART) -> Proposal:
    """A fix of one object."""
    return Proposal(code=code, resource=ref, fix=Fix(summary=code, safety=safety, patches=(Patch(resource=ref, operations=operations),)))
