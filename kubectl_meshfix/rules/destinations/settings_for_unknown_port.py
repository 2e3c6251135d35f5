"""MF430: a DestinationRule has settings for a port that its host does not have."""

from collections.abc import Iterator, Set

from kubectl_meshfix.fixes.corrections import choice, corrected
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.port_settings import PortSettings, lacking, port_settings
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, Port

RISK = "The settings begin to apply to connections to that port."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each of the settings whose port is none of the host's; the port in front of a target port of that number is what was meant."""
    for rule in mesh.all(DestinationRule):
        taken = {(item.policy_path, item.number) for item in port_settings(rule)}
        for found, ports in lacking(mesh, rule):
            yield _finding(rule, found, ports, taken)


def _finding(rule: DestinationRule, found: PortSettings, ports: tuple[Port, ...], taken: Set[tuple[str, int]]) -> Finding:
    number, path = found.number, f"{found.path}/port/number"
    behind = [port.number for port in ports if port.target == number]
    better = [one for one in behind or ([ports[0].number] if len(ports) == 1 else []) if (found.policy_path, one) not in taken]
    named = "port" if len(ports) == 1 else "ports"
    return Finding(
        resource=rule.ref,
        path=path,
        message=f"{rule.spec.host} has no port {number}, only {named} {', '.join(str(port.number) for port in ports[:4])}. "
        "These settings have no effect.",
        evidence=(f"{number} is the target port; settings are for the Service's port",) if behind else (),
        fix=corrected(rule.ref, path, number, better, choice("Use {}.", sorted(port.number for port in ports)), risk=RISK),
    )


RULE = Rule(
    code="MF430",
    name="settings-for-unknown-port",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=OPTIONAL,
    about=(kinds.DESTINATION_RULE,),
    words=("portLevelSettings",),
    summary="A DestinationRule has settings for a port that its host lacks",
    check=check,
)
