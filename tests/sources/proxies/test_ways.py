"""Both ways to a pod, over real sockets: pods/proxy, and port-forward over a WebSocket."""

import contextlib
import errno
import time
from collections.abc import Iterator

import msgspec
import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies import questions
from kubectl_meshfix.sources.proxies.asking import asker
from kubectl_meshfix.sources.proxies.questions import Question, Way
from tests.sources.proxies.stand_in import CUT, SILENT, StandIn, WebSocketEnd, answer_whole, standing_in

POD = Ref("v1", "Pod", "shop", "cart")
PROXY = Question(port=15090, path="/stats/prometheus", way=Way.POD_PROXY, query=(("filter", "a|b"),), largest=2000, seconds=1.0)
FORWARD = Question(port=15000, path="/clusters", way=Way.PORT_FORWARD, query=(("format", "json"),), largest=50_000, seconds=1.0)
BOTH = pytest.mark.parametrize("question", [PROXY, FORWARD], ids=["pods/proxy", "pods/portforward"])


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server for one test."""
    with standing_in() as found:
        yield found


def why(server: StandIn, question: Question) -> str:
    """Why there is no answer."""
    with pytest.raises(SourceError) as caught:
        asker(server.connection())(POD, question)
    return caught.value.message


@BOTH
def test_an_answer_comes_whole(server: StandIn, question: Question) -> None:
    """The path and its query arrive as they are, and the longest body comes back, however it was cut on its way."""
    body = b"0123456789" * (question.largest // 10)
    server.pods[f"shop/cart:{question.port}"] = lambda target: body if target.partition("?")[2] else b""

    assert asker(server.connection())(POD, question) == body
    assert server.requests == [
        "GET /api/v1/namespaces/shop/pods/cart:15090/proxy/stats/prometheus?filter=a|b"
        if question is PROXY
        else "GET /api/v1/namespaces/shop/pods/cart/portforward?ports=15000 → GET /clusters?format=json"
    ]


@BOTH
def test_an_answer_may_not_be_longer_than_expected(server: StandIn, question: Question) -> None:
    """What is too long is given up, and said to be."""
    server.pods[f"shop/cart:{question.port}"] = lambda _: b"x" * (question.largest + 1)

    assert "long" in why(server, question)


@BOTH
def test_nobody_waits_for_silence(server: StandIn, question: Question) -> None:
    """A pod that accepts the question and says nothing is given up when its time is over, and is not asked again."""
    server.pods[f"shop/cart:{question.port}"] = lambda _: SILENT
    started = time.monotonic()

    assert why(server, question) == "it did not answer within 1 s"
    assert time.monotonic() - started < 5
    assert len(server.requests) == 1


def test_a_drop_now_and_then_is_no_answer(server: StandIn) -> None:
    """A pod that gives a byte every tenth of a second cannot hold the question for longer than its time."""

    def dripping(end: WebSocketEnd, _: object) -> None:
        end.send(0, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(100):
                time.sleep(0.1)
                end.send(0, b"x")

    server.forwarding = dripping
    server.pods["shop/cart:15000"] = lambda _: b""
    started = time.monotonic()

    assert why(server, FORWARD) == "it did not answer within 1 s"
    assert time.monotonic() - started < 5


@BOTH
def test_half_an_answer_is_none(server: StandIn, question: Question) -> None:
    """A connection that breaks is said to have."""
    server.pods[f"shop/cart:{question.port}"] = lambda _: CUT

    assert any(word in why(server, question) for word in ("broke", "incomplete"))


def test_a_forward_that_is_refused_half_way(server: StandIn) -> None:
    """Words on the error channel end the answer, and are the reason."""

    def refusing(end: WebSocketEnd, _: object) -> None:
        end.send(0, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf of")
        end.send(1, b"an error occurred forwarding 15000: lost connection to pod")

    server.forwarding = refusing
    server.pods["shop/cart:15000"] = lambda _: b""

    assert why(server, FORWARD) == "port 15000 cannot be reached: lost connection to pod"


def test_a_forward_that_is_closed_half_way(server: StandIn) -> None:
    """A closed WebSocket is a broken connection, whatever had come before."""

    def closing(end: WebSocketEnd, _: object) -> None:
        end.send(0, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf of")
        end.close()

    server.forwarding = closing
    server.pods["shop/cart:15000"] = lambda _: b""

    assert why(server, FORWARD) == "the connection broke before the answer was complete"


def test_a_forward_that_breaks_off(server: StandIn) -> None:
    """The system's own words."""
    server.forwarding = lambda end, _: end.reset()
    server.pods["shop/cart:15000"] = lambda _: b""

    assert why(server, FORWARD) == f"the connection broke: [Errno {errno.ECONNRESET}] Connection reset by peer"


