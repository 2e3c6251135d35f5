"""What a Prometheus says of the mesh's traffic, and that one that does not answer holds nothing up.

``test_what_the_proxies_counted`` plays a real Prometheus back. Record anew, against one that holds the counters of ``counters``, with:
PROMETHEUS_URL=… pytest tests/sources/test_prometheus.py --record-mode=rewrite
"""

import json
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner
from vcr.request import Request

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.sources import http_get, prometheus
from tests.sources.api.test_connection import Reply, Serve, in_turn, serve, to

__all__ = ["serve"]

PLACEHOLDER = "http://prometheus.test"
DAY = 86400


def counters(now: int) -> str:
    """Two days of a small mesh, as OpenMetrics for ``promtool tsdb create-blocks-from openmetrics``."""
    requests, connections = "istio_requests", "istio_tcp_connections_opened"
    http, grpc, tcp = ({"request_protocol": word} for word in ("http", "grpc", "tcp"))
    source, server = {"reporter": "source"}, {"reporter": "destination"}

    def to(name: str, called: str = "") -> dict[str, str]:
        return {"destination_service": f"{name}.shop.svc.cluster.local", "destination_service_name": called or name}

    def line(metric: str, since: int, start: int, rate: int, *labels: dict[str, str]) -> Iterator[tuple[str, str]]:
        text = ",".join(f'{key}="{value}"' for group in labels for key, value in group.items())
        for step, moment in enumerate(range(now - since, now + 1, 300)):
            yield metric, f"{metric}_total{{{text}}} {start + step * rate} {moment}"

    rows = [
        *line(requests, 2 * DAY, 0, 3, to("cart"), source, http),
        *line(requests, 2 * DAY, 0, 3, to("cart"), server, http),
        *line(requests, DAY // 4, 1, 0, to("catalog"), server, grpc),
        *line(requests, 2 * DAY, 70, 0, to("ledger"), source, http),
        *line(connections, DAY // 4, 1, 0, to("queue"), server, tcp),
        *line(requests, 2 * DAY, 0, 1, to("mixed"), server, http),
        *line(connections, 2 * DAY, 0, 1, to("mixed"), source, tcp),
        *line(connections, 2 * DAY, 0, 1, to("ambient"), server, tcp, {"app": "ztunnel"}),
        *line(connections, 2 * DAY, 0, 1, to("ambient"), source, tcp, {"pod": "ztunnel-x7"}),
        *line(requests, 2 * DAY, 0, 1, to("labelled"), server, http, {"destination_port": "8080"}),
        *line(connections, 2 * DAY, 0, 1, to("labelled"), server, tcp, {"destination_port": "9000"}),
        *line(requests, 2 * DAY, 0, 1, to("labelled"), source, http, {"destination_port": "15443"}),
        *line(requests, 2 * DAY, 0, 1, to("queue", "PassthroughCluster"), source, http),
        *line(requests, 2 * DAY, 0, 1, to("queue", "queue.shop.svc.cluster.local"), source, http),
        *line(requests, 2 * DAY, 0, 1, {"destination_service": "queue", "destination_service_name": "queue"}, server, http),
    ]
    families = {metric: [text for name, text in rows if name == metric] for metric in (requests, connections)}
    return "".join(f"# TYPE {metric} counter\n" + "\n".join(lines) + "\n" for metric, lines in families.items()) + "# EOF\n"


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """The query has to be the recorded one, wherever it was recorded."""

    def anonymous(request: Request) -> Request:
        request.uri = PLACEHOLDER + "/api/" + request.uri.partition("/api/")[2]
        request.headers = {}
        return request

    def undated(response: dict[str, Any]) -> dict[str, Any]:
        response["headers"] = {"Content-Type": ["application/json"]}
        return response

    return {
        "match_on": ["method", "path", "query"],
        "before_record_request": anonymous,
        "before_record_response": undated,
        "decode_compressed_response": True,
    }


def seen(protocol: Protocol, reporter: str = "destination", port: int | None = None) -> Measured:
    """One observation."""
    return Measured(protocol=protocol, reporter=reporter, container_port=port)


@pytest.mark.vcr
def test_what_the_proxies_counted() -> None:
    """What grew or was born within a day, of Services that a proxy knew.

    A counter that stands still for a day counts no more, and one whose first sample is its only value counts. What passed through,
    was named by a Host header or after the workload, or was counted by ztunnel, says nothing; nor does a gateway's own port.
    """
    ask = http_get.getter(os.environ.get("PROMETHEUS_URL", PLACEHOLDER), prometheus.LARGEST, {})

    assert prometheus.read_traffic(ask) == {
        ("shop", "cart"): {seen(Protocol.HTTP), seen(Protocol.HTTP, "source")},
        ("shop", "catalog"): {seen(Protocol.GRPC)},
        ("shop", "queue"): {seen(Protocol.TCP)},
        ("shop", "mixed"): {seen(Protocol.HTTP), seen(Protocol.TCP, "source")},
        ("shop", "labelled"): {seen(Protocol.HTTP, port=8080), seen(Protocol.TCP, port=9000), seen(Protocol.HTTP, "source")},
    }


# ---------------------------------------------------------------- answers that are none

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server on loopback, and its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer of that body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


NO_TRAFFIC = b'{"status":"success","data":{"resultType":"vector","result":[]}}'


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (saying(b"<html>"), "not a Prometheus"),
        (saying(b"[]"), "not a Prometheus"),
        (saying(b'{"status":"success","data":{"resultType":"matrix","result":[]}}'), "not a Prometheus"),
        (saying(b'{"status":"odd","data":{"resultType":"vector","result":[]}}'), "not a Prometheus"),
        (saying(b'{"status":"success","data":null}'), "not a Prometheus"),
        (saying(b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1}}]}}'), "not a Prometheus"),
        (saying(b'{"status":"error","errorType":"timeout","error":"query timed out"}', 503), "query timed out"),
        (saying(b"no", 401), "HTTP 401"),
        (saying(b"", 302, Location="http://127.0.0.1:1/"), "HTTP 302"),
        (saying(b"x" * 2000), "longer than 1000 bytes"),
        (saying(b"\xff\xfe"), "not a Prometheus"),
    ],
    ids=[
        "a page",
        "a list",
        "a matrix",
        "another status",
        "no data",
        "a number for a label",
        "its own error",
        "locked",
        "elsewhere",
        "too long",
        "no text",
    ],
)
def test_what_is_no_answer_is_an_error(answer: Answer, reason: str) -> None:
    """With a reason that a person can act upon; redirects are not followed, and no more is read than is bearable."""
    with serving(answer) as url, pytest.raises(SourceError, match=reason):
        prometheus.read_traffic(http_get.getter(url, 1000, {}))


