"""When objects were last written."""

from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.written import written
from tests.sources.proxies.stand_in import StandIn, standing_in

API = "networking.istio.io/v1"
CART = Ref(API, "VirtualService", "shop", "cart")
JANUARY, FEBRUARY, MARCH = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server for one test."""
    with standing_in() as found:
        yield found


def item(ref: Ref, *fields: dict[str, Any]) -> dict[str, Any]:
    """An object with its managed fields."""
    metadata = {"name": ref.name, "namespace": ref.namespace, "managedFields": list(fields)}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ([{"time": JANUARY}], JANUARY),
        ([{"time": FEBRUARY}, {"time": MARCH}, {"time": JANUARY}], MARCH),
        ([{"time": JANUARY}, {"time": MARCH, "subresource": "status"}], JANUARY),
        ([{"time": JANUARY}, {"time": ""}, {"manager": "x"}], JANUARY),
        ([{"time": MARCH, "subresource": "status"}], None),
        ([{"manager": "x"}], None),
        ([{"manager": "x", "subresource": "status"}], None),
        ([], None),
        ([{"time": 5}], None),
    ],
)
def test_the_last_time_counts(server: StandIn, fields: list[dict[str, Any]], time: str | None) -> None:
    """A write of the status is none, and what names no time tells nothing."""
    server.objects = [item(CART, *fields)]

    assert written(server.connection(), [CART]) == ({CART.key: time} if time else {})
    assert server.requests == [f"GET /apis/{API}/namespaces/shop/virtualservices?fieldSelector=metadata.name=cart"]


def test_each_is_looked_for_in_its_own_group(server: StandIn) -> None:
    """Kinds of one name are told apart; one that nobody knows, or may read, is left out."""
    refs = [
        Ref("gateway.networking.k8s.io/v1", "Gateway", "shop", "edge"),
        Ref(API, "Gateway", "shop", "edge"),
        Ref("v1", "Service", "shop", "cart"),
        Ref("example.com/v1", "Gateway", "shop", "edge"),
        Ref("apps/v1", "Deployment", "shop", "cart"),
    ]
    server.objects = [item(ref, {"time": JANUARY}) for ref in refs]
    server.refused = {"deployments"}

    assert list(written(server.connection(), refs)) == [ref.key for ref in refs[:3]]
    assert [line.split("?")[0] for line in server.requests] == [
        "GET /apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways",
        f"GET /apis/{API}/namespaces/shop/gateways",
        "GET /api/v1/namespaces/shop/services",
        "GET /apis/apps/v1/namespaces/shop/deployments",
    ]


def test_the_first_eight_are_read(server: StandIn) -> None:
    """An answer is not held up by many."""
    refs = [Ref("v1", "Service", "shop", f"cart-{number}") for number in range(9)]
    server.objects = [item(refs[0], {"time": JANUARY})]

    assert list(written(server.connection(), refs)) == [ref.key for ref in refs[:8]]
