"""Annotations whose values the injector refuses, and with them the pod (`pkg/kube/inject/validate.go validateAnnotations`)."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping

from kubectl_meshfix.chain.steps import Step, Steps, step
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.injection.redirection import INCLUDE_OUTBOUND_PORTS, INTERCEPTION, PROXY_CONFIG
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.go_bool import go_bool

_QUANTITY = r"[+-]?(\d+(?:\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?"
_INTERFACE = r"[a-zA-Z][a-zA-Z0-9_.-]{0,14}"


def _number(limit: int) -> Callable[[str], bool]:
    return lambda value: bool(re.fullmatch(r"[0-9]+", value)) and int(value) < limit


def _ports(value: str) -> bool:
    return not value.strip() or all(map(_number(2**16), (part.strip() for part in value.strip().split(","))))


def _ranges(value: str) -> bool:
    return not value or all(map(_is_prefix, value.split(",")))


def _is_prefix(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "%" not in text and text.rpartition("/")[2].isdecimal()


def _interfaces(value: str) -> bool:
    return not value or all(re.fullmatch(_INTERFACE, name.strip()) for name in value.split(","))


def _is_mapping(value: str) -> bool:
    return not mapping(value)[1]


_VALIDATIONS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    INTERCEPTION: (lambda value: value in ("REDIRECT", "TPROXY", "NONE"), "REDIRECT, TPROXY or NONE"),
    "status.sidecar.istio.io/port": (lambda value: _number(2**16)(value.strip()), "a port"),
    "readiness.status.sidecar.istio.io/initialDelaySeconds": (_number(2**32), "a whole number"),
    "readiness.status.sidecar.istio.io/periodSeconds": (_number(2**32), "a whole number"),
    "readiness.status.sidecar.istio.io/failureThreshold": (_number(2**32), "a whole number"),
    "traffic.sidecar.istio.io/includeOutboundIPRanges": (lambda value: value == "*" or _ranges(value), "* or IP ranges such as 10.0.0.0/8"),
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": (_ranges, "IP ranges such as 10.0.0.0/8"),
    "traffic.sidecar.istio.io/includeInboundPorts": (lambda value: value == "*" or _ports(value), "* or ports, separated by commas"),
    "traffic.sidecar.istio.io/excludeInboundPorts": (_ports, "ports, separated by commas"),
    "traffic.sidecar.istio.io/excludeOutboundPorts": (_ports, "ports, separated by commas"),
    "prometheus.istio.io/merge-metrics": (lambda value: go_bool(value) is not None, "true or false"),
    PROXY_CONFIG: (_is_mapping, "a ProxyConfig in YAML"),
    **{
        f"sidecar.istio.io/{name}": (lambda value: bool(re.fullmatch(_QUANTITY, value)), "an amount such as 100m or 128Mi")
        for name in ("proxyCPU", "proxyMemory", "proxyCPULimit", "proxyMemoryLimit")
    },
}
"""What every version that is in use refuses; older ones stumble over amounts only when the template has been filled in."""

_LATER: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "traffic.sidecar.istio.io/excludeInterfaces": (_interfaces, "names of interfaces"),
    "traffic.sidecar.istio.io/kubevirtInterfaces": (_interfaces, "names of interfaces"),
    "istio.io/reroute-virtual-interfaces": (_interfaces, "names of interfaces"),
}
"""What only the newest versions refuse; in older ones, redirection goes wrong by it."""


READ_VALUES = tuple(sorted({*_VALIDATIONS, *_LATER, INCLUDE_OUTBOUND_PORTS}))
"""The annotations whose values matter to a new pod; the list of ports that are redirected is never refused."""


def validate_annotations(annotations: Mapping[str, str]) -> Steps[Step | None]:
    """The step that says which value of a pod's annotations the injector refuses; None where it takes them all."""
    if refused := next(_wrong(annotations, _VALIDATIONS), None):
        name, wanted = refused
        found = step(checks.REFUSED, evidence=_listed(annotations, _VALIDATIONS), name=name, value=annotations[name], wanted=wanted)
        yield found
        return found
    if doubtful := next(_wrong(annotations, _LATER), None):
        name, wanted = doubtful
        yield step(checks.DOUBTFUL, evidence=_listed(annotations, _LATER), name=name, value=annotations[name], wanted=wanted)
        return None
    yield step(checks.VALID)
    return None


def refused_values(annotations: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Annotations whose values the injector refuses: the name, what is valid, and whether only the newest injectors refuse it."""
    yield from ((name, wanted, False) for name, wanted in _wrong(annotations, _VALIDATIONS))
    yield from ((name, wanted, True) for name, wanted in _wrong(annotations, _LATER))


def _listed(annotations: Mapping[str, str], validations: Mapping[str, tuple[Callable[[str], bool], str]]) -> tuple[str, ...]:
    return tuple(f'{name}: "{annotations[name]}" is not {wanted}' for name, wanted in _wrong(annotations, validations))


def _wrong(annotations: Mapping[str, str], validations: Mapping[str, tuple[Callable[[str], bool], str]]) -> Iterator[tuple[str, str]]:
    """The names of annotations whose values are not valid, and what is."""
    for name in sorted(annotations.keys() & validations.keys()):
        is_valid, wanted = validations[name]
        if not is_valid(annotations[name]):
            yield name, wanted
