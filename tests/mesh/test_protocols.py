"""Istio's ConvertProtocol, case by case and as laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.protocols import Protocol, Verdict, of_word, verdict
from kubectl_meshfix.resources.core import ServicePort


@pytest.mark.parametrize(
    ("port", "protocol", "decided_by"),
    [
        (ServicePort(name="http", port=80), Protocol.HTTP, "name"),
        (ServicePort(name="HTTP2-x", port=80), Protocol.HTTP2, "name"),
        (ServicePort(name="http-foo-grpc", port=80), Protocol.HTTP, "name"),
        (ServicePort(name="grpc-web", port=80), Protocol.GRPC_WEB, "name"),
        (ServicePort(name="grpc-website", port=80), Protocol.GRPC_WEB, "name"),
        (ServicePort(name="grpc-x", port=80), Protocol.GRPC, "name"),
        (ServicePort(name="grpcweb", port=80), Protocol.UNSUPPORTED, "name"),
        (ServicePort(name="web", port=80), Protocol.UNSUPPORTED, "name"),
        (ServicePort(name="foo-http", port=80), Protocol.UNSUPPORTED, "name"),
        (ServicePort(name="", port=80), Protocol.UNSUPPORTED, "nothing"),
        (ServicePort(name="db", port=3306), Protocol.TCP, "port"),
        (ServicePort(name="dns", port=53, protocol="UDP"), Protocol.UDP, "udp"),
        (ServicePort(name="http", port=80, protocol="UDP"), Protocol.UDP, "udp"),
        (ServicePort(name="udp-x", port=80), Protocol.UDP, "name"),
        (ServicePort(name="http", port=80, app_protocol=""), Protocol.UNSUPPORTED, "nothing"),
        (ServicePort(name="http", port=80, app_protocol="postgresql"), Protocol.UNSUPPORTED, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="kubernetes.io/h2c"), Protocol.HTTP2, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="kubernetes.io/wss"), Protocol.HTTPS, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="Kubernetes.io/h2c"), Protocol.UNSUPPORTED, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="kubernetes.io/grpc"), Protocol.UNSUPPORTED, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="http-foo"), Protocol.HTTP, "appProtocol"),
        (ServicePort(name="web", port=80, app_protocol="http_proxy"), Protocol.HTTP_PROXY, "appProtocol"),
        (ServicePort(name="web", port=80, protocol="SCTP"), Protocol.UNSUPPORTED, "name"),
    ],
)
def test_verdict(port: ServicePort, protocol: Protocol, decided_by: str) -> None:
    """The protocol is Istio's, and so is what decided it."""
    assert verdict(port) == Verdict(protocol, decided_by)


@given(st.sampled_from([protocol for protocol in Protocol if protocol is not Protocol.UNSUPPORTED]), st.text("abcxyz0189-", max_size=20))
def test_a_protocol_before_a_dash_decides(protocol: Protocol, rest: str) -> None:
    """Whatever follows the first dash is of no account."""
    assert of_word(f"{protocol}-{rest}") in (protocol, Protocol.GRPC_WEB)


@given(st.text(max_size=30))
def test_case_does_not_matter_and_nothing_raises(word: str) -> None:
    """Any text has a verdict, the same in capitals."""
    if word.isascii():
        assert of_word(word) is of_word(word.upper())
    assert of_word(word) in Protocol
