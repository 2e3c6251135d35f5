"""MF603: callers' proxies send what the pods of a Service refuse: plain text, TLS, or the mesh's mutual TLS."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.policy.tls_fixes import fix_of
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.disagreement import INPUTS, Disagreement, disagreements, wider_rule
from kubectl_meshfix.traffic.terms.wire import Transport

_WITH_RULE = {
    Transport.PLAIN: (("IST0113", "KIA0207", "KIA0208"), "has callers send plain text"),
    Transport.TLS: (("KIA0505", "KIA0506"), "has callers send TLS"),
    Transport.ISTIO: (("KIA0505", "KIA0506"), "has callers use mTLS"),
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
    policy = one.by_server.policy if one.by_server else None
    return Where(policy.ref, one.by_server.path) if policy and one.by_server else Where(one.service.ref, "")


def _finding(mesh: Mesh, at: Where, about: Sequence[Disagreement]) -> Finding:
    one = about[0]
    policy = one.by_server.policy if one.by_server else None
    takes = f"{policy.name} ({one.by_server.mode})" if policy and one.by_server else ""
    name = f"{one.service.ref} port {one.port}"
    if one.by_client:
        aliases, does = _WITH_RULE[one.transport]
        mode = one.cluster.tls.mode if one.cluster.tls else ""
        if one.by_server is None:
            aliases, why = ("KIA0205", "KIA0206"), "its pods have no sidecar"
        elif one.transport is Transport.PLAIN:
            why = f"PeerAuthentication {takes} demands mTLS"
        else:
            aliases = ("KIA0505", "KIA0506") if takes else ()
            why = f"PeerAuthentication {takes} takes plain text" if takes else "its sidecar takes plain text or the mesh's mTLS there"
        message = f"tls.mode {mode} {does} to {name}, but {why}. Their requests fail."
    elif at.resource.kind == "DestinationRule":
        aliases = ("KIA0204",)
        message = f"Without tls, and without automatic mTLS, callers send plain text to {name}, which demands mTLS. Their requests fail."
    elif one.by_namespace:
        aliases = ()
        message = f"{name} demands mTLS, but callers send it plain text, because of {one.by_namespace.ref} (DISABLE). Their requests fail."
    else:
        aliases = ("KIA0401", "KIA0501")
        message = f"{name} demands mTLS, but callers send it plain text, because automatic mTLS is off. Their requests fail."
    evidence = (f"a caller: {one.sender}", *(f"also {item.service.ref} port {item.port}" for item in about[1:]))
    return Finding(resource=at.resource, path=at.path, message=message, evidence=evidence, fix=fix_of(mesh, one), aliases=aliases)


RULE = Rule(
    code="MF603",
    name="client-and-server-tls-disagree",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, kinds.DESTINATION_RULE, kinds.PEER_AUTHENTICATION, kinds.SIDECAR, kinds.VIRTUAL_SERVICE, *kinds.WORKLOADS),
    optional=INPUTS,
    aliases=("IST0113", "KIA0204", "KIA0205", "KIA0206", "KIA0207", "KIA0208", "KIA0401", "KIA0501", "KIA0505", "KIA0506"),
    summary="Callers' proxies send what the pods of a Service refuse",
    check=check,
)
