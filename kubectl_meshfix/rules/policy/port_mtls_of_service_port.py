"""MF611: ``portLevelMtls`` names the port of a Service, where it needs that of the container."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import choice, patch
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.peer_authentications import INPUTS, WrongPort, wrong_ports

RISK = "The port gets the mode that is written for it: callers without mTLS may be refused, or let in."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each such port, on which no pod listens (`pilot/pkg/networking/plugin/authn/authentication.go`)."""
    for found in wrong_ports(mesh):
        mode = found.policy.spec.port_level_mtls[found.port].mode
        numbers = ", ".join(map(str, found.numbers))
        yield Finding(
            resource=found.policy.ref,
            path=join("spec", "portLevelMtls", found.port),
            message=f"{found.port} is the port of {found.service}; its pods listen on {numbers}. The mode {mode} has no effect there.",
            fix=_fix(found),
        )


def _fix(found: WrongPort) -> Fix:
    policy, modes = found.policy, found.policy.spec.port_level_mtls
    free = [number for number in found.numbers if str(number) not in modes]
    if len(found.numbers) != 1 or not free:
        return choice("Name the container port: {}.", found.numbers)
    old, new = join("spec", "portLevelMtls", found.port), join("spec", "portLevelMtls", free[0])
    mode = modes[found.port].mode
    operations = (Operation("test", f"{old}/mode", mode), Operation("remove", old), Operation("add", new, {"mode": mode}))
    return patch(policy.ref, operations, f"Replace {found.port} with {free[0]}.", risk=RISK)


RULE = Rule(
    code="MF611",
    name="port-mtls-of-service-port",
    severity=Severity.ERROR,
    inputs=(kinds.PEER_AUTHENTICATION, kinds.SERVICE, *kinds.WORKLOADS),
    optional=INPUTS,
    about=(kinds.PEER_AUTHENTICATION,),
    summary="portLevelMtls names the port of a Service instead of the container's",
    check=check,
)
