"""Who takes part in a request: pods with a proxy or without, gateways, and callers from outside."""

from collections.abc import Mapping
from enum import StrEnum

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.resources.meta import Ref, Struct


class Plane(StrEnum):
    """Which proxy stands before a pod, or is one."""

    BARE = "no proxy"
    SIDECAR = "sidecar"
    AMBIENT = "ztunnel"
    GATEWAY = "gateway"
    WAYPOINT = "waypoint"
    OUTSIDE = "outside"
    """Not in the cluster's mesh at all, and not known beyond its address."""

    @property
    def in_words(self) -> str:
        """The same with its article."""
        return self.value if self in (Plane.BARE, Plane.AMBIENT, Plane.OUTSIDE) else f"a {self.value}"


class Party(Struct, frozen=True):
    """One side of a request. All pods that are alike for the mesh are one party.

    ``workload`` is None where nobody here makes the pods: an endpoint of a ServiceEntry, a gateway that istiod makes, a caller of whom only
    namespace and service account are known. ``gateway`` is the Gateway that a gateway or waypoint is of, where it is one of Kubernetes' or
    was named. ``revision`` is that of the istiod that configures the proxy, None where it is not known.
    """

    plane: Plane
    namespace: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    service_account: str = ""
    spec: PodSpec = PodSpec()
    workload: Workload | None = None
    gateway: Ref | None = None
    revision: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for parties that no rule of the mesh tells apart; it serves as a key."""
        return (
            self.plane, self.namespace, frozenset(self.labels.items()), frozenset(self.annotations.items()), self.service_account,
            self.gateway, self.revision, self.workload.ref.key if self.workload else None,
        )  # fmt: skip

    @property
    def has_envoy(self) -> bool:
        """Whether an Envoy of Istio's sends and takes its requests."""
        return self.plane in (Plane.SIDECAR, Plane.GATEWAY, Plane.WAYPOINT)

    @property
    def is_in_mesh(self) -> bool:
        """Whether it has an identity of the mesh."""
        return self.plane not in (Plane.BARE, Plane.OUTSIDE)

    def principal(self, trust_domain: str) -> str:
        """Its identity without ``spiffe://`` (`pkg/spiffe/spiffe.go GenSpiffeURI`); empty where it has none."""
        return f"{trust_domain}/ns/{self.namespace}/sa/{self.service_account or 'default'}" if self.is_in_mesh else ""

    def __str__(self) -> str:
        if self.workload:
            return str(self.workload.ref)
        if self.gateway:
            return str(self.gateway)
        if self.plane is Plane.OUTSIDE:
            return "a caller outside of the mesh"
        return f"ServiceAccount {self.namespace}/{self.service_account}" if self.service_account else f"a pod in {self.namespace}"
