"""CUSTOM policies: whether an external authorizer is asked, and what is known of its answer.

They come before tokens are looked at, and before all other policies (`pilot/pkg/networking/core/listener_builder.go`).
"""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import policy as checks
from kubectl_meshfix.traffic.policy import providers
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.policy.enforcement import given_of, in_order
from kubectl_meshfix.traffic.policy.evaluation.layers import CUSTOM
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer, PreparedRule, is_dry_run, told, told_failure, told_reduction
from kubectl_meshfix.traffic.policy.evaluation.rules import evaluate
from kubectl_meshfix.traffic.terms.attributes import Attributes, Decision
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party

_SEVERAL = "PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS"
_ONLY_ONE = "a workload can only have one provider"
_SUFFIX = "-deny-due-to-bad-CUSTOM-action"


class _Provider(msgspec.Struct, frozen=True):
    """An authorizer as a workload's policies name it. ``problem`` is why it cannot be used, empty where it can."""

    name: str
    title: str
    problem: str | Unknown
    is_grpc: bool
    prefix: str


class _Way(msgspec.Struct, frozen=True):
    """Where requests end, and what those that go on take for granted; None where none goes on."""

    ends: tuple[Alternative[Decision], ...]
    rest: tuple[Given, ...] | None


def consult(
    mesh: Mesh, server: Party, request: Attributes, services: Sequence[Ref], trust_domains: tuple[str, ...]
) -> Steps[tuple[Alternative[Decision], ...]]:
    """What CUSTOM policies make of a request: it goes on, it is denied, or both, where the authorizer's answer decides."""
    policies = [policy for policy in attached(mesh, AuthorizationPolicy, server, services) if policy.spec.action == CUSTOM]
    names = sorted({policy.spec.provider.name for policy in policies})
    found: list[Alternative[Decision]] = []
    given: tuple[Given, ...] = ()
    for name in names:
        own = [policy for policy in policies if policy.spec.provider.name == name]
        way = yield from _ask(mesh, own, request, trust_domains, _provider(mesh, server, name, is_alone=len(names) == 1))
        found += [Alternative(end.value, given=(*given, *end.given)) for end in way.ends]
        if way.rest is None:
            return tuple(found)
        given = (*given, *way.rest)
    return (*found, Alternative(Decision(), given=given))


def takes_several(mesh: Mesh, server: Party) -> bool:
    """Whether a proxy may have several providers (`pilot/pkg/security/authz/builder/builder.go buildHTTP`)."""
    plane = control_plane.control_plane(mesh, server.revision) if server.revision else control_plane.main_control_plane(mesh)
    return bool(plane and plane.env and go_bool(plane.env.get(_SEVERAL, "")))


def _provider(mesh: Mesh, server: Party, name: str, *, is_alone: bool) -> _Provider:
    plane = control_plane.control_plane(mesh, server.revision) if server.revision else control_plane.main_control_plane(mesh)
    is_new = plane is None or plane.version is None or plane.version >= providers.NAMES_CHECKED
    found = providers.provider(mesh, name, server.revision)
    return _Provider(
        name=name,
        title=f"provider {name}" if name else "a provider without a name",
        problem=providers.problem(mesh, name, server.revision) if is_alone or takes_several(mesh, server) else _ONLY_ONE,
        is_grpc=found is None or found.kind == providers.GRPC,
        prefix=f"istio-ext-authz-{name}-" if is_new and name else "istio-ext-authz-",
    )


def _ask(
    mesh: Mesh, policies: Sequence[AuthorizationPolicy], request: Attributes, trust_domains: tuple[str, ...], provider: _Provider
) -> Steps[_Way]:
    layer = Layer.HTTP if request.is_http else Layer.TCP
    ends: list[Alternative[Decision]] = []
    given: tuple[Given, ...] = ()
    is_asked = False
    for policy in policies:
        at = Where(resource=policy.ref, path="/spec")
        if not policy.spec.rules:
            yield step(checks.NEVER_ASKED, at, policy=str(policy.ref), provider=provider.title)
        elif provider.problem == "" and not provider.is_grpc and not request.is_http:
            yield step(checks.NOT_FOR_TCP, at, policy=str(policy.ref), provider=provider.title)
            return _Way((), ())
    for rule in in_order(mesh, policies, layer):
        if reduction := told_reduction(rule, layer):
            yield reduction
        if rule.rule is None:
            continue
        match = evaluate(rule.rule, request, rule.policy.namespace, trust_domains)
        if match.value is False:
            yield told_failure(checks.NOT_ASKED, rule, match.failed, request, provider=provider.title)
            continue
        answer = yield from _matched(rule, match.value, provider, is_asked=is_asked)
        ends += [Alternative(answer.end, given=(*given, *answer.given))] if answer.end else []
        if answer.otherwise is None:
            return _Way(tuple(ends), None)
        given = (*given, *answer.otherwise)
        is_asked = is_asked or answer.is_asked
        if match.value is True and is_asked:
            break
    return _Way(tuple(ends), given)


class _Answer(msgspec.Struct, frozen=True):
    """How a rule ends the request, given what; and what is given where it does not, None where it always does."""

    end: Decision | None
    given: tuple[Given, ...]
    otherwise: tuple[Given, ...] | None
    is_asked: bool = False


def _matched(rule: PreparedRule, value: bool | Unknown, provider: _Provider, *, is_asked: bool) -> Steps[_Answer]:
    if is_dry_run(rule.policy):
        decision = Decision(failure=Failure.DENIED, at=rule.at, matched_policy=f"{provider.prefix}{rule.name}")
        unknown = Unknown(kind=UnknownKind.VERSION, of="a dry run of a CUSTOM policy", settled_by=CLUSTER)
        yield told(checks.DRY_CUSTOM, rule, unknown=unknown)
        return _Answer(decision, (given_of(rule, unknown, is_so=True),), (given_of(rule, unknown, is_so=False),))
    if isinstance(provider.problem, str) and provider.problem:
        if isinstance(value, Unknown):
            yield told(checks.MAY_BE_BAD, rule, unknown=value, provider=provider.title, why=provider.problem)
            return _Answer(_bad(rule, provider), (given_of(rule, value, is_so=True),), (given_of(rule, value, is_so=False),))
        yield told(checks.BAD, rule, provider=provider.title, why=provider.problem)
        return _Answer(_bad(rule, provider), (), None)
    refuses = Unknown(kind=UnknownKind.RUNTIME, of=f"whether {provider.title} refuses it", settled_by="the provider's answer")
    if isinstance(value, Unknown):
        yield told(checks.MAY_BE_ASKED, rule, unknown=value, provider=provider.title, what=str(value.of))
    else:
        yield told(checks.ASKED, rule, unknown=refuses, provider=provider.title)
    if is_asked:
        return _Answer(None, (), (), is_asked=True)
    return _Answer(_refusal(rule, provider), (Given(unknown=refuses, is_so=True),), (Given(unknown=refuses, is_so=False),), is_asked=True)


def _bad(rule: PreparedRule, provider: _Provider) -> Decision:
    return Decision(
        failure=Failure.BAD_PROVIDER, at=rule.at, matched_policy=f"{provider.prefix}{rule.name}{_SUFFIX}", provider=provider.name
    )


def _refusal(rule: PreparedRule, provider: _Provider) -> Decision:
    return Decision(failure=Failure.PROVIDER_DENIED, at=rule.at, provider=provider.name)
