"""MF604: an AuthorizationPolicy asks for a value that no request can have."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, terms_of
from kubectl_meshfix.traffic.policy.evaluation.impossible import SPIFFE, Impossible, impossible
from kubectl_meshfix.traffic.policy.evaluation.texts import matches

RISK = "Requests with the corrected value may be allowed or refused, unlike today."

_EFFECTS = {"ALLOW": "allow", "DENY": "deny", "AUDIT": "audit", "CUSTOM": "ask its provider about"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each value of a rule that istiod compares with what no request has."""
    for policy in mesh.all(AuthorizationPolicy):
        for index, rule in enumerate(policy.spec.rules):
            terms = terms_of(rule, index)
            for condition in terms.conditions if terms else ():
                for position, value in enumerate(condition.values):
                    if value and (why := impossible(condition.attribute, value)):  # istiod refuses an empty one
                        yield _finding(policy, condition, position, why)


def _finding(policy: AuthorizationPolicy, condition: Condition, position: int, why: Impossible) -> Finding:
    value, path = condition.values[position], f"{condition.path}/{position}"
    others = (*condition.values[:position], *condition.values[position + 1 :])
    covering = next((other for other in others if matches(other, value) and not impossible(condition.attribute, other)), None)
    does = _EFFECTS.get(policy.spec.action, "apply to")
    effect = "It excludes no request" if condition.is_negated else f"The rule does not {does} what it should"
    effect = f'"{covering}" beside it covers what is meant' if covering else effect
    better = (why.meant,) if why.meant else ()
    return Finding(
        resource=policy.ref,
        path=path,
        message=f'{condition.label} "{value}" matches no request: {why.why}. {effect}.',
        fix=corrected(policy.ref, path, value, better, manual("Write a value that requests have."), risk=RISK),
        severity=Severity.INFO if covering else None if why.is_certain else Severity.WARNING,
        aliases=_aliases(condition.attribute, value),
    )


def _aliases(attribute: str, value: str) -> tuple[str, ...]:
    match attribute:
        case names.METHOD:
            return ("KIA0102",)
        case names.PRINCIPAL:
            return ("KIA0108",) if value.startswith(SPIFFE) else ("KIA0106",)
        case _:
            return ()


RULE = Rule(
    code="MF604",
    name="policy-value-never-matches",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY,),
    aliases=("KIA0102", "KIA0106", "KIA0108"),
    summary="An AuthorizationPolicy asks for a value that no request can have",
    check=check,
)
