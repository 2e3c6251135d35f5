"""MF706: a patch about a filter that another EnvoyFilter brings, maybe later."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.envoy_patches.order import Dependent, dependents
from kubectl_meshfix.traffic.envoy_patches.reach import version_asked

RISK = "The patch begins to change these proxies' configuration, if it did not before."
STEP = 10
"""How much later than the other one, so that there is room between them."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each EnvoyFilter whose patches depend on those of another that is not known to be applied before."""
    for envoy_filter in mesh.all(EnvoyFilter):
        found = next(iter(dependents(mesh, envoy_filter)), None)
        if found:
            yield _finding(envoy_filter, found)


def _finding(envoy_filter: EnvoyFilter, found: Dependent) -> Finding:
    item = envoy_filter.spec.config_patches[found.number]
    operation = item.patch.operation if item.patch else ""
    place = join("spec", "configPatches", found.number, "patch", "operation")
    priority = found.other.spec.priority + STEP
    order = "that one is applied later, so this patch finds nothing"
    if found.is_first is None:
        order = "both have the same priority, so the order of their creation decides whether it is there"
    return Finding(
        resource=envoy_filter.ref,
        path=place,
        message=f"{operation} is about filter {found.filter} of {found.other.ref}: {order}.",
        fix=patch(
            envoy_filter.ref,
            (Operation("test", place, operation), Operation("add", "/spec/priority", priority)),
            f"Set priority {priority}, after that of {found.other.ref}.",
            risk=RISK,
        ),
        aliases=("IST0155",) if any(version_asked(each) for each in found.other.spec.config_patches) else ("IST0151",),
    )


RULE = Rule(
    code="MF706",
    name="envoyfilter-order",
    severity=Severity.WARNING,
    inputs=(kinds.ENVOY_FILTER,),
    optional=control_plane.INPUTS,
    about=(kinds.ENVOY_FILTER,),
    aliases=("IST0151", "IST0155"),
    summary="A patch is about a filter that another EnvoyFilter may bring later",
    check=check,
)
