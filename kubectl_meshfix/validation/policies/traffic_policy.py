"""The policy of a DestinationRule, of its subsets and of its ports (`pkg/config/validation/validation.go validateTrafficPolicy`)."""

from kubectl_meshfix.validation.policies.client_tls import client_tls
from kubectl_meshfix.validation.policies.connection_pool import connection_pool
from kubectl_meshfix.validation.policies.load_balancing import load_balancer
from kubectl_meshfix.validation.policies.outliers import outlier_detection
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import is_address
from kubectl_meshfix.validation.values.fields import has, items, number, part, parts, text
from kubectl_meshfix.validation.values.hosts import flaw, refused
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, refusals

_OF_PORTS = ("outlierDetection", "connectionPool", "loadBalancer", "tls")
_OF_ALL = (*_OF_PORTS, "tunnel", "proxyProtocol", "retryBudget")


def traffic_policy(fields: Fields, path: str, namespace: str) -> Violations:
    """The ``trafficPolicy`` of a rule or of a subset. ``path`` is that of ``fields``; ``namespace`` is the rule's, empty where unknown."""
    policy, place = part(fields, "trafficPolicy"), f"{path}/trafficPolicy"
    if policy is None:
        return
    if not has(policy, *_OF_ALL) and not items(policy, "portLevelSettings"):
        yield Violation(path=place, says="trafficPolicy is empty", removes=True)
        return
    if has(policy, "tunnel") and has(policy, "proxyProtocol"):
        yield Violation(path=place, says="trafficPolicy has both tunnel and proxyProtocol, and only one can be set")
    yield from _connections(policy, place, namespace)
    yield from _of_ports(policy, place, namespace)
    yield from _tunnel(policy, place)


def _connections(policy: Fields, path: str, namespace: str) -> Violations:
    """What the policies of a rule and of a port have in common."""
    yield from outlier_detection(policy, path)
    yield from connection_pool(policy, "connectionPool", path)
    yield from load_balancer(policy, path)
    yield from client_tls(policy, path, namespace)


def _of_ports(policy: Fields, path: str, namespace: str) -> Violations:
    for place, setting in parts(policy, "portLevelSettings", path):
        if not has(setting, "port"):
            yield Violation(path=place, says="portLevelSettings names no port; write port.number")
        if not has(setting, *_OF_PORTS):
            yield Violation(path=place, says="portLevelSettings has none of tls, loadBalancer, connectionPool and outlierDetection")
        yield from refusals(_connections(setting, place, namespace))


def _tunnel(policy: Fields, path: str) -> Violations:
    tunnel, place = part(policy, "tunnel"), f"{path}/tunnel"
    if tunnel is None:
        return
    protocol, host = text(tunnel, "protocol"), text(tunnel, "targetHost")
    if protocol not in ("", "CONNECT", "POST"):
        meant = protocol.upper() if protocol.upper() in ("CONNECT", "POST") else None
        yield Violation(path=f"{place}/protocol", says=f'tunnel protocol is "{protocol}"; write CONNECT or POST', correction=meant)
    if not is_address(host):
        yield from refused("targetHost", host, f"{place}/targetHost" if host else place, flaw(host))
    port = number(tunnel, "targetPort")
    yield from ports.number("targetPort", port, f"{place}/targetPort" if port else place)
