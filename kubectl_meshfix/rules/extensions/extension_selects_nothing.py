"""MF703: the selector of a Telemetry, WasmPlugin or EnvoyFilter matches no workload."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.selecting_nothing import Effect, selecting_nothing
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

RISK = "The proxies of these pods get this configuration, which none has today."
EFFECTS: Mapping[Kind, Effect] = {
    kinds.TELEMETRY: Effect("it changes no logs, metrics or traces", RISK, ("IST0101", "KIA0004")),
    kinds.WASM_PLUGIN: Effect("this plugin runs in no proxy", RISK, ("KIA0004",)),
    kinds.ENVOY_FILTER: Effect("this EnvoyFilter patches no proxy", RISK, ("KIA0004",)),
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each of them with labels that no pod gets, in its namespace or, from the root namespace, anywhere."""
    return selecting_nothing(mesh, EFFECTS)


RULE = Rule(
    code="MF703",
    name="extension-selects-nothing",
    severity=Severity.WARNING,
    inputs=WORKLOADS,
    optional=(*EFFECTS, *control_plane.INPUTS),
    about=tuple(EFFECTS),
    aliases=("IST0101", "KIA0004"),
    summary="The selector of a Telemetry, WasmPlugin or EnvoyFilter matches no workload",
    check=check,
)
