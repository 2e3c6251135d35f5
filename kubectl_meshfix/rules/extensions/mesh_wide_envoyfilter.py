"""MF702: an EnvoyFilter for every proxy of the mesh."""

import re
from collections.abc import Iterator
from typing import Any

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.control_plane import INPUTS, control_planes, root_namespace
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

INSTALLED = re.compile(r"(tcp-)?(stats|metadata-exchange)-filter-1\.\d+|(tcp-)?metadata-exchange-1\.\d+")
"""EnvoyFilters by which Istio's own charts, up to 1.22, turned telemetry on."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each EnvoyFilter with patches in a root namespace that names no workload (`pilot/pkg/model/push_context.go EnvoyFilters`)."""
    roots = {root_namespace(mesh), *(plane.mesh_config.root_namespace for plane in control_planes(mesh))}
    for namespace in sorted(roots):
        for envoy_filter in mesh.within(EnvoyFilter, namespace):
            spec = envoy_filter.spec
            is_narrow = spec.target_refs or (spec.workload_selector and spec.workload_selector.labels)
            if is_narrow or not spec.config_patches or INSTALLED.match(envoy_filter.name):
                continue
            contexts = {_context(patch.match) for patch in spec.config_patches}
            whom = {"GATEWAY": "gateway"}.get(contexts.pop(), "proxy") if len(contexts) == 1 else "proxy"
            yield Finding(
                resource=envoy_filter.ref,
                path="/spec/workloadSelector",
                message=f"In the root namespace without a selector, it patches every {whom} of the mesh. One mistake in "
                "it stops their configuration updates.",
                evidence=(f"{namespace} is the root namespace", "neither workloadSelector.labels nor targetRefs is set"),
                fix=manual("Add a workloadSelector, or move it to the namespaces that need it."),
            )


def _context(match: Any) -> str:
    return str(match.get("context") or "ANY") if isinstance(match, dict) else "ANY"


RULE = Rule(
    code="MF702",
    name="mesh-wide-envoyfilter",
    severity=Severity.WARNING,
    inputs=(kinds.ENVOY_FILTER,),
    optional=INPUTS,
    about=(kinds.ENVOY_FILTER,),
    summary="An EnvoyFilter patches every proxy of the mesh",
    check=check,
)
