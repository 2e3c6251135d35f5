"""Values of annotations that Istio ignores, or that stop a proxy. What the injector refuses is the injector's (`injection/template`)."""

import json
from collections.abc import Callable, Mapping

import msgspec

LOG_LEVEL = "sidecar.istio.io/logLevel"


class Valid(msgspec.Struct, frozen=True):
    """What an annotation's values are: the test, its words, and what follows from another value, as a sentence."""

    holds: Callable[[str], bool]
    wanted: str
    effect: str
    stops_proxy: bool = False


def _is_distribution(value: str) -> bool:
    return value.lower() in ("", "preferclose", "prefersamezone", "prefersamenode")


def _is_weight(value: str) -> bool:
    digits = value.removeprefix("+")
    return digits.isascii() and digits.isdecimal() and int(digits) <= 100


def _is_selector(value: str) -> bool:
    try:
        made = json.loads(value) if value else {}
    except ValueError:
        return False
    return made is None or (isinstance(made, dict) and all(isinstance(item, str) for item in made.values()))


def _is_log_level(value: str) -> bool:
    own = [part for part in value.split(",") if ":" not in part]
    return not own or own[-1] in ("", "trace", "debug", "info", "warn", "warning", "error", "critical", "off")


VALID: Mapping[str, Valid] = {
    LOG_LEVEL: Valid(  # `pkg/envoy/proxy.go splitComponentLog`; Envoy's `OptionsImpl::parseAndValidateLogLevel`
        _is_log_level, "trace, debug, info, warning, error, critical or off", "The proxy does not start.", stops_proxy=True
    ),
    "networking.istio.io/traffic-distribution": Valid(  # `pilot/pkg/model/service.go GetTrafficDistribution`
        _is_distribution, "PreferClose, PreferSameZone or PreferSameNode", "Requests go to endpoints in any zone."
    ),
    "istio.io/use-waypoint-canary-weight": Valid(  # `pilot/pkg/serviceregistry/ambient/waypoints.go getCanaryWeight`
        _is_weight, "a whole number from 0 to 100", "The canary waypoint gets no requests."
    ),
    "traffic.istio.io/nodeSelector": Valid(  # `pilot/pkg/serviceregistry/kube/controller/util.go getNodeSelectorsForService`
        _is_selector, "a JSON object of labels", "The addresses of all nodes are used."
    ),
}
