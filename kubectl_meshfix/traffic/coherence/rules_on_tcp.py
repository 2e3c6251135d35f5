"""What rules about HTTP do to ports that proxies read as TCP (`pilot/pkg/security/authz/model/model.go`)."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.coherence.servers import Server, servers
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Clause, Condition, terms_of
from kubectl_meshfix.traffic.policy.evaluation.layers import ALLOW, DENY
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer, PreparedRule, is_dry_run, prepared
from kubectl_meshfix.traffic.server.declared_ports import Declared, Reading


class ClosedPort(msgspec.Struct, frozen=True):
    """A port that a rule closes, because it asks for what only HTTP has. ``condition`` is the first thing of that kind in it.

    ``server`` is one of the workloads that have such a port. ``is_limited`` says that what is left of the rule asks for more than a port:
    it closes the port to those of whom that is so.
    """

    rule: PreparedRule
    condition: Condition
    server: Server
    port: int
    declared: Declared
    is_limited: bool


def closed_ports(mesh: Mesh) -> Iterator[ClosedPort]:
    """For each rule the first port that it closes.

    On TCP a DENY policy's rule loses what only HTTP has and refuses all that is left; an ALLOW policy's is dropped whole, and the port is
    closed unless another rule admits it. A rule that names other ports does not count.
    """
    found: dict[str, ClosedPort] = {}
    if not any(_is_of_http(mesh, policy) for policy in mesh.all(AuthorizationPolicy)):
        return
    for server in servers(mesh):
        tcp = {number: declared for number, declared in server.ports.items() if declared.reading is Reading.TCP}
        here = [policy for policy in attached(mesh, AuthorizationPolicy, server.party) if not is_dry_run(policy)] if tcp else []
        for number, declared in tcp.items():
            for rule in (*_denying(mesh, here, number), *_not_allowing(mesh, here, number)):
                condition = next(item for item in rule.dropped if item.is_of_http)
                is_limited = rule.rule is not None and not all(_admits(clause, number, whole=True) for clause in rule.rule.clauses)
                found.setdefault(rule.name, ClosedPort(rule, condition, server, number, declared, is_limited))
    yield from found.values()


def _is_of_http(mesh: Mesh, policy: AuthorizationPolicy) -> bool:
    is_enforced = policy.spec.action in (ALLOW, DENY) and not is_dry_run(policy)
    return is_enforced and any(_drops(rule) for rule in prepared(mesh, policy, Layer.TCP))


def _denying(mesh: Mesh, policies: Sequence[AuthorizationPolicy], port: int) -> Iterator[PreparedRule]:
    for rule in _rules(mesh, policies, DENY):
        if _drops(rule) and rule.rule and _admits(rule.rule.operations, port) and _admits_when(rule.rule.when, port):
            yield rule


def _not_allowing(mesh: Mesh, policies: Sequence[AuthorizationPolicy], port: int) -> Iterator[PreparedRule]:
    rules = tuple(_rules(mesh, policies, ALLOW))
    if any(rule.rule and _admits(rule.rule.operations, port) and _admits_when(rule.rule.when, port) for rule in rules):
        return
    for rule in rules:
        whole = terms_of(rule.policy.spec.rules[rule.number], rule.number)
        if _drops(rule) and whole and _admits(whole.operations, port) and _admits_when(whole.when, port):
            yield rule


def _rules(mesh: Mesh, policies: Sequence[AuthorizationPolicy], action: str) -> Iterator[PreparedRule]:
    return (rule for policy in policies if policy.spec.action == action for rule in prepared(mesh, policy, Layer.TCP))


def _drops(rule: PreparedRule) -> bool:
    return any(condition.is_of_http for condition in rule.dropped)


def _admits_when(clauses: Sequence[Clause], port: int) -> bool:
    return all(_admits(clause, port) for clause in clauses)


def _admits(clause: Clause, port: int, *, whole: bool = False) -> bool:
    """Whether one of the alternatives is for a port, as far as ports go; ``whole``: and asks for nothing else."""
    found = clause.alternatives
    return not found or any(all(_is_for(item, port, is_other=not whole) for item in conditions) for conditions in found)


def _is_for(condition: Condition, port: int, *, is_other: bool) -> bool:
    is_named = (str(port) in condition.values) is not condition.is_negated
    return is_named if condition.attribute == names.DESTINATION_PORT else is_other
