"""What a fix of a port's protocol risks, in one sentence."""

import pytest

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.port_protocols.risks import of_entering


@pytest.mark.parametrize("takes_http10", [False, True])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_entering_the_mesh_as_http_ends_http_1_0(protocol: Protocol, takes_http10: bool) -> None:
    """Unless istiod has PILOT_HTTP10; what is HTTP/2, or no HTTP, has no such clients."""
    told = of_entering(protocol, takes_http10=takes_http10)

    assert told.startswith("Calls to this port enter the mesh")
    assert ("HTTP/1.0 clients get 426" in told) is (protocol in (Protocol.HTTP, Protocol.HTTP_PROXY) and not takes_http10)
