"""Objects put on a test's API server, looked at, and taken off it again, so that many scenes share one server."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from tests.cluster.server import Server

OWNED = frozenset({"managedFields", "resourceVersion", "generation"})
"""Metadata that the server writes with every change; all else, the uid among it, has to come back as it was."""


@contextmanager
def planted(server: Server, text: str) -> Iterator[None]:
    """The objects of a text are on the server, and the namespaces they need; afterwards all are gone."""
    documents = [document for document in yaml.safe_load_all(text) if document]
    namespaces = {name: _namespace(name) for item in documents if (name := item["metadata"].get("namespace"))}
    namespaces |= {item["metadata"]["name"]: item for item in documents if item["kind"] == "Namespace"}
    others = [item for item in documents if item["kind"] != "Namespace"]
    others.sort(key=lambda item: item["kind"] != "Pod")  # nobody answers for the webhooks, which take every pod that comes after them
    try:
        _load(server, [*namespaces.values()])
        _load(server, [_without_status(item) for item in others])
        for item in (item for item in others if "status" in item):
            status = json.dumps({"status": item["status"]})
            bare = json.dumps(_without_status(item))
            server.kubectl("patch", "-f", "-", "--subresource=status", "--type=merge", "-p", status, text=bare)
        if any(item["kind"] == "Pod" for item in others):
            time.sleep(1)  # the server knows a pod's age to the second, and what is done to it has to come later
        yield
    finally:
        if others:
            server.kubectl("delete", "--ignore-not-found", "-f", "-", text=_list(others))
        for name in namespaces:
            _drop(server, name)


def current(server: Server, text: str) -> list[dict[str, Any]]:
    """The objects of a text as they are on the server, in its order, without what the server writes with every change."""
    found = json.loads(server.kubectl("get", "-o", "json", "-f", "-", text=text))
    items = found["items"] if found["kind"] == "List" else [found]
    return [{**item, "metadata": {key: value for key, value in item["metadata"].items() if key not in OWNED}} for item in items]


def _without_status(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "status"}


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _load(server: Server, items: list[dict[str, Any]]) -> None:
    if items:
        server.kubectl("apply", "--server-side", "-f", "-", text=_list(items))


def _list(items: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def _drop(server: Server, name: str) -> None:
    """A namespace is finalised by a controller, which does not run here."""
    server.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")
    server.kubectl("replace", "--raw", f"/api/v1/namespaces/{name}/finalize", "-f", "-", text=json.dumps(_namespace(name) | {"spec": {}}))
