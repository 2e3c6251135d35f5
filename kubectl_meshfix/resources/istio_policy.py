"""`security.istio.io` and `telemetry.istio.io`: who may call whom, and what is logged (`istio.io/api/{security,telemetry}`)."""

import msgspec

from kubectl_meshfix.resources.istio_networking import PolicyTarget, WorkloadSelector
from kubectl_meshfix.resources.meta import Object, Struct


class Source(Struct, frozen=True):
    """Who calls."""

    principals: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    not_namespaces: tuple[str, ...] = ()


class From(Struct, frozen=True):
    """One source of a rule."""

    source: Source = Source()


class Operation(Struct, frozen=True):
    """What is called."""

    hosts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()


class To(Struct, frozen=True):
    """One operation of a rule."""

    operation: Operation = Operation()


class AuthorizationRule(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Sources and operations; an absent list means any."""

    from_: tuple[From, ...] = ()
    to: tuple[To, ...] = ()


class PolicySpec(Struct, frozen=True):
    """Where a policy applies: selected pods, targets, else its whole namespace, in the root namespace the mesh."""

    selector: WorkloadSelector | None = None
    target_ref: PolicyTarget | None = None
    target_refs: tuple[PolicyTarget, ...] = ()


class AuthorizationPolicySpec(PolicySpec, frozen=True):
    """Rules; an ALLOW policy without any denies everything."""

    action: str = "ALLOW"
    rules: tuple[AuthorizationRule, ...] = ()


class AuthorizationPolicy(Object, frozen=True):
    """Who may call whom."""

    api_version: str = "security.istio.io/v1"
    kind: str = "AuthorizationPolicy"
    spec: AuthorizationPolicySpec = AuthorizationPolicySpec()


class MutualTLS(Struct, frozen=True):
    """``STRICT``, ``PERMISSIVE``, ``DISABLE``; ``UNSET``, or nothing, takes the mode of the level above."""

    mode: str = "UNSET"


class PeerAuthenticationSpec(Struct, frozen=True):
    """Which calls the selected pods accept. ``port_level_mtls`` is by the container port's number, as text."""

    selector: WorkloadSelector | None = None
    mtls: MutualTLS | None = None
    port_level_mtls: dict[str, MutualTLS] = {}


class PeerAuthentication(Object, frozen=True):
    """Whether servers accept plain text, mutual TLS, or both."""

    api_version: str = "security.istio.io/v1"
    kind: str = "PeerAuthentication"
    spec: PeerAuthenticationSpec = PeerAuthenticationSpec()


class RequestAuthentication(Object, frozen=True):
    """Which tokens are checked; where it applies is all that is read."""

    api_version: str = "security.istio.io/v1"
    kind: str = "RequestAuthentication"
    spec: PolicySpec = PolicySpec()


class ProviderRef(Struct, frozen=True):
    """A provider of the mesh configuration, by name."""

    name: str = ""


class AccessLogging(Struct, frozen=True):
    """One access-log setting; ``disabled`` None means not said."""

    disabled: bool | None = None
    providers: tuple[ProviderRef, ...] = ()


class Tracing(Struct, frozen=True):
    """One tracing setting."""

    providers: tuple[ProviderRef, ...] = ()


class TelemetrySpec(PolicySpec, frozen=True):
    """What is logged, measured and traced."""

    access_logging: tuple[AccessLogging, ...] = ()
    tracing: tuple[Tracing, ...] = ()


class Telemetry(Object, frozen=True):
    """What is logged, measured and traced."""

    api_version: str = "telemetry.istio.io/v1"
    kind: str = "Telemetry"
    spec: TelemetrySpec = TelemetrySpec()


class SelectingSpec(Struct, frozen=True):
    """The proxies that something is for; what it does to them is not read."""

    selector: WorkloadSelector | None = None


class ProxyConfigSpec(SelectingSpec, frozen=True):
    """Settings of proxies; of these, the environment alone is read."""

    environment_variables: dict[str, str] = {}


class ProxyConfig(Object, frozen=True):
    """Settings that proxies start with."""

    api_version: str = "networking.istio.io/v1beta1"
    kind: str = "ProxyConfig"
    spec: ProxyConfigSpec = ProxyConfigSpec()
