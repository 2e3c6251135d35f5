"""A cluster's answers without a server: those of some objects, but for paths that are refused."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from kubectl_meshfix.errors import ApiError, ForbiddenError
from kubectl_meshfix.resources.api import Query, Response
from kubectl_meshfix.sources.api.connection import Connection
from tests.cli.api_server import answer_of


class Served:
    """A connection, and what was asked on it, each with its selectors."""

    def __init__(
        self,
        objects: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        groups: Sequence[str] = (),
        refused: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self.objects, self.groups, self.refused = objects, groups, refused
        self.asked: list[str] = []
        row = {"context": "lab", "server": "https://lab", "namespace": "default", "taken_at": None, "kubeconfig": None}
        self.connection = cast("Connection", SimpleNamespace(get=self.get, request=self.request, **row))

    def get(self, path: str, query: Query = ()) -> Response:
        """The object or the list at a path; ``refused`` gives the status of one that is not answered."""
        selectors = [value for name, value in query if name.endswith("Selector")]
        self.asked.append("?".join([path, *selectors]))
        match self.refused(path):
            case 0:
                pass
            case 403:
                raise ForbiddenError(f"{path} is forbidden.")
            case status:
                raise ApiError(f"{path} is refused.", status=status)
        found = answer_of(path.strip("/").split("/"), {name: [value] for name, value in query}, self.objects, self.groups)
        return Response(200 if found else 404, {}, msgspec.json.encode(found or {"kind": "Status", "code": 404}))

    def request(self, _method: str, path: str, query: Query = (), **_options: Any) -> Response:
        """The same."""
        return self.get(path, query)

    def lists(self, plural: str) -> list[str]:
        """The namespaces in which a kind was listed, sorted; empty for all of them."""
        rows = (path.partition("?")[0].strip("/").split("/") for path in self.asked)
        return sorted(row[-2] if row[-3] == "namespaces" else "" for row in rows if row[-1] == plural)


def named(name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    """An object as the API has it; ``labels`` and ``annotations`` are its metadata's."""
    place = {"namespace": namespace} if namespace else {}
    meta = {key: fields.pop(key) for key in ("labels", "annotations") if key in fields}
    return {"metadata": {"name": name, **place, **meta}, **fields}
