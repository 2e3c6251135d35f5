"""The mesh's traffic of the last day, from a Prometheus that scrapes its proxies.

The metrics and their labels are Istio's standard ones (`istio/proxy source/extensions/filters/http/istio_stats/istio_stats.cc`).
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.mesh.measured_traffic import Measured, MeasuredTraffic
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.api import NOT_JSON, Api, Query
from kubectl_meshfix.resources.meta import Struct

PATIENCE = 30.0
"""Seconds until a Prometheus that does not answer is done without."""

LARGEST = 32 * 1024 * 1024
"""Bytes of an answer; that of a mesh of 10,000 Services takes 8 MB."""

FORM = "Write a URL, such as http://localhost:9090, or NAMESPACE/SERVICE:PORT for a Service of the cluster."

Ask = Callable[[str, Query], bytes]
"""Gets a path of Prometheus' API."""


class Address(Struct, frozen=True):
    """Where a Prometheus is: at a URL, or behind a Service that the API server leads to."""

    url: str = ""
    namespace: str = ""
    service: str = ""

    def __str__(self) -> str:
        return _without_user(self.url) if self.url else f"{self.namespace}/{self.service}"


def parse_address(word: str) -> Address:
    """What ``--prometheus`` names. Raises UsageError for what is neither a URL nor a Service."""
    if "://" in word:
        try:
            address = urlsplit(word)
            is_usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
        except ValueError:
            is_usable = False
        if not is_usable or address.query or address.fragment:
            raise UsageError(f'"--prometheus {_without_user(word)}" is not an http or https URL.', FORM)
        return Address(url=word.rstrip("/"))
    found = re.fullmatch(r"([a-z0-9][-a-z0-9]*)/((?:https?:)?[a-z0-9][-.a-z0-9]*(?::[a-z0-9][-a-z0-9]*)?)", word)
    if not found:
        raise UsageError(f'"--prometheus {word}" cannot be read.', FORM)
    return Address(namespace=found[1], service=found[2])


def _without_user(url: str) -> str:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def via_api_server(api: Api, where: Address) -> Ask:
    """The way to a Service through the API server (`kubernetes services/proxy`), which keeps the caller's credentials to itself."""
    root = f"/api/v1/namespaces/{where.namespace}/services/{where.service}/proxy"

    def ask(path: str, query: Query) -> bytes:
        answer = api.get(root + path, query)
        if answer.missing:
            raise SourceError(f"there is no Service {where}, or no Prometheus behind it")
        return answer.body

    return ask


# ---------------------------------------------------------------- asking

_METRICS = ("istio_requests_total", "istio_tcp_connections_opened_total")
_BY = "reporter,destination_service,destination_service_name,request_protocol,destination_port"
_OF_SERVICES = '{destination_service=~".+[.].+[.]svc[.].+",destination_service_name!~".*Cluster.*",app!="ztunnel",pod!~"ztunnel-.+"}'


def query(metric: str) -> str:
    """PromQL for what grew within a day, or came into being with its first value, which is no growth to Prometheus."""
    series = f"{metric}{_OF_SERVICES}"
    return f"sum by ({_BY}) (increase({series}[1d]) > 0 or (last_over_time({series}[1d]) > 0 unless {series} offset 1d))"


def read_traffic(ask: Ask) -> MeasuredTraffic:
    """What Services were seen to speak. Raises MeshfixError where there is no answer in time, or none that makes sense."""
    seen: dict[tuple[str, str], frozenset[Measured]] = {}
    for metric in _METRICS:
        body = _in_time(lambda metric=metric: ask("/api/v1/query", [("query", query(metric)), ("timeout", f"{PATIENCE:g}s")]))  # type: ignore[misc]
        for key, row in _rows(body):
            seen[key] = seen.get(key, frozenset()) | {row}
    return seen


def _in_time(work: Callable[[], bytes]) -> bytes:
    """The answer, waited for in a thread that may be left behind: a name that does not resolve holds up everything else."""
    answers: list[bytes] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if failures:
        raise failures[0]
    if not answers:
        raise SourceError(f"it did not answer within {PATIENCE:g} s")
    return answers[0]


# ---------------------------------------------------------------- the answer


class _Series(Struct, frozen=True, rename=None):
    metric: Mapping[str, str] = {}


class _Data(Struct, frozen=True):
    result_type: str = ""
    result: tuple[_Series, ...] = ()


class _Answer(Struct, frozen=True):
    status: str = ""
    error: str = ""
    data: _Data | None = None


def _rows(body: bytes) -> Iterable[tuple[tuple[str, str], Measured]]:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except NOT_JSON:
        answer = _Answer()
    if answer.status == "error":
        raise SourceError(f"it says: {answer.error}")
    if answer.status != "success" or answer.data is None or answer.data.result_type != "vector":
        raise SourceError("the server there is not a Prometheus")
    for series in answer.data.result:
        if found := _row(series.metric):
            yield found


def _row(labels: Mapping[str, str]) -> tuple[tuple[str, str], Measured] | None:
    """The Service of one series, and what was seen.

    Host and name have to agree: where a proxy knows no Service, it puts the caller's Host header, the name of a catch-all cluster or
    the workload's own name in their place. A port is the server's only where the server's proxy says it.
    """
    host, name = labels.get("destination_service", ""), labels.get("destination_service_name", "")
    found = re.fullmatch(r"([^.]+)\.([^.]+)\.svc\..+", host)
    protocol = {"http": Protocol.HTTP, "grpc": Protocol.GRPC, "tcp": Protocol.TCP}.get(labels.get("request_protocol", ""))
    if not found or found[1] != name or protocol is None:
        return None
    reporter, port = labels.get("reporter", ""), labels.get("destination_port", "")
    number = int(port) if reporter == "destination" and port.isdecimal() and len(port) <= 5 else None
    return (found[2], found[1]), Measured(protocol=protocol, reporter=reporter, container_port=number)
