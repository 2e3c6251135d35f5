"""What the caller's proxy sends: rows of the table about TLS between proxies, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import TLS

_PASS, _WARN, _UNKNOWN = Status.PASS, Status.WARN, Status.UNKNOWN

WIRE = Check(
    id="clientTLS", stage=TLS, question="What does the caller send?",
    source="pilot/pkg/networking/core/cluster_tls.go buildUpstreamTLSSettings", tells=True, of_each=True,
)  # fmt: skip
AS_IT_IS = Outcome(WIRE, _PASS, "The caller has no proxy that adds TLS: {server} gets {transport}.")
BY_RULE = Outcome(WIRE, _PASS, "tls.mode {mode} of a DestinationRule makes the proxy send {transport} to {server}.")
NO_CREDENTIALS = Outcome(
    WIRE, _WARN, "tls.mode {mode} has a credentialName without a workloadSelector: a sidecar ignores it, and sends plain text to {server}."
)
NO_FILES = Outcome(
    WIRE, _WARN, "tls.mode MUTUAL needs clientCertificate and privateKey: without them, istiod sets no TLS, and {server} gets plain text."
)
EXTERNAL = Outcome(WIRE, _PASS, "{host} is outside of the mesh and no DestinationRule sets tls: {server} gets {transport}.")
NOT_AUTO = Outcome(WIRE, _PASS, "enableAutoMtls is false and no DestinationRule sets tls: {server} gets {transport}.")
NOT_ALL_LABELLED = Outcome(
    WIRE, _PASS, "{host} has no address of its own, and not all of its pods have a sidecar: {server} gets {transport}."
)
NAMESPACE_DISABLED = Outcome(
    WIRE, _PASS, "PeerAuthentication of the namespace {namespace}, or the mesh, is DISABLE: {server} gets {transport}."
)
TO_ALL = Outcome(WIRE, _PASS, "All pods of {host} have a sidecar: {server} gets {transport}.")
RULE_OF_ENDPOINTS = Outcome(
    WIRE, _WARN, "A policy for the port leaves tls.mode {mode} in force for endpoints alone: {server} gets {transport}."
)
UNLABELLED = Outcome(WIRE, _PASS, "{server} has no sidecar that istiod knows of: it gets {transport}.")
SERVER_DISABLED = Outcome(WIRE, _PASS, "{server} takes plain text alone ({reason}): it gets {transport}.")
AUTO = Outcome(WIRE, _PASS, "{server} has a sidecar: it gets {transport}.")
TUNNEL = Outcome(WIRE, _PASS, "{server} is in ambient: it gets {transport}.")
UNREAD = Outcome(
    WIRE, _UNKNOWN, "PeerAuthentications that may tell callers to send plain text were not read; mutual TLS to {server} is assumed."
)
