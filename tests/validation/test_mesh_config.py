"""What istiod refuses in the texts of its mesh configuration, and what it ignores."""

import pytest

from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.validation import mesh_config
from kubectl_meshfix.validation.violation import Violation


def found(text: str) -> list[Violation]:
    """What is wrong with a mesh configuration."""
    fields, problem = mapping(text)
    assert not problem
    return list(mesh_config.mesh_config(fields))


@pytest.mark.parametrize(
    "text",
    [
        "connectTimeout: 1m",
        "protocolDetectionTimeout: 0s",
        'proxyListenPort: "15001"',
        "ingressControllerMode: 2",
        'ingressControllerMode: "OFF"',
        "enableTracing: yes",
        "trustDomain: cluster.local.",
        "trustDomainAliases: [old.example, td1]",
        "defaultConfig: {drainDuration: 45s, concurrency: 0, proxyMetadata: {A: '1'}}",
        "default_config: {drain_duration: 45s}",
        "defaultConfig: {tracing: {sampling: 0.5, zipkin: {address: '$(HOST_IP):9411'}}}",
        "defaultConfig: {discoveryAddress: '[fd00::1]:15012'}",
        "extensionProviders: [{name: otel, opentelemetry: {service: otel.shop.svc.cluster.local, port: 4317}}]",
        "accessLogFile: null",
        "discoverySelectors: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]",
    ],
)
def test_what_istiod_takes_is_no_violation(text: str) -> None:
    """Numbers in quotes, both spellings of fields, numbers of enums and null are taken as istiod's decoder takes them."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "path", "correction"),
    [
        ("connectTimeout: 10", "/connectTimeout", None),
        ("connectTimeout: 2h", "/connectTimeout", None),
        ("protocolDetectionTimeout: 100us", "/protocolDetectionTimeout", None),
        ("proxyListenPort: 0", "/proxyListenPort", None),
        ("ingressControllerMode: OFF", "/ingressControllerMode", "OFF"),
        ("ingressControllerMode: STICT", "/ingressControllerMode", "STRICT"),
        ('enableTracing: "true"', "/enableTracing", None),
        ("trustDomain: cluster_local", "/trustDomain", None),
        ("trustDomainAliases: [ok, Not_ok]", "/trustDomainAliases/1", None),
        ("rootNamespace: 5", "/rootNamespace", "5"),
        ("defaultConfig: {proxyMetadata: {A: true}}", "/defaultConfig/proxyMetadata/A", "true"),
        ("defaultConfig: {drainDuration: 1500ms}", "/defaultConfig/drainDuration", None),
        ("defaultConfig: {discoveryAddress: istiod}", "/defaultConfig/discoveryAddress", None),
        ("defaultConfig: {tracing: {zipkin: {}}}", "/defaultConfig/tracing/zipkin/address", None),
        ("defaultConfig: {statusPort: 70000}", "/defaultConfig/statusPort", None),
        ("extensionProviders: {}", "/extensionProviders", None),
        ("extensionProviders: [{name: a, zipkin: {port: x}}]", "/extensionProviders/0/zipkin/port", None),
        ("outboundTrafficPolicy: REGISTRY_ONLY", "/outboundTrafficPolicy", None),
        ("meshMTLS: {ecdhCurves: [P-256]}", "/meshMTLS/ecdhCurves", None),
    ],
)
def test_what_istiod_refuses_has_its_place(text: str, path: str, correction: str | None) -> None:
    """Each refusal names the field that is wrong, and what was meant where only one thing can be."""
    (violation,) = found(text)

    assert (violation.path, violation.correction, violation.is_warning) == (path, correction, False)


@pytest.mark.parametrize(
    ("name", "meant"), [("enableAutoMTls", "enableAutoMtls"), ("accessLogFiles", "accessLogFile"), ("somethingElse", None)]
)
def test_a_field_that_is_not_known_is_ignored(name: str, meant: str | None) -> None:
    """Istiod decodes once more without what it does not know; a slip is told from what another version may have."""
    (violation,) = found(f"{name}: 1")

    assert (violation.path, violation.correction, violation.is_warning) == (f"/{name}", meant, True)


def test_networks_have_gateways_with_ports_and_addresses() -> None:
    """A gateway without a port, with an address that is none, and a registry that is no name are refused."""
    fields, _ = mapping(
        "networks: {net: {endpoints: [{fromRegistry: A_b}], gateways: [{address: 'a b', port: 15443}, {address: 10.0.0.1}]}}"
    )

    assert sorted(item.path for item in mesh_config.mesh_networks(fields)) == [
        "/networks/net/endpoints/0/fromRegistry",
        "/networks/net/gateways/0/address",
        "/networks/net/gateways/1/port",
    ]


@pytest.mark.parametrize(
    ("registry", "is_valid"), [("Kubernetes", True), ("k" * 63, True), ("k" * 64, False), ("-k", False), ("k-", False), ("", False)]
)
def test_a_name_of_a_registry_may_have_capitals(registry: str, is_valid: bool) -> None:
    """The name that a cluster has by default begins with one (`pkg/config/labels/instance.go IsDNS1123Label`)."""
    fields, _ = mapping(f"networks: {{net: {{endpoints: [{{fromRegistry: '{registry}'}}]}}}}")

    assert (not list(mesh_config.mesh_networks(fields))) is is_valid
