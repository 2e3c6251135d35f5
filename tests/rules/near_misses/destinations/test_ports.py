"""What the rules about ports of destinations, and about the scope of hosts, say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.destinations import (
    hidden_serviceentry,
    outbound_mode_not_written,
    settings_for_unknown_port,
    settings_replaced_for_port,
    tcp_without_addresses,
    unknown_destinationrule_host,
)
from kubectl_meshfix.rules.rule import Severity
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF426

AS_TCP = example(tcp_without_addresses.RULE, "HTTP that is declared as TCP")


@pytest.mark.parametrize(("number", "protocol"), [(80, "HTTP"), (8080, "HTTP"), (81, None)])
def test_http_is_declared_where_the_port_is_known_for_it(number: int, protocol: str | None) -> None:
    """On 80 and 8080 servers speak HTTP; on others a person decides."""
    (found,) = said(tcp_without_addresses.RULE, AS_TCP, ("number: 80", f"number: {number}"), ("    port: 80", f"    port: {number}"))
    assert writes(found) == ([("replace", "/spec/ports/0/protocol", protocol)] if protocol else [])


# ---------------------------------------------------------------- MF427


@pytest.mark.parametrize(("namespace", "severities"), [("shop", []), ("web", [None]), (None, [])])
def test_a_service_without_a_namespace_may_be_the_host(namespace: str | None, severities: list[Severity | None]) -> None:
    """A Service of a file that names none may be applied where the rule is."""
    where = f"namespace: {namespace}, " if namespace else ""
    text = example(unknown_destinationrule_host.RULE, "a misspelt host").replace("host: crat", "host: stock")
    text += f"---\n{{apiVersion: v1, kind: Service, metadata: {{{where}name: stock}}, spec: {{ports: [{{port: 80, name: http}}]}}}}"
    assert [row.severity for row in said(unknown_destinationrule_host.RULE, text)] == severities


# ---------------------------------------------------------------- MF429

TWO = example(hidden_serviceentry.RULE, "two protocols")
SECOND: Change = ("    name: tcp\n    protocol: HTTP", "    name: tls\n    protocol: TLS\n  - {number: 80, name: http, protocol: HTTP}")
OWN: Change = (
    "  name: maps-again\n  namespace: platform\nspec:\n",
    "  name: maps-again\n  namespace: platform\nspec:\n  exportTo: ['.']\n",
)
APART: Change = ("  name: maps-again\n  namespace: platform", "  name: maps-again\n  namespace: shop")
EVERYWHERE: Change = ("  hosts:\n", "  exportTo: ['*']\n  hosts:\n")
FIRST = ("  - number: 443", "  - {number: 15443, name: other, protocol: TLS}\n  - number: 443")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ((), [("maps-again", "/spec/ports/0/protocol"), ("maps", "/spec/ports/0/protocol")]),
        ((FIRST,), [("maps-again", "/spec/ports/1/protocol"), ("maps", "/spec/ports/1/protocol")]),
        ((SECOND,), []),
        ((SECOND, OWN), [("maps-again", "/spec/exportTo")]),
        ((SECOND, APART), [("maps", "/spec/hosts/0"), ("maps-again", "/spec/hosts/0")]),
        ((SECOND, APART, EVERYWHERE), [("maps", "/spec/exportTo"), ("maps-again", "/spec/hosts/0")]),
    ],
)
def test_what_is_hidden_is_told_where_it_is_written(changes: tuple[Change, ...], told: list[tuple[str, str]]) -> None:
    """A protocol at its port, the scope of the entry that hides another at ``exportTo``, and what is left at the host."""
    assert [(row.resource.name, row.path) for row in said(hidden_serviceentry.RULE, TWO, *changes)] == told


def test_entries_that_cannot_be_merged_are_told_with_a_remedy() -> None:
    """Proxies drop ports of the younger one, which another ``exportTo`` keeps apart."""
    assert summaries(said(hidden_serviceentry.RULE, TWO, SECOND, OWN)) == ["Give both the same exportTo and resolution, or merge them."]


# ---------------------------------------------------------------- MF430

CONTAINERS = example(settings_for_unknown_port.RULE)
MORE: Change = ("  - name: http\n    port: 80", "  - {name: http-admin, port: 90, targetPort: 9090}\n  - name: http\n    port: 80")


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), "Replace 8080 with 80."),
        ((("number: 8080", "number: 8081"),), "Replace 8081 with 80."),
        ((MORE,), "Replace 8080 with 80."),
        ((MORE, ("number: 8080", "number: 8081")), "Use one of 80, 90."),
    ],
)
def test_the_port_in_front_of_a_target_port_is_meant(changes: tuple[Change, ...], summary: str) -> None:
    """Else the only port that the host has."""
    assert summaries(said(settings_for_unknown_port.RULE, CONTAINERS, *changes)) == [summary]


@pytest.mark.parametrize(("count", "listed"), [(3, "80, 90, 91"), (4, "80, 90, 91, 92"), (5, "80, 90, 91, 92")])
def test_four_ports_of_a_host_are_listed(count: int, listed: str) -> None:
    """Which is enough to see that another kind of number was meant."""
    more = "".join(f"\n  - {{name: http-{number}, port: {89 + number}}}" for number in range(1, count))
    found = said(settings_for_unknown_port.RULE, CONTAINERS, ("    targetPort: 8080", f"    targetPort: 8080{more}"))
    assert [row.message for row in found] == [f"cart has no port 8080, only ports {listed}. These settings have no effect."]


# ---------------------------------------------------------------- MF431

LOST = example(settings_replaced_for_port.RULE, "TLS is lost")


@pytest.mark.parametrize(
    ("changes", "severities"),
    [
        ((), [Severity.WARNING]),
        ((("mode: SIMPLE", "mode: ISTIO_MUTUAL"),), [None]),
        ((("      connectionPool:\n        tcp:\n          maxConnections: 10", "      tls: {mode: SIMPLE}"),), []),
        ((("    tls:\n      mode: SIMPLE\n", "    outlierDetection: {consecutive5xxErrors: 5}\n"),), [None]),
        ((("        number: 80", "        number: 81"),), []),
    ],
)
def test_lost_tls_is_a_warning(changes: tuple[Change, ...], severities: list[Severity | None]) -> None:
    """Other settings are lost as information, the mesh's own TLS among them; settings for a port that is none are another matter."""
    assert [row.severity for row in said(settings_replaced_for_port.RULE, LOST, *changes)] == severities


# ---------------------------------------------------------------- MF440

UNNAMED = example(outbound_mode_not_written.RULE)


def configured(mode: str) -> str:
    """The mesh configuration with a mode of its own."""
    mesh = f"outboundTrafficPolicy: {{mode: {mode}}}"
    return f"---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: istio, namespace: istio-system}}, data: {{mesh: '{mesh}'}}}}"


@pytest.mark.parametrize(
    ("policy", "more", "count"),
    [
        ("{}", "", 1),
        ("{mode: ALLOW_ANY}", "", 0),
        ("{egressProxy: {host: egress.shop.svc.cluster.local, port: {number: 80}}}", "", 0),
        ("null", "", 0),
        ("{}", configured("ALLOW_ANY"), 1),
        ("{}", configured("REGISTRY_ONLY"), 0),
    ],
)
def test_a_policy_without_a_mode_is_told_where_it_changes_something(policy: str, more: str, count: int) -> None:
    """Not where the mesh has that mode too, and not with an egress proxy, for which istiod refuses the Sidecar."""
    found = said(outbound_mode_not_written.RULE, UNNAMED + more, ("outboundTrafficPolicy: {}", f"outboundTrafficPolicy: {policy}"))
    assert len(found) == count
