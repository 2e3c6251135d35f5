"""THE registry: every rule, sorted by code. A rule is a module and a page of the same name beside it."""

from importlib import resources

from kubectl_meshfix.rules.ambient import unusable_waypoint
from kubectl_meshfix.rules.extensions import access_log_off, extension_selects_nothing, mesh_wide_envoyfilter
from kubectl_meshfix.rules.gateways import (
    gateway_port_not_on_service,
    gateway_selects_nothing,
    gateway_server_ignored,
    grant_for_unknown_namespace,
    listener_not_built,
    missing_tls_secret,
    negative_status,
    route_not_attached,
    shared_gateway_certificate,
    unknown_gateway_class,
    unusable_route_backend,
)
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
from kubectl_meshfix.rules.input import stale_suppression, unreadable_document
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
from kubectl_meshfix.rules.routing.binding import (
    chained_routes,
    claims_without_authentication,
    host_not_on_gateway,
    redirect_loop,
    unknown_mesh_host,
    unusable_routes,
    wildcard_takes_host,
)
from kubectl_meshfix.rules.routing.matching import (
    broken_delegate,
    hidden_routes,
    impossible_match,
    ineffective_weight,
    mangled_path,
    outdated_notation,
    unreachable_route,
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
    unusable_routes.RULE,
    impossible_match.RULE,
    broken_delegate.RULE,
    unreachable_route.RULE,
    hidden_routes.RULE,
    host_not_on_gateway.RULE,
    unknown_mesh_host.RULE,
    mangled_path.RULE,
    redirect_loop.RULE,
    wildcard_takes_host.RULE,
    chained_routes.RULE,
    ineffective_weight.RULE,
    outdated_notation.RULE,
    claims_without_authentication.RULE,
    gateway_selects_nothing.RULE,
    gateway_port_not_on_service.RULE,
    gateway_server_ignored.RULE,
    shared_gateway_certificate.RULE,
    route_not_attached.RULE,
    unusable_route_backend.RULE,
    missing_tls_secret.RULE,
    listener_not_built.RULE,
    unknown_gateway_class.RULE,
    grant_for_unknown_namespace.RULE,
    negative_status.RULE,
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
