"""What decides on a proxy's listeners besides objects: how its istiod and the proxy itself are set up."""

from collections.abc import Mapping

from kubectl_meshfix.injection.redirection import own_metadata
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_policy import ProxyConfig
from kubectl_meshfix.resources.mesh_config import MeshConfig
from kubectl_meshfix.traffic.discovery import reads
from kubectl_meshfix.traffic.terms.parties import Party, Plane


def plane_of(mesh: Mesh, party: Party) -> ControlPlane | None:
    """The control plane that configures a party's proxy; the main one where its revision is not known."""
    return control_plane.plane_of_revision(mesh, party.revision)


def metadata(mesh: Mesh, party: Party) -> Mapping[str, str]:
    """The environment of a party's proxy: `defaultConfig`, ProxyConfig objects, the pod's annotation (`model/proxy_config.go`).

    Of the objects, one of the root namespace, one of the pod's own and one that selects the pod count, the last of these most.
    """
    mesh.require(kinds.PROXY_CONFIG)
    plane = plane_of(mesh, party)
    general = (plane.mesh_config if plane else MeshConfig()).default_config.proxy_metadata
    root = control_plane.root_namespace(mesh, party.revision)
    found = dict(general)
    if mesh.all(ProxyConfig):
        for namespace, labels in ((root, None), (party.namespace, None), (party.namespace, party.labels)):
            found.update(_environment(mesh, namespace, party.revision, labels))
    found.update(own_metadata(party.annotations))
    return found


def _environment(mesh: Mesh, namespace: str, revision: str | None, labels: Mapping[str, str] | None) -> Mapping[str, str]:
    """The environment by the oldest ProxyConfig of a namespace that has no selector, or one for pods with these labels."""
    items = sorted(mesh.within(ProxyConfig, namespace), key=lambda item: (item.metadata.creation_timestamp or "", item.name))
    for item in items:
        selector = item.spec.selector.match_labels if item.spec.selector else {}
        fits = not item.spec.selector if labels is None else bool(selector) and is_subset(selector, labels)
        if fits and reads(mesh, item, revision):
            return item.spec.environment_variables
    return {}


def captures_dns(mesh: Mesh, party: Party) -> bool:
    """Whether the proxy's agent answers the pod's DNS requests (`ISTIO_META_DNS_CAPTURE`); off by default."""
    return party.plane is Plane.SIDECAR and go_bool(metadata(mesh, party).get("ISTIO_META_DNS_CAPTURE", "")) is True


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
