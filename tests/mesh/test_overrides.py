"""What somebody says of a port weighs more than anything that is read."""

import pytest

from kubectl_meshfix.mesh.overrides import Overrides, ProtocolOverride
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import Meta

CART = Service(metadata=Meta(name="cart", namespace="shop"))
WEB = ServicePort(name="web", port=80)
GRPC, HTTP, TCP = (ProtocolOverride(protocol=protocol, by="a flag") for protocol in (Protocol.GRPC, Protocol.HTTP, Protocol.TCP))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ((), None),
        (({("shop", "cart", "80"): GRPC},), GRPC),
        (({("shop", "cart", "web"): GRPC},), GRPC),
        (({("", "cart", "80"): GRPC},), GRPC),
        (({("", "cart", "web"): GRPC},), GRPC),
        (({("bank", "cart", "80"): GRPC, ("shop", "till", "80"): GRPC, ("shop", "cart", "81"): GRPC},), None),
        (({("", "cart", "80"): HTTP, ("shop", "cart", "web"): GRPC},), GRPC),
        (({("shop", "cart", "web"): HTTP, ("shop", "cart", "80"): GRPC},), GRPC),
        (({("", "cart", "web"): GRPC}, {("shop", "cart", "80"): HTTP}), GRPC),
        (({("bank", "cart", "80"): TCP}, {("shop", "cart", "80"): HTTP}), HTTP),
    ],
)
def test_what_is_nearest_to_the_port_is_what_is_meant(
    said: tuple[dict[tuple[str, str, str], ProtocolOverride], ...], found: ProtocolOverride | None
) -> None:
    """What weighs most first; in it the own namespace before any, and the number before the name."""
    assert Overrides(protocols=said).protocol(CART, WEB) == found
