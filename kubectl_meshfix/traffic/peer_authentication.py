"""What a server accepts: plain text, mutual TLS, or both (`pilot/pkg/security/authn/policy_applier.go ComposePeerAuthentication`)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import MutualTLS, PeerAuthentication
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = (kinds.PEER_AUTHENTICATION, *control_plane.INPUTS)
"""Kinds that ``accepted`` reads."""


class MTLSMode(StrEnum):
    """What a server accepts from callers."""

    PERMISSIVE = "PERMISSIVE"
    STRICT = "STRICT"
    DISABLE = "DISABLE"


class Accepted(msgspec.Struct, frozen=True):
    """The mode of a port, and the policy and the place in it that decided; None for Istio's default, PERMISSIVE."""

    mode: MTLSMode
    policy: PeerAuthentication | None = None
    path: str = ""

    @property
    def reason(self) -> str:
        """Why, in a few words."""
        return f"{self.policy.ref}: {self.mode}" if self.policy else f"{self.mode} by default"


def accepted(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int | None = None) -> Accepted | None:
    """What the proxies of pods with these labels accept on a container port; None where policies that may decide were not read.

    The mesh's policy is in the root namespace, the namespace's has no selector, and the workload's selects the pod: of each the oldest
    counts, and each replaces the mode before it unless it sets none. A policy with a selector in the root namespace has no effect. Ports
    are container ports, and only the workload's policy names them.
    """
    mesh.require(*INPUTS)
    memo, key = mesh.memo("accepted"), (namespace, frozenset(labels.items()), port)
    if key not in memo:
        memo[key] = _accepted(mesh, namespace, labels, port)
    known: Accepted | None = memo[key]
    return known


def _accepted(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int | None) -> Accepted | None:
    root = control_plane.root_namespace(mesh)
    if mesh.live and not all(mesh.knows(kinds.PEER_AUTHENTICATION, where) for where in (root, namespace)):
        return None
    found = Accepted(MTLSMode.PERMISSIVE)
    for policy in (_oldest(mesh, root), _oldest(mesh, namespace) if namespace != root else None):
        found = _next(found, policy)
    own = _oldest(mesh, namespace, labels) if namespace != root else None
    found = _next(found, own)
    level = own.spec.port_level_mtls.get(str(port)) if own else None
    return found if own is None or level is None else _set(found, own, level, join("spec", "portLevelMtls", str(port), "mode"))


def _oldest(mesh: Mesh, namespace: str, labels: Mapping[str, str] | None = None) -> PeerAuthentication | None:
    """The oldest policy without a selector, or the oldest whose selector finds the labels; files have no age, and names decide."""
    return min(_candidates(mesh.within(PeerAuthentication, namespace), labels), key=_age, default=None)


def _candidates(policies: Iterable[PeerAuthentication], labels: Mapping[str, str] | None) -> Iterable[PeerAuthentication]:
    for policy in policies:
        selector = policy.spec.selector.match_labels if policy.spec.selector else {}
        if (not selector) if labels is None else (bool(selector) and is_subset(selector, labels)):
            yield policy


def _age(policy: PeerAuthentication) -> tuple[str, str]:
    return policy.metadata.creation_timestamp or "", policy.name


def _next(before: Accepted, policy: PeerAuthentication | None) -> Accepted:
    return _set(before, policy, policy.spec.mtls, join("spec", "mtls", "mode")) if policy else before


def _set(before: Accepted, policy: PeerAuthentication, mtls: MutualTLS | None, path: str) -> Accepted:
    try:
        return Accepted(MTLSMode(mtls.mode), policy, path) if mtls else before
    except ValueError:  # UNSET, or a word that the API server refuses
        return before
