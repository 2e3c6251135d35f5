"""Whose routes the request's Host gets: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import HOST

_BUILD = "pilot/pkg/networking/core/httproute.go BuildSidecarOutboundVirtualHosts"
_PASS, _FAIL, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.SKIPPED, Status.UNKNOWN

ROUTES = Check(
    id="routes", stage=HOST, question="Do these routes apply to the host?",
    source="pilot/pkg/networking/core/route/route.go BuildSidecarVirtualHostWrapper", of_each=True,
)  # fmt: skip
USED = Outcome(ROUTES, _PASS, "{object} routes {host}.", is_usual=True)
OF_GATEWAYS = Outcome(ROUTES, _SKIPPED, "{object} is for gateways {gateways} alone, not for sidecars.", word="not used")
NOT_FOLLOWED = Outcome(
    ROUTES, _SKIPPED, "{object} is not visible to the caller: exportTo or the caller's Sidecar leaves it out.", word="not used"
)
NOT_PARENT = Outcome(ROUTES, _SKIPPED, "{object} is for callers in namespace {namespace} alone.", word="not used")
NO_ROUTE_LEFT = Outcome(ROUTES, _SKIPPED, "{object} has no route for this caller on port {port}.", word="not used")
BEHIND = Outcome(ROUTES, _SKIPPED, "{object} is for {host} too, and {other} comes first. Sidecars do not merge them.", word="not used")
LESS_SPECIFIC = Outcome(ROUTES, _SKIPPED, "{object} covers {host}, and {other} has a more specific host.", word="not used")
OTHER_NAME = Outcome(ROUTES, _SKIPPED, "{object} is for the Host {name} alone; the request has {host}.", word="not used")
NOT_THIS_PORT = Outcome(ROUTES, _SKIPPED, "{object} has no host with an HTTP port {port}.", word="not used")
AGE_UNKNOWN = Outcome(ROUTES, _UNKNOWN, "It is not known which of {objects} is older. The routes of the oldest apply.")

DOMAIN = Check(id="domain", stage=HOST, question="Whose routes does the request's Host get?", source=_BUILD, tells=True)
OF_SERVICE = Outcome(DOMAIN, _PASS, "The Host {host} on port {port} is {service}.", is_usual=True)
OF_LISTENER = Outcome(DOMAIN, _PASS, "The listener is for {service} alone, whatever the Host says.")
OF_VIRTUAL_SERVICE = Outcome(DOMAIN, _PASS, "The Host {host} is one that {object} names, and no Service on port {port}.")
NOT_IMPORTED = Outcome(DOMAIN, _FAIL, "The listener is for {service} alone, for which the proxy has no routes on port {port}.")
PASSED_THROUGH = Outcome(
    DOMAIN, _PASS, "The proxy knows no Host {host} on port {port}, and sends the request in plain text to the address that was called."
)
BLOCKED = Outcome(DOMAIN, _FAIL, "The proxy knows no Host {host} on port {port}, and REGISTRY_ONLY answers 502.")
