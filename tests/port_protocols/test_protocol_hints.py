"""Protocols by the words of names: what must hold of any name."""

from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, SERVER_FIRST_NUMBERS, Protocol
from kubectl_meshfix.port_protocols import protocol_hints

SEPARATORS = st.sampled_from(["-", "_", ".", "--", " "])
UNKNOWN = st.from_regex(r"x[a-z0-9]{0,6}", fullmatch=True).filter(lambda word: word not in protocol_hints.WORDS)


def joined(draw: st.DrawFn, parts: list[str]) -> str:
    """A name of these words in any order, by any separators, in any case."""
    text = ""
    for part in draw(st.permutations(parts)):
        text += (draw(SEPARATORS) if text else "") + (part.upper() if draw(st.booleans()) else part)
    return text


@st.composite
def names(draw: st.DrawFn, vocabulary: list[str], least: int = 1) -> tuple[str, set[str]]:
    """A name, and the words of the vocabulary in it."""
    chosen = draw(st.sets(st.sampled_from(vocabulary), min_size=least, max_size=4))
    return joined(draw, [*chosen, *draw(st.lists(UNKNOWN, max_size=2))]), chosen


@given(names(sorted(protocol_hints.WORDS)))
def test_words_are_heard_wherever_they_stand(found: tuple[str, set[str]]) -> None:
    """A name says what its protocol words agree on, and nothing where they do not, whatever stands between them."""
    name, chosen = found
    said = {protocol_hints.WORDS[word] for word in chosen}

    assert protocol_hints.protocol_in(name) is (said.pop() if len(said) == 1 else None)


@given(names([*sorted(protocol_hints.WORDS), *sorted(protocol_hints.PURPOSES), "tcp"]))
def test_server_first_is_never_http(found: tuple[str, set[str]]) -> None:
    """No name with a word for a protocol in which the server speaks first is taken for HTTP, whatever else it says."""
    name, chosen = found

    assume(chosen & protocol_hints.SERVER_FIRST_WORDS)
    assert protocol_hints.is_server_first(name)
    assert protocol_hints.protocol_in(name) not in HTTP_LIKE


@given(names([*sorted(protocol_hints.WORDS), *sorted(protocol_hints.PURPOSES)]))
def test_the_layer_adds_nothing(found: tuple[str, set[str]]) -> None:
    """Beside any other word, "tcp" only names the layer."""
    assert protocol_hints.protocol_in(f"tcp-{found[0]}") is protocol_hints.protocol_in(found[0])


@given(st.text())
def test_any_text_is_taken(name: str) -> None:
    """Annotations and appProtocols hold anything; nothing is raised, and no protocol invented without a known word."""
    known = set(protocol_hints.tokens(name)) & {*protocol_hints.WORDS, *protocol_hints.PURPOSES, "tcp"}

    assert protocol_hints.protocol_in(name) is None or known


def test_a_pair_of_contradicting_words_says_nothing() -> None:
    """Two words for two protocols are no protocol, in either order."""
    for one, other in permutations(protocol_hints.WORDS, 2):
        if protocol_hints.WORDS[one] is not protocol_hints.WORDS[other]:
            assert protocol_hints.protocol_in(f"{one}-{other}") is None, (one, other)


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        ("foo-http", Protocol.HTTP),
        ("http_api", Protocol.HTTP),
        ("otlp-grpc", Protocol.GRPC),
        ("grpc-https", None),
        ("http-grpc", None),
        ("api-grpc-web", Protocol.GRPC_WEB),
        ("grpc-website", Protocol.GRPC),
        ("web-https", Protocol.HTTPS),
        ("web-grpc", None),
        ("redis-metrics", None),
        ("mysql-web", None),
        ("tcp-mysql", Protocol.MYSQL),
        ("tcp-http", Protocol.HTTP),
        ("tcp", Protocol.TCP),
        ("kubernetes.io/grpc", Protocol.GRPC),
        ("httpx", None),
        ("https1", None),
        ("webhook", None),
        ("", None),
    ],
)
def test_names_that_people_use(name: str, protocol: Protocol | None) -> None:
    """What they mean, and None where that is not certain."""
    assert protocol_hints.protocol_in(name) is protocol


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("redis", "redis"),
        ("docker.io/library/redis:7", "redis"),
        ("registry.example:5000/bitnami/redis@sha256:abc", "redis"),
        ("registry.example:5000/team/redis:7.2-alpine@sha256:abc", "redis"),
    ],
)
def test_an_image_is_known_by_its_last_name(image: str, name: str) -> None:
    """Registry, port, tag and digest are not part of it."""
    assert protocol_hints.image_name(image) == name


def test_everything_server_first_is_known_as_something_else_than_http() -> None:
    """The tables agree with each other."""
    assert all(protocol_hints.WORDS[word] not in HTTP_LIKE for word in protocol_hints.SERVER_FIRST_WORDS)
    assert all(protocol_hints.IMAGES[image][0] not in HTTP_LIKE for image in protocol_hints.SERVER_FIRST_IMAGES)
    assert all(protocol_hints.NUMBERS[number] not in HTTP_LIKE for number in SERVER_FIRST_NUMBERS)


