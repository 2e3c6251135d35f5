"""What DestinationRules change of the protocol that clients speak to a host."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic.destination.client_protocols import keeps_protocol, modes_asked, originates_tls, upgrades_to_http2
from tests.traffic.objects import make, mesh_config, rule, service

HOST = "reviews.shop.svc.cluster.local"


def asked(policy: dict[str, Any] | None = None, config: str = "", **spec: Any) -> tuple[bool, bool, bool]:
    """Whether TLS is originated, the protocol kept, and HTTP upgraded."""
    made = make(DestinationRule, "rule", host="reviews", trafficPolicy=policy, **spec)
    mesh = Mesh([made, *([mesh_config(config)] if config else [])])
    return originates_tls(mesh, HOST), keeps_protocol(mesh, HOST), upgrades_to_http2(mesh, HOST)


def http(**settings: Any) -> dict[str, Any]:
    """A policy of the connection pool."""
    return {"connectionPool": {"http": settings}}


UPGRADING = "h2UpgradePolicy: UPGRADE"


@pytest.mark.parametrize(
    ("policy", "config", "expected"),
    [
        (None, "", (False, False, False)),
        ({}, "", (False, False, False)),
        ({"tls": {"mode": "SIMPLE"}}, "", (True, False, False)),
        ({"tls": {"mode": "MUTUAL"}}, "", (True, False, False)),
        ({"tls": {"mode": "ISTIO_MUTUAL"}}, "", (False, False, False)),
        ({"tls": {"mode": "DISABLE"}}, "", (False, False, False)),
        (http(useClientProtocol=True), "", (False, True, False)),
        (http(useClientProtocol=False), "", (False, False, False)),
        (http(h2UpgradePolicy="UPGRADE"), "", (False, False, True)),
        (http(h2UpgradePolicy="DO_NOT_UPGRADE"), "", (False, False, False)),
        (http(h2UpgradePolicy="DO_NOT_UPGRADE"), UPGRADING, (False, False, False)),
        (http(maxRetries=1), UPGRADING, (False, False, True)),
        (None, UPGRADING, (False, False, True)),
        ({"portLevelSettings": [{"port": {"number": 80}, **http(useClientProtocol=True)}]}, "", (False, True, False)),
        ({"portLevelSettings": [{"port": {"number": 80}, "tls": {"mode": "SIMPLE"}}]}, "", (True, False, False)),
    ],
)
def test_a_rule_changes_what_some_clients_speak(policy: dict[str, Any] | None, config: str, expected: tuple[bool, bool, bool]) -> None:
    """For the host, for one of its ports, or for a subset; the mesh's own upgrade counts where no rule says."""
    assert asked(policy, config) == expected
    if policy is not None and not config:
        assert asked(subsets=[{"name": "v1", "labels": {}, "trafficPolicy": policy}]) == expected


def test_modes_are_those_of_the_services_own_namespace() -> None:
    """A rule without ``tls`` asks for none."""
    reviews = service("reviews")

    assert [mode for mode, _ in modes_asked(Mesh([rule("reviews", trafficPolicy={"tls": {"mode": "SIMPLE"}})]), reviews)] == ["SIMPLE"]
    assert list(modes_asked(Mesh([rule("reviews", trafficPolicy=http(maxRetries=1))]), reviews)) == []
    assert list(modes_asked(Mesh([rule(HOST, namespace="web", trafficPolicy={"tls": {"mode": "SIMPLE"}})]), reviews)) == []
