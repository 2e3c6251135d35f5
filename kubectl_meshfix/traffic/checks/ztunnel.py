"""ztunnel: rows of the table, with every sentence about what it sends and takes."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import ZTUNNEL

_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

SENT = Check(id="sent", stage=ZTUNNEL, question="How does ztunnel send it?", source="ztunnel src/proxy/outbound.rs build_request")
OVER_HBONE = Outcome(SENT, _PASS, "ztunnel sends over HBONE to {server}, as {identity}.")
IN_PLAIN_TEXT = Outcome(SENT, _PASS, "ztunnel sends plain text to {server}, which has no proxy that takes HBONE.")
PLAIN_TO_SIDECAR = Outcome(
    SENT, _WARN, "ztunnel sends plain text to {server}: its sidecar takes no HBONE, without the label networking.istio.io/tunnel=http."
)

STRICT = Check(
    id="peerAuthentication", stage=ZTUNNEL, question="Is plain text let in?", source="pilot/pkg/serviceregistry/ambient/authorization.go",
    is_gate=True,
)  # fmt: skip
AUTHENTICATED = Outcome(STRICT, _PASS, "The connection came over HBONE, from {identity}.")
LET_IN = Outcome(STRICT, _PASS, "Plain text is let in: {reason}.")
SHUT_OUT = Outcome(STRICT, _FAIL, "ztunnel refuses plain text: {reason}.")
UNREAD = Outcome(STRICT, _UNKNOWN, "PeerAuthentications were not read; plain text is taken to be let in.")

KINDS = Check(
    id="layer4", stage=ZTUNNEL, question="Does ztunnel enforce the policy?",
    source="pilot/pkg/serviceregistry/ambient/authorization.go convertAuthorizationPolicy", of_each=True,
)  # fmt: skip
NOT_AT_LAYER_4 = Outcome(KINDS, _WARN, "{policy} is not enforced: ztunnel has no {action}.")
FOR_WAYPOINTS = Outcome(KINDS, _SKIPPED, "{policy} names targets, so ztunnel ignores it; only a waypoint enforces it.")

CALLER = Check(
    id="caller", stage=ZTUNNEL, question="Whose identity do policies see?", source="ztunnel src/proxy/inbound.rs build_inbound_request"
)
WAYPOINTS_IDENTITY = Outcome(CALLER, _WARN, "Behind the waypoint the policies of {server} see {identity}, not the caller.")