HTTP_OF_CART = {"destination_service": "cart.shop.svc.cluster.local", "destination_service_name": "cart", "request_protocol": "http"}


@pytest.mark.parametrize(
    ("labels", "measured"),
    [
        ({}, seen(Protocol.HTTP, "")),
        ({"destination_service_name": "other"}, None),
        ({"destination_service": "cart"}, None),
        ({"destination_service": "cart.shop.example.com"}, None),
        ({"request_protocol": "udp"}, None),
        ({"request_protocol": "grpc"}, seen(Protocol.GRPC, "")),
        ({"request_protocol": "tcp", "reporter": "source"}, seen(Protocol.TCP, "source")),
        ({"reporter": "destination", "destination_port": "8080"}, seen(Protocol.HTTP, "destination", 8080)),
        ({"reporter": "destination", "destination_port": "65535"}, seen(Protocol.HTTP, "destination", 65535)),
        ({"reporter": "destination", "destination_port": "123456"}, seen(Protocol.HTTP, "destination")),
        ({"reporter": "destination", "destination_port": "web"}, seen(Protocol.HTTP, "destination")),
        ({"reporter": "source", "destination_port": "8080"}, seen(Protocol.HTTP, "source")),
    ],
)
def test_a_series_is_of_a_service_that_a_proxy_knew(labels: dict[str, str], measured: Measured | None) -> None:
    """Host and name agree, the protocol is one of three, and a port is a number that its own proxy says."""
    series = [{"metric": HTTP_OF_CART | labels, "value": [1, "1"]}]
    body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}}).encode()

    assert prometheus.read_traffic(lambda *_: body) == ({("shop", "cart"): {measured}} if measured else {})


