"""What a server's own proxy does with the connection that it is predicted to get."""

from collections.abc import Sequence

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import observed as check
from kubectl_meshfix.traffic.observed.actions import Way
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.observed.listening import Connection, chosen, ends
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.wire import Transport, Wire
from kubectl_meshfix.traffic.trace.answers import Chosen

INBOUND = "virtualInbound"
"""The listener to which all that comes to a pod is redirected (`pilot/pkg/networking/core/listener_inbound.go`)."""


def compare_inbound(pod: Ref, ways: Sequence[Way], found: Config) -> Steps[None]:
    """Whether the server's listener takes the connection in the same way: which TLS, and whether it reads HTTP."""
    branch, hop = ways[0]
    asked, wanted = arriving(hop.chosen), _predicted(hop.chosen, branch.ending.failure if branch.hops[-1] is hop else None)
    listener = found.listeners.get(INBOUND)
    if asked is None or wanted is None or hop.chosen.line is None:
        return
    transport = hop.chosen.line.transport
    if listener is None:
        yield step(check.INBOUND_ABSENT, Where(pod), pod=str(pod), listener=INBOUND)
        return
    chain = chosen(listener, asked)
    ending = ends(chain) if chain else None
    has = _does(transport, ending.reads_http if ending else None, is_taken=chain is not None)
    if has == wanted:
        yield step(check.INBOUND_SAME, Where(pod), port=asked.port, does=has)
    else:
        yield step(check.INBOUND_DIFFERS, Where(pod), pod=str(pod), port=asked.port, does=has, wanted=wanted)


def arriving(reached: Chosen) -> Connection | None:
    """The connection as the server's listener filters see it; None for what is not compared: TLS of others, and HBONE."""
    line, endpoint = reached.line, reached.endpoint
    if line is None or endpoint is None or line.transport not in (Transport.ISTIO, Transport.PLAIN):
        return None
    is_tls = line.transport is Transport.ISTIO
    version = reached.request.version if reached.request else ""
    return Connection(
        address="",
        port=endpoint.port,
        transport="tls" if is_tls else "raw_buffer",
        applications=_offered(line) if is_tls else _sniffed(line, version),
        server_name=line.sni.lower(),
    )


def _offered(line: Wire) -> tuple[str, ...]:
    """The ALPN of the mesh's TLS: it says whether the sender read HTTP (`pilot/pkg/networking/core/listener.go istio_alpn`)."""
    if not line.announces_http:
        return ("istio",)
    return ("istio-h2", "istio", "h2") if line.is_http2 else ("istio-http/1.1", "istio", "http/1.1")


def _sniffed(line: Wire, version: str) -> tuple[str, ...]:
    if not line.is_http:
        return ()
    return ("h2c",) if line.is_http2 else ("http/1.0",) if version == "1.0" else ("http/1.1",)


def _predicted(reached: Chosen, failure: Failure | None) -> str | None:
    """What is predicted, in words; None for an end that no filter chain decides."""
    transport = reached.line.transport if reached.line else Transport.PLAIN
    if reached.chain is not None:
        return _does(transport, reached.chain.is_http, is_taken=True) if reached.chain.is_captured and not reached.chain.failure else None
    return _does(transport, None, is_taken=False) if failure is Failure.NO_FILTER_CHAIN else None


def _does(transport: Transport, reads_http: bool | None, *, is_taken: bool) -> str:
    if not is_taken or reads_http is None:
        return f"refuses {transport.value}"
    return f"takes {transport.value} and reads {'HTTP' if reads_http else 'TCP'}"
