"""Which entries that are no HTTP belong to a listener: their own, of an address or of a pod, or the one of all addresses."""

from collections.abc import Mapping

from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.traffic.client.chains import Binding, is_range
from kubectl_meshfix.traffic.client.scoping.scope import Egress
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.registry import Entry, Resolution
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind


def own_binding(mesh: Mesh, address: Address) -> Binding:
    """Which entries have a listener of their own at an address: it is theirs, or that of one of their pods."""

    def binding(entry: Entry) -> tuple[str, ...] | None:
        if address.is_pod:
            return () if entry.is_headless and _is_behind(mesh, entry, address) else None
        if entry.is_headless:
            return None
        is_theirs = address.entry is not None and entry.resource == address.entry.resource and entry.host == address.entry.host
        if is_theirs and (entry.is_kubernetes or address.kind is AddressKind.REGISTERED):
            return ()
        numbers = [item.removesuffix("/32").removesuffix("/128") for item in entry.addresses if not is_range(item)]
        if address.address in numbers or (is_theirs and numbers):
            return ()
        return () if entry.lists_endpoints and not entry.addresses and address.address in _endpoints(mesh, entry) else None

    return binding


def _is_behind(mesh: Mesh, entry: Entry, address: Address) -> bool:
    """Whether a pod is one of a headless Service's."""
    if address.entry is not None and address.entry.resource == entry.resource:
        return True
    service = mesh.find(entry.resource)
    if not isinstance(service, Service) or address.pod is None or address.pod.namespace != entry.namespace:
        return False
    return bool(service.spec.selector) and is_subset(service.spec.selector, address.pod.labels)


def _endpoints(mesh: Mesh, entry: Entry) -> frozenset[str]:
    """The addresses of a ServiceEntry's endpoints, where callers have to know them (`resolution: NONE`)."""
    found = mesh.find(entry.resource)
    if not isinstance(found, ServiceEntry) or found.spec.resolution not in ("", "NONE"):
        return frozenset()
    return frozenset(item.address for item in found.spec.endpoints if item.address)


def shared_by(entry: Entry, *, uses_automatic_addresses: bool) -> tuple[str, ...] | None:
    """Whether an entry that is no HTTP is on the listener of all addresses: one without an address, or with ranges of them."""
    if entry.is_kubernetes:
        return None
    ranges = tuple(address for address in entry.addresses if is_range(address))
    if entry.addresses:
        return ranges or None
    if entry.resolution is Resolution.NONE:
        return None if entry.lists_endpoints else ()
    return None if entry.has_automatic_address and uses_automatic_addresses else ()


def candidates(mesh: Mesh, view: View, egress: Egress, port: int, address: Address) -> tuple[Entry, ...]:
    """The entries of an egress entry that may have a listener at an address, in order: few of many, found without looking at all."""
    memo, key = mesh.memo("entries that may be called at an address"), (view.scope.key, egress.position, port)
    if key not in memo:
        memo[key] = _places(egress.by_port.get(port, ()))
    index: Mapping[object, list[int]] = memo[key]
    if address.is_pod:
        wanted: tuple[object, ...] = (_HEADLESS,)
    else:
        wanted = (address.entry.resource.key if address.entry else None, address.address, _LISTING)
    having = egress.by_port.get(port, ())
    return tuple(having[place] for place in sorted({place for name in wanted for place in index.get(name, ())}))


_HEADLESS, _LISTING = "headless", "lists endpoints"


def _places(entries: tuple[Entry, ...]) -> Mapping[object, list[int]]:
    found: dict[object, list[int]] = {}
    for place, entry in enumerate(entries):
        numbers = (item.removesuffix("/32").removesuffix("/128") for item in entry.addresses if not is_range(item))
        kind = _HEADLESS if entry.is_headless else _LISTING if entry.lists_endpoints else ""
        for name in (entry.resource.key, *numbers, kind):
            if name:
                found.setdefault(name, []).append(place)
    return found
