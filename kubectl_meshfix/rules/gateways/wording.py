"""How rules about gateways name servers and hosts."""

from collections.abc import Iterable

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.traffic.gateway.names import bare
from kubectl_meshfix.traffic.gateway.servers import Server


def listed(hosts: Iterable[str]) -> str:
    """Hosts as a sentence takes them; the wildcard for all of them in words."""
    return few(tuple(dict.fromkeys("every host" if bare(host) == "*" else bare(host) for host in hosts)))


def protocol(server: Server) -> str:
    """A server's protocol, as its author writes it."""
    return server.protocol.upper()