@pytest.mark.parametrize(
    ("number", "protocol", "is_server_first"),
    [
        (25, Protocol.TCP, True),
        (26, None, False),
        (22, Protocol.TCP, True),
        (80, Protocol.HTTP, False),
        (443, Protocol.HTTPS, False),
        (465, Protocol.TLS, False),
        (3306, Protocol.TCP, True),
        (5432, Protocol.TCP, False),
        (50051, Protocol.GRPC, False),
    ],
)
def test_numbers_that_people_use(number: int, protocol: Protocol | None, is_server_first: bool) -> None:
    """What a well-known number is used for, and whether its server speaks first: SMTP's does, on port 25."""
    assert protocol_hints.NUMBERS.get(number) is protocol
    assert (number in SERVER_FIRST_NUMBERS) is is_server_first


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (Protocol.HTTP, "http http1"),
        (Protocol.HTTP2, "http2 h2 h2c"),
        (Protocol.GRPC, "grpc"),
        (Protocol.GRPC_WEB, "grpcweb"),
        (Protocol.HTTPS, "https wss"),
        (Protocol.TLS, "tls ssl smtps imaps pop3s ldaps"),
        (Protocol.REDIS, "redis"),
        (Protocol.MONGO, "mongo"),
        (Protocol.MYSQL, "mysql mariadb"),
        (Protocol.TCP, "mongodb postgres postgresql pgsql amqp kafka mqtt nats smtp imap pop3 ftp sftp ssh telnet irc vnc rsync ldap"),
        (Protocol.TCP, "memcache memcached bolt cassandra cql zookeeper zk"),
    ],
)
def test_each_word_says_its_protocol(protocol: Protocol, words: str) -> None:
    """A word alone, and one with a purpose of HTTP beside it for none but HTTP and HTTPS."""
    for word in words.split():
        assert protocol_hints.protocol_in(word) is protocol, word
        assert protocol_hints.protocol_in(f"{word}-ui") is (protocol if protocol in (Protocol.HTTP, Protocol.HTTPS) else None), word


def test_each_purpose_says_http() -> None:
    """What is done over HTTP alone is a word for it."""
    for word in ["web", "www", "webui", "ui", "rest", "restapi", "ws", "websocket", "graphql", "metrics", "prometheus"]:
        assert protocol_hints.protocol_in(word) is Protocol.HTTP, word


def test_each_word_of_a_server_that_speaks_first() -> None:
    """These and no others."""
    words = "mysql mariadb smtp imap pop3 ftp sftp ssh telnet irc vnc rsync nats"

    assert {word for word in protocol_hints.WORDS if protocol_hints.is_server_first(word)} == {*words.split()}


@pytest.mark.parametrize(
    ("protocol", "ports"),
    [
        (Protocol.TCP, "redis 6379, valkey 6379, postgres 5432, postgresql 5432, mysql 3306 33060, mariadb 3306, mongo 27017"),
        (Protocol.TCP, "mongodb 27017, memcached 11211, rabbitmq 5671 5672, kafka 9092 9093, nats 4222 6222, zookeeper 2181 2888 3888"),
        (Protocol.TCP, "cassandra 9042, etcd 2379 2380"),
        (Protocol.HTTP, "nginx 80 8080, httpd 80 8080, prometheus 9090, grafana 3000, httpbin 80 8000 8080, whoami 80"),
        (Protocol.HTTP, "echoserver 8080, http-echo 5678, podinfo 9898"),
    ],
)
def test_each_image_serves_on_the_ports_it_is_known_for(protocol: Protocol, ports: str) -> None:
    """What their makers' images listen on when nobody says otherwise, and no port beside these."""
    for image, *numbers in map(str.split, ports.split(", ")):
        assert protocol_hints.IMAGES[image] == (protocol, frozenset(map(int, numbers))), image


@pytest.mark.parametrize(
    ("protocol", "numbers"),
    [
        (Protocol.HTTP, {80, 8000, 8080, 8081, 8088, 8888}),
        (Protocol.HTTPS, {443, 8443, 9443}),
        (Protocol.TLS, {465, 636, 993, 995}),
        (Protocol.GRPC, {50051}),
        (Protocol.TCP, {389, 1433, 1883, 2181, 5432, 5672, 6379, 7687, 9042, 9092, 11211, 27017, *SERVER_FIRST_NUMBERS}),
    ],
)
def test_each_number_says_its_protocol(protocol: Protocol, numbers: set[int]) -> None:
    """These and no others are mostly used for it."""
    assert {number for number, said in protocol_hints.NUMBERS.items() if said is protocol} == numbers


def test_each_number_of_a_server_that_speaks_first() -> None:
    """FTP, SSH, Telnet, SMTP and its submission, POP3, IMAP, rsync, MySQL, NATS, VNC and IRC."""
    assert {21, 22, 23, 25, 110, 143, 587, 873, 3306, 4222, 5900, 6667} == SERVER_FIRST_NUMBERS
