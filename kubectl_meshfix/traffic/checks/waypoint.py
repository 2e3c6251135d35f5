"""Waypoints: rows of the table, with every sentence about which is used and what it follows."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import WAYPOINT

_CHOICE = "pilot/pkg/serviceregistry/ambient/waypoints.go fetchWaypointForTarget"
_ROUTES = "pilot/pkg/networking/core/listener_waypoint.go getVirtualServiceForWaypoint"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

CHOICE = Check(id="waypoint", stage=WAYPOINT, question="Is a waypoint on the way?", source=_CHOICE, tells=True)
NOT_NAMED = Outcome(CHOICE, _PASS, "No label istio.io/use-waypoint applies to {target}.", is_usual=True)
OPTED_OUT = Outcome(CHOICE, _PASS, "{owner} has istio.io/use-waypoint=none, so no waypoint is used.")
USED = Outcome(CHOICE, _PASS, "{owner} names the waypoint {waypoint}.")
ASSUMED = Outcome(CHOICE, _PASS, "{owner} names the waypoint {waypoint}, which has no status here and is taken to be ready.")
MAY_BE_THERE = Outcome(CHOICE, _UNKNOWN, "{owner} names the waypoint {waypoint}, and its Gateway was not read.")
MISSING = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, which does not exist. Traffic bypasses it.")
NOT_READY = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, which has no address yet. Traffic bypasses it.")
NOT_ADMITTED = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, whose listener admits other namespaces. Traffic bypasses it.")
OTHER_TRAFFIC = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, which is not for {traffic} traffic. Traffic bypasses it.")
INHERITED = Outcome(CHOICE, _PASS, "The waypoint {waypoint} of namespace {namespace} is not for {traffic} traffic.")
LABELS_UNREAD = Outcome(CHOICE, _UNKNOWN, "Namespace {namespace} was not read; a label istio.io/use-waypoint on it would count.")
IS_WAYPOINT = Outcome(CHOICE, _PASS, "{target} is a waypoint itself, and goes through none.")
SIDECARS_PASS = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, but sidecars send no traffic to waypoints.")
OTHERS_PASS = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, but callers without ztunnel send no traffic to waypoints.")
GATEWAYS_PASS = Outcome(
    CHOICE, _WARN, "{owner} names the waypoint {waypoint}, but gateways use it only with istio.io/ingress-use-waypoint=true."
)
NO_ADDRESS = Outcome(CHOICE, _WARN, "{owner} names the waypoint {waypoint}, but gateways use it only for hosts with a virtual IP.")

FOLLOWED = Check(id="routes", stage=WAYPOINT, question="Which routes does the waypoint follow?", source=_ROUTES, of_each=True)
FOLLOWS = Outcome(FOLLOWED, _PASS, "The waypoint follows {route} for {host}.")
ELSEWHERE = Outcome(FOLLOWED, _SKIPPED, "{route} is for {host}, but neither in namespace {home} nor in the waypoint's own.")
NO_ROUTES = Outcome(FOLLOWED, _SKIPPED, "{route} has no routes for port {port}.")

ROUTES = Check(
    id="host", stage=WAYPOINT, question="What do the routes come from?", source=f"{_ROUTES}; buildWaypointInboundHTTPRouteConfig"
)
DEFAULT = Outcome(ROUTES, _PASS, "No route is for {host}, so the waypoint sends to its pods.")
FROM = Outcome(ROUTES, _PASS, "The waypoint has routes of {routes}, whatever the Host header says.")
