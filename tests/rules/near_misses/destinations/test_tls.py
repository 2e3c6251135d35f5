"""What the rules about TLS towards destinations say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.destinations import (
    certificate_not_mounted,
    double_tls,
    http_to_tls_port,
    ignored_credential_name,
    tls_to_plain_port,
)
from kubectl_meshfix.rules.rule import Severity
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF432

FILES = example(certificate_not_mounted.RULE)
"""Of shop/cart and shop/exporter the second mounts the files."""


def other(name: str, namespace: str, app: str, annotations: str = "") -> Change:
    """One more Deployment of the mesh."""
    manifest = f"""
{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}, labels: {{istio-injection: enabled}}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{template: {{metadata: {{labels: {{app: {app}}}, annotations: {{{annotations}}}}}, spec: {{containers: [{{name: {name}}}]}}}}}}
---
"""
    first = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: exporter\n"
    return first, manifest + first


MOUNTS = """sidecar.istio.io/userVolumeMount: '[{"mountPath": "/etc/ledger"}]'"""


@pytest.mark.parametrize(
    ("changes", "is_selected"),
    [
        ((), True),
        ((other("exporter-2", "shop", "exporter"),), False),
        ((other("exporter", "web", "exporter"),), True),
        ((other("exporter", "web", "exporter", MOUNTS),), False),
        ((other("exporter-2", "shop", "second", MOUNTS),), False),
        ((("  host: ledger", "  workloadSelector: {matchLabels: {version: v1}}\n  host: ledger"),), False),
    ],
)
def test_a_selector_is_written_where_one_app_alone_has_the_files(changes: tuple[Change, ...], is_selected: bool) -> None:
    """All that mount them are one app of the rule's namespace, no pod there that lacks them is of it, and the rule selects none yet."""
    (found,) = said(certificate_not_mounted.RULE, FILES, *changes)
    assert writes(found) == ([("add", "/spec/workloadSelector", {"matchLabels": {"app": "exporter"}})] if is_selected else [])


# ---------------------------------------------------------------- MF422

DOUBLED = example(double_tls.RULE)
ROUTE = """
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: vs, namespace: shop}
spec: {hosts: [vs.example.com], http: [{route: [{destination: {host: vs.example.com}}]}]}
"""


@pytest.mark.parametrize(
    ("more", "live", "severity"),
    [
        ("", False, Severity.WARNING),
        (ROUTE, False, None),
        (ROUTE.replace("namespace: shop", "namespace: web"), False, Severity.WARNING),
        ("", True, None),
    ],
)
def test_double_tls_is_certain_where_the_routes_are_known(more: str, live: bool, severity: Severity | None) -> None:
    """Files without a route of the namespace may be applied beside one that sends HTTP."""
    assert [row.severity for row in said(double_tls.RULE, DOUBLED + more, live=live)] == [severity]


def test_tls_for_plain_ports_too_is_moved_by_a_person() -> None:
    """Where the host has an HTTP port as well, DISABLE would take TLS from that one."""
    found = said(double_tls.RULE, DOUBLED, ("    protocol: HTTPS", "    protocol: HTTPS\n  - {number: 80, name: http, protocol: HTTP}"))
    assert summaries(found) == ["Move tls to portLevelSettings of the ports that clients call with plain HTTP, or remove it."]


# ---------------------------------------------------------------- MF424

CREDENTIAL = example(ignored_credential_name.RULE)
LEDGER = ROUTE.replace("{host: vs.example.com}", "{host: ledger.example.com}")


@pytest.mark.parametrize(
    ("text", "severities"),
    [
        (CREDENTIAL, [Severity.WARNING]),
        (CREDENTIAL + LEDGER, [None]),
        (CREDENTIAL + LEDGER.replace("hosts:", "gateways: [public], hosts:"), []),
        (CREDENTIAL.replace("targetPort: 443", "targetPort: 443\n  - {number: 8080, name: web, protocol: HTTP}"), [Severity.WARNING]),
    ],
)
def test_a_credential_is_told_once_for_a_rule(text: str, severities: list[Severity | None]) -> None:
    """Not for each port of the host, not where a gateway's route needs it, and with less certainty where routes may be elsewhere."""
    assert [row.severity for row in said(ignored_credential_name.RULE, text)] == severities


# ---------------------------------------------------------------- MF433

PLAIN = example(http_to_tls_port.RULE)
POLICY = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: console, namespace: ingress}
spec: {targetRefs: [{group: "", kind: Service, name: console}], validation: {hostname: console, wellKnownCACertificates: System}}
"""
PROBED = (
    "        image: registry.example/console:1.0.0",
    "        image: registry.example/console:1.0.0\n        readinessProbe: {httpGet: {path: /, port: 8080, scheme: HTTPS}}",
)
SECOND = ("  - name: https\n    port: 443", "  - {name: http, port: 80, targetPort: 8080}\n  - name: https\n    port: 443")


@pytest.mark.parametrize(
    ("text", "changes", "unread", "count"),
    [
        (PLAIN, (), False, 1),
        (PLAIN, (), True, 0),
        (PLAIN + POLICY, (), False, 0),
        (PLAIN + POLICY.replace("Service, name: console", "Service, name: web"), (), False, 1),
        (PLAIN, (SECOND,), False, 1),
        (PLAIN, (SECOND, PROBED), False, 1),
        (PLAIN, (PROBED, ("port: 8080, scheme: HTTPS", "port: 8443, scheme: HTTP")), False, 0),
        (PLAIN, (SECOND, ("        port:\n          number: 443\n", "")), False, 0),
    ],
)
def test_a_backend_policy_excuses_a_port_of_its_service(text: str, changes: tuple[Change, ...], unread: bool, count: int) -> None:
    """One for another Service does not; where policies may not be read, there may be one. The port is the one of the route."""
    coverage = {kinds.BACKEND_TLS_POLICY: Coverage(reason="forbidden")} if unread else {}
    assert len(said(http_to_tls_port.RULE, text, *changes, live=True, coverage=coverage)) == count


# ---------------------------------------------------------------- MF423

PORT_80 = example(tls_to_plain_port.RULE)
LED = ROUTE.replace("{host: vs.example.com}", "{host: rates.example.com, port: {number: 80}}")


@pytest.mark.parametrize(
    ("text", "changes", "count"),
    [
        (PORT_80, (), 1),
        (PORT_80, (("  resolution: DNS", "  resolution: DNS\n  endpoints: [{address: a.example.com}]"),), 1),
        (PORT_80, (("  resolution: DNS", "  resolution: DNS\n  endpoints: [{address: a.example.com, ports: {http: 443}}]"),), 0),
        (
            PORT_80,
            (
                ("  - rates.example.com", "  - rates.example.com\n  - quotes.example.com"),
                ("host: rates.example", "host: '*.example.com' #"),
            ),
            1,
        ),
        (PORT_80, (("    protocol: HTTP", "    protocol: HTTP\n  - {number: 443, name: https, protocol: HTTPS}"),), 0),
        (PORT_80 + LED, (), 1),
        (PORT_80 + LED, (("number: 80}}", "number: 443}}"),), 0),
    ],
)
def test_a_plain_port_is_told_where_requests_come_there(text: str, changes: tuple[Change, ...], count: int) -> None:
    """Endpoints with ports of their own, routes to another port and TLS that is doubled on another port are other matters."""
    assert len(said(tls_to_plain_port.RULE, text, *changes)) == count
