"""The webhooks that Istio's chart installs (`manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`).

They stand in for the real ones where those were not read.
"""

from kubectl_meshfix.injection.labels import INJECT, INJECTION, METADATA_NAME
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, IGNORED_NAMESPACES, INJECTOR_WEBHOOK, REVISION_LABEL, SYSTEM_NAMESPACE
from kubectl_meshfix.resources.admission import ClientConfig, MutatingWebhookConfiguration, ServiceReference, Webhook, WebhookRule
from kubectl_meshfix.resources.meta import LabelSelector, Meta, Requirement

Requirements = tuple[Requirement, ...]

_PODS = WebhookRule(operations=("CREATE",), api_groups=("",), api_versions=("v1",), resources=("pods",))


def configuration(revision: str, *, every_namespace: bool) -> MutatingWebhookConfiguration:
    """What installing a revision brings; the default revision also answers to ``istio-injection``.

    ``every_namespace`` is the value `sidecarInjectorWebhook.enableNamespacesByDefault`.
    """
    suffix = "" if revision == DEFAULT_REVISION else f"-{revision}"
    service = ServiceReference(namespace=SYSTEM_NAMESPACE, name=f"istiod{suffix}", path="/inject")
    webhooks = selectors(revision, is_default=revision == DEFAULT_REVISION, every_namespace=every_namespace)
    return MutatingWebhookConfiguration(
        metadata=Meta(name=f"istio-sidecar-injector{suffix}", labels={REVISION_LABEL: revision, "app": "sidecar-injector"}),
        webhooks=tuple(
            Webhook(
                name=f"{prefix}.{INJECTOR_WEBHOOK}",
                client_config=ClientConfig(service=service),
                rules=(_PODS,),
                namespace_selector=LabelSelector(match_expressions=namespace),
                object_selector=LabelSelector(match_expressions=pod),
                side_effects="None",
            )
            for prefix, namespace, pod in webhooks
        ),
    )


def selectors(value: str, *, is_default: bool, every_namespace: bool) -> tuple[tuple[str, Requirements, Requirements], ...]:
    """Prefix, namespaceSelector and objectSelector of each webhook for the label value ``value``, a revision or a tag."""
    not_refused = _expression(INJECT, "NotIn", "false")
    unlabelled = (_expression(REVISION_LABEL, "DoesNotExist"), _expression(INJECTION, "DoesNotExist"))
    no_revision = _expression(REVISION_LABEL, "DoesNotExist")
    rows: list[tuple[str, Requirements, Requirements]] = [
        ("rev.namespace", (_expression(REVISION_LABEL, "In", value), _expression(INJECTION, "DoesNotExist")), (not_refused,)),
        ("rev.object", unlabelled, (not_refused, _expression(REVISION_LABEL, "In", value))),
    ]
    if is_default:
        rows += [
            ("namespace", (_expression(INJECTION, "In", "enabled"),), (not_refused,)),
            ("object", unlabelled, (_expression(INJECT, "In", "true"), no_revision)),
        ]
    if is_default and every_namespace:
        elsewhere = _expression(METADATA_NAME, "NotIn", *sorted(IGNORED_NAMESPACES))
        rows.append(("auto", (*unlabelled, elsewhere), (_expression(INJECT, "DoesNotExist"), no_revision)))
    return tuple(rows)


def _expression(key: str, operator: str, *values: str) -> Requirement:
    return Requirement(key=key, operator=operator, values=values)
