"""A request as policies see it: its path rewritten, its token's headers set, and the address it is taken to come from."""

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.paths import normalised
from kubectl_meshfix.traffic.terms.attributes import Attributes, Claims
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Wire

_FORWARDED = "x-forwarded-for"


def attributes(  # noqa: PLR0913 -- what a proxy knows of a request, each by its name
    mesh: Mesh,
    server: Party,
    wire: Wire,
    request: Request,
    *,
    port: int,
    is_http: bool,
    identity: str | Unknown | None = None,
    destination_ip: str | Unknown = "",
    claims: Claims | None = None,
) -> Attributes:
    """What the policies of ``server`` can ask about a request that came over a wire.

    ``port`` is the one on which the proxy received it. ``identity`` is what the server learned of its peer, None for what the wire says.
    ``claims`` are what became of its token, None before that was looked at.
    """
    known = wire.identity if identity is None else identity
    if not is_http:
        return Attributes(
            is_http=False, identity=known, source_ip=wire.source_ip, remote_ip=wire.source_ip, destination_ip=destination_ip, port=port,
            sni=wire.sni,
        )  # fmt: skip
    found = claims or Claims()
    headers = tuple((name, value) for name, value in request.headers if name not in found.removed_headers)
    return Attributes(
        is_http=True,
        identity=known,
        source_ip=wire.source_ip,
        remote_ip=remote_ip(mesh, server, request, wire.source_ip),
        destination_ip=destination_ip,
        port=port,
        sni=wire.sni,
        method="POST" if request.scheme is Scheme.GRPC else request.method,
        path=normalised_path(mesh, server, request) or request.path,
        host=request.authority,
        headers=(*headers, *found.set_headers.items()),
        claims=found.values,
    )


def normalised_path(mesh: Mesh, server: Party, request: Request) -> str | None:
    """A request's path as a proxy rewrites it before all else; None for one that it refuses with 400."""
    return normalised(request.path, control_plane.mesh_config(mesh, server.revision).path_normalization.normalization)


def remote_ip(mesh: Mesh, server: Party, request: Request, peer: str) -> str:
    """The address that a proxy takes for the original caller's; empty where it is not known.

    Sidecars and waypoints take the last entry of ``X-Forwarded-For``. Gateways take their peer, or with ``numTrustedProxies: n`` the n-th
    entry from the right (Envoy, `source/common/http/utility.cc getLastAddressFromXFF`).
    """
    entries = [item.strip() for item in ",".join(request.header(_FORWARDED)).split(",") if item.strip()]
    if server.plane is not Plane.GATEWAY:
        return entries[-1] if entries else peer
    trusted = control_plane.mesh_config(mesh, server.revision).default_config.gateway_topology.num_trusted_proxies
    return entries[-trusted] if 0 < trusted <= len(entries) else peer