def test_other_messages_are_passed_over(server: StandIn) -> None:
    """Channels that nobody asked for, an error without words, and messages without a channel are no part of the answer."""

    def chatting(end: WebSocketEnd, found: bytes | tuple[int, bytes]) -> None:
        for channel in (2, 2, 3):
            end.send(channel, b"words")
        end.send(1, b"")
        end.send_empty()
        answer_whole(end, found)

    server.forwarding = chatting
    server.pods["shop/cart:15000"] = lambda _: b"found"

    assert asker(server.connection())(POD, FORWARD) == b"found"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("IPv4: dial tcp4 127.0.0.1:15000: connect: connection refused ", "nothing listens on port 15000"),
        ("failed to find the sandbox: not found ", "port 15000 cannot be reached: not found"),
        ("no more", "port 15000 cannot be reached: no more"),
    ],
)
def test_a_runtimes_words_are_told_without_its_names(server: StandIn, words: str, reason: str) -> None:
    """Their end says what is wrong."""
    server.forwarding = lambda end, _: end.send(1, words.encode())
    server.pods["shop/cart:15000"] = lambda _: b""

    assert why(server, FORWARD) == reason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("error trying to reach service: dial tcp 10.1.2.3:15090: i/o timeout", "port 15090 cannot be reached: i/o timeout"),
        ("error trying to reach service: dial tcp 10.1.2.3:15090: connect: connection refused", "nothing listens on port 15090"),
        ("no route.", "port 15090 cannot be reached: no route"),
    ],
)
def test_the_api_servers_words_are_told_without_addresses(server: StandIn, words: str, reason: str) -> None:
    """They come in a Status."""
    said = {"kind": "Status", "message": words, "reason": "ServiceUnavailable"}
    server.pods["shop/cart:15090"] = lambda _: (503, msgspec.json.encode(said))

    assert why(server, PROXY) == reason


def test_what_is_no_http(server: StandIn) -> None:
    """A port that speaks something else is said to."""
    server.forwarding = lambda end, _: end.send(0, b"SSH-2.0-OpenSSH_9.6\r\n" * 10)
    server.pods["shop/cart:15000"] = lambda _: b""

    assert why(server, FORWARD) == "what answers at port 15000 does not speak HTTP"


@BOTH
def test_nothing_listens(server: StandIn, question: Question) -> None:
    """A pod without that port is told by it, without the addresses that only a node knows."""
    assert why(server, question) == f"nothing listens on port {question.port}"


@BOTH
@pytest.mark.parametrize("status", [404, 500])
def test_another_status_is_no_answer(server: StandIn, question: Question, status: int) -> None:
    """Whatever the pod answers but 200 is a reason."""
    server.pods[f"shop/cart:{question.port}"] = lambda _: (status, b"no")

    assert why(server, question) == f"port {question.port} answers with HTTP {status}"


def test_metrics_that_only_the_pod_itself_may_read(server: StandIn) -> None:
    """METRICS_LOCALHOST_ACCESS_ONLY: the pod's own refusal is not taken for one of the API server."""
    server.pods["shop/cart:15090"] = lambda _: (403, b"Only requests from localhost are allowed\n")

    assert why(server, PROXY) == "port 15090 answers with HTTP 403"


@BOTH
def test_who_may_not_is_told_what(server: StandIn, question: Question) -> None:
    """The refusal names the right and the namespace, the same for every pod, and no other way is tried."""
    server.refused = {question.way.value}

    assert why(server, question) == f"not allowed to get {question.way.value} in namespace shop"
    assert len(server.requests) == 1


def test_a_right_that_the_api_server_does_not_name_is_that_to_create(server: StandIn) -> None:
    """It gives no reason where that one lacks."""
    server.pods["shop/cart:15090"] = lambda _: (403, msgspec.json.encode({"kind": "Status", "message": "forbidden"}))

    assert why(server, PROXY) == "not allowed to create pods/proxy in namespace shop"


def test_the_questions_have_their_bounds() -> None:
    """Bytes and seconds, as far as a large mesh needs them."""
    assert [(found.largest, found.seconds) for found in questions.QUESTIONS] == [
        (33_554_432, 15.0),
        (67_108_864, 30.0),
        (16_777_216, 5.0),
        (16_777_216, 5.0),
        (67_108_864, 30.0),
        (67_108_864, 30.0),
    ]
    assert Question(port=1, path="/", way=Way.POD_PROXY).largest == 8_388_608
    assert dict(questions.ENVOY_STATISTICS.query) == {
        "filter": "update_rejected|connected_state|xds-grpc.*upstream_rq_active|istio_build|istio_requests_total"
    }


def test_the_questions_are_these_and_no_others() -> None:
    """Every port and path that a pod is ever asked; no one of them changes anything, and none is an application's."""
    assert [(found.port, found.path, [name for name, _ in found.query]) for found in questions.QUESTIONS] == [
        (15014, "/metrics", []),
        (15014, "/debug/syncz", []),
        (15090, "/stats/prometheus", ["filter"]),
        (15020, "/stats/prometheus", ["filter"]),
        (15000, "/config_dump", ["include_eds"]),
        (15000, "/clusters", ["format"]),
    ]
    declared = [value for value in vars(questions).values() if isinstance(value, Question)]
    assert sorted(map(msgspec.json.encode, declared)) == sorted(map(msgspec.json.encode, questions.QUESTIONS))
