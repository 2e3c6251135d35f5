"""The connection that a proxy gets, as the walk of a request says it."""

from kubectl_meshfix.traffic.observed.listening import Connection, connection
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Listener
from kubectl_meshfix.traffic.trace.answers import Chosen


def opened(chosen: Chosen) -> Connection | None:
    """The connection that a proxy takes; None where its chosen listener was not reached.

    A caller's own goes to the address that was called, a gateway's to the port of its pods.
    """
    request = chosen.request
    if request is None:
        return None
    if isinstance(chosen.listener, GatewayRoute):
        made = connection(request, "", chosen.listener.port)
        taken = chosen.listener
        return made._replace(transport="tls" if taken.is_tls else "raw_buffer", server_name=taken.sni, application="")
    address = chosen.address
    if address is None:
        return None
    own = address.address or next((item for item in (address.entry.addresses if address.entry else ()) if "/" not in item), "")
    return connection(request, own, request.port)


def expected(listener: Listener | GatewayRoute) -> bool:
    """Whether the listener that is predicted reads HTTP."""
    return isinstance(listener, HTTPListener) or (isinstance(listener, GatewayRoute) and listener.is_http)
