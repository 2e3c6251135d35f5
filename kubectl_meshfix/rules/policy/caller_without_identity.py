"""MF610: an AuthorizationPolicy names callers that have no identity of the mesh, or that do not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.identities import INPUTS, Entry, Misspelt, Nameless, disabled, misspelt, nameless
from kubectl_meshfix.traffic.peer_authentication import Accepted
from kubectl_meshfix.traffic.terms.parties import Party

RISK = "Callers of this service account may be allowed or refused, unlike today."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each entry about callers without a sidecar, of a service account that no pod uses, or at pods that accept plain text alone."""
    of_server = list(disabled(mesh))
    spoken_of = {entry.policy.ref for entry, _, _ in of_server}
    yield from (_disabled(*found) for found in of_server)
    yield from (_nameless(mesh, found) for found in nameless(mesh) if found.entry.policy.ref not in spoken_of)
    yield from (_misspelt(found) for found in misspelt(mesh))


def _path(entry: Entry) -> str:
    return f"{entry.condition.path}/{entry.position}"


def _effect(entry: Entry) -> str:
    """What an entry about nobody's identity does, as a sentence."""
    if entry.condition.is_negated:
        return f"{entry.condition.label} holds for all their requests."
    match entry.policy.spec.action:
        case "DENY":
            return "This entry does not deny their requests."
        case "ALLOW" | "":
            return "This entry does not allow their requests."
        case _:
            return "This entry does not match their requests."


def _nameless(mesh: Mesh, found: Nameless) -> Finding:
    callers = few([str(caller.ref) for caller in found.callers])
    has = "have" if len(found.callers) > 1 else "has"
    return Finding(
        resource=found.entry.policy.ref,
        path=_path(found.entry),
        message=f"{callers} {has} no sidecar and so no identity. {_effect(found.entry)}",
        fix=manual("Give these callers a sidecar, or admit them by something else than their identity."),
        severity=None if mesh.live else Severity.WARNING,
        aliases=(),
    )


def _misspelt(found: Misspelt) -> Finding:
    who, entry = found.named, found.entry
    otherwise = manual("Name a service account that pods use.", f"kubectl get serviceaccounts -n {who.namespace}")
    better = (found.meant,) if found.meant else ()
    return Finding(
        resource=entry.policy.ref,
        path=_path(entry),
        message=f"No pod in namespace {who.namespace} uses the service account {who.account}. This entry is about nobody.",
        fix=corrected(entry.policy.ref, _path(entry), entry.value, better, otherwise, risk=RISK),
        severity=Severity.WARNING,
        aliases=("KIA0106",),
    )


def _disabled(entry: Entry, by: Accepted, party: Party) -> Finding:
    whom = f"{party} takes" if party.workload else "The selected pods take"
    return Finding(
        resource=entry.policy.ref,
        path=_path(entry),
        message=f"{whom} no mTLS, so callers have no identity. {_effect(entry)}",
        evidence=(by.reason,),
        fix=manual("Let these pods accept mTLS: set PERMISSIVE or STRICT in the PeerAuthentication."),
        aliases=("KIA0105",),
    )


RULE = Rule(
    code="MF610",
    name="caller-without-identity",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY, *kinds.WORKLOADS),
    optional=(*INPUTS, kinds.WORKLOAD_ENTRY, kinds.REQUEST_AUTHENTICATION),
    about=(kinds.AUTHORIZATION_POLICY,),
    aliases=("KIA0105", "KIA0106"),
    summary="An AuthorizationPolicy names callers that have no identity of the mesh, or that do not exist",
    check=check,
)
