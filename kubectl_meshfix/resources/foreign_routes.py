"""Kinds of others that lead traffic to a Service's port, by its number or its name: Traefik's, AWS's target groups, Flagger's canaries."""

from kubectl_meshfix.resources.meta import Object, Struct


class RoutedService(Struct, frozen=True):
    """A Service, or with that ``kind`` a TraefikService; of the object's own namespace where it names none."""

    name: str = ""
    namespace: str = ""
    kind: str = ""
    port: int | str = 0
    pass_host_header: bool | None = None


class TraefikRule(Struct, frozen=True):
    """Where the requests or connections that match go."""

    services: tuple[RoutedService, ...] = ()


class IngressRouteSpec(Struct, frozen=True):
    """A router's rules."""

    routes: tuple[TraefikRule, ...] = ()


class IngressRoute(Object, frozen=True):
    """`traefik.io/v1alpha1`."""

    api_version: str = "traefik.io/v1alpha1"
    kind: str = "IngressRoute"
    spec: IngressRouteSpec = IngressRouteSpec()


class IngressRouteTCP(Object, frozen=True):
    """`traefik.io/v1alpha1`, for connections."""

    api_version: str = "traefik.io/v1alpha1"
    kind: str = "IngressRouteTCP"
    spec: IngressRouteSpec = IngressRouteSpec()


class Mirroring(RoutedService, frozen=True):
    """A Service and those that get copies."""

    mirrors: tuple[RoutedService, ...] = ()


class TraefikServiceSpec(Struct, frozen=True):
    """One of them is set."""

    weighted: TraefikRule = TraefikRule()
    highest_random_weight: TraefikRule = TraefikRule()
    mirroring: Mirroring = Mirroring()


class TraefikService(Object, frozen=True):
    """`traefik.io/v1alpha1`: several Services as one."""

    api_version: str = "traefik.io/v1alpha1"
    kind: str = "TraefikService"
    spec: TraefikServiceSpec = TraefikServiceSpec()


class ServiceReference(Struct, frozen=True):
    """A Service in the object's own namespace."""

    name: str = ""
    port: int | str = 0


class TargetGroupBindingSpec(Struct, frozen=True):
    """The Service whose pods are the targets."""

    service_ref: ServiceReference = ServiceReference()


class TargetGroupBinding(Object, frozen=True):
    """`elbv2.k8s.aws/v1beta1`."""

    api_version: str = "elbv2.k8s.aws/v1beta1"
    kind: str = "TargetGroupBinding"
    spec: TargetGroupBindingSpec = TargetGroupBindingSpec()


class TargetRef(Struct, frozen=True):
    """The workload that is released step by step."""

    kind: str = ""
    name: str = ""


class CanarySpec(Struct, frozen=True):
    """Flagger makes the Services of the target itself, and a second workload for the old version."""

    target_ref: TargetRef = TargetRef()


class Canary(Object, frozen=True):
    """`flagger.app/v1beta1`."""

    api_version: str = "flagger.app/v1beta1"
    kind: str = "Canary"
    spec: CanarySpec = CanarySpec()
