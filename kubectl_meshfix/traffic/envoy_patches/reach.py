"""Which proxies a patch reaches: by its context, and by the versions it asks for (`pilot/pkg/model/envoyfilter.go proxyMatch`)."""

from collections.abc import Collection

from kubectl_meshfix.injection.proxy import image_version, proxy_container
from kubectl_meshfix.mesh.control_plane import control_planes, parse_version
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.re2.matching import fully_matches
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.envoy_patches.filters import at, context
from kubectl_meshfix.traffic.terms.parties import Plane

INPUTS: tuple[Kind, ...] = (*members.INPUTS, kinds.KUBERNETES_GATEWAY)
"""Kinds that tell which proxies there are. Any of them may be missing or unreadable."""

GATEWAY = "GATEWAY"
_TODAY, _LAST = (1, 15), 40
_SIDECARS = ("SIDECAR_INBOUND", "SIDECAR_OUTBOUND")


def version_asked(patch: ConfigPatch) -> str:
    """The expression that a proxy's version has to match; empty for none."""
    found = at(patch, ("match", "proxy", "proxyVersion"))
    return found if isinstance(found, str) else ""


def versions(mesh: Mesh, envoy_filter: EnvoyFilter) -> frozenset[str] | None:
    """The versions of the proxies that an EnvoyFilter is for; None where one of them is not known, or there is none.

    On a cluster these are the tags of the pods' proxies, in files the versions of the control planes.
    """
    if not mesh.live:
        found = {plane.version.text if plane.version else "" for plane in control_planes(mesh)}
    else:
        found = {image_version(proxy.image) for pod in _pods(mesh, envoy_filter) if (proxy := proxy_container(pod.spec))}
    return frozenset(found) if found and all(map(parse_version, found)) else None


def asks_for_none(patch: ConfigPatch, running: Collection[str]) -> bool:
    """Whether a patch asks for a version that none of the running ones has, found anywhere in it as Go's ``MatchString`` does."""
    asked = version_asked(patch)
    return bool(asked) and all(fully_matches(f".*(?:{asked}).*", version) is False for version in running)


def is_of_today(mesh: Mesh, patch: ConfigPatch) -> bool:
    """Whether a patch is for proxies that know neither retired names nor Envoy's v2 API: no older istiod was read, and it asks for none.

    istiod matched the old names too until 1.14 (`releasenotes/notes/deprecated-envoy-filter.yaml`).
    """
    if any(plane.version and plane.version < _TODAY for plane in control_planes(mesh)):
        return False
    return not asks_for_none(patch, [f"1.{minor}.0" for minor in range(_TODAY[1], _LAST)])


def outdated(mesh: Mesh, envoy_filter: EnvoyFilter) -> frozenset[str]:
    """The versions that run, where all patches of an EnvoyFilter ask for others; nothing where one may be applied, or nobody knows.

    Upgrades need an EnvoyFilter for each version: where another of the namespace patches the same kinds for what runs, this one waits.
    """
    patches = envoy_filter.spec.config_patches
    running = versions(mesh, envoy_filter) if patches and all(map(version_asked, patches)) else None
    if not running or not all(asks_for_none(item, running) for item in patches):
        return frozenset()
    patched = {item.apply_to for item in patches}
    has_sibling = any(
        version_asked(item) and item.apply_to in patched and not asks_for_none(item, running)
        for other in mesh.within(EnvoyFilter, envoy_filter.namespace)
        for item in other.spec.config_patches
    )
    return frozenset() if has_sibling else running


def is_for_others(mesh: Mesh, envoy_filter: EnvoyFilter, patch: ConfigPatch) -> bool:
    """Whether the context of a patch is for gateways and all its proxies are sidecars, or the other way round.

    In files that is known of pods that are selected by labels alone.
    """
    asked, labels = context(patch), _labels(envoy_filter)
    if asked not in (GATEWAY, *_SIDECARS) or envoy_filter.spec.target_refs or not (labels or mesh.live):
        return False
    place = members.place(mesh, envoy_filter.namespace)
    if asked == GATEWAY and any(mesh.all(KubernetesGateway) if place is None else mesh.within(KubernetesGateway, place)):
        return False
    if mesh.live and not all(mesh.knows(kind, place or "") for kind in kinds.WORKLOADS):
        return False
    return members.selected(mesh, labels, place).only(Plane.SIDECAR if asked == GATEWAY else Plane.GATEWAY)


def _pods(mesh: Mesh, envoy_filter: EnvoyFilter) -> tuple[Pod, ...]:
    return mesh.pods_selected(_labels(envoy_filter), members.place(mesh, envoy_filter.namespace))


def _labels(envoy_filter: EnvoyFilter) -> dict[str, str]:
    selector = envoy_filter.spec.workload_selector
    return selector.labels if selector else {}
