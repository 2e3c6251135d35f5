"""A running API server, filled through its API: over a few connections that stay open, an object a request."""

import http.client
import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from urllib.parse import urlsplit

from benchmarks import world
from benchmarks.world import Json
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.api.pagination import collection_path
from tests.cluster.server import Server

CONNECTIONS = 8

DONE = frozenset({201, 409})
"""Created, or there already: a request that took too long may have been carried out."""

LATER = frozenset({429, 500, 504})
"""Of a server that cannot keep up."""


def fill(server: Server, *, services: int, pods: int) -> None:
    """Create everything in a running server: namespaces, then what is in them."""
    _create(server, world.namespaces(services))
    _create(server, (item for number in range(services) for item in world.workload(number)))
    _create(server, (world.pod(number % services, number // services) for number in range(pods)))


def _create(server: Server, objects: Iterator[Json]) -> None:
    """A kubectl that creates a list sends it one by one, and compares each with its schema: this takes a tenth of the time."""
    lock = Lock()

    def take() -> Json | None:
        with lock:
            return next(objects, None)

    def send() -> None:
        address = urlsplit(server.address)
        trusted = ssl.create_default_context(cafile=str(server.folder / "certs" / "apiserver.crt"))
        connection = http.client.HTTPSConnection(address.hostname or "", address.port, context=trusted)
        while item := take():
            kind = kinds.of(item["apiVersion"], item["kind"])
            assert kind
            path = collection_path(kind, item["apiVersion"].rpartition("/")[2], item["metadata"].get("namespace"))
            while (status := _post(connection, path, json.dumps(item).encode())) not in DONE:
                assert status in LATER, (status, path)
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        sent = [pool.submit(send) for _ in range(CONNECTIONS)]
    for each in sent:
        each.result()


def _post(connection: http.client.HTTPSConnection, path: str, body: bytes) -> int:
    """The status of the answer."""
    connection.request("POST", path, body, {"Authorization": "Bearer lab-admin", "Content-Type": "application/json"})
    with connection.getresponse() as answer:
        answer.read()
        return answer.status
