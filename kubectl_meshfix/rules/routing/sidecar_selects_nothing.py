"""MF405: a Sidecar's selector matches no workload of its namespace."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.selecting_nothing import Effect, selecting_nothing
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

RISK = "The selected proxies no longer know the hosts that this Sidecar does not list."
EFFECTS: Mapping[Kind, Effect] = {kinds.SIDECAR: Effect("this Sidecar configures no proxy", RISK, ("IST0101", "KIA0004"))}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Sidecar with labels that no pod of its namespace gets."""
    return selecting_nothing(mesh, EFFECTS)


RULE = Rule(
    code="MF405",
    name="sidecar-selects-nothing",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR, *WORKLOADS),
    optional=control_plane.INPUTS,
    about=(kinds.SIDECAR,),
    aliases=("IST0101", "KIA0004"),
    summary="A Sidecar's selector matches no workload of its namespace",
    check=check,
)
