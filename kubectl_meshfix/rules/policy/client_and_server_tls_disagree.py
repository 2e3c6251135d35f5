"""MF603: callers' proxies send what the pods of a Service refuse: plain text, TLS, or the mesh's mutual TLS."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.rules.policy.tls_fixes import fix_of
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.disagreement import INPUTS, Disagreement, disagreements, wider_rule
from kubectl_meshfix.traffic.peer_authentication import Accepted, MTLSMode
from kubectl_meshfix.traffic.terms.wire import Transport

_WITH_RULE: Mapping[Transport, tuple[tuple[str, ...], str]] = {
    Transport.PLAIN: (("KIA0207", "KIA0208"), "send plain text to"),
    Transport.TLS: (("KIA0505", "KIA0506"), "send TLS to"),
    Transport.ISTIO: (("KIA0505", "KIA0506"), "use mTLS with"),
}
"""What a DestinationRule does, by what it has callers send, and what others call that."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each DestinationRule or PeerAuthentication because of which some callers reach no pod of a Service."""
    found: dict[Where, list[Disagreement]] = defaultdict(list)
    for one in disagreements(mesh):
        found[_culprit(mesh, one)].append(one)
    for at, about in found.items():
        yield _finding(mesh, at, about)


def _culprit(mesh: Mesh, one: Disagreement) -> Where:
    """The ``tls`` of the callers, else a rule without any that hides one with, else what the server asks for."""
    if one.by_client:
        return Where(one.by_client.resource, f"{one.by_client.path}/mode")
    if wider_rule(mesh, one):
        return Where(one.cluster.rules[0], "/spec/host")
    match one.by_server:
        case Accepted(policy=PeerAuthentication() as policy, path=path):
            return Where(policy.ref, path)
        case _:
            return Where(one.service.ref, "")


def _finding(mesh: Mesh, at: Where, about: Sequence[Disagreement]) -> Finding:
    one = about[0]
    name = f"{one.service.ref} port {one.port}"
    mode = f"tls.mode {one.cluster.tls.mode if one.cluster.tls else ''}"
    if one.by_client:
        aliases, sent = _WITH_RULE[one.transport]
        aliases, taken = _taken(one, aliases)
        message = f"{mode}: callers {sent} {name}, {taken}."
    elif at.resource.kind == "DestinationRule":
        aliases = ("KIA0204",)
        message = f"Without tls, and without automatic mTLS, callers send plain text to {name}, which demands mTLS."
    elif one.by_namespace:
        aliases = ()
        message = f"{name} demands mTLS, but {one.by_namespace.ref} (DISABLE) has callers send plain text."
    else:
        aliases = ("KIA0401", "KIA0501")
        message = f"{name} demands mTLS, but callers send plain text, as automatic mTLS is off."
    evidence = [f"a caller: {one.sender}", *(f"also {item.service.ref} port {item.port}" for item in about[1:])]
    match one.by_server:
        case Accepted(policy=PeerAuthentication() as asked, mode=demanded):
            evidence.insert(0, f"{asked.ref}: {demanded}")
    message = f"{message} Requests fail."
    return Finding(resource=at.resource, path=at.path, message=message, evidence=tuple(evidence), fix=fix_of(mesh, one), aliases=aliases)


def _taken(one: Disagreement, aliases: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """What the pods do with what a DestinationRule has callers send, and what others call that."""
    if one.by_server is None:
        return ("KIA0205", "KIA0206"), "whose pods have no sidecar"
    if one.by_server.mode is MTLSMode.STRICT:
        return aliases if one.transport is Transport.PLAIN else (), "which demands mTLS"
    if one.by_server.mode is MTLSMode.DISABLE:
        return aliases, "which takes only plain text"
    return (), "which takes plain text or mTLS of the mesh"


RULE = Rule(
    code="MF603",
    name="client-and-server-tls-disagree",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, kinds.DESTINATION_RULE, kinds.PEER_AUTHENTICATION, kinds.SIDECAR, kinds.VIRTUAL_SERVICE, *kinds.WORKLOADS),
    optional=INPUTS,
    about=(kinds.DESTINATION_RULE, kinds.PEER_AUTHENTICATION),
    words=("tls", "PeerAuthentication"),
    aliases=("KIA0204", "KIA0205", "KIA0206", "KIA0207", "KIA0208", "KIA0401", "KIA0501", "KIA0505", "KIA0506"),
    summary="Callers' proxies send what the pods of a Service refuse",
    check=check,
)
