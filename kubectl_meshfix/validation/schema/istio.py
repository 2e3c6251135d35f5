"""What the schemas of Istio's kinds say in CEL and istiod does not check (`x-kubernetes-validations` of `istio.io/api`)."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.resources.go_duration import nanoseconds
from kubectl_meshfix.validation.schema.gateway_api import REFUSED
from kubectl_meshfix.validation.values.durations import MILLISECOND
from kubectl_meshfix.validation.values.fields import has, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations


def envoy_filter(spec: Fields) -> Violations:
    """Patches of waypoints, and no others, are matched with ``waypoint``."""
    for path, patch in parts(spec, "configPatches", "/spec"):
        match, place = part(patch, "match"), f"{path}/match"
        is_of_waypoint = text(match, "context") == "WAYPOINT"
        if is_of_waypoint and not has(match, "waypoint"):
            yield Violation(path=place, says="match has the context WAYPOINT, and then it needs waypoint", effect=REFUSED)
        elif has(match, "waypoint") and not is_of_waypoint:
            says = "match has waypoint, and then its context has to be WAYPOINT"
            yield Violation(path=f"{place}/waypoint", says=says, effect=REFUSED)


def telemetry(spec: Fields) -> Violations:
    """Metrics are reported once in a millisecond at most."""
    for path, metrics in parts(spec, "metrics", "/spec"):
        written = text(metrics, "reportingInterval")
        time = nanoseconds(written) if written else None
        if time is not None and time < MILLISECOND:
            says = f"reportingInterval is {written}, and the shortest is 1ms"
            yield Violation(path=f"{path}/reportingInterval", says=says, effect=REFUSED)


RULES: Mapping[str, Callable[[Fields], Violations]] = {"EnvoyFilter": envoy_filter, "Telemetry": telemetry}
"""By kind of Istio; for objects whose fields and values fit the schema otherwise."""
