"""`security.istio.io` and `telemetry.istio.io`: who may call whom, and what is logged (`istio.io/api/{security,telemetry}`)."""

from typing import Any

import msgspec

from kubectl_meshfix.resources.istio_networking.destinations import WorkloadSelector
from kubectl_meshfix.resources.istio_networking.hosts import IstioStatus
from kubectl_meshfix.resources.istio_networking.proxies import PolicyTarget
from kubectl_meshfix.resources.meta import Object, Struct


class Source(Struct, frozen=True):
    """Who calls: each field that is given has to hold, by one of its values, or by none of those after ``not``."""

    principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    request_principals: tuple[str, ...] = ()
    not_request_principals: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    not_namespaces: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    not_service_accounts: tuple[str, ...] = ()
    trust_domains: tuple[str, ...] = ()
    not_trust_domains: tuple[str, ...] = ()
    ip_blocks: tuple[str, ...] = ()
    not_ip_blocks: tuple[str, ...] = ()
    remote_ip_blocks: tuple[str, ...] = ()
    not_remote_ip_blocks: tuple[str, ...] = ()


class From(Struct, frozen=True):
    """One source of a rule."""

    source: Source = Source()


class Operation(Struct, frozen=True):
    """What is called; its fields go together as those of a source do."""

    hosts: tuple[str, ...] = ()
    not_hosts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    not_methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    not_ports: tuple[str, ...] = ()


class To(Struct, frozen=True):
    """One operation of a rule."""

    operation: Operation = Operation()


class When(Struct, frozen=True):
    """One more condition of a rule: an attribute by its name, such as ``request.headers[x-user]``, and its values."""

    key: str = ""
    values: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()


class AuthorizationRule(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Sources, operations and conditions; an absent list means any."""

    from_: tuple[From, ...] = ()
    to: tuple[To, ...] = ()
    when: tuple[When, ...] = ()


class PolicySpec(Struct, frozen=True):
    """Where a policy applies: selected pods, targets, else its whole namespace, in the root namespace the mesh."""

    selector: WorkloadSelector | None = None
    target_ref: PolicyTarget | None = None
    target_refs: tuple[PolicyTarget, ...] = ()


class ProviderRef(Struct, frozen=True):
    """A provider of the mesh configuration, by name."""

    name: str = ""


class AuthorizationPolicySpec(PolicySpec, frozen=True):
    """Rules; an ALLOW policy without any denies everything. ``provider`` is whom a CUSTOM policy asks."""

    action: str = "ALLOW"
    provider: ProviderRef = ProviderRef()
    rules: tuple[AuthorizationRule, ...] = ()


class AuthorizationPolicy(Object, frozen=True):
    """Who may call whom."""

    api_version: str = "security.istio.io/v1"
    kind: str = "AuthorizationPolicy"
    spec: AuthorizationPolicySpec = AuthorizationPolicySpec()
    status: IstioStatus = IstioStatus()


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


class TokenHeader(Struct, frozen=True):
    """A header that may hold a token, after a prefix."""

    name: str = ""
    prefix: str = ""


class ClaimHeader(Struct, frozen=True):
    """A header that is set to a claim of the token."""

    header: str = ""
    claim: str = ""


class JWTRule(Struct, frozen=True):
    """One issuer whose tokens are accepted, and where they are looked for.

    No ``issuer`` means any, and no ``audiences`` any audience. Of ``jwks``, the keys themselves, only that they are there is read;
    ``jwks_uri`` is where they are fetched.
    """

    issuer: str = ""
    audiences: tuple[str, ...] = ()
    from_headers: tuple[TokenHeader, ...] = ()
    from_params: tuple[str, ...] = ()
    from_cookies: tuple[str, ...] = ()
    forward_original_token: bool = False
    output_payload_to_header: str = ""
    output_claim_to_headers: tuple[ClaimHeader, ...] = ()
    space_delimited_claims: tuple[str, ...] = ()
    jwks: str = ""
    jwks_uri: str = ""


class RequestAuthenticationSpec(PolicySpec, frozen=True):
    """Which tokens are accepted."""

    jwt_rules: tuple[JWTRule, ...] = ()


class RequestAuthentication(Object, frozen=True):
    """Which tokens are checked. A request without any token passes."""

    api_version: str = "security.istio.io/v1"
    kind: str = "RequestAuthentication"
    spec: RequestAuthenticationSpec = RequestAuthenticationSpec()


class LogFilter(Struct, frozen=True):
    """Which requests are logged, as a CEL expression."""

    expression: str = ""


class AccessLogging(Struct, frozen=True):
    """One access-log setting; ``disabled`` None means not said. ``match`` is the side of the requests that it is for, kept as it is."""

    disabled: bool | None = None
    providers: tuple[ProviderRef, ...] = ()
    filter: LogFilter | None = None
    match: Any = None


class Tracing(Struct, frozen=True):
    """One tracing setting."""

    providers: tuple[ProviderRef, ...] = ()
    disable_span_reporting: bool | None = None


class Metrics(Struct, frozen=True):
    """One setting of metrics; what it overrides is not read."""

    providers: tuple[ProviderRef, ...] = ()


class TelemetrySpec(PolicySpec, frozen=True):
    """What is logged, measured and traced."""

    access_logging: tuple[AccessLogging, ...] = ()
    tracing: tuple[Tracing, ...] = ()
    metrics: tuple[Metrics, ...] = ()


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
