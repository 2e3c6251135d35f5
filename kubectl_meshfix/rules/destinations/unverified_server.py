"""MF425: proxies do not verify the server's certificate."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.originating import originations
from kubectl_meshfix.traffic.registry import INPUTS


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each ``tls`` in force that turns verification off (`pilot/pkg/networking/core/cluster_tls.go constructUpstreamTLS`)."""
    seen = set()
    for found in originations(mesh):
        if found.tls.insecure_skip_verify and found.at not in seen:
            seen.add(found.at)
            yield Finding(
                resource=found.at.resource,
                path=f"{found.at.path}/insecureSkipVerify",
                message=f"The certificate of {found.entry.host} is not verified. Whoever is on the way can read and change requests.",
                fix=manual("Name the CA in caCertificates or credentialName, and remove insecureSkipVerify."),
                aliases=("IST0129",) if found.is_of_port else ("IST0128",),
            )


RULE = Rule(
    code="MF425",
    name="unverified-server",
    severity=Severity.INFO,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=control_plane.INPUTS,
    about=(kinds.DESTINATION_RULE,),
    words=("insecureSkipVerify",),
    aliases=("IST0128", "IST0129"),
    summary="Proxies do not verify a server's certificate",
    check=check,
)