def test_a_service_of_the_cluster_is_asked_by_the_api_server(serve: Serve) -> None:
    """Below its proxy path, with the query; what is not there is told."""
    server = serve(in_turn(Reply(200, NO_TRAFFIC), Reply(404, b"404 page not found", [("Content-Type", "text/plain")])))
    ask = prometheus.via_api_server(to(server), prometheus.parse_address("monitoring/https:thanos:web"))

    assert ask("/api/v1/query", [("query", "a b")]) == NO_TRAFFIC
    assert [request.path for request in server.requests] == [
        "/api/v1/namespaces/monitoring/services/https:thanos:web/proxy/api/v1/query?query=a%20b"
    ]
    with pytest.raises(SourceError) as caught:
        ask("/api/v1/query", ())
    assert caught.value.message == "there is no Service monitoring/https:thanos:web, or no Prometheus behind it"


def test_silence_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a server that never answers nor one that never ends holds a run up."""
    monkeypatch.setattr(prometheus, "PATIENCE", 0.3)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    for answer in (lambda _: time.sleep(2), drip):
        started = time.monotonic()
        with serving(answer) as url:
            with pytest.raises(SourceError, match="did not answer within"):
                prometheus.read_traffic(http_get.getter(url, 10_000_000, {}))
            assert time.monotonic() - started < 1.5


def test_only_the_urls_own_credentials_are_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No token goes to a URL, also where a whole run has one; a password goes where it was written for, and is not shown."""
    sent: list[dict[str, str]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sent.append({"path": handler.path.partition("?")[0], **{name.lower(): value for name, value in handler.headers.items()}})
        saying(NO_TRAFFIC)(handler)

    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
    (tmp_path / "config").write_text(
        json.dumps({"users": [{"name": "a", "user": {"token": "secret"}}], "contexts": [context], "current-context": "a"})
    )
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\n")
    with serving(answer) as url:
        words = ["diagnose", "-f", str(tmp_path / "a.yaml"), "--prometheus"]
        plain = CliRunner().invoke(app, [*words, f"{url}/prefix/"])
        named = CliRunner().invoke(app, [*words, url.replace("://", "://me:pass%2Fword@")])

    assert [row.get("authorization") for row in sent] == [None, None, *["Basic " + b64encode(b"me:pass/word").decode()] * 2]
    assert [row["path"] for row in sent] == ["/prefix/api/v1/query"] * 2 + ["/api/v1/query"] * 2
    assert "secret" not in json.dumps(sent)
    assert plain.exit_code == named.exit_code == 0
    assert "no traffic to Services" in named.stderr
    assert "me" not in named.stderr.partition("Prometheus at")[2].partition("has no traffic")[0]
    assert "pass" not in named.stderr


@pytest.mark.parametrize(
    "word",
    [
        "prometheus",
        "ftp://x",
        "http://",
        "http://x:99999",
        "http://x?query=1",
        "http://x#part",
        "http://x:0",
        "http://:9090",
        "a/b/c",
        "A/b",
        "a/../b",
        "a/b:9090/x",
        "http://x:y",
        "-a/b",
    ],
)
def test_a_slip_is_refused_before_anything_is_read(word: str) -> None:
    """What names no place is an error, not a warning."""
    with pytest.raises(UsageError, match="--prometheus"):
        CliRunner().invoke(app, ["diagnose", "-f", "missing", f"--prometheus={word}"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("http://x", "http://x"),
        ("https://me:secret@x:1/p/", "https://x:1/p"),
        ("istio-system/prometheus", "istio-system/prometheus"),
        ("monitoring/https:thanos-querier:web", "monitoring/https:thanos-querier:web"),
    ],
)
def test_a_place_is_a_url_or_a_service(word: str, shown: str) -> None:
    """A Service as the API server's proxy names it: with a scheme before it and a port after it, or without."""
    assert str(prometheus.parse_address(word)) == shown


def test_a_run_goes_on_without(tmp_path: Path) -> None:
    """A Prometheus that cannot be reached is a warning on standard error; the report is the one there would be without it."""
    metadata = {"name": "cart", "namespace": "shop", "labels": {"istio.io/use-waypoint": "none"}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 81}]}}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(service))
    words = ["diagnose", "-f", str(tmp_path / "a.yaml"), "-o", "json"]

    without, alone = (CliRunner().invoke(app, [*words, *more]) for more in (["--prometheus", "http://127.0.0.1:1"], []))

    assert without.stdout == alone.stdout
    assert without.exit_code == alone.exit_code == 1
    assert "Warning: Prometheus at http://127.0.0.1:1 was not read: connection refused." in without.stderr
