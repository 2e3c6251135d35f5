"""THE table of kinds: everything that can be read, named, or patched, one row each."""

import msgspec

from kubectl_meshfix.resources import (
    admission,
    core,
    disruption,
    foreign_routes,
    gateway_api,
    istio_extensions,
    istio_policy,
    networking,
    port_references,
    schema_only,
    secret_makers,
    workloads,
)
from kubectl_meshfix.resources.istio_networking import destinations, gateways, hosts, proxies, routes
from kubectl_meshfix.resources.meta import Object


class Kind(msgspec.Struct, frozen=True, eq=False):
    """One kind: where it lives in the API, how kubectl calls it, and the Struct it is read into.

    ``versions`` are those this project can read, preferred first. ``builtin`` kinds exist on every server; the others
    come with a CustomResourceDefinition or an aggregated server. Kinds ``only_in_files`` are not asked of a cluster: there what their
    controllers make tells the same. Those asked ``by_name`` are not listed there: nobody but their owner is to read all of them. Rows are
    equal only to themselves, which makes them cheap keys.
    """

    struct: type[Object]
    group: str
    versions: tuple[str, ...]
    plural: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    builtin: bool = True
    only_in_files: bool = False
    by_name: bool = False

    @property
    def kind(self) -> str:
        """The name in manifests."""
        default: str = self.struct.__struct_defaults__[self.struct.__struct_fields__.index("kind")]
        return default

    @property
    def singular(self) -> str:
        """The name in commands."""
        return self.kind.lower()

    @property
    def resource(self) -> str:
        """``plural.group``, as RBAC and kubectl spell it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def __str__(self) -> str:
        return self.kind if self is not KUBERNETES_GATEWAY else f"{self.kind}.{self.group}"


def _istio(struct: type[Object], group: str, versions: tuple[str, ...], plural: str, *short: str) -> Kind:
    return Kind(struct, f"{group}.istio.io", versions, plural, short, builtin=False)


def _gateway_api(struct: type[Object], versions: tuple[str, ...], plural: str, *short: str) -> Kind:
    return Kind(struct, "gateway.networking.k8s.io", versions, plural, short, builtin=False)


NAMESPACE = Kind(core.Namespace, "", ("v1",), "namespaces", ("ns",), namespaced=False)
NODE = Kind(core.Node, "", ("v1",), "nodes", ("no",), namespaced=False)
POD = Kind(core.Pod, "", ("v1",), "pods", ("po",))
SERVICE = Kind(core.Service, "", ("v1",), "services", ("svc",))
SECRET = Kind(core.Secret, "", ("v1",), "secrets", by_name=True)
CONFIG_MAP = Kind(core.ConfigMap, "", ("v1",), "configmaps", ("cm",))
ENDPOINTS = Kind(core.Endpoints, "", ("v1",), "endpoints", ("ep",))
EVENT = Kind(core.Event, "", ("v1",), "events", ("ev",))
RESOURCE_QUOTA = Kind(core.ResourceQuota, "", ("v1",), "resourcequotas", ("quota",))
REPLICATION_CONTROLLER = Kind(workloads.ReplicationController, "", ("v1",), "replicationcontrollers", ("rc",))
DEPLOYMENT = Kind(workloads.Deployment, "apps", ("v1",), "deployments", ("deploy",))
STATEFUL_SET = Kind(workloads.StatefulSet, "apps", ("v1",), "statefulsets", ("sts",))
DAEMON_SET = Kind(workloads.DaemonSet, "apps", ("v1",), "daemonsets", ("ds",))
REPLICA_SET = Kind(workloads.ReplicaSet, "apps", ("v1",), "replicasets", ("rs",))
JOB = Kind(workloads.Job, "batch", ("v1",), "jobs", ())
CRON_JOB = Kind(workloads.CronJob, "batch", ("v1", "v1beta1"), "cronjobs", ("cj",))
POD_DISRUPTION_BUDGET = Kind(disruption.PodDisruptionBudget, "policy", ("v1",), "poddisruptionbudgets", ("pdb",))
HORIZONTAL_POD_AUTOSCALER = Kind(disruption.HorizontalPodAutoscaler, "autoscaling", ("v2", "v1"), "horizontalpodautoscalers", ("hpa",))
INGRESS = Kind(networking.Ingress, "networking.k8s.io", ("v1",), "ingresses", ("ing",))
NETWORK_POLICY = Kind(networking.NetworkPolicy, "networking.k8s.io", ("v1",), "networkpolicies", ("netpol",))
ENDPOINT_SLICE = Kind(networking.EndpointSlice, "discovery.k8s.io", ("v1",), "endpointslices", ())
MUTATING_WEBHOOK_CONFIGURATION = Kind(
    admission.MutatingWebhookConfiguration, "admissionregistration.k8s.io", ("v1",), "mutatingwebhookconfigurations", (), namespaced=False
)
VALIDATING_WEBHOOK_CONFIGURATION = Kind(
    admission.ValidatingWebhookConfiguration,
    "admissionregistration.k8s.io",
    ("v1",),
    "validatingwebhookconfigurations",
    (),
    namespaced=False,
)
DEPLOYMENT_CONFIG = Kind(workloads.DeploymentConfig, "apps.openshift.io", ("v1",), "deploymentconfigs", ("dc",), builtin=False)
ROUTE = Kind(networking.Route, "route.openshift.io", ("v1",), "routes", (), builtin=False)
ROLLOUT = Kind(workloads.Rollout, "argoproj.io", ("v1alpha1",), "rollouts", ("ro",), builtin=False)
SERVICE_MONITOR = Kind(networking.ServiceMonitor, "monitoring.coreos.com", ("v1",), "servicemonitors", ("smon",), builtin=False)
POD_MONITOR = Kind(networking.PodMonitor, "monitoring.coreos.com", ("v1",), "podmonitors", ("pmon",), builtin=False)
INGRESS_ROUTE = Kind(foreign_routes.IngressRoute, "traefik.io", ("v1alpha1",), "ingressroutes", (), builtin=False)
INGRESS_ROUTE_TCP = Kind(foreign_routes.IngressRouteTCP, "traefik.io", ("v1alpha1",), "ingressroutetcps", (), builtin=False)
TRAEFIK_SERVICE = Kind(foreign_routes.TraefikService, "traefik.io", ("v1alpha1",), "traefikservices", (), builtin=False)
TARGET_GROUP_BINDING = Kind(foreign_routes.TargetGroupBinding, "elbv2.k8s.aws", ("v1beta1",), "targetgroupbindings", (), builtin=False)
MIDDLEWARE = Kind(port_references.Middleware, "traefik.io", ("v1alpha1",), "middlewares", (), builtin=False)
APISIX_ROUTE = Kind(port_references.ApisixRoute, "apisix.apache.org", ("v2",), "apisixroutes", (), builtin=False)
HTTP_SCALED_OBJECT = Kind(port_references.HTTPScaledObject, "http.keda.sh", ("v1alpha1",), "httpscaledobjects", (), builtin=False)
INTERCEPTOR_ROUTE = Kind(port_references.InterceptorRoute, "http.keda.sh", ("v1beta1",), "interceptorroutes", (), builtin=False)
HTTP_PROXY = Kind(port_references.HTTPProxy, "projectcontour.io", ("v1",), "httpproxies", (), builtin=False)
VIRTUAL_SERVER = Kind(port_references.VirtualServer, "k8s.nginx.org", ("v1",), "virtualservers", (), builtin=False)
MAPPING = Kind(port_references.Mapping, "getambassador.io", ("v3alpha1", "v2"), "mappings", (), builtin=False)
PROMETHEUS = Kind(port_references.Prometheus, "monitoring.coreos.com", ("v1",), "prometheuses", (), builtin=False)
VM_SERVICE_SCRAPE = Kind(
    port_references.VMServiceScrape, "operator.victoriametrics.com", ("v1beta1",), "vmservicescrapes", (), builtin=False
)
LOCAL_REDIRECT_POLICY = Kind(
    port_references.CiliumLocalRedirectPolicy, "cilium.io", ("v2",), "ciliumlocalredirectpolicies", (), builtin=False
)
SEALED_SECRET = Kind(secret_makers.SealedSecret, "bitnami.com", ("v1alpha1",), "sealedsecrets", (), builtin=False, only_in_files=True)
EXTERNAL_SECRET = Kind(
    secret_makers.ExternalSecret, "external-secrets.io", ("v1", "v1beta1"), "externalsecrets", ("es",), builtin=False, only_in_files=True
)
CERTIFICATE = Kind(secret_makers.Certificate, "cert-manager.io", ("v1",), "certificates", ("cert",), builtin=False, only_in_files=True)
CANARY = Kind(foreign_routes.Canary, "flagger.app", ("v1beta1",), "canaries", (), builtin=False, only_in_files=True)
VIRTUAL_SERVICE = _istio(routes.VirtualService, "networking", ("v1", "v1beta1", "v1alpha3"), "virtualservices", "vs")
DESTINATION_RULE = _istio(destinations.DestinationRule, "networking", ("v1", "v1beta1", "v1alpha3"), "destinationrules", "dr")
GATEWAY = _istio(gateways.Gateway, "networking", ("v1", "v1beta1", "v1alpha3"), "gateways", "gw")
SERVICE_ENTRY = _istio(hosts.ServiceEntry, "networking", ("v1", "v1beta1", "v1alpha3"), "serviceentries", "se")
WORKLOAD_ENTRY = _istio(hosts.WorkloadEntry, "networking", ("v1", "v1beta1", "v1alpha3"), "workloadentries", "we")
WORKLOAD_GROUP = _istio(port_references.WorkloadGroup, "networking", ("v1", "v1beta1", "v1alpha3"), "workloadgroups", "wg")
SIDECAR = _istio(proxies.Sidecar, "networking", ("v1", "v1beta1", "v1alpha3"), "sidecars")
ENVOY_FILTER = _istio(proxies.EnvoyFilter, "networking", ("v1alpha3",), "envoyfilters")
AUTHORIZATION_POLICY = _istio(istio_policy.AuthorizationPolicy, "security", ("v1", "v1beta1"), "authorizationpolicies", "ap")
PEER_AUTHENTICATION = _istio(istio_policy.PeerAuthentication, "security", ("v1", "v1beta1"), "peerauthentications", "pa")
REQUEST_AUTHENTICATION = _istio(istio_policy.RequestAuthentication, "security", ("v1", "v1beta1"), "requestauthentications", "ra")
WASM_PLUGIN = _istio(istio_extensions.WasmPlugin, "extensions", ("v1alpha1",), "wasmplugins")
TELEMETRY = _istio(istio_policy.Telemetry, "telemetry", ("v1", "v1alpha1"), "telemetries", "telemetry")
PROXY_CONFIG = _istio(istio_policy.ProxyConfig, "networking", ("v1beta1",), "proxyconfigs")
KUBERNETES_GATEWAY = _gateway_api(gateway_api.KubernetesGateway, ("v1", "v1beta1"), "gateways", "gtw")
HTTP_ROUTE = _gateway_api(gateway_api.HTTPRoute, ("v1", "v1beta1"), "httproutes")
GRPC_ROUTE = _gateway_api(gateway_api.GRPCRoute, ("v1", "v1alpha2"), "grpcroutes")
TCP_ROUTE = _gateway_api(gateway_api.TCPRoute, ("v1", "v1alpha2"), "tcproutes")
TLS_ROUTE = _gateway_api(gateway_api.TLSRoute, ("v1", "v1alpha3", "v1alpha2"), "tlsroutes")
GATEWAY_CLASS = Kind(
    gateway_api.GatewayClass, "gateway.networking.k8s.io", ("v1", "v1beta1"), "gatewayclasses", ("gc",), namespaced=False, builtin=False
)
REFERENCE_GRANT = _gateway_api(gateway_api.ReferenceGrant, ("v1", "v1beta1"), "referencegrants", "refgrant")
BACKEND_TLS_POLICY = _gateway_api(gateway_api.BackendTLSPolicy, ("v1", "v1alpha3"), "backendtlspolicies", "btlspolicy")
TRAFFIC_EXTENSION = Kind(
    schema_only.TrafficExtension, "extensions.istio.io", ("v1alpha1",), "trafficextensions", (), builtin=False, only_in_files=True
)
LISTENER_SET = Kind(schema_only.ListenerSet, "gateway.networking.k8s.io", ("v1",), "listenersets", (), builtin=False, only_in_files=True)
UDP_ROUTE = Kind(schema_only.UDPRoute, "gateway.networking.k8s.io", ("v1", "v1alpha2"), "udproutes", (), builtin=False, only_in_files=True)

KINDS: tuple[Kind, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Kind))

SECRET_MAKERS = (SEALED_SECRET, EXTERNAL_SECRET, CERTIFICATE)
"""Kinds of which controllers make Secrets."""

UNJUDGED = frozenset({SECRET, GATEWAY_CLASS, *SECRET_MAKERS})
"""Kinds that no rule judges: they are read for what they tell of others."""

TEMPLATED: tuple[Kind, ...] = (
    DEPLOYMENT, STATEFUL_SET, DAEMON_SET, REPLICA_SET, JOB, CRON_JOB, REPLICATION_CONTROLLER, DEPLOYMENT_CONFIG, ROLLOUT,
)  # fmt: skip
"""Kinds that make pods from a template."""

WORKLOADS: tuple[Kind, ...] = (*TEMPLATED, POD)
"""Kinds a rule about workloads has to read: a bare pod is one too."""

ISTIO: dict[str, tuple[str, ...]] = {
    "networking.istio.io": (
        "DestinationRule", "EnvoyFilter", "Gateway", "ProxyConfig", "ServiceEntry", "Sidecar", "VirtualService", "WorkloadEntry",
        "WorkloadGroup",
    ),
    "security.istio.io": ("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"),
    "telemetry.istio.io": ("Telemetry",),
    "extensions.istio.io": ("TrafficExtension", "WasmPlugin"),
}  # fmt: skip
"""Every kind of Istio's groups (`pkg/config/schema/metadata.yaml`), whether anybody here reads it or not."""

_BY_NAME = {(kind.group, kind.kind): kind for kind in KINDS}


def of(api_version: str, kind: str) -> Kind | None:
    """The row for a manifest's ``apiVersion`` and ``kind``, whatever its version; None for kinds nobody here reads."""
    return _BY_NAME.get((api_version.rpartition("/")[0], kind))


def of_object(obj: Object) -> Kind:
    """The row an object was read by."""
    return _BY_NAME[obj.api_version.rpartition("/")[0], obj.kind]


def named(word: str) -> tuple[Kind, ...]:
    """The kinds a user may mean: singular, plural, short name, or ``plural.group`` (``kubectl get`` takes the same words)."""
    word = word.lower()
    name, _, group = word.partition(".")
    return tuple(
        kind
        for kind in KINDS
        if (name in (kind.plural, kind.singular) or word in kind.short) and (not group or group in (kind.group, f"v1.{kind.group}"))
    )
