"""Rules of a policy that read like the halves of one, while either is enough."""

import re

from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, Operation
from kubectl_meshfix.traffic.policy.evaluation.layers import ALLOW

_OPEN = re.compile(
    r"health|ready|readiness|live|ping|status|metrics|well-known|public|static|assets|favicon|login|callback|docs|swagger|prometheus"
)


def halves(policy: AuthorizationPolicy) -> tuple[int, int] | None:
    """The positions of the two rules of an ALLOW policy of which one has callers alone, and the other operations alone.

    Rules for what everybody may usually call, such as health checks, metrics and public files, are no half of another.
    """
    rules = policy.spec.rules
    if policy.spec.action not in ("", ALLOW) or len(rules) != 2 or any(rule.when for rule in rules):
        return None
    callers = [i for i, rule in enumerate(rules) if rule.from_ and not rule.to]
    operations = [i for i, rule in enumerate(rules) if rule.to and not rule.from_]
    if not callers or not operations or all(_is_for_everybody(item.operation) for item in rules[operations[0]].to):
        return None
    return callers[0], operations[0]


def _is_for_everybody(operation: Operation) -> bool:
    return operation.methods == ("OPTIONS",) or any(_OPEN.search(path.lower()) for path in operation.paths)
