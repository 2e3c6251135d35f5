"""What a proxy is asked for of its configuration, and what becomes of its answers."""

import json
import re
from collections.abc import Callable

import msgspec
import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.config_dump import read
from kubectl_meshfix.sources.proxies.questions import Question
from kubectl_meshfix.traffic.observed.asking import Standing, standing
from kubectl_meshfix.traffic.observed.envoy import Config
from tests.traffic.observed.scenes import dump, mesh, predicted

SECRETS = ("default", "ROOTCA", "kubernetes://shop-credential", "file-cert:/etc/certs/tls.pem")
WHOLE = json.dumps(dump("predicted")).encode()


def place(url: str) -> Standing:
    """The caller's proxy on the way of a request."""
    world = mesh("predicted")
    return standing(world, predicted(world, url))[0]


def answering(body: bytes, asked: list[Question]) -> Callable[[Ref, Question], bytes]:
    """A proxy that answers every question alike, as an Envoy that cannot select by names; what it is asked is noted."""

    def ask(pod: Ref, question: Question) -> bytes:
        assert pod.kind == "Pod"
        asked.append(question)
        return body

    return ask


@pytest.mark.parametrize("url", ["http://server/both", "server:9000", "http://server/go", "https://nobody.example.com/"])
def test_only_what_a_request_meets_is_asked_for(url: str) -> None:
    """Every question is one for resources by their names, at most three in all; the names of secrets are never among them."""
    asked: list[Question] = []
    found = read(answering(WHOLE, asked), place(url))

    assert found.listeners
    assert 1 <= len(asked) <= 3
    assert {(question.port, question.path) for question in asked} == {(15000, "/config_dump")}
    for question in asked:
        names = dict(question.query)["name_regex"]
        assert not any(re.fullmatch(names, secret) for secret in SECRETS)


def test_the_names_are_those_of_listener_route_and_clusters() -> None:
    """First the listeners of the port, then the routes that the one in question uses, then the clusters of route and prediction."""
    asked: list[Question] = []
    read(answering(WHOLE, asked), place("http://server/v2"))
    names = [dict(question.query)["name_regex"] for question in asked]

    assert [bool(re.fullmatch(names[0], name)) for name in ("0.0.0.0_80", "10.0.0.7_80", "virtualOutbound", "0.0.0.0_8080")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert names[1] == "80"
    assert re.fullmatch(names[2], "outbound|80|v2|server.demo.svc.cluster.local")
    assert not re.fullmatch(names[2], "outbound|80|v1|server.demo.svc.cluster.local")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "its answer is not JSON"),
        (b"", "its answer is not JSON"),
        (WHOLE[: len(WHOLE) // 2], "its answer is not JSON"),
        (b'{"configs": 1}', "its configuration has another form"),
    ],
)
def test_an_answer_that_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    """HTML, nothing and half an answer are errors of the source, with half a sentence for people."""
    with pytest.raises(SourceError, match=reason):
        read(answering(body, []), place("http://server/v2"))


def test_a_workload_without_a_ready_pod_is_asked_nothing() -> None:
    """Nobody is there to answer."""
    asked: list[Question] = []

    assert read(answering(WHOLE, asked), msgspec.structs.replace(place("http://server/v2"), pod=None)) == Config()
    assert asked == []


def test_a_connection_that_breaks_is_told_as_it_is() -> None:
    """What the way to the pod says is handed on."""

    def ask(pod: Ref, question: Question) -> bytes:
        raise SourceError(f"the connection to {pod.name} broke before {question.path} was answered")

    with pytest.raises(SourceError, match="broke before /config_dump"):
        read(ask, place("http://server/v2"))
