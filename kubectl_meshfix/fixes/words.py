"""Protocols by the words, images and numbers people use for them."""

import re

from kubectl_meshfix.mesh.protocols import Protocol

WORDS = {
    "http": Protocol.HTTP,
    "http1": Protocol.HTTP,
    "web": Protocol.HTTP,
    "www": Protocol.HTTP,
    "rest": Protocol.HTTP,
    "restapi": Protocol.HTTP,
    "ws": Protocol.HTTP,
    "websocket": Protocol.HTTP,
    "graphql": Protocol.HTTP,
    "metrics": Protocol.HTTP,
    "prometheus": Protocol.HTTP,
    "http2": Protocol.HTTP2,
    "h2": Protocol.HTTP2,
    "h2c": Protocol.HTTP2,
    "grpc": Protocol.GRPC,
    "grpcweb": Protocol.GRPC_WEB,
    "https": Protocol.HTTPS,
    "wss": Protocol.HTTPS,
    "tls": Protocol.TLS,
    "ssl": Protocol.TLS,
    "tcp": Protocol.TCP,
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
    "ssh": Protocol.TCP,
    "ldap": Protocol.TCP,
    "memcached": Protocol.TCP,
    "cassandra": Protocol.TCP,
    "cql": Protocol.TCP,
    "zookeeper": Protocol.TCP,
    "zk": Protocol.TCP,
}
"""What a word in a port's name or an ``appProtocol`` says. Databases that may speak TLS, or first, are tcp, which is always right."""

SERVER_FIRST_WORDS = frozenset({"mysql", "mariadb", "mongo", "mongodb", "smtp", "ssh", "ftp", "amqp", "nats"})
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
    "etcd": (Protocol.GRPC, frozenset({2379})),
    "nginx": (Protocol.HTTP, frozenset({80, 8080})),
    "httpd": (Protocol.HTTP, frozenset({80, 8080})),
    "prometheus": (Protocol.HTTP, frozenset({9090})),
    "grafana": (Protocol.HTTP, frozenset({3000})),
    "elasticsearch": (Protocol.HTTP, frozenset({9200})),
    "httpbin": (Protocol.HTTP, frozenset({80, 8000, 8080})),
    "whoami": (Protocol.HTTP, frozenset({80})),
    "echoserver": (Protocol.HTTP, frozenset({8080})),
    "http-echo": (Protocol.HTTP, frozenset({5678})),
    "podinfo": (Protocol.HTTP, frozenset({9898})),
}
"""What an image of that name serves on the container ports it is known for."""

NUMBERS = {
    21: Protocol.TCP,
    22: Protocol.TCP,
    80: Protocol.HTTP,
    389: Protocol.TCP,
    443: Protocol.HTTPS,
    1433: Protocol.TCP,
    1883: Protocol.TCP,
    2181: Protocol.TCP,
    4222: Protocol.TCP,
    5432: Protocol.TCP,
    5672: Protocol.TCP,
    6379: Protocol.TCP,
    8000: Protocol.HTTP,
    8080: Protocol.HTTP,
    8081: Protocol.HTTP,
    8088: Protocol.HTTP,
    8443: Protocol.HTTPS,
    8888: Protocol.HTTP,
    9042: Protocol.TCP,
    9092: Protocol.TCP,
    9200: Protocol.HTTP,
    9443: Protocol.HTTPS,
    11211: Protocol.TCP,
    50051: Protocol.GRPC,
}
"""What a port number is mostly used for."""


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, lower-cased."""
    return tuple(word for word in re.split(r"[^a-z0-9]+", name.lower()) if word)


def said_by(name: str) -> Protocol | None:
    """The one protocol that a name's words agree on; None where they say nothing, or two things (``grpc-https`` is not gRPC)."""
    said = {WORDS[word] for word in tokens(name) if word in WORDS}
    if Protocol.TCP in said and len(said) > 1:
        said.discard(Protocol.TCP)  # "tcp-redis": tcp only names the layer
    if said in ({Protocol.HTTP, Protocol.GRPC}, {Protocol.HTTP, Protocol.HTTP2}):
        return None
    return said.pop() if len(said) == 1 else None


def image_name(image: str) -> str:
    """``bitnami/redis`` of a registry and with a tag or digest is ``redis``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
