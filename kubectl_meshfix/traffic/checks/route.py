"""Which route takes the request: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import ROUTE
from kubectl_meshfix.traffic.terms.conditions import Comparison, Field

_TRANSLATE = "pilot/pkg/networking/core/route/route.go TranslateRoute"
_MERGE = "pilot/pkg/model/virtualservice.go MergeHTTPRoutes"
_GATEWAY_API = "pilot/pkg/config/kube/gateway/conversion.go"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

DELEGATE = Check(id="delegate", stage=ROUTE, question="Which VirtualService does the route delegate to?", source=_MERGE, of_each=True)
DELEGATE_MISSING = Outcome(DELEGATE, _WARN, "{route} is dropped: it delegates to VirtualService {delegate}, which does not exist.")
DELEGATE_NOT_READ = Outcome(
    DELEGATE, _UNKNOWN, "{route} delegates to VirtualService {delegate}, which was not read. The route is left out."
)
DELEGATE_HAS_HOSTS = Outcome(DELEGATE, _WARN, "{route} is dropped: it delegates to VirtualService {delegate}, which has hosts of its own.")
DELEGATE_HIDDEN = Outcome(DELEGATE, _WARN, "{route} is dropped: VirtualService {delegate} is not exported to namespace {namespace}.")
DELEGATE_CONFLICT = Outcome(DELEGATE, _WARN, "{route} is dropped: its matches contradict those of {root}, which delegates to it.")
DELEGATE_NESTED = Outcome(DELEGATE, _WARN, "{route} is dropped: a delegate cannot delegate again.")

APPLIES = Check(id="applies", stage=ROUTE, question="Is the route for this caller and this port?", source=_TRANSLATE, of_each=True)
OTHER_PORT = Outcome(APPLIES, _SKIPPED, "{route} is for port {wanted} alone; the port here is {value}.", word="not used")
OTHER_GATEWAY = Outcome(APPLIES, _SKIPPED, "{route} is for {wanted} alone; the proxy here is of {value}.", word="not used")
OTHER_LABELS = Outcome(APPLIES, _SKIPPED, "{route} is for callers with the labels {wanted} alone.", word="not used")
OTHER_NAMESPACE = Outcome(APPLIES, _SKIPPED, "{route} is for callers in namespace {wanted} alone.", word="not used")
UNREACHABLE = Outcome(APPLIES, _SKIPPED, "{route} is never reached: {before} takes every request.", word="not used")

TRANSLATED = Check(
    id="translated", stage=ROUTE, question="Can istiod translate the route?", source=f"{_GATEWAY_API} convertHTTPRoute", of_each=True
)
NO_BACKEND_PORT = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: a backendRef names no port.")
NO_SERVICE_NAME = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: {name} is not the name of a Service.")
UNSUPPORTED_FILTER = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: istiod does not support the filter {name}.")
BAD_HEADER_VALUE = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: the value of header {name} is not valid.")
NO_MIRROR = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: its mirror {name} does not exist.")
UNSUPPORTED_MATCH = Outcome(TRANSLATED, _WARN, "{route} is dropped whole: istiod does not support the match {name}.")

MATCH = Check(
    id="match", stage=ROUTE, question="Does the route match the request?", source="Envoy, source/common/router/config_impl.cc", of_each=True
)
MATCHES = Outcome(MATCH, _PASS, "{route} matches the request.")
TAKES_ALL = Outcome(MATCH, _PASS, "{route} takes every request.")
DEFAULT = Outcome(MATCH, _PASS, "No route is set for the host: its default route takes every request.")
DIFFERS = Outcome(MATCH, _SKIPPED, "{route} does not match: it needs {wanted}; the request has {value}.", word="no match")
UNDECIDED = Outcome(MATCH, _UNKNOWN, "It is not known whether {route} matches: it needs {wanted}.")

FOUND = Check(id="found", stage=ROUTE, question="Does any route match?", source="Envoy, source/common/router/router.cc", is_gate=True)
NO_ROUTE = Outcome(FOUND, _FAIL, "No route of {objects} matches the request.")
NO_OTHER_ROUTE = Outcome(FOUND, _UNKNOWN, "No other route matches the request.")
NO_ROUTES = Outcome(FOUND, _FAIL, "There are no routes for the host.")

ANSWER = Check(id="answer", stage=ROUTE, question="Does the proxy answer by itself?", source=_TRANSLATE, tells=True)
ABORTS = Outcome(ANSWER, _FAIL, "{route} answers {share} of requests with {status}.")
REDIRECTS = Outcome(ANSWER, _PASS, "{route} redirects to {location}.")
RESPONDS = Outcome(ANSWER, _PASS, "{route} answers with {status} itself.")

CONNECTION = Check(id="connection", stage=ROUTE, question="Which route takes the connection?", source="pilot/pkg/networking/core/tls.go")
TO_HOST = Outcome(CONNECTION, _PASS, "The connection goes to {host} itself: no TCP or TLS route is for it.")
BY_TCP_ROUTE = Outcome(CONNECTION, _PASS, "{route} takes the connection.")
BY_SNI = Outcome(CONNECTION, _PASS, "{route} takes the connection by its SNI {sni}.")
BY_SUBNET = Outcome(CONNECTION, _UNKNOWN, "{route} takes the connection if the address that is called is in {wanted}.")
AGE_UNKNOWN = Outcome(CONNECTION, _UNKNOWN, "It is not known which of {objects} is older. The routes of the oldest apply.")
OTHER_SNI = Outcome(CONNECTION, _WARN, "No TLS route of {host} is for {sni}, so the connection goes to the address that was called.")
OTHER_SNI_BLOCKED = Outcome(CONNECTION, _FAIL, "No TLS route of {host} is for {sni}, and REGISTRY_ONLY closes the connection.")

FIELDS = {
    Field.PATH: "the path", Field.METHOD: "the method", Field.SCHEME: "the scheme", Field.AUTHORITY: "the authority",
    Field.HEADER: "header {name}", Field.QUERY: "query parameter {name}", Field.CLAIM: "claim {name}",
}  # fmt: skip
"""What is compared, in the sentences above."""

COMPARISONS = {
    Comparison.EXACT: "{what} = {value}", Comparison.PREFIX: "{what} to begin with {value}",
    Comparison.PATH_PREFIX: "{what} to be {value} or below it", Comparison.SUFFIX: "{what} to end in {value}",
    Comparison.REGEX: "{what} to match the regular expression {value}", Comparison.PRESENT: "{what}",
}  # fmt: skip
"""How it is compared."""

NEGATED, NOTHING, NO_SNI = "not {wanted}", "none", "no SNI"
