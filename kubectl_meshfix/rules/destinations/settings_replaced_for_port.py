"""MF431: settings for a port leave out what the policy around them sets, which then does not hold for the port."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.destination.effects.port_settings import PortSettings, lacking, left_out
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, registry

WHY = "Pods of the mesh may not take this TLS on the port, where istiod now chooses what they take."
RISK = "The copied settings begin to apply to connections to that port."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each of the settings that replace others; a warning where TLS is lost."""
    for rule in mesh.all(DestinationRule):
        unknown = {found.path for found, _ in lacking(mesh, rule)}
        for found, fields in left_out(mesh, rule):
            if found.path not in unknown:
                yield _finding(mesh, rule, found, fields)


def _is_outside(mesh: Mesh, rule: DestinationRule) -> bool:
    """Whether the host is known, and no pod of the mesh."""
    entries = registry(mesh).exact.get(full_host(rule), ())
    return bool(entries) and all(entry.is_external for entry in entries)


def _finding(mesh: Mesh, rule: DestinationRule, found: PortSettings, fields: tuple[str, ...]) -> Finding:
    names = f"{', '.join(fields[:-1])} and {fields[-1]}" if len(fields) > 1 else fields[0]
    summary = f"Copy {names} into the settings of port {found.number}."
    is_for_people = "tls" in fields and not _is_outside(mesh, rule)
    tls = found.policy.tls if "tls" in fields else None
    does = "do" if len(fields) > 1 else "does"
    operations = (
        Operation("test", f"{found.path}/port/number", found.number),
        *(Operation(op="copy", path=f"{found.path}/{field}", from_=f"{found.policy_path}/{field}") for field in fields),
    )
    return Finding(
        resource=rule.ref,
        path=found.path,
        message=f"The settings of port {found.number} replace all others. {names} around them {does} not apply to it.",
        fix=manual(summary, why=WHY) if is_for_people else patch(rule.ref, operations, summary, risk=RISK),
        severity=Severity.WARNING if tls and tls.mode != "ISTIO_MUTUAL" else None,
    )


RULE = Rule(
    code="MF431",
    name="settings-replaced-for-port",
    severity=Severity.INFO,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=OPTIONAL,
    about=(kinds.DESTINATION_RULE,),
    words=("portLevelSettings",),
    summary="Settings for a port leave out what the policy around them sets",
    check=check,
)
