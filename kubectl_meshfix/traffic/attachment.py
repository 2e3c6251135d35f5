"""The pods to which Istio's objects attach by labels: policies, telemetry, extensions, Sidecars, patches of Envoy."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, PolicyTarget, Sidecar
from kubectl_meshfix.resources.istio_policy import (
    AuthorizationPolicy,
    PeerAuthentication,
    PolicySpec,
    ProxyConfig,
    RequestAuthentication,
    Telemetry,
)
from kubectl_meshfix.resources.kinds import Kind

if TYPE_CHECKING:
    from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.workload_selectors import selects, selects_nothing, selects_nowhere

Attaching = AuthorizationPolicy | PeerAuthentication | RequestAuthentication | Telemetry | WasmPlugin | ProxyConfig | Sidecar | EnvoyFilter

KINDS: tuple[Kind, ...] = (
    kinds.AUTHORIZATION_POLICY,
    kinds.PEER_AUTHENTICATION,
    kinds.REQUEST_AUTHENTICATION,
    kinds.TELEMETRY,
    kinds.WASM_PLUGIN,
    kinds.PROXY_CONFIG,
    kinds.SIDECAR,
    kinds.ENVOY_FILTER,
)
"""The kinds that attach to pods by labels."""


class Attachment(msgspec.Struct, frozen=True):
    """Labels of pods, where they stand in the object, and the namespace of the pods; None for any."""

    labels: Mapping[str, str]
    field: tuple[str, ...]
    namespace: str | None


def attachment(mesh: Mesh, obj: Attaching) -> Attachment | None:
    """How an object selects pods; None where it is for all of them, or names its targets instead.

    Objects of the root namespace select in the whole mesh (`pilot/pkg/model/policyattachment.go`), but for a Sidecar
    (`pilot/pkg/model/push_context.go getSidecarScope`).
    """
    match obj:
        case Sidecar() | EnvoyFilter():
            field = ("spec", "workloadSelector", "labels")
            labels = obj.spec.workload_selector.labels if obj.spec.workload_selector else {}
        case _:
            field = ("spec", "selector", "matchLabels")
            labels = obj.spec.selector.match_labels if obj.spec.selector else {}
    if not labels or has_targets(obj):
        return None
    reaches_all = not isinstance(obj, Sidecar) and obj.namespace == control_plane.root_namespace(mesh)
    return Attachment(labels, field, None if reaches_all else obj.namespace)


def attachments(mesh: Mesh, *attaching: Kind) -> Iterator[tuple[Attaching, Attachment]]:
    """The objects of some kinds that select pods, and how."""
    for kind in attaching:
        for obj in mesh.all(kind.struct):
            if found := attachment(mesh, obj):  # type: ignore[arg-type]
                yield obj, found  # type: ignore[misc]


def applies_to_nothing(mesh: Mesh, attached: Attachment) -> bool:
    """Whether no pod gets the labels where they select.

    An object without labels is for what is yet to come: an empty namespace is no mistake (`analyzers/authz/authorizationpolicies.go`).
    """
    if attached.namespace is None:
        return selects_nowhere(mesh, attached.labels)
    return selects_nothing(mesh, attached.labels, attached.namespace)


def meant_pods(mesh: Mesh, obj: Attaching) -> "Iterator[Party]":
    """Pods as an object of files wants them, where the files do not hold any and may not hold all."""
    found = attachment(mesh, obj)
    if found and found.namespace and not applies_to_nothing(mesh, found) and not selects(mesh, found.labels, found.namespace):
        from kubectl_meshfix.traffic.terms.parties import Party, Plane  # noqa: PLC0415 -- rules ask for them

        yield Party(plane=Plane.SIDECAR, namespace=obj.namespace, labels=found.labels)


def targets(spec: PolicySpec) -> tuple[PolicyTarget, ...]:
    """The targets that an object names instead of labels; ``targetRef`` counts only without ``targetRefs``."""
    return spec.target_refs or ((spec.target_ref,) if spec.target_ref else ())


def has_targets(obj: Attaching) -> bool:
    """Whether an object names targets, and so follows no labels."""
    match obj:
        case Sidecar() | PeerAuthentication() | ProxyConfig():
            return False
        case EnvoyFilter():
            return bool(obj.spec.target_refs)
        case _:
            return bool(targets(obj.spec))
