"""What a fix of a port's protocol risks, in one sentence."""

import pytest

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.port_protocols.risks import of_declaring, of_entering, of_measured

ALSO = "others lose it"


@pytest.mark.parametrize("takes_http10", [False, True])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_entering_the_mesh_as_http_ends_http_1_0(protocol: Protocol, takes_http10: bool) -> None:
    """Unless istiod has PILOT_HTTP10; what is HTTP/2, or no HTTP, has no such clients."""
    told = of_entering(protocol, takes_http10=takes_http10)

    assert told.startswith("Calls to this port enter the mesh")
    assert ("HTTP/1.0 clients get 426" in told) is (protocol in (Protocol.HTTP, Protocol.HTTP_PROXY) and not takes_http10)


@pytest.mark.parametrize(
    ("protocol", "takes_http10", "words"),
    [
        (Protocol.HTTP, False, "get 426{}."),
        (Protocol.HTTP, True, "such as gRPC, fails{}."),
        (Protocol.HTTP2, False, "which an HTTP/1.1 server refuses{}."),
        (Protocol.HTTP2, True, "which an HTTP/1.1 server refuses{}."),
        (Protocol.GRPC, False, "which an HTTP/1.1 server refuses{}."),
        (Protocol.GRPC_WEB, True, "which an HTTP/1.1 server refuses{}."),
        (Protocol.TCP, False, "metrics and path rules."),
        (Protocol.TLS, True, "metrics and path rules."),
    ],
)
def test_declaring_a_sniffed_port_ends_what_its_protocol_does_not_take(protocol: Protocol, takes_http10: bool, words: str) -> None:
    """What else may go differently comes last; HTTP names what is no HTTP where there is nothing else to name."""
    alone = ", and what is not HTTP fails" if words.startswith("get 426") else ""

    assert of_declaring(protocol, takes_http10=takes_http10).endswith(words.format(alone))
    assert of_declaring(protocol, takes_http10=takes_http10, also=ALSO).endswith(words.format(f"; {ALSO}"))


def test_declaring_is_told_for_an_istiod_without_http_1_0() -> None:
    """That is istiod's default."""
    for protocol in Protocol:
        assert of_declaring(protocol) == of_declaring(protocol, takes_http10=False)
        assert of_entering(protocol) == of_entering(protocol, takes_http10=False)


@pytest.mark.parametrize(("clauses", "told"), [((), ""), (("", ""), ""), (("a b",), "A b."), (("a", "", "b"), "A; b."), (("", "b"), "B.")])
def test_clauses_become_one_sentence(clauses: tuple[str, ...], told: str) -> None:
    """Those that are empty are left out; without any, there is no sentence."""
    assert of_measured(*clauses) == told
