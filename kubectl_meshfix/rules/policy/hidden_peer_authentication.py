"""MF612: a PeerAuthentication has no effect, because Istio uses another one for the same pods."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.peer_authentications import INPUTS, Hidden, hidden


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each that an older one of the same level hides, and each with a selector in the root namespace."""
    for found in hidden(mesh):
        if found.by is None or mesh.are_together(found.policy.ref, found.by.ref):
            yield _finding(found)


def _finding(found: Hidden) -> Finding:
    policy, by = found.policy, found.by
    has_selector = bool(policy.spec.selector and policy.spec.selector.match_labels)
    path = "/spec/selector" if has_selector else "/metadata/name"
    if by is None:
        message = "A PeerAuthentication with a selector has no effect in the root namespace."
        fix = manual("Move it to the namespace of its pods.")
        return Finding(resource=policy.ref, path=path, message=message, fix=fix, aliases=())
    is_same = (policy.spec.mtls, policy.spec.port_level_mtls) == (by.spec.mtls, by.spec.port_level_mtls)
    which = "the older" if found.is_known else "the oldest"
    whom = "selects some of the same pods" if has_selector else "is for the same namespace"
    return Finding(
        resource=policy.ref,
        path=path,
        message=f"{by.ref} {whom}. Istio uses only {which} of them.",
        fix=manual("Merge both into one, or let them select different pods."),
        severity=Severity.INFO if is_same else None,
        aliases=("KIA0003",) if has_selector else ("KIA0002",),
    )


RULE = Rule(
    code="MF612",
    name="hidden-peer-authentication",
    severity=Severity.WARNING,
    inputs=(kinds.PEER_AUTHENTICATION, *kinds.WORKLOADS),
    optional=INPUTS,
    about=(kinds.PEER_AUTHENTICATION,),
    aliases=("KIA0002", "KIA0003"),
    summary="A PeerAuthentication has no effect beside another one for the same pods",
    check=check,
)
