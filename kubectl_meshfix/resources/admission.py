"""Mutating and validating webhooks (`k8s.io/api/admissionregistration/v1/types.go`); defaults are the API server's (`defaults.go`)."""

from kubectl_meshfix.resources.meta import LabelSelector, Object, Struct


class ServiceReference(Struct, frozen=True):
    """The Service behind a webhook."""

    namespace: str = ""
    name: str = ""
    path: str = ""
    port: int = 443


class ClientConfig(Struct, frozen=True):
    """Whom the API server calls: a Service or a URL. ``ca_bundle`` is base64-encoded PEM."""

    service: ServiceReference | None = None
    url: str = ""
    ca_bundle: str = ""


class WebhookRule(Struct, frozen=True):
    """Requests a webhook asks for; ``*`` stands for all."""

    operations: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    api_versions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    scope: str = "*"


class MatchCondition(Struct, frozen=True):
    """A CEL expression; it is shown, never evaluated here."""

    name: str = ""
    expression: str = ""


class Webhook(Struct, frozen=True):
    """One webhook. An absent selector matches everything."""

    name: str = ""
    client_config: ClientConfig = ClientConfig()
    rules: tuple[WebhookRule, ...] = ()
    namespace_selector: LabelSelector = LabelSelector()
    object_selector: LabelSelector = LabelSelector()
    match_conditions: tuple[MatchCondition, ...] = ()
    match_policy: str = "Equivalent"
    failure_policy: str = "Fail"
    reinvocation_policy: str = "Never"
    side_effects: str = ""
    timeout_seconds: int = 10


class MutatingWebhookConfiguration(Object, frozen=True):
    """Webhooks in the order they are called; configurations are called in the order of their names."""

    api_version: str = "admissionregistration.k8s.io/v1"
    kind: str = "MutatingWebhookConfiguration"
    webhooks: tuple[Webhook, ...] = ()


class ValidatingWebhookConfiguration(Object, frozen=True):
    """Webhooks that are called side by side, after all that change an object; each of them may refuse it."""

    api_version: str = "admissionregistration.k8s.io/v1"
    kind: str = "ValidatingWebhookConfiguration"
    webhooks: tuple[Webhook, ...] = ()


WebhookConfiguration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration
