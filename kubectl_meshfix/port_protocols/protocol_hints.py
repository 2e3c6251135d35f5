"""Protocols by the words, images and port numbers that usually mean them."""

import re

from kubectl_meshfix.mesh.protocols import SERVER_FIRST_NUMBERS, Protocol

WORDS = {
    "http": Protocol.HTTP,
    "http1": Protocol.HTTP,
    "http2": Protocol.HTTP2,
    "h2": Protocol.HTTP2,
    "h2c": Protocol.HTTP2,
    "grpc": Protocol.GRPC,
    "grpcweb": Protocol.GRPC_WEB,
    "https": Protocol.HTTPS,
    "wss": Protocol.HTTPS,
    "tls": Protocol.TLS,
    "ssl": Protocol.TLS,
    "redis": Protocol.REDIS,
    "mongo": Protocol.MONGO,
    "mysql": Protocol.MYSQL,
    "mariadb": Protocol.MYSQL,
    "mongodb": Protocol.TCP,
    "postgres": Protocol.TCP,
    "postgresql": Protocol.TCP,
    "pgsql": Protocol.TCP,
    "amqp": Protocol.TCP,
    "kafka": Protocol.TCP,
    "mqtt": Protocol.TCP,
    "nats": Protocol.TCP,
    "smtp": Protocol.TCP,
    "smtps": Protocol.TLS,
    "imap": Protocol.TCP,
    "imaps": Protocol.TLS,
    "pop3": Protocol.TCP,
    "pop3s": Protocol.TLS,
    "ftp": Protocol.TCP,
    "sftp": Protocol.TCP,
    "ssh": Protocol.TCP,
    "telnet": Protocol.TCP,
    "irc": Protocol.TCP,
    "vnc": Protocol.TCP,
    "rsync": Protocol.TCP,
    "ldap": Protocol.TCP,
    "ldaps": Protocol.TLS,
    "memcache": Protocol.TCP,
    "memcached": Protocol.TCP,
    "bolt": Protocol.TCP,
    "cassandra": Protocol.TCP,
    "cql": Protocol.TCP,
    "zookeeper": Protocol.TCP,
    "zk": Protocol.TCP,
}
"""The protocol of a word in a port's name or ``appProtocol``. Databases that may speak TLS, or first, are tcp, which is always right."""

PURPOSES = frozenset(
    {"web", "www", "webui", "ui", "rest", "restapi", "ws", "websocket", "graphql", "metrics", "prometheus"},
)
"""Words for what is done over HTTP; over HTTPS as well, where another word says so."""

SERVER_FIRST_WORDS = frozenset(
    {"mysql", "mariadb", "smtp", "imap", "pop3", "ftp", "sftp", "ssh", "telnet", "irc", "vnc", "rsync", "nats"},
)
"""Protocols in which a client may wait for the server's first bytes, so that sniffing the client waits too."""

IMAGES = {
    "redis": (Protocol.TCP, frozenset({6379})),
    "valkey": (Protocol.TCP, frozenset({6379})),
    "postgres": (Protocol.TCP, frozenset({5432})),
    "postgresql": (Protocol.TCP, frozenset({5432})),
    "mysql": (Protocol.TCP, frozenset({3306, 33060})),
    "mariadb": (Protocol.TCP, frozenset({3306})),
    "mongo": (Protocol.TCP, frozenset({27017})),
    "mongodb": (Protocol.TCP, frozenset({27017})),
    "memcached": (Protocol.TCP, frozenset({11211})),
    "rabbitmq": (Protocol.TCP, frozenset({5672, 5671})),
    "kafka": (Protocol.TCP, frozenset({9092, 9093})),
    "nats": (Protocol.TCP, frozenset({4222, 6222})),
    "zookeeper": (Protocol.TCP, frozenset({2181, 2888, 3888})),
    "cassandra": (Protocol.TCP, frozenset({9042})),
    "etcd": (Protocol.TCP, frozenset({2379, 2380})),
    "nginx": (Protocol.HTTP, frozenset({80, 8080})),
    "httpd": (Protocol.HTTP, frozenset({80, 8080})),
    "prometheus": (Protocol.HTTP, frozenset({9090})),
    "grafana": (Protocol.HTTP, frozenset({3000})),
    "httpbin": (Protocol.HTTP, frozenset({80, 8000, 8080})),
    "whoami": (Protocol.HTTP, frozenset({80})),
    "echoserver": (Protocol.HTTP, frozenset({8080})),
    "http-echo": (Protocol.HTTP, frozenset({5678})),
    "podinfo": (Protocol.HTTP, frozenset({9898})),
}
"""What an image of that name serves on the container ports it is known for."""

SERVER_FIRST_IMAGES = frozenset({"mysql", "mariadb", "nats"})

NUMBERS = {
    **dict.fromkeys((80, 8000, 8080, 8081, 8088, 8888), Protocol.HTTP),
    **dict.fromkeys((443, 8443, 9443), Protocol.HTTPS),
    **dict.fromkeys((465, 636, 993, 995), Protocol.TLS),
    **dict.fromkeys((389, 1433, 1883, 2181, 5432, 5672, 6379, 7687, 9042, 9092, 11211, 27017), Protocol.TCP),
    **dict.fromkeys(SERVER_FIRST_NUMBERS, Protocol.TCP),
    50051: Protocol.GRPC,
}
"""What a port number is mostly used for."""


_GRPC_WEB = re.compile(r"(?<![a-z0-9])grpc[^a-z0-9]web(?![a-z0-9])")


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, lower-cased; ``grpc-web`` is one."""
    return tuple(word for word in re.split(r"[^a-z0-9]+", _GRPC_WEB.sub("grpcweb", name.lower())) if word)


def protocol_in(name: str) -> Protocol | None:
    """The one protocol that a name's words agree on; None where they name none, or two (``grpc-https`` is not gRPC)."""
    words = set(tokens(name))
    found = {WORDS[word] for word in words & WORDS.keys()}
    if words & PURPOSES and found != {Protocol.HTTPS}:
        found.add(Protocol.HTTP)
    if not found and Protocol.TCP in words:
        return Protocol.TCP  # beside another word it only names the layer
    return found.pop() if len(found) == 1 else None


def is_server_first(name: str) -> bool:
    """Whether a word of a name means a protocol in which the server speaks first."""
    return not SERVER_FIRST_WORDS.isdisjoint(tokens(name))


def image_name(image: str) -> str:
    """``bitnami/redis`` of a registry and with a tag or digest is ``redis``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
