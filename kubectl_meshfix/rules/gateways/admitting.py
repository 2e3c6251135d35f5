"""The fix that lets routes of a namespace attach to a listener."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.resources.gateway_api import KubernetesGateway, Listener
from kubectl_meshfix.resources.meta import Key
from kubectl_meshfix.traffic.gateway.kubernetes.admission import NAME_LABEL
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import Far
from kubectl_meshfix.traffic.gateway.kubernetes.parents import Unattached

RISK = "Routes of that namespace may attach to these listeners, and answer for their hosts."


Homes = Mapping[tuple[Key, int], Iterable[str]]
"""The namespaces whose routes a listener refuses, by the Gateway and the listener's position."""


def refused_namespaces(refused: Iterable[Unattached]) -> Homes:
    """Those of all routes that are refused for their namespace."""
    homes: dict[tuple[Key, int], set[str]] = {}
    for found in refused:
        match found.far, found.gateway:
            case Far.OTHER_NAMESPACE, KubernetesGateway() as gateway:
                for position, _ in found.listeners:
                    homes.setdefault((gateway.ref.key, position), set()).add(found.item.route.namespace)
    return homes


def admit(gateway: KubernetesGateway, homes: Homes, found: Unattached) -> Fix:
    """Let the listeners that a route refers to admit its namespace by name, with those of all other routes that they refuse: two routes
    that are refused want the same change. By hand where labels decide, which may have a meaning.
    """
    operations: list[Operation] = []
    for position, listener in found.listeners:
        if listener.allowed_routes.namespaces.origin != "Same":
            return manual(
                f"Let listener {listener.name} of {gateway.ref} admit namespace {found.item.route.namespace}, or label the namespace."
            )
        operations += _admitting(position, listener, [gateway.namespace, *sorted(homes[gateway.ref.key, position])])
    names = few([listener.name for _, listener in found.listeners])
    word = "listeners" if len(found.listeners) > 1 else "listener"
    return patch(gateway.ref, operations, f"Admit namespace {found.item.route.namespace} at {word} {names} of {gateway.ref}.", risk=RISK)


def _admitting(position: int, listener: Listener, homes: Sequence[str]) -> Sequence[Operation]:
    expression = {"key": NAME_LABEL, "operator": "In", "values": list(homes)}
    value: dict[str, Any] = {"from": "Selector", "selector": {"matchExpressions": [expression]}}
    at = f"/spec/listeners/{position}"
    return (
        Operation("test", f"{at}/name", listener.name),
        Operation("add", f"{at}/allowedRoutes", {"namespaces": value, **_kinds(listener)}),
    )


def _kinds(listener: Listener) -> dict[str, Any]:
    kinds = listener.allowed_routes.kinds
    return {"kinds": [{"group": item.group, "kind": item.kind} for item in kinds]} if kinds else {}
