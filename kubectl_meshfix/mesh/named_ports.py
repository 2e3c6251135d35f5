"""Where an object of any kind names a Service's port, going by how the APIs of Kubernetes' world spell such references."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.resources.meta import Ref

_SERVICE_BY = ("serviceName", "service")
"""Fields that hold a Service's name, whatever object they are in."""

_HOLDERS = frozenset(
    {"alertmanagers", "backend", "backends", "backendServices", "mirroring", "mirrors", "service", "serviceRef", "serviceRefs", "services"}
)
"""Fields below which ``name`` is a Service's, where no ``kind`` says otherwise."""

_PORT_BY = ("sectionName", "port", "portName", "servicePort")
"""Fields that hold a port's number or name, or an object with either (`sectionName`: `gateway-api` `apis/v1/shared_types.go`)."""

_PORTS_BY = ("ports", "toPorts", "number")
"""Fields that hold a list of ports: each its name, or an object with one."""

_DEEPEST = 40
"""Levels of an object that are searched; custom resources of schemas have many more than any reference."""


class NamedPort(NamedTuple):
    """The ``port`` of a ``service`` by its name, and the JSON pointer of that name; ``namespace`` is empty for the object's own."""

    path: str
    namespace: str
    service: str
    port: str


class Mention(msgspec.Struct, frozen=True):
    """An object of a kind that nobody here reads, and the Service's port that it names."""

    resource: Ref
    named: NamedPort


class _Found(msgspec.Struct, frozen=True):
    """An object that refers to a Service: its pointer, the namespace and name of the Service, and the object."""

    path: str
    namespace: str
    service: str
    value: dict[str, Any]


def named_ports(value: Any, path: str = "") -> Iterator[NamedPort]:
    """Every Service's port that a value names by name; ``path`` is the value's own. What YAML's aliases repeat is searched once."""
    for found in _walk(value, path, "", 0, set()):
        for place, port in _ports(found.value):
            yield NamedPort(found.path + place, found.namespace, found.service, port)


def named_services(value: Any) -> Iterator[tuple[str, str]]:
    """The namespace, empty for the object's own, and the name of every Service that a value refers to."""
    return ((found.namespace, found.service) for found in _walk(value, "", "", 0, set()))


def _walk(value: Any, path: str, holder: str, depth: int, seen: set[int]) -> Iterator[_Found]:
    """``holder`` is the field that the value is in."""
    if not isinstance(value, dict | list) or depth > _DEEPEST or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, path + pointer.join(index), holder, depth + 1, seen)
        return
    if service := _service(value, holder):
        yield _Found(path, _text(value.get("namespace")) or _text(value.get("serviceNamespace")), service, value)
    for key, item in value.items():
        yield from _walk(item, path + pointer.join(str(key)), str(key), depth + 1, seen)


def _service(value: dict[str, Any], holder: str) -> str:
    """The Service that an object refers to; empty where it refers to none, or to something of another kind."""
    kind, group = value.get("kind"), value.get("group")
    if kind not in (None, "", "Service") or group not in (None, "", "core"):
        return ""
    named = next((text for key in _SERVICE_BY if (text := _text(value.get(key)))), "")
    return named or (_text(value.get("name")) if kind == "Service" or holder in _HOLDERS else "")


def _ports(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _PORT_BY:
        yield from _port(value.get(key), pointer.join(key))
    for key in _PORTS_BY:
        items = value.get(key)
        for index, item in enumerate(items) if isinstance(items, list) else ():
            yield from _port(item, pointer.join(key, index))


def _port(value: Any, path: str) -> Iterator[tuple[str, str]]:
    name, place = (value.get("name"), path + "/name") if isinstance(value, dict) else (value, path)
    if isinstance(name, str) and name and not name.isdecimal():
        yield place, name


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
