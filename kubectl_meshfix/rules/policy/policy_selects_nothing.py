"""MF602: the selector of a security policy matches no workload."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.selecting_nothing import Effect, selecting_nothing
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

RISK = "Requests to these pods that pass today may be refused."
EFFECTS: Mapping[Kind, Effect] = {
    kinds.AUTHORIZATION_POLICY: Effect("this policy protects nothing", RISK, ("IST0127", "KIA0004")),
    kinds.PEER_AUTHENTICATION: Effect("this policy changes no pod's mTLS mode", RISK, ("KIA0004",)),
    kinds.REQUEST_AUTHENTICATION: Effect("no pod checks the tokens that this policy names", RISK, ("KIA0004",)),
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy with labels that no pod gets, in its namespace or, from the root namespace, anywhere."""
    return selecting_nothing(mesh, EFFECTS)


RULE = Rule(
    code="MF602",
    name="policy-selects-nothing",
    severity=Severity.WARNING,
    inputs=WORKLOADS,
    optional=(*EFFECTS, *control_plane.INPUTS),
    about=tuple(EFFECTS),
    aliases=("IST0127", "KIA0004"),
    summary="A security policy's selector matches no workload",
    check=check,
)
