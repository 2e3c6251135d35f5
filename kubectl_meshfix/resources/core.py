"""Kinds of the core API group, and the pod template that all workloads share (`k8s.io/api/core/v1/types.go`)."""

from sys import intern
from typing import Any

import msgspec

from kubectl_meshfix.resources.meta import Condition, Meta, Object, Struct, Writer, nothing


class HTTPGet(Struct, frozen=True):
    """An HTTP probe; ``port`` is a number or a container port's name, ``host`` empty for the pod itself."""

    port: int | str = 0
    host: str = ""
    path: str = ""
    scheme: str = "HTTP"


class PortProbe(Struct, frozen=True):
    """A TCP or gRPC probe; gRPC takes numbers only."""

    port: int | str = 0


class Probe(Struct, frozen=True):
    """How kubelet asks a container for its health."""

    http_get: HTTPGet | None = None
    tcp_socket: PortProbe | None = None
    grpc: PortProbe | None = None


class Capabilities(Struct, frozen=True):
    """Linux capabilities without their CAP_ prefix."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SeccompProfile(Struct, frozen=True):
    """The system calls a process may make: `RuntimeDefault`, `Localhost` or `Unconfined`."""

    type: str = ""


class SecurityContext(Struct, frozen=True):
    """Of a pod or of a container; a pod has no capabilities. A pod's seccomp profile holds for injected containers too."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    privileged: bool | None = None
    capabilities: Capabilities | None = None
    seccomp_profile: SeccompProfile | None = None


class ContainerPort(Struct, frozen=True):
    """A declared port; declaring is documentation, it opens nothing, but ``host_port`` does, on the node. 0 means none."""

    name: str = ""
    container_port: int = 0
    host_port: int = 0
    protocol: str = "TCP"


class EnvVar(Struct, frozen=True):
    """An environment variable; ``value`` is empty where it comes from elsewhere. Very many have a name in common, which is kept once."""

    name: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "name", intern(self.name))


class Container(Struct, frozen=True):
    """A container or init container; ``restart_policy`` Always makes an init container a native sidecar."""

    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    env: tuple[EnvVar, ...] = ()
    restart_policy: str | None = None
    security_context: SecurityContext | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The probes that are set."""
        return tuple(probe for probe in (self.liveness_probe, self.readiness_probe, self.startup_probe) if probe)


class HostAlias(Struct, frozen=True):
    """A line of a pod's ``/etc/hosts``."""

    ip: str = ""
    hostnames: tuple[str, ...] = ()


class DNSOption(Struct, frozen=True):
    """An option of the resolver, such as ``ndots``."""

    name: str = ""
    value: str = ""


class DNSConfig(Struct, frozen=True):
    """What is added to a pod's ``/etc/resolv.conf``, or is all of it with the policy ``None``."""

    searches: tuple[str, ...] = ()
    options: tuple[DNSOption, ...] = ()


class PodSpec(Struct, frozen=True):
    """What a pod runs. ``hostname`` and ``subdomain`` give it a name of its own, below its headless Service."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    host_network: bool = False
    node_name: str = ""
    service_account_name: str = ""
    security_context: SecurityContext | None = None
    restart_policy: str = ""
    hostname: str = ""
    subdomain: str = ""
    dns_policy: str = ""
    dns_config: DNSConfig | None = None
    host_aliases: tuple[HostAlias, ...] = ()


class PodTemplate(Struct, frozen=True):
    """A pod in the making. ``metadata`` is None where the template has none, so that a patch knows to create it."""

    metadata: Meta | None = None
    spec: PodSpec = PodSpec()

    @property
    def labels(self) -> dict[str, str]:
        """The labels its pods get."""
        return self.metadata.labels if self.metadata else {}

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations its pods get."""
        return self.metadata.annotations if self.metadata else {}


class Terminated(Struct, frozen=True):
    """How a container ended."""

    exit_code: int = 0
    reason: str = ""
    message: str = ""


class Waiting(Struct, frozen=True):
    """Why a container has not started."""

    reason: str = ""
    message: str = ""


class Running(Struct, frozen=True):
    """A container runs."""


class ContainerState(Struct, frozen=True):
    """One of the three is set; none means waiting without a reason."""

    running: Running | None = None
    terminated: Terminated | None = None
    waiting: Waiting | None = None


class ContainerStatus(Struct, frozen=True):
    """What kubelet says of one container."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(Struct, frozen=True):
    """What kubelet says of a pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    start_time: str | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Object, frozen=True):
    """A pod, injected or not."""

    api_version: str = "v1"
    kind: str = "Pod"
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def is_ready(self) -> bool:
        """Whether kubelet found it ready."""
        return any(condition.type == "Ready" and condition.status == "True" for condition in self.status.conditions)


