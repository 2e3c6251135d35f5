"""What a gateway makes of a request."""

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.routes import Target, VirtualHost


class GatewayRoute(Struct, frozen=True):
    """A connection that a gateway took, and where it leads.

    ``route`` is the virtual host of what is read as HTTP, the targets of a connection that is only handed on, or NO_ROUTE: then the
    gateway's policies are asked before it answers 404. ``port`` is the container port, which policies name; ``number`` is the port as the
    server or listener ``at`` says it, and that of targets which name none. ``is_tls_terminated`` is of TLS that the gateway takes off; what
    is handed on is still encrypted where ``is_tls`` is set and this is not. ``identity`` is the caller's, of a certificate of the mesh;
    empty where it showed none.
    """

    route: VirtualHost | tuple[Alternative[Target], ...] | Failure
    port: int
    number: int
    at: Where
    is_http: bool
    is_tls: bool = False
    is_tls_terminated: bool = False
    sni: str = ""
    identity: str = ""
