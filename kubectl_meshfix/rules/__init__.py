"""THE registry: every rule, sorted by code. A rule is a module and a page of the same name beside it."""

from importlib import resources

from kubectl_meshfix.rules.ambient import unusable_waypoint
from kubectl_meshfix.rules.extensions import access_log_off, extension_selects_nothing, mesh_wide_envoyfilter
from kubectl_meshfix.rules.gateways import gateway_port_not_on_service, gateway_selects_nothing
from kubectl_meshfix.rules.injection import (
    conflicting_injection_labels,
    ineffective_inject_selector,
    init_container_forbidden,
    injection_webhook_unreachable,
    missing_sidecar,
    misspelt_injection_label,
    namespace_not_injected,
    openshift_build_pods_injected,
    pods_cannot_be_created,
    unknown_revision,
)
from kubectl_meshfix.rules.input import admitted_with_warning, invalid_field, refused_by_istiod, stale_suppression, unreadable_document
from kubectl_meshfix.rules.policy import policy_selects_nothing, unknown_source_namespace
from kubectl_meshfix.rules.ports import (
    conflicting_port_protocols,
    disproved_port_protocol,
    reserved_port,
    udp_name_on_tcp_port,
    undeclared_port_protocol,
)
from kubectl_meshfix.rules.routing import (
    ambiguous_destination_port,
    sidecar_selects_nothing,
    undefined_subset,
    unknown_destination_host,
    unknown_gateway,
)
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.rules.workloads import (
    init_container_before_proxy,
    missing_app_label,
    missing_version_label,
    peers_without_headless_port,
    proxy_uid,
    refused_probes,
    sidecar_outlives_job,
    workload_without_service,
)

RULES: tuple[Rule, ...] = (
    unreadable_document.RULE,
    stale_suppression.RULE,
    invalid_field.RULE,
    refused_by_istiod.RULE,
    admitted_with_warning.RULE,
    undeclared_port_protocol.RULE,
    udp_name_on_tcp_port.RULE,
    conflicting_port_protocols.RULE,
    reserved_port.RULE,
    disproved_port_protocol.RULE,
    missing_app_label.RULE,
    missing_version_label.RULE,
    workload_without_service.RULE,
    proxy_uid.RULE,
    sidecar_outlives_job.RULE,
    init_container_before_proxy.RULE,
    refused_probes.RULE,
    peers_without_headless_port.RULE,
    namespace_not_injected.RULE,
    conflicting_injection_labels.RULE,
    misspelt_injection_label.RULE,
    unknown_revision.RULE,
    missing_sidecar.RULE,
    init_container_forbidden.RULE,
    openshift_build_pods_injected.RULE,
    ineffective_inject_selector.RULE,
    injection_webhook_unreachable.RULE,
    pods_cannot_be_created.RULE,
    unknown_destination_host.RULE,
    undefined_subset.RULE,
    unknown_gateway.RULE,
    ambiguous_destination_port.RULE,
    sidecar_selects_nothing.RULE,
    gateway_selects_nothing.RULE,
    gateway_port_not_on_service.RULE,
    unknown_source_namespace.RULE,
    policy_selects_nothing.RULE,
    access_log_off.RULE,
    mesh_wide_envoyfilter.RULE,
    extension_selects_nothing.RULE,
    unusable_waypoint.RULE,
)


def page(rule: Rule) -> str:
    """The rule's page, in Markdown."""
    package, _, module = rule.check.__module__.rpartition(".")
    return resources.files(package).joinpath(f"{module}.md").read_text(encoding="utf-8")