class ServicePort(Struct, frozen=True):
    """One port of a Service. ``app_protocol`` None (absent) and "" (set, and overriding the name) are two things."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    target_port: int | str | None = None
    app_protocol: str | None = None
    node_port: int = 0


class ServiceSpec(Struct, frozen=True):
    """Where a Service listens and whom it selects; without a selector its endpoints are written by hand."""

    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_name: str = ""
    publish_not_ready_addresses: bool = False
    internal_traffic_policy: str = ""
    external_traffic_policy: str = ""
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    selector: dict[str, str] = msgspec.field(default_factory=nothing)
    ports: tuple[ServicePort, ...] = ()


class LoadBalancerIngress(Struct, frozen=True):
    """An address of a load balancer: an IP address or a name."""

    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(Struct, frozen=True):
    """The addresses of a load balancer; none while it is made."""

    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(Struct, frozen=True):
    """Istio's and others' conditions, and the load balancer's addresses, which an API server always writes."""

    load_balancer: LoadBalancerStatus | None = None

    conditions: tuple[Condition, ...] = ()


class Service(Object, frozen=True):
    """A Service."""

    api_version: str = "v1"
    kind: str = "Service"
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def is_headless(self) -> bool:
        """Whether it has no address of its own; its name leads to the pods themselves."""
        return self.spec.cluster_ip == "None" and self.spec.type != "ExternalName"


class ManagedFields(Writer, frozen=True):
    """Who owns which fields of an object, and when that changed; ``fields_v1`` nests field names such as ``f:labels``."""

    time: str | None = None
    fields_v1: dict[str, Any] = msgspec.field(default_factory=dict, name="fieldsV1")


class NamespaceMeta(Meta, frozen=True):
    """A namespace's metadata; of other objects it is not read which fields they are, which would be most of it."""

    managed_fields: tuple[ManagedFields, ...] = ()


class Namespace(Object, frozen=True):
    """A namespace; its labels decide on injection."""

    api_version: str = "v1"
    kind: str = "Namespace"
    metadata: NamespaceMeta = NamespaceMeta()


class ConfigMap(Object, frozen=True):
    """Text by key."""

    api_version: str = "v1"
    kind: str = "ConfigMap"
    data: dict[str, str] = {}


class Secret(Object, frozen=True):
    """Which keys a Secret of files has, and whether each has a value; the values themselves are dropped at once.

    Of a cluster only the metadata is read: ``is_opaque`` says that nobody knows its keys.
    """

    api_version: str = "v1"
    kind: str = "Secret"
    data: dict[str, Any] = {}
    string_data: dict[str, Any] = {}
    is_opaque: bool = msgspec.field(default=False, name="#opaque")

    def __post_init__(self) -> None:
        for field in ("data", "string_data"):
            msgspec.structs.force_setattr(self, field, {key: bool(value) for key, value in getattr(self, field).items()})

    def has(self, *keys: str) -> bool:
        """Whether all of some keys have a value."""
        return all(self.data.get(key) or self.string_data.get(key) for key in keys)


class NodeInfo(Struct, frozen=True):
    """The versions a node runs."""

    kubelet_version: str = ""


class NodeStatus(Struct, frozen=True):
    """What a node says of itself."""

    node_info: NodeInfo = NodeInfo()


class Node(Object, frozen=True):
    """A node; its kubelet's version decides on native sidecars."""

    api_version: str = "v1"
    kind: str = "Node"
    status: NodeStatus = NodeStatus()


class EventTarget(Struct, frozen=True):
    """The object an event is about."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class Event(Object, frozen=True):
    """What happened to an object; the API server forgets it after an hour."""

    api_version: str = "v1"
    kind: str = "Event"
    involved_object: EventTarget = EventTarget()
    type: str = ""
    reason: str = ""
    message: str = ""
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None

    @property
    def seen_at(self) -> str:
        """When it was last seen (RFC 3339)."""
        return self.last_timestamp or self.event_time or self.first_timestamp or self.metadata.creation_timestamp or ""


class QuotaAmounts(Struct, frozen=True):
    """Amounts by the resources' names; quantities as text, ``200m`` or ``1Gi``."""

    hard: dict[str, str | int | float] = {}
    used: dict[str, str | int | float] = {}


class ResourceQuota(Object, frozen=True):
    """How much the pods of a namespace may have together, and how much they have."""

    api_version: str = "v1"
    kind: str = "ResourceQuota"
    status: QuotaAmounts = QuotaAmounts()


class EndpointPort(Struct, frozen=True):
    """A port of hand-written endpoints, matched to the Service's port by name."""

    name: str = ""
    port: int = 0


class ObjectReference(Struct, frozen=True):
    """The object that an endpoint is, nearly always a pod."""

    kind: str = ""
    name: str = ""


class EndpointAddress(Struct, frozen=True):
    """One address, and the pod that has it."""

    ip: str = ""
    target_ref: ObjectReference | None = None


class EndpointSubset(Struct, frozen=True):
    """Addresses that share ports."""

    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(Object, frozen=True):
    """The older of the two ways to list a Service's endpoints."""

    api_version: str = "v1"
    kind: str = "Endpoints"
    subsets: tuple[EndpointSubset, ...] = ()
