"""MF605: a CUSTOM AuthorizationPolicy refuses all requests that it matches, because its provider cannot be used."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, near
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.policy.providers import GRPC, HTTP, provider
from kubectl_meshfix.traffic.policy.refusing import Refusing, refusing
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

RISK = "Requests that are refused today are decided by this provider."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each CUSTOM policy for which istiod writes rules that deny."""
    for found in refusing(mesh):
        yield _rival(found) if found.rival else _unusable(mesh, found)


def _rival(found: Refusing) -> Finding:
    other = found.rival
    also = f"{other.spec.provider.name} by {other.ref} too" if other else ""
    return Finding(
        resource=found.policy.ref,
        path="/spec/provider/name",
        message=f"These pods have two CUSTOM providers, {also}. Requests that either matches get 403.",
        fix=manual("Use one provider for these pods."),
    )


def _unusable(mesh: Mesh, found: Refusing) -> Finding:
    name = found.policy.spec.provider.name
    config = control_plane.mesh_config(mesh)
    better = (
        () if provider(mesh, name, None) else near(name, (item.name for item in config.extension_providers if item.kind in (HTTP, GRPC)))
    )
    otherwise = manual("Use a provider of the mesh configuration, or correct its entry in extensionProviders.")
    return Finding(
        resource=found.policy.ref,
        path="/spec/provider/name",
        message=f'Provider "{name}" cannot be used: {found.problem}. Requests that this policy matches get 403.',
        fix=corrected(found.policy.ref, "/spec/provider/name", name, better, otherwise, risk=RISK),
    )


RULE = Rule(
    code="MF605",
    name="custom-policy-refuses-all",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY,),
    optional=tuple(dict.fromkeys((*WORKLOADS, *registry.INPUTS, *registry.OPTIONAL, *MEMBERSHIP_INPUTS))),
    about=(kinds.AUTHORIZATION_POLICY,),
    summary="A CUSTOM AuthorizationPolicy refuses all requests, because its provider cannot be used",
    check=check,
)
