"""MF606: a rule about paths, methods, hosts or tokens closes ports that carry no HTTP."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.rules_on_tcp import ClosedPort, closed_ports
from kubectl_meshfix.traffic.coherence.servers import INPUTS, servers
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.policy.evaluation.layers import DENY
from kubectl_meshfix.traffic.server.declared_ports import Reading

RISK = "Connections to the ports that are not listed, which this rule refuses today, are allowed."
_FEW = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule that refuses all connections to a port that is declared as another protocol than HTTP."""
    for found in closed_ports(mesh):
        is_denial = found.rule.policy.spec.action == DENY
        name = f"port {found.port} ({found.declared.protocol}) of {found.server.party}"
        which = "all connections that its other conditions match" if found.is_limited else "every connection"
        effect = f"this rule refuses {which}" if is_denial else "no rule allows a connection"
        yield Finding(
            resource=found.rule.policy.ref,
            path=f"{found.condition.path}/0",
            message=f"Only HTTP has {found.condition.label}: on {name} {effect}.",
            evidence=(f"declared by {found.declared.at.resource}",),
            fix=_ports(mesh, found) if is_denial else manual(f'Allow the port with a rule of its own: ports: ["{found.port}"].'),
            severity=Severity.ERROR if is_denial else None,
        )


def _ports(mesh: Mesh, found: ClosedPort) -> Fix:
    """The rule for the ports that carry HTTP alone, where all it asks for of HTTP is in its operations and they name no ports."""
    policy, number = found.rule.policy, found.rule.number
    listed = {
        str(port)
        for server in servers(mesh)
        for port, declared in server.ports.items()
        if declared.reading is Reading.HTTP and policy in attached(mesh, AuthorizationPolicy, server.party)
    }
    start = join("spec", "rules", number, "to")
    is_in_operations = all(condition.path.startswith(f"{start}/") for condition in found.rule.dropped)
    operations = [item.operation for item in policy.spec.rules[number].to]
    if not listed or len(listed) > _FEW or not is_in_operations or any(item.ports or item.not_ports for item in operations):
        return manual("Name the ports that the rule is for, with ports in its operation.")
    where = [join("spec", "rules", number, "to", i, "operation", "ports") for i in range(len(operations))]
    ports = sorted(listed, key=int)
    summary = f"Let the rule be for port{'s' if ports[1:] else ''} {', '.join(ports)}."
    return patch(policy.ref, (Operation("add", path, ports) for path in where), summary, risk=RISK)


RULE = Rule(
    code="MF606",
    name="http-rule-on-tcp-port",
    severity=Severity.WARNING,
    inputs=(kinds.AUTHORIZATION_POLICY, kinds.SERVICE, *kinds.WORKLOADS),
    optional=INPUTS,
    about=(kinds.AUTHORIZATION_POLICY,),
    summary="A rule about paths, methods, hosts or tokens closes ports that carry no HTTP",
    check=check,
)
