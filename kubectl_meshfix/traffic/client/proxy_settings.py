"""What decides on a proxy's listeners besides objects: how its istiod and the proxy itself are set up."""

from kubectl_meshfix.injection.redirection import proxy_metadata
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.mesh_config import MeshConfig
from kubectl_meshfix.traffic.terms.parties import Party, Plane


def plane_of(mesh: Mesh, party: Party) -> ControlPlane | None:
    """The control plane that configures a party's proxy; the main one where its revision is not known."""
    return control_plane.control_plane(mesh, party.revision) if party.revision else control_plane.main_control_plane(mesh)


def captures_dns(mesh: Mesh, party: Party) -> bool:
    """Whether the proxy's agent answers the pod's DNS requests (`ISTIO_META_DNS_CAPTURE`); off by default."""
    metadata = proxy_metadata(plane_of(mesh, party), party.annotations)
    return party.plane is Plane.SIDECAR and go_bool(metadata.get("ISTIO_META_DNS_CAPTURE", "")) is True


def uses_automatic_addresses(mesh: Mesh, party: Party) -> bool:
    """Whether a proxy listens on the addresses that istiod gives to ServiceEntries (`service.go nodeUsesAutoallocatedIPs`)."""
    plane = plane_of(mesh, party)
    is_off = plane and plane.env and go_bool(plane.env.get("PILOT_ENABLE_IP_AUTOALLOCATE", "")) is False
    return (party.plane is Plane.WAYPOINT or captures_dns(mesh, party)) and not is_off


def takes_http_1_0(mesh: Mesh, party: Party) -> bool:
    """Whether listeners take HTTP/1.0 for HTTP (`PILOT_HTTP10` of istiod, `listener.go plaintextHTTPALPNs`); off by default."""
    plane = plane_of(mesh, party)
    return bool(plane and plane.env and go_bool(plane.env.get("PILOT_HTTP10", "")))


def waits_for_the_client(config: MeshConfig) -> bool:
    """Whether a sniffing listener waits without end for the client's first bytes; a `protocolDetectionTimeout` ends that."""
    return config.protocol_detection_timeout.strip("smhnuµ0.") == ""
