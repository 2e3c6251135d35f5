"""MF436: a DestinationRule prefers localities, and has no outlier detection, without which it cannot."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.localities import without_outlier_detection
from kubectl_meshfix.traffic.destination.effects.port_settings import port_settings

DEFAULTS = {"consecutive5xxErrors": 5, "interval": "10s", "baseEjectionTime": "30s"}
"""What Istio and Envoy use for each, written out."""

RISK = "Requests prefer near pods, and a pod that answers five requests in a row with an error gets none for a while."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy with a ``localityLbSetting`` that has no effect."""
    for rule in mesh.all(DestinationRule):
        for path in without_outlier_detection(mesh, rule):
            yield Finding(
                resource=rule.ref,
                path=path,
                message="localityLbSetting has no effect without outlierDetection. Requests go to pods of all localities alike.",
                fix=_fix(rule, path),
            )


def _fix(rule: DestinationRule, path: str) -> Fix:
    """Settings of a port would lack what is added around them, and have to be looked at by a person."""
    if any(found.policy_path == path for found in port_settings(rule)):
        return manual("Add outlierDetection to this policy, and to the settings of its ports.")
    operations = (Operation("test", "/spec/host", rule.spec.host), Operation("add", f"{path}/outlierDetection", DEFAULTS))
    return patch(rule.ref, operations, "Add outlierDetection, with Istio's defaults.", risk=RISK)


RULE = Rule(
    code="MF436",
    name="locality-without-outlier-detection",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE,),
    optional=control_plane.INPUTS,
    aliases=("IST0133",),
    about=(kinds.DESTINATION_RULE,),
    words=("localityLbSetting",),
    summary="A DestinationRule prefers localities, and has no outlier detection",
    check=check,
)
