"""AuthorizationPolicies: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import POLICY

_BUILDER = "pilot/pkg/security/authz/builder/builder.go"
_MODEL = "pilot/pkg/security/authz/model/model.go"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

POLICIES = Check(id="policies", stage=POLICY, question="Which policies apply?", source="pilot/pkg/model/policyattachment.go", tells=True)
APPLY = Outcome(POLICIES, _PASS, "{count} AuthorizationPolicies apply to {server}.")
ONE_APPLIES = Outcome(POLICIES, _PASS, "{policy} applies to {server}.")
NONE_APPLIES = Outcome(POLICIES, _PASS, "No AuthorizationPolicy applies to {server}, so everything is allowed.")
UNREAD = Outcome(POLICIES, _UNKNOWN, "AuthorizationPolicies of {namespaces} could not be read; they may decide otherwise.")

TARGETS = Check(
    id="targets", stage=POLICY, question="Does the policy's target exist here?", source="pilot/pkg/model/policyattachment.go",
    of_each=True,
)  # fmt: skip
NO_WAYPOINT = Outcome(
    TARGETS, _SKIPPED, "{policy} names targets, which only waypoints and Kubernetes Gateways follow; {server} is neither."
)

DRY_RUN = Check(id="dryRun", stage=POLICY, question="Is the policy enforced?", source=f"{_BUILDER} isDryRun", of_each=True)
NOT_ENFORCED = Outcome(DRY_RUN, _WARN, "{policy} has istio.io/dry-run and is not enforced.")

ACTION = Check(id="action", stage=POLICY, question="Is the policy's action known?", source="pilot/pkg/model/authorization.go", of_each=True)
NO_ACTION = Outcome(ACTION, _WARN, "{policy} has the action {action}, which does not exist; it is ignored.")

READABLE = Check(id="fields", stage=POLICY, question="Can the proxy evaluate the whole rule?", source=f"{_MODEL} checkError", of_each=True)
NO_ATTRIBUTE = Outcome(
    READABLE, _WARN, "{policy} rules[{rule}] asks for an attribute that does not exist ({keys}), so Istio drops the rule."
)
DROPPED_RULE = Outcome(READABLE, _WARN, "{policy} rules[{rule}] never allows anything here: {fields} cannot be evaluated {why}.")
DROPPED_DENIAL = Outcome(READABLE, _WARN, "{policy} rules[{rule}] never matches here: {fields} cannot be evaluated {why}.")
DROPPED_FIELDS = Outcome(
    READABLE, _WARN, "{policy} rules[{rule}] applies to more here: {fields} cannot be evaluated {why} and are ignored."
)

CUSTOM = Check(id="custom", stage=POLICY, question="Is an external authorizer asked?", source=f"{_BUILDER} buildHTTP", of_each=True)
NOT_ASKED = Outcome(
    CUSTOM, _SKIPPED, "{policy} rules[{rule}] does not match, so {provider} is not asked: {field} wants {wanted}; the request has {seen}."
)
NEVER_ASKED = Outcome(CUSTOM, _SKIPPED, "{policy} has no rules, so {provider} is never asked.")
ASKED = Outcome(CUSTOM, _UNKNOWN, "{policy} rules[{rule}] asks {provider}, whose answer is not known.")
MAY_BE_ASKED = Outcome(CUSTOM, _UNKNOWN, "Whether {policy} rules[{rule}] asks {provider} is not known, because {what} is not.")
NOT_FOR_TCP = Outcome(CUSTOM, _WARN, "{policy} is ignored here: {provider} speaks HTTP, and the connection is TCP.")
BAD = Outcome(CUSTOM, _FAIL, "{policy} rules[{rule}] denies it, because {provider} cannot be used: {why}.")
MAY_BE_BAD = Outcome(CUSTOM, _UNKNOWN, "Whether {policy} rules[{rule}] denies it is not known; {provider} cannot be used: {why}.")
DRY_CUSTOM = Outcome(CUSTOM, _UNKNOWN, "{policy} rules[{rule}] has istio.io/dry-run, yet newer versions of Istio deny what it matches.")

AUDIT = Check(id="audit", stage=POLICY, question="Is the request audited?", source=_BUILDER, of_each=True)
AUDITED = Outcome(AUDIT, _SKIPPED, "{policy} rules[{rule}] marks the request for audits, which decides nothing.")

DENY = Check(id="deny", stage=POLICY, question="Does a DENY policy match?", source=_BUILDER, of_each=True, is_gate=True)
DENIED = Outcome(DENY, _FAIL, "{policy} rules[{rule}] denies it.")
NOT_DENIED = Outcome(DENY, _SKIPPED, "{policy} rules[{rule}] denies {field} {wanted}; the request has {seen}.")
DENIES_NOTHING = Outcome(DENY, _SKIPPED, "{policy} has no rules, so it denies nothing.")
MAY_BE_DENIED = Outcome(DENY, _UNKNOWN, "Whether {policy} rules[{rule}] denies it is not known, because {what} is not.")

ALLOW = Check(id="allow", stage=POLICY, question="Does an ALLOW policy match?", source=_BUILDER, of_each=True)
ALLOWED = Outcome(ALLOW, _PASS, "{policy} rules[{rule}] allows it.")
NOT_ALLOWED_BY = Outcome(ALLOW, _SKIPPED, "{policy} rules[{rule}] wants {field} {wanted}; the request has {seen}.")
ALLOWS_NOTHING = Outcome(ALLOW, _SKIPPED, "{policy} has no rules, so it allows nothing.")
MAY_BE_ALLOWED = Outcome(ALLOW, _UNKNOWN, "Whether {policy} rules[{rule}] allows it is not known, because {what} is not.")

VERDICT = Check(id="verdict", stage=POLICY, question="Is the request allowed?", source=_BUILDER, is_gate=True)
NOT_RESTRICTED = Outcome(VERDICT, _PASS, "No ALLOW policy applies, and no other denies it.")
ADMITTED = Outcome(VERDICT, _PASS, "{policy} allows it.")
REFUSED = Outcome(VERDICT, _FAIL, "No ALLOW policy allows it. {because}.")
OPEN = Outcome(VERDICT, _UNKNOWN, "Whether the policies allow it depends on what is not known.")
