"""MF704: a patch of an EnvoyFilter that istiod never applies."""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import few, patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.envoy_patches import reach
from kubectl_meshfix.traffic.envoy_patches.fatal import fault_of
from kubectl_meshfix.traffic.envoy_patches.filters import renamed
from kubectl_meshfix.traffic.envoy_patches.inert import Cause, Inert, inert

RISK = "The patch begins to change these proxies' configuration, which it does not today."
ALIASES: Mapping[str, str] = {"REPLACE": "IST0152", "ADD": "IST0153", "REMOVE": "IST0154"}
"""What istioctl reports of operations without effect."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each patch without effect, by what istiod matches and carries out (`pilot/pkg/networking/core/envoyfilter`)."""
    for envoy_filter in mesh.all(EnvoyFilter):
        for number, item in enumerate(envoy_filter.spec.config_patches):
            if found := inert(mesh, item):
                yield _inert(envoy_filter, number, item, found)
            elif reach.is_for_others(mesh, envoy_filter, item):
                yield _for_others(envoy_filter, number, item)
        if running := reach.outdated(mesh, envoy_filter):
            yield _outdated(mesh, envoy_filter, running)


def _inert(envoy_filter: EnvoyFilter, number: int, item: ConfigPatch, found: Inert) -> Finding:
    place = join("spec", "configPatches", number)
    aliases: tuple[str, ...] = ()
    match found.cause:
        case Cause.RETIRED_NAME:
            better = found.instead[found.pointer][1]
            message = f"No filter has the name {found.written}: Istio's is {better}. This patch is never applied."
            fix = _rename(envoy_filter, place, item, found)
            aliases = ("IST0133",)
        case Cause.OPERATION:
            message = f"{found.written} has no effect on {item.apply_to}: istiod ignores this patch."
            fix = manual(_other_operation(item.apply_to))
            aliases = tuple(filter(None, [ALIASES.get(found.written)]))
        case Cause.NO_FILTER:
            message = f"{found.written} of a {item.apply_to} names no filter to match, so istiod ignores this patch."
            fix = manual("Name the filter in match.listener.")
        case Cause.OLD_TYPE:
            message = f"{found.written.rpartition('/')[2]} is of Envoy's v2 API, which istiod cannot read. It drops this patch."
            fix = manual("Use the type of Envoy's v3 API, and its fields.")
            aliases = ("IST0106",)
    return Finding(resource=envoy_filter.ref, path=place + found.pointer, message=message, fix=fix, aliases=aliases)


def _rename(envoy_filter: EnvoyFilter, place: str, item: ConfigPatch, found: Inert) -> Fix:
    """The names of today, where Envoy takes what the patch then makes."""
    summary = f"Replace {few([f'{old} with {new}' for old, new in found.instead.values()])}."
    if fault_of(msgspec.structs.replace(item, match=renamed(item, found.instead))):
        return manual(summary, why="Correct the rest of the patch first: Envoy would refuse it.")
    operations = [step for pointer, pair in found.instead.items() for step in replacement(place + pointer, *pair)]
    return patch(envoy_filter.ref, operations, summary, risk=RISK)


def _other_operation(apply_to: str) -> str:
    match apply_to:
        case "ROUTE_CONFIGURATION":
            return "Use MERGE, or apply the patch to VIRTUAL_HOST or HTTP_ROUTE."
        case "EXTENSION_CONFIG":
            return "Use ADD."
        case _:
            return "Use MERGE, or REMOVE and ADD."


def _for_others(envoy_filter: EnvoyFilter, number: int, item: ConfigPatch) -> Finding:
    path = join("spec", "configPatches", number, "match", "context")
    asked = str(item.match["context"])
    is_for_gateways = asked == reach.GATEWAY
    there, meant = ("sidecars", "gateways") if is_for_gateways else ("gateways", "sidecars")
    fix = manual("Use SIDECAR_INBOUND or SIDECAR_OUTBOUND, or select gateways.")
    if not is_for_gateways:
        fix = patch(envoy_filter.ref, replacement(path, asked, reach.GATEWAY), f"Replace {asked} with {reach.GATEWAY}.", risk=RISK)
    message = f"Context {asked} is for {meant}, and all selected proxies are {there}. This patch is never applied."
    return Finding(resource=envoy_filter.ref, path=path, message=message, fix=fix, aliases=())


def _outdated(mesh: Mesh, envoy_filter: EnvoyFilter, running: Collection[str]) -> Finding:
    asked = reach.version_asked(envoy_filter.spec.config_patches[0])
    return Finding(
        resource=envoy_filter.ref,
        path=join("spec", "configPatches", 0, "match", "proxy", "proxyVersion"),
        message=f"{asked} matches the version of no proxy: they run {few(sorted(running))}. No patch is applied.",
        fix=manual("Match the version that runs, once the patches are tried with it, or delete this EnvoyFilter."),
        severity=None if mesh.live else Severity.INFO,
        aliases=(),
    )


RULE = Rule(
    code="MF704",
    name="envoyfilter-never-applied",
    severity=Severity.WARNING,
    inputs=(kinds.ENVOY_FILTER,),
    optional=reach.INPUTS,
    aliases=("IST0106", "IST0133", "IST0152", "IST0153", "IST0154"),
    about=(kinds.ENVOY_FILTER,),
    summary="A patch of an EnvoyFilter is never applied",
    check=check,
)
