"""AUTO_PASSTHROUGH: TLS of the mesh that goes on by the Service in its SNI (`gateway.go builtAutoPassthroughFilterChains`)."""

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Steps, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.names import within
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.routes import Target
from kubectl_meshfix.traffic.terms.wire import Transport, Wire

_PARTS = 4


def targets(mesh: Mesh, server: Server, namespace: str, sni: str, wire: Wire | None) -> Steps[tuple[Alternative[Target], ...] | Failure]:
    """Where mutual TLS of the mesh goes: to the host, port and subset of ``outbound_.PORT_.SUBSET_.HOST``.

    The host has to be one of the server's, inside of the mesh, and known to proxies of ``namespace``.
    """
    parts = sni.split("_.", _PARTS - 1)
    if wire and wire.transport is Transport.ISTIO and len(parts) == _PARTS and parts[0] == "outbound" and parts[1].isdecimal():
        port, subset, host = int(parts[1]), parts[2], parts[3]
        names = server.server_names or ("*",)
        entries = registry(mesh).visible(host, (namespace,)) if any(within(host, name) for name in names) else ()
        if any(not entry.is_external and any(known.number == port for known in entry.ports) for entry in entries):
            target = Target(host=host, port=port, subset=subset, at=server.at)
            yield step(check.HANDED_ON, server.at, targets=f"{host}:{port}")
            return (Alternative(target),)
    yield step(check.NOT_OF_THE_MESH, server.at)
    return Failure.TLS_REFUSED
