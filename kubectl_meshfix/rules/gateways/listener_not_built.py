"""MF508: a listener of a Kubernetes Gateway is not built."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.gateways.grants import grant
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.checks import gateway as why
from kubectl_meshfix.traffic.gateway.kubernetes.unbuilt import INPUTS, Unbuilt, unbuilt

_WORDS = {
    why.CONFLICTED: ("", "It conflicts with listener {other} on port {port}", "Give it another hostname or port, or remove it."),
    why.NOT_SUPPORTED: ("/protocol", "Istio has no listeners for {protocol}", "Use HTTP, HTTPS, TLS or TCP."),
    why.NO_TLS_SECTION: ("/protocol", "It is for {protocol} and has no tls", "Add tls with certificateRefs, or use HTTP."),
    why.NO_CERTIFICATE_REF: ("/tls", "It ends TLS and names no certificate", "Name a Secret in certificateRefs."),
    why.TOO_MANY_CERTIFICATES: ("/tls/certificateRefs", "It names more than two certificates", "Leave at most two, one RSA and one ECDSA."),
    why.NO_GRANT_FOR_SECRET: ("/tls/certificateRefs", "No ReferenceGrant lets it use Secret {secret}", ""),
    why.SECRET_WITHOUT_KEYS: ("/tls/certificateRefs", "Secret {secret} has no tls.crt or no tls.key", "Give the Secret both keys."),
    why.NOT_A_SECRET: ("/tls/certificateRefs", "Its certificate is of kind {kind}, and has to be a Secret", "Name a Secret."),
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each listener that istiod leaves out (`pilot/pkg/config/kube/gateway/conversion.go buildListener`, `listener_conflict.go`)."""
    for found in unbuilt(mesh):
        field, reason, advice = _WORDS[found.why]
        clients = "clients reach the other one" if found.why is why.CONFLICTED else "clients cannot connect"
        yield Finding(
            resource=found.gateway.ref,
            path=found.path + field,
            message=f"{reason.format(**found.words)}. Istio does not build the listener, and {clients}.",
            fix=_grant(found) if found.why is why.NO_GRANT_FOR_SECRET else manual(advice),
            aliases=("KIA1503",) if found.why is why.CONFLICTED else (),
        )


def _grant(found: Unbuilt) -> Fix:
    home, _, name = found.words["secret"].partition("/")
    return grant(found.gateway, "Secret", name, home)


RULE = Rule(
    code="MF508",
    name="listener-not-built",
    severity=Severity.ERROR,
    inputs=(kinds.KUBERNETES_GATEWAY,),
    optional=tuple(kind for kind in INPUTS if kind is not kinds.KUBERNETES_GATEWAY),
    about=(kinds.KUBERNETES_GATEWAY,),
    aliases=("KIA1503",),
    summary="A listener of a Kubernetes Gateway is not built",
    check=check,
)
