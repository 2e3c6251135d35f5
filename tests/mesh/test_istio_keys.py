"""Istio's annotations and labels: which names are hers, and which one was meant."""

import pytest

from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS, LABELS, is_istio_name, meant
from kubectl_meshfix.mesh.istio_keys.values import VALID


@pytest.mark.parametrize(
    ("name", "is_istios"),
    [
        ("sidecar.istio.io/anything", True),
        ("istio.io/anything", True),
        ("notistio.io/anything", False),
        ("istio.io", False),
        ("internal.istio.io/parents", False),
        ("prometheus.istio.io/secure-port", False),
        ("meshfix.io/ignore", False),
    ],
)
def test_a_domain_decides_whose_a_name_is(name: str, is_istios: bool) -> None:
    """Names of Istio's domains are asked for in its tables, but for what its own programs write and what it reads without listing it."""
    assert is_istio_name(name) is is_istios


@pytest.mark.parametrize(
    "name",
    [
        "ambient.istio.io/xfcc-include-client-identity",
        "envoyfilter.istio.io/referenced-services",
        "experimental.istio.io/disable-gateway-port-translation",
        "gateway.istio.io/agentgatewayImage",
        "gateway.istio.io/defaults-for-class",
        "istio.io/connect-strategy",
        "istio.io/ignore-policy-attachment",
        "istio.io/persistent-session",
        "istio.io/persistent-session-header",
        "networking.istio.io/address-type",
        "networking.istio.io/tunnel",
        "prometheus.istio.io/scrape-targets",
        "proxy.istio.io/health-checks-enabled",
    ],
)
def test_what_istio_reads_without_listing_it_is_no_mistake(name: str) -> None:
    """Its sources have these names; a letter more makes a name that nobody reads."""
    assert not is_istio_name(name)
    assert is_istio_name(f"{name}s")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("sidecar.istio.io/rewriteAppHTTPProbes", "sidecar.istio.io/rewriteAppHTTPProbers"),
        ("sidecar.istio.io/ProxyCPU", "sidecar.istio.io/proxyCPU"),
        ("sidecar.istio.io/proxy-memory-limit", "sidecar.istio.io/proxyMemoryLimit"),
        ("sidecar.istio.io/excludeOutboundPorts", "traffic.sidecar.istio.io/excludeOutboundPorts"),
        ("other.istio.io/templates", "inject.istio.io/templates"),
        ("other.istio.io/proxyCPU", None),
        ("networking.istio.io/exportThree", None),
        ("sidecar.istio.io/config", None),
    ],
)
def test_what_was_meant_is_one_slip_away(name: str, right: str | None) -> None:
    """A letter, upper and lower case, hyphens or the domain; short names in another domain mean nothing."""
    assert meant(name, ANNOTATIONS) == right


@pytest.mark.parametrize("level", ["trace", "debug", "info", "warn", "warning", "error", "critical", "off"])
def test_a_level_is_one_of_envoys(level: str) -> None:
    """A letter more makes a word that Envoy does not know."""
    holds = VALID["sidecar.istio.io/logLevel"].holds

    assert (holds(level), holds(f"{level}s"), holds(f"rbac:debug,{level}")) == (True, False, True)


def test_one_value_stops_a_proxy() -> None:
    """Envoy does not start with a level that it does not know; what istiod ignores stops nothing."""
    assert [name for name, valid in VALID.items() if valid.stops_proxy] == ["sidecar.istio.io/logLevel"]


def test_tables_hold_what_the_rules_ask_for() -> None:
    """Every annotation whose values are checked is in the table, and no name is deprecated without being one of Istio's."""
    assert not VALID.keys() - ANNOTATIONS.keys()
    assert {key.maturity for key in (*ANNOTATIONS.values(), *LABELS.values())} == {"alpha", "beta", "stable"}
    assert ANNOTATIONS["sidecar.istio.io/inject"].is_deprecated
    assert LABELS["istio.io/use-waypoint"].kinds >= {"Pod", "Namespace", "Service"}


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("sidecar.istio.io/logLevel", "debug", True),
        ("sidecar.istio.io/logLevel", "warning,rbac:debug", True),
        ("sidecar.istio.io/logLevel", "rbac:debug", True),
        ("sidecar.istio.io/logLevel", "verbose", False),
        ("sidecar.istio.io/logLevel", "verbose,warn", True),
        ("sidecar.istio.io/logLevel", "warn,verbose", False),
        ("sidecar.istio.io/logLevel", "", True),
        ("networking.istio.io/traffic-distribution", "preferclose", True),
        ("networking.istio.io/traffic-distribution", "PreferSameZone", True),
        ("networking.istio.io/traffic-distribution", "PREFERSAMENODE", True),
        ("networking.istio.io/traffic-distribution", "", True),
        ("networking.istio.io/traffic-distribution", "Nearest", False),
        ("istio.io/use-waypoint-canary-weight", "100", True),
        ("istio.io/use-waypoint-canary-weight", "101", False),
        ("istio.io/use-waypoint-canary-weight", "0", True),
        ("istio.io/use-waypoint-canary-weight", "+5", True),
        ("istio.io/use-waypoint-canary-weight", "-5", False),
        ("istio.io/use-waypoint-canary-weight", "5.0", False),
        ("istio.io/use-waypoint-canary-weight", "half", False),
        ("istio.io/use-waypoint-canary-weight", "\u0665", False),
        ("istio.io/use-waypoint-canary-weight", "", False),
        ("traffic.istio.io/nodeSelector", '{"a": "b"}', True),
        ("traffic.istio.io/nodeSelector", "a=b", False),
        ("traffic.istio.io/nodeSelector", "", True),
        ("traffic.istio.io/nodeSelector", "{}", True),
        ("traffic.istio.io/nodeSelector", "null", True),
        ("traffic.istio.io/nodeSelector", "[]", False),
        ("traffic.istio.io/nodeSelector", "1", False),
        ("traffic.istio.io/nodeSelector", '["a"]', False),
        ("traffic.istio.io/nodeSelector", '{"a": 1}', False),
        ("traffic.istio.io/nodeSelector", '{"a": 1, "b": "c"}', False),
    ],
)
def test_values_are_as_istio_reads_them(name: str, value: str, holds: bool) -> None:
    """The edges of each value, as Istio's code takes it."""
    assert VALID[name].holds(value) is holds
