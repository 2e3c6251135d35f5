"""MF507: a Secret with a certificate is not where it is looked for."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, few
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import Absence, absence, sentence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.credentials.missing import INPUTS, Missing, missing
from kubectl_meshfix.traffic.credentials.naming import Use

RISK = "Clients get the certificate of that Secret, which may not be the one that was meant."

_EFFECTS = {
    Use.SERVER: "TLS handshakes with this server fail",
    Use.LISTENER: "Istio does not build this listener",
    Use.CLIENT: "connections to this host fail",
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Secret that is named and known not to be there (`analyzers/gateway/secret.go`, for one credential of Istio's Gateways)."""
    for found in missing(mesh):
        owner = found.needed.owner
        message, severity = _message(found, is_live=mesh.live)
        yield Finding(
            resource=owner.ref,
            path=found.needed.path,
            message=message,
            evidence=(f"it is looked for in {_where(found)}",),
            fix=_fix(found),
            severity=severity,
        )


def _message(found: Missing, *, is_live: bool) -> Absence:
    effect = _EFFECTS[found.needed.use]
    if found.elsewhere:  # which files alone tell
        homes, name = few(found.elsewhere), found.needed.name
        return Absence(f"Secret {name} is in namespace {homes}, and Istio reads it in {found.namespace} only. {sentence(effect)}", None)
    return absence(f"Secret {found.namespace}/{found.needed.name}", effect, is_live=is_live, is_slip=found.is_certain)


def _where(found: Missing) -> str:
    match found.needed.use:
        case Use.SERVER:
            return f"namespace {found.namespace}, where the gateway's pods are"
        case Use.LISTENER:
            return f"namespace {found.namespace}, which the certificateRef means"
        case Use.CLIENT:
            return f"namespace {found.namespace}, where the clients are"


def _fix(found: Missing) -> Fix:
    name, home = found.needed.name, found.namespace
    otherwise = manual(f"Create Secret {name} in namespace {home}, or name one that is there.", f"kubectl get secrets -n {home}")
    better = (found.meant,) if found.meant and not found.elsewhere and found.needed.written == name else ()
    return corrected(found.needed.owner.ref, found.needed.path, found.needed.written, better, otherwise, risk=RISK)


RULE = Rule(
    code="MF507",
    name="missing-tls-secret",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=tuple(dict.fromkeys(kind for kind in INPUTS if kind not in kinds.WORKLOADS)),
    about=(kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, kinds.DESTINATION_RULE),
    words=("credentialName", "certificateRefs"),
    aliases=("IST0101",),
    summary="A Secret with a certificate is not where it is looked for",
    check=check,
)
