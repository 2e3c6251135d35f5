"""Kinds of others that refer to Services or name their ports, read as they are: `mesh/named_ports.py` finds the names in them."""

from typing import Any

from kubectl_meshfix.resources.meta import Object, Struct
from kubectl_meshfix.resources.networking import MonitorSpec


class Referring(Object, frozen=True):
    """What all of them have: a spec of any shape."""

    api_version: str = ""
    kind: str = ""
    spec: dict[str, Any] = {}


class Middleware(Referring, frozen=True):
    """`traefik.io/v1alpha1`: ``errors`` names the Service of error pages."""

    api_version: str = "traefik.io/v1alpha1"
    kind: str = "Middleware"


class ApisixRoute(Referring, frozen=True):
    """`apisix.apache.org/v2`: backends by ``serviceName`` and ``servicePort``."""

    api_version: str = "apisix.apache.org/v2"
    kind: str = "ApisixRoute"


class HTTPScaledObject(Referring, frozen=True):
    """`http.keda.sh/v1alpha1`: ``scaleTargetRef`` with ``service`` and ``portName``."""

    api_version: str = "http.keda.sh/v1alpha1"
    kind: str = "HTTPScaledObject"


class InterceptorRoute(Referring, frozen=True):
    """`http.keda.sh/v1beta1`: ``target`` with ``service`` and ``portName``."""

    api_version: str = "http.keda.sh/v1beta1"
    kind: str = "InterceptorRoute"


class Prometheus(Referring, frozen=True):
    """`monitoring.coreos.com/v1`: ``alerting.alertmanagers`` by Service and port."""

    api_version: str = "monitoring.coreos.com/v1"
    kind: str = "Prometheus"


class CiliumLocalRedirectPolicy(Referring, frozen=True):
    """`cilium.io/v2`: ``serviceMatcher`` with ``serviceName`` and ``toPorts``."""

    api_version: str = "cilium.io/v2"
    kind: str = "CiliumLocalRedirectPolicy"


class HTTPProxy(Referring, frozen=True):
    """`projectcontour.io/v1`: Contour's routes; their ports are numbers."""

    api_version: str = "projectcontour.io/v1"
    kind: str = "HTTPProxy"


class VirtualServer(Referring, frozen=True):
    """`k8s.nginx.org/v1`: NGINX's routes; their ports are numbers."""

    api_version: str = "k8s.nginx.org/v1"
    kind: str = "VirtualServer"


class Mapping(Referring, frozen=True):
    """`getambassador.io/v3alpha1`: Emissary's routes; ``service`` is a host."""

    api_version: str = "getambassador.io/v3alpha1"
    kind: str = "Mapping"


class VMServiceScrape(Object, frozen=True):
    """`operator.victoriametrics.com/v1beta1`: VictoriaMetrics' ServiceMonitor."""

    api_version: str = "operator.victoriametrics.com/v1beta1"
    kind: str = "VMServiceScrape"
    spec: MonitorSpec = MonitorSpec()


class GroupTemplate(Struct, frozen=True):
    """What the WorkloadEntries of a group get; ``ports`` are by the names that a Service gives them."""

    labels: dict[str, str] = {}
    ports: dict[str, int] = {}


class GroupMeta(Struct, frozen=True):
    """The metadata of the WorkloadEntries."""

    labels: dict[str, str] = {}


class WorkloadGroupSpec(Struct, frozen=True):
    """Machines that register themselves."""

    metadata: GroupMeta = GroupMeta()
    template: GroupTemplate = GroupTemplate()


class WorkloadGroup(Object, frozen=True):
    """`networking.istio.io/v1`: istiod makes a WorkloadEntry of it for each machine."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "WorkloadGroup"
    spec: WorkloadGroupSpec = WorkloadGroupSpec()
