"""THE registry: every rule, sorted by code. A rule is a module and a page of the same name beside it."""

from importlib import resources

from kubectl_meshfix.rules.extensions import access_log_off, mesh_wide_envoyfilter
from kubectl_meshfix.rules.input import unreadable_document
from kubectl_meshfix.rules.ports import conflicting_port_protocols, reserved_port, udp_name_on_tcp_port, undeclared_port_protocol
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.rules.workloads import (
    missing_app_label,
    missing_version_label,
    proxy_uid,
    sidecar_outlives_job,
    workload_without_service,
)

RULES: tuple[Rule, ...] = (
    unreadable_document.RULE,
    undeclared_port_protocol.RULE,
    udp_name_on_tcp_port.RULE,
    conflicting_port_protocols.RULE,
    reserved_port.RULE,
    missing_app_label.RULE,
    missing_version_label.RULE,
    workload_without_service.RULE,
    proxy_uid.RULE,
    sidecar_outlives_job.RULE,
    access_log_off.RULE,
    mesh_wide_envoyfilter.RULE,
)


def page(rule: Rule) -> str:
    """The rule's page, in Markdown."""
    package, _, module = rule.check.__module__.rpartition(".")
    return resources.files(package).joinpath(f"{module}.md").read_text(encoding="utf-8")
