"""Which workloads an AuthorizationPolicy is for."""

from collections.abc import Mapping

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.workload_selectors import selects_nothing, selects_nowhere


def selector(policy: AuthorizationPolicy) -> Mapping[str, str]:
    """The labels of the pods it is for; empty for all, and where it names its targets instead."""
    if policy.spec.target_ref or policy.spec.target_refs or not policy.spec.selector:
        return {}
    return policy.spec.selector.match_labels


def namespace_of(mesh: Mesh, policy: AuthorizationPolicy) -> str | None:
    """The namespace it looks into; None for one of the root namespace, which looks into all (`pilot/pkg/model/policyattachment.go`)."""
    return None if policy.namespace == control_plane.root_namespace(mesh) else policy.namespace


def applies_to_nothing(mesh: Mesh, policy: AuthorizationPolicy) -> bool:
    """Whether it selects labels that no pod gets where it looks.

    One without labels guards what is yet to come: an empty namespace is no mistake (`analyzers/authz/authorizationpolicies.go`).
    """
    labels, namespace = selector(policy), namespace_of(mesh, policy)
    if not labels:
        return False
    return selects_nowhere(mesh, labels) if namespace is None else selects_nothing(mesh, labels, namespace)
