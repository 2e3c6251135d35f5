"""MF705: a patch of an EnvoyFilter after which Envoy refuses the listener."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.envoy_patches import reach
from kubectl_meshfix.traffic.envoy_patches.fatal import Fatal, Fault, fatal
from kubectl_meshfix.traffic.envoy_patches.filters import CONNECTION_MANAGER, HTTP_FILTER, ROUTER, at
from kubectl_meshfix.traffic.envoy_patches.inert import inert

RISK = "The filter begins to run for these requests, where today the listener is refused."
EFFECT = "Envoy refuses the listener: pods keep their old one, and new pods do not become ready."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each patch that istiod applies and Envoy refuses."""
    for envoy_filter in mesh.all(EnvoyFilter):
        for found in fatal(envoy_filter):
            item = envoy_filter.spec.config_patches[found.number]
            is_of_today = reach.is_of_today(mesh, item)
            if not inert(mesh, item) and (found.fault is not Fault.UNTYPED or is_of_today):
                yield _finding(envoy_filter, item, found, None if is_of_today else Severity.WARNING)


def _finding(envoy_filter: EnvoyFilter, item: ConfigPatch, found: Fatal, severity: Severity | None) -> Finding:
    place, operation = join("spec", "configPatches", found.number), item.patch.operation if item.patch else ""
    last = found.last or ("the router" if item.apply_to == HTTP_FILTER else "the last filter of a chain")
    path = f"{place}/patch/operation"
    match found.fault:
        case Fault.AFTER_LAST:
            message, fix = f"{operation} puts this filter after {last}. {EFFECT}", _before(envoy_filter, item, found, place)
        case Fault.LAST_REMOVED:
            message = f"This removes {last}, which has to be the last filter. {EFFECT}"
            fix = manual("Remove this patch, or add another last filter.")
        case Fault.UNTYPED:
            path = f"{place}/patch/value"
            message = f"This filter has no typed_config, and Envoy looks up no filter by its name. {EFFECT}"
            fix = manual("Write its settings as typed_config with the @type of the filter's v3 API.")
    aliases = ("IST0133",) if found.fault is Fault.UNTYPED else ()
    return Finding(resource=envoy_filter.ref, path=path, message=message, fix=fix, severity=severity, aliases=aliases)


def _before(envoy_filter: EnvoyFilter, item: ConfigPatch, found: Fatal, place: str) -> Fix:
    """The same filter before the last one, where that one can be named."""
    operation = item.patch.operation if item.patch else ""
    steps = replacement(f"{place}/patch/operation", operation, "INSERT_BEFORE")
    if not found.last:
        if item.apply_to != HTTP_FILTER:
            return manual("Use INSERT_BEFORE, and name the last filter in match.listener.filterChain.filter.")
        steps = (*steps, _named_router(item, place))
    return patch(envoy_filter.ref, steps, f"Use INSERT_BEFORE {found.last or ROUTER}.", risk=RISK)


def _named_router(item: ConfigPatch, place: str) -> Operation:
    """The addition that lets the match of a patch name the router, at the deepest place that is there."""
    value: object = {"name": ROUTER}
    parts = ("match", "listener", "filterChain", "filter", "subFilter")
    for depth in range(len(parts) - 1, 0, -1):
        if isinstance(at(item, parts[:depth]), dict):
            return Operation("add", place + join(*parts[: depth + 1]), value)
        value = {"name": CONNECTION_MANAGER, parts[depth]: value} if parts[depth] == "subFilter" else {parts[depth]: value}
    return Operation("add", f"{place}/match", value)


RULE = Rule(
    code="MF705",
    name="envoyfilter-refused-by-envoy",
    severity=Severity.ERROR,
    inputs=(kinds.ENVOY_FILTER,),
    optional=control_plane.INPUTS,
    aliases=("IST0133",),
    about=(kinds.ENVOY_FILTER,),
    summary="Envoy refuses what a patch of an EnvoyFilter makes of a listener",
    check=check,
)
