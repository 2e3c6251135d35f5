"""A gRPC call arrives where every proxy on its way sends HTTP/2, and nowhere else."""

import pytest

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.trace.walk import trace
from tests.traffic.scenes import BARE, CART, GROUND, files, rule

CALL = Request(scheme=Scheme.GRPC, host="catalog.shop", port=80, method="POST", version="2")
KEPT = rule(trafficPolicy={"connectionPool": {"http": {"useClientProtocol": True}}})
UPGRADED = rule(trafficPolicy={"connectionPool": {"http": {"h2UpgradePolicy": "UPGRADE"}}})
OUT_OF_MESH = GROUND.replace("istio-injection: enabled", "a: b")


def ends(port: str, *texts: str, ground: str = GROUND, party: object = CART) -> tuple[bool | None, Failure | None]:
    """Whether a call to a port of this name arrives, and what stands in its way."""
    mesh = files(*texts, ground=ground.replace("name: http,", f"name: {port},"))
    (branch,) = trace(mesh, (Alternative(party),), CALL).branches  # type: ignore[arg-type]
    return branch.ending.arrives, branch.ending.failure


@pytest.mark.parametrize("port", ["grpc", "http2", "unnamed", "tcp"])
def test_http_2_carries_grpc(port: str) -> None:
    """Ports that declare it, and those where proxies send what comes, or bytes."""
    assert ends(port) == (True, None)


def test_http_1_carries_none() -> None:
    """The server's proxy sends it to a port named http, whatever comes in; a DestinationRule can keep what the client speaks."""
    assert ends("http") == (False, Failure.PROTOCOL)
    assert ends("http", UPGRADED) == (False, Failure.PROTOCOL)
    assert ends("http", KEPT) == (True, None)


def test_without_a_proxy_at_the_server_the_client_s_decides() -> None:
    """It sends HTTP/1.1 to ports named http, unless a rule upgrades it. A caller without any proxy sends what it speaks."""
    assert ends("http", ground=OUT_OF_MESH) == (False, Failure.PROTOCOL)
    assert ends("http", UPGRADED, ground=OUT_OF_MESH) == (True, None)
    assert ends("http", ground=OUT_OF_MESH, party=BARE) == (True, None)
    assert ends("http", party=BARE) == (False, Failure.PROTOCOL)
