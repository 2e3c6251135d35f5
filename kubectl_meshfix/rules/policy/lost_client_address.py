"""MF613: a gateway's policy asks for callers' addresses, which the way through a node replaces."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.client_addresses import Lost, lost_addresses
from kubectl_meshfix.traffic.coherence.servers import INPUTS

RISK = "Nodes without a pod of this gateway drop connections, and load is spread by node."
_PATH = "/spec/externalTrafficPolicy"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each first public address of a condition about the direct peer's."""
    for found in lost_addresses(mesh):
        yield _finding(found)


def _finding(found: Lost) -> Finding:
    service, condition = found.service, found.condition
    effect = "matches all of them" if condition.is_negated else "matches none of them"
    return Finding(
        resource=found.policy.ref,
        path=f"{condition.path}/{found.position}",
        message=f"{service.ref} (externalTrafficPolicy Cluster) hides callers' addresses. {condition.label} {effect}.",
        fix=_local(service),
    )


def _local(service: Service) -> Fix:
    old = service.spec.external_traffic_policy
    change = replacement(_PATH, old, "Local") if old else (Operation("add", _PATH, "Local"),)
    return patch(service.ref, change, f"Set externalTrafficPolicy: Local on {service.ref}.", risk=RISK)


RULE = Rule(
    code="MF613",
    name="lost-client-address",
    severity=Severity.WARNING,
    inputs=(kinds.AUTHORIZATION_POLICY, kinds.SERVICE, *kinds.WORKLOADS),
    optional=(*INPUTS, kinds.WORKLOAD_ENTRY, kinds.REQUEST_AUTHENTICATION),
    about=(kinds.AUTHORIZATION_POLICY,),
    summary="A gateway's policy asks for addresses of callers, which nodes replace with their own",
    check=check,
)
