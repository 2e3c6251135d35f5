"""Kinds that lead traffic to Services or name their ports: Ingress, EndpointSlice, OpenShift's Route, Prometheus' monitors."""

from typing import Any

from kubectl_meshfix.resources.core import EndpointPort, ObjectReference
from kubectl_meshfix.resources.meta import LabelSelector, Object, Struct


class BackendPort(Struct, frozen=True):
    """A Service's port, by name or by number."""

    name: str = ""
    number: int = 0


class IngressService(Struct, frozen=True):
    """A Service in the Ingress's own namespace."""

    name: str = ""
    port: BackendPort = BackendPort()


class IngressBackend(Struct, frozen=True):
    """Where requests go; a backend that is not a Service is not read."""

    service: IngressService | None = None


class IngressPath(Struct, frozen=True):
    """One path of a host."""

    path: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHTTP(Struct, frozen=True):
    """The paths of a host."""

    paths: tuple[IngressPath, ...] = ()


class IngressRule(Struct, frozen=True):
    """One host."""

    host: str = ""
    http: IngressHTTP | None = None


class IngressTLS(Struct, frozen=True):
    """Hosts whose TLS the Ingress ends."""

    hosts: tuple[str, ...] = ()


class IngressSpec(Struct, frozen=True):
    """Hosts and their backends."""

    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class Ingress(Object, frozen=True):
    """`networking.k8s.io/v1`."""

    api_version: str = "networking.k8s.io/v1"
    kind: str = "Ingress"
    spec: IngressSpec = IngressSpec()


class EndpointConditions(Struct, frozen=True):
    """Whether an endpoint takes traffic; unset means it does, and that it is not about to end."""

    ready: bool | None = None
    terminating: bool | None = None


class Endpoint(Struct, frozen=True):
    """One pod behind a Service, or an address without a pod."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    target_ref: ObjectReference | None = None


class EndpointSlice(Object, frozen=True):
    """`discovery.k8s.io/v1`; one written by hand names the Service's ports."""

    api_version: str = "discovery.k8s.io/v1"
    kind: str = "EndpointSlice"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class RouteTarget(Struct, frozen=True):
    """The Service a Route leads to."""

    kind: str = "Service"
    name: str = ""


class RoutePort(Struct, frozen=True):
    """The Service's port by name, or the pods' port by number."""

    target_port: int | str = 0


class RouteTLS(Struct, frozen=True):
    """Who ends TLS: the router (`edge`), the pods (`passthrough`), or both, each its own (`reencrypt`)."""

    termination: str = ""


class RouteSpec(Struct, frozen=True):
    """OpenShift's Ingress."""

    to: RouteTarget = RouteTarget()
    alternate_backends: tuple[RouteTarget, ...] = ()
    port: RoutePort | None = None
    tls: RouteTLS | None = None


class Route(Object, frozen=True):
    """`route.openshift.io/v1`."""

    api_version: str = "route.openshift.io/v1"
    kind: str = "Route"
    spec: RouteSpec = RouteSpec()


class MonitorTLS(Struct, frozen=True):
    """The client certificate that Prometheus shows, in a file of its own or in a Secret or ConfigMap."""

    cert_file: str = ""
    cert: dict[str, Any] = {}


class MonitorEndpoint(Struct, frozen=True):
    """What Prometheus scrapes: a port by its name (a Service's, or for a PodMonitor a container's), or a container port."""

    port: str = ""
    target_port: int | str | None = None
    port_number: int | None = None
    scheme: str = ""
    tls_config: MonitorTLS | None = None


class NamespaceSelector(Struct, frozen=True):
    """Where a monitor looks; its own namespace where both are unset."""

    any: bool = False
    match_names: tuple[str, ...] = ()


class MonitorSpec(Struct, frozen=True):
    """Services by their labels, and their ports."""

    selector: LabelSelector = LabelSelector()
    namespace_selector: NamespaceSelector = NamespaceSelector()
    endpoints: tuple[MonitorEndpoint, ...] = ()


class ServiceMonitor(Object, frozen=True):
    """`monitoring.coreos.com/v1`."""

    api_version: str = "monitoring.coreos.com/v1"
    kind: str = "ServiceMonitor"
    spec: MonitorSpec = MonitorSpec()


class PodMonitorSpec(Struct, frozen=True):
    """Pods by their labels, and their ports."""

    selector: LabelSelector = LabelSelector()
    namespace_selector: NamespaceSelector = NamespaceSelector()
    pod_metrics_endpoints: tuple[MonitorEndpoint, ...] = ()


class PodMonitor(Object, frozen=True):
    """`monitoring.coreos.com/v1`."""

    api_version: str = "monitoring.coreos.com/v1"
    kind: str = "PodMonitor"
    spec: PodMonitorSpec = PodMonitorSpec()


class NetworkPolicySpec(Struct, frozen=True):
    """The pods whose traffic it limits; an empty selector means all of its namespace. Whom it lets through is not read."""

    pod_selector: LabelSelector = LabelSelector()


class NetworkPolicy(Object, frozen=True):
    """`networking.k8s.io/v1`: what it does not name is refused for the pods that it selects."""

    api_version: str = "networking.k8s.io/v1"
    kind: str = "NetworkPolicy"
    spec: NetworkPolicySpec = NetworkPolicySpec()
