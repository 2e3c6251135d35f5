"""Which patches of EnvoyFilters make what a proxy refuses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.answers import Push
from kubectl_meshfix.mesh.envoy_words import Words
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.envoy_patches.filters import at, context, value_name
from kubectl_meshfix.traffic.envoy_patches.inert import inert
from kubectl_meshfix.traffic.envoy_patches.reach import GATEWAY, asks_for_none

_INBOUND, _OUTBOUND = "SIDECAR_INBOUND", "SIDECAR_OUTBOUND"
_TYPES: Mapping[str, str] = {
    "LISTENER": "LDS",
    "FILTER_CHAIN": "LDS",
    "LISTENER_FILTER": "LDS",
    "NETWORK_FILTER": "LDS",
    "HTTP_FILTER": "LDS",
    "CLUSTER": "CDS",
    "ROUTE_CONFIGURATION": "RDS",
    "VIRTUAL_HOST": "RDS",
    "HTTP_ROUTE": "RDS",
    "EXTENSION_CONFIG": "ECDS",
}
_MESSAGES: Mapping[str, str] = {
    "LISTENER": "Listener",
    "FILTER_CHAIN": "FilterChain",
    "CLUSTER": "Cluster",
    "ROUTE_CONFIGURATION": "RouteConfiguration",
    "VIRTUAL_HOST": "VirtualHost",
    "HTTP_ROUTE": "Route",
}
"""What Envoy calls the message that a patch changes."""


class Reader(Struct, frozen=True):
    """A proxy as patches see it: where it is, its pod's labels, whether it is a gateway, and Istio's version."""

    namespace: str
    labels: Mapping[str, str]
    is_gateway: bool
    version: str = ""


class Culprit(NamedTuple):
    """A patch of an EnvoyFilter, by its number."""

    envoy_filter: EnvoyFilter
    number: int

    @property
    def patch(self) -> ConfigPatch:
        """The patch itself."""
        return self.envoy_filter.spec.config_patches[self.number]


class Suspects(NamedTuple):
    """Patches that can have made what is refused, and whether Envoy's words are about them."""

    culprits: tuple[Culprit, ...]
    are_said: bool


def suspects(mesh: Mesh, reader: Reader, push: Push, words: Words) -> Suspects:
    """The patches that can have made what a proxy refuses: of those that reach it and change what is refused, the ones that Envoy's words
    fit best, and all of them where the words fit none (`pilot/pkg/model/push_context.go EnvoyFilters`, `envoyfilter.go proxyMatch`).
    """
    found = tuple(_reaching(mesh, reader, push, words))
    scores = [_score(item.patch, words) for item in found]
    best = max(scores, default=0)
    return Suspects(tuple(item for item, score in zip(found, scores, strict=True) if score == best), are_said=best > 0)


def _reaching(mesh: Mesh, reader: Reader, push: Push, words: Words) -> Iterator[Culprit]:
    for namespace in dict.fromkeys((control_plane.root_namespace(mesh), reader.namespace)):
        for envoy_filter in mesh.within(EnvoyFilter, namespace):
            if _selects(envoy_filter, reader):
                for number, patch in enumerate(envoy_filter.spec.config_patches):
                    if _changes(patch, push.type, words.resources, reader) and not inert(mesh, patch):
                        yield Culprit(envoy_filter, number)


def _selects(envoy_filter: EnvoyFilter, reader: Reader) -> bool:
    """By labels, or by the Gateway or the Service that is named, which only gateways and waypoints follow."""
    spec = envoy_filter.spec
    if spec.target_refs:
        name = reader.labels.get("gateway.networking.k8s.io/gateway-name", "")
        return bool(name) and any(target.name == name or target.kind != "Gateway" for target in spec.target_refs)
    return is_subset(spec.workload_selector.labels if spec.workload_selector else {}, reader.labels)


def _changes(patch: ConfigPatch, kind: str, resources: tuple[str, ...], reader: Reader) -> bool:
    """Whether a patch changes something of a type, at this proxy, and one of the resources if these are known."""
    asked = context(patch)
    made = {_TYPES.get(patch.apply_to, "")}
    if made == {"RDS"} and asked not in (_OUTBOUND, GATEWAY):
        made.add("LDS")  # the routes of a sidecar's inbound side stand in its listener
    if kind not in made or asked not in (("ANY", GATEWAY) if reader.is_gateway else ("ANY", _INBOUND, _OUTBOUND)):
        return False
    if reader.version and asks_for_none(patch, (reader.version,)):
        return False
    return not resources or any(_is_of(patch, asked, kind, name) for name in resources)


def _is_of(patch: ConfigPatch, asked: str, kind: str, name: str) -> bool:
    """Whether a patch can be about a listener or a cluster of a name."""
    if patch.patch and patch.patch.operation == "ADD" and patch.apply_to in ("LISTENER", "CLUSTER"):
        return value_name(patch) == name
    if kind == "LDS":
        port, named = at(patch, ("match", "listener", "portNumber")), at(patch, ("match", "listener", "name"))
        is_inbound = name == "virtualInbound"
        return (
            asked not in ((_OUTBOUND,) if is_inbound else (_INBOUND,))
            and named in (None, "", name)
            and (not port or is_inbound or name.endswith(f"_{port}"))
        )
    direction, port_text, subset, host = (*name.split("|"), "", "", "")[:4]
    service, port = at(patch, ("match", "cluster", "service")), at(patch, ("match", "cluster", "portNumber"))
    return (
        asked not in ((_OUTBOUND,) if direction == "inbound" else (_INBOUND,))
        and at(patch, ("match", "cluster", "name")) in (None, "", name)
        and at(patch, ("match", "cluster", "subset")) in (None, "", subset)
        and (not service or direction == "inbound" or service == host)
        and (not port or str(port) == port_text)
    )


def _score(patch: ConfigPatch, words: Words) -> int:
    """How much of a patch is in Envoy's words: its filter's name or type, or texts that it brings."""
    value = patch.patch.value if patch.patch else None
    types, texts = {_MESSAGES.get(patch.apply_to, "")}, set()
    for key, text in _texts(value):
        if key in ("@type", "type_url", "typeUrl"):
            types.add(text.rpartition("/")[2].rpartition(".")[2])
            texts.add(text.rpartition("/")[2])
        else:
            texts.add(text)
    named = sum(1 for text in texts if text in words.names or (len(text) > 2 and (text in words.text or _printed(text) in words.text)))
    return 2 * len(types & words.types) + 2 * named + ("Lua" in types and "script load error" in words.text)


def _printed(text: str) -> str:
    """A duration as Envoy prints it; other texts stay as they are."""
    found = re.fullmatch(r"(-?\d+)(\.\d+)?s", text)
    return f"seconds: {found[1]}" if found else text


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, item in value.items():
                yield from _texts(item, str(name))
        case list():
            for item in value:
                yield from _texts(item, key)
        case str():
            yield key, value
