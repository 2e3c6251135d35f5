"""AuthorizationPolicies: whether a proxy lets a request through, and which policy and rule decides.

An external authorizer is asked first, then DENY decides, then ALLOW (`pilot/pkg/security/authz/builder/builder.go`). Envoy looks at tokens
between the first two: whoever does so asks ``consulted`` and ``enforced`` one after the other.
"""

from collections.abc import Sequence

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.checks import policy as checks
from kubectl_meshfix.traffic.policy import attached as attachment
from kubectl_meshfix.traffic.policy import custom
from kubectl_meshfix.traffic.policy.attached import attached, unattached, unread
from kubectl_meshfix.traffic.policy.enforcement import NOBODY, enforce
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer
from kubectl_meshfix.traffic.terms.attributes import Attributes, Decision
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*attachment.INPUTS, *registry.INPUTS)))
"""Kinds that decide; those of the registry tell whether an external authorizer is there."""

_CERTAIN = (Failure.DENIED, Failure.BAD_PROVIDER, Failure.PROVIDER_DENIED)
"""Refusals that no other policy can take back."""


def authorize(mesh: Mesh, server: Party, request: Attributes, services: Sequence[Ref] = ()) -> Steps[tuple[Alternative[Decision], ...]]:
    """All ways in which the policies of a proxy may decide on a request that needs no look at tokens any more.

    ``services`` are the Services and ServiceEntries whose traffic a waypoint handles here.
    """
    asked = yield from consulted(mesh, server, request, services)
    if not any(way.value.is_allowed for way in asked):
        return asked
    decided = yield from enforced(mesh, server, request, services)
    found: list[Alternative[Decision]] = []
    for way in asked:
        rest = [Alternative(end.value, given=(*way.given, *end.given)) for end in decided] if way.value.is_allowed else [way]
        found += rest
    return tuple(found)


def consulted(mesh: Mesh, server: Party, request: Attributes, services: Sequence[Ref] = ()) -> Steps[tuple[Alternative[Decision], ...]]:
    """What CUSTOM policies make of a request, before its token is looked at."""
    policies = attached(mesh, AuthorizationPolicy, server, services)
    for policy in unattached(mesh, server):
        yield step(checks.NO_WAYPOINT, Where(resource=policy.ref, path="/spec/targetRefs"), policy=str(policy.ref), server=str(server))
    if len(policies) == 1:
        yield step(checks.ONE_APPLIES, policy=str(policies[0].ref), server=str(server))
    elif policies:
        yield step(checks.APPLY, count=len(policies), server=str(server))
    elif not unread(mesh, kinds.AUTHORIZATION_POLICY, server, services):
        yield step(checks.NONE_APPLIES, server=str(server))
    return (yield from custom.consult(mesh, server, request, services, trust_domains(mesh, server)))


def enforced(mesh: Mesh, server: Party, request: Attributes, services: Sequence[Ref] = ()) -> Steps[tuple[Alternative[Decision], ...]]:
    """What DENY and ALLOW policies make of a request whose token was looked at."""
    policies = attached(mesh, AuthorizationPolicy, server, services)
    layer = Layer.HTTP if request.is_http else Layer.TCP
    decided = yield from enforce(mesh, policies, request, layer, trust_domains(mesh, server))
    return (yield from unless_unread(mesh, server, services, decided))


def unless_unread(
    mesh: Mesh, server: Party, services: Sequence[Ref], decided: tuple[Alternative[Decision], ...]
) -> Steps[tuple[Alternative[Decision], ...]]:
    """The ways, and the other way round where policies that could not be read may decide otherwise."""
    spaces = unread(mesh, kinds.AUTHORIZATION_POLICY, server, services)
    if not spaces:
        return decided
    names = ", ".join(spaces)
    unknown = Unknown(kind=UnknownKind.UNREADABLE, of=f"AuthorizationPolicies of {names}", settled_by="the right to list them")
    yield step(checks.UNREAD, unknown=unknown, namespaces=names)
    found: list[Alternative[Decision]] = []
    for way in decided:
        if way.value.failure in _CERTAIN:
            found.append(way)
            continue
        other = Decision(failure=Failure.NOT_ALLOWED, matched_policy=NOBODY) if way.value.is_allowed else Decision()
        found.append(Alternative(way.value, given=(*way.given, Given(unknown=unknown, is_so=False))))
        found.append(Alternative(other, given=(*way.given, Given(unknown=unknown, is_so=True))))
    return tuple(found)


def trust_domains(mesh: Mesh, server: Party) -> tuple[str, ...]:
    """The mesh's own trust domain and its aliases."""
    config = control_plane.mesh_config(mesh, server.revision)
    return (config.trust_domain, *config.trust_domain_aliases)
