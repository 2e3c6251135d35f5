"""Tokens: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import AUTHENTICATION

_APPLIER = "pilot/pkg/security/authn/policy_applier.go convertToEnvoyJwtConfig"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

RULES = Check(id="rules", stage=AUTHENTICATION, question="Are tokens looked at?", source="pilot/pkg/model/authentication.go")
NO_RULES = Outcome(RULES, _SKIPPED, "No RequestAuthentication applies to {server}, so tokens are not looked at.")
NO_HTTP = Outcome(RULES, _SKIPPED, "The connection is TCP, so tokens are not looked at.")
PREFLIGHT = Outcome(RULES, _SKIPPED, "A CORS preflight is let through without a look at tokens.")
RULES_UNREAD = Outcome(RULES, _UNKNOWN, "RequestAuthentications of {namespaces} could not be read.")

ISSUER = Check(id="rule", stage=AUTHENTICATION, question="Does a rule accept the token?", source=_APPLIER, of_each=True)
NOT_THERE = Outcome(ISSUER, _SKIPPED, "{policy} looks for tokens elsewhere: {places}.")
OTHER_ISSUER = Outcome(ISSUER, _SKIPPED, "{policy} accepts tokens of {wanted}; the token is of {seen}.")
OTHER_AUDIENCE = Outcome(ISSUER, _SKIPPED, "{policy} accepts tokens for {wanted}; the token is for {seen}.")
ACCEPTS = Outcome(ISSUER, _PASS, "{policy} accepts tokens of {issuer}.")

TOKEN = Check(id="token", stage=AUTHENTICATION, question="Is the request's token accepted?", source=_APPLIER, is_gate=True)
NO_TOKEN = Outcome(TOKEN, _PASS, "The request has no token, and none is required here.")
ACCEPTED = Outcome(TOKEN, _PASS, "The token is taken as valid; it is of {issuer}.")
NOT_VERIFIED = Outcome(
    TOKEN, _UNKNOWN, "The token in {place} is of {issuer}; its signature and times are not checked, and it is taken as valid."
)
MALFORMED = Outcome(TOKEN, _FAIL, "{place} holds no token: it has not three parts in base64.")
NO_ISSUER = Outcome(TOKEN, _FAIL, "No rule accepts tokens of {issuer}.")
NO_AUDIENCE = Outcome(TOKEN, _FAIL, "{policy} accepts no token for {audience}.")
