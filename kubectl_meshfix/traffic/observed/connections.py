"""The connection that a proxy gets, as the walk of a request says it."""

from collections.abc import Sequence

from kubectl_meshfix.traffic.observed.actions import Way
from kubectl_meshfix.traffic.observed.listening import Connection, connection
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.listeners import HTTPListener
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
        return made._replace(transport="tls" if taken.is_tls else "raw_buffer", server_name=taken.sni, applications=())
    address = chosen.address
    if address is None:
        return None
    own = address.address or next((item for item in (address.entry.addresses if address.entry else ()) if "/" not in item), "")
    return connection(request, own, request.port)


def expected(ways: Sequence[Way]) -> bool | None:
    """Whether the listener that is predicted reads HTTP; None where the connection ends before that matters.

    What REGISTRY_ONLY forbids goes to a cluster without endpoints, as bytes.
    """
    branch, hop = ways[0]
    match hop.chosen.listener:
        case None:
            return False if branch.ending.failure is Failure.BLOCKED and branch.hops[-1] is hop else None
        case HTTPListener():
            return True
        case GatewayRoute(is_http=is_http):
            return is_http
        case _:
            return False
