"""An API server in memory, which falters, moves under a change, or says no as it is told."""

import json
from collections.abc import Iterable
from typing import Any

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.errors import ApiError, MeshfixError, SourceError
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.plan import Change, Proposal
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import journaled_apply as target
from kubectl_meshfix.targets.cluster import preview_change
from kubectl_meshfix.targets.journal_entry import JournalEntry, Where

Step = str | MeshfixError

GONE, AWAY = ApiError("the server is on fire", status=503), SourceError("connection refused")
DENIED = ApiError("denied by policy", status=422)
MISPLACED = ApiError("<html>", status=404)
MISPLACED.is_status = False


MOVES = {
    "moved": Operation("add", "/metadata/labels", {"team": "a"}),
    "moved by hand": Operation("replace", "/spec/ports/0/name", "grpc-web"),
    "moved back": Operation("replace", "/spec/ports/0/name", "web"),
    "moved to the same": Operation("replace", "/spec/ports/0/name", "http-web"),
    "another port": Operation("add", "/spec/ports/0", {"name": "first", "port": 79}),
}
"""What somebody else does to an object just before it is patched."""


class Server:
    """An API server of some Services. Each patch takes the next step: ``done``, an error, or what happens before or instead of it.

    So does each dry run of the ``trials``.
    """

    def __init__(self, *steps: Step, names: Iterable[str] = "abc") -> None:
        self.steps, self.trials = list(steps), list[Step]()
        self.objects = {name: self.service(name, "web", uid=f"u-{name}") for name in names}
        self.unreadable: MeshfixError | None = None

    @staticmethod
    def service(name: str, port: str, *, uid: str, version: int = 1) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": str(version)}
        spec = {"ports": [{"name": port, "port": 80}]}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    def change(self, name: str, operations: list[Operation]) -> None:
        changed = patched(self.objects[name], operations)
        version = int(changed["metadata"]["resourceVersion"]) + 1
        self.objects[name] = {**changed, "metadata": {**changed["metadata"], "resourceVersion": str(version)}}

    def get(self, path: str, query: object = ()) -> Response:
        if self.unreadable:
            raise self.unreadable
        name = path.rpartition("/")[2]
        if name not in self.objects:
            return Response(404, {}, b'{"kind": "Status", "code": 404}')
        return Response(200, {}, json.dumps(self.objects[name]).encode())

    def request(self, method: str, path: str, query: Any = (), *, body: bytes | None = None, **_: Any) -> Response:
        name, is_trial = path.rpartition("/")[2], ("dryRun", "All") in query
        operations = [Operation(row["op"], row["path"], row.get("value")) for row in json.loads(body or b"")]
        steps = self.trials if is_trial else self.steps
        step = steps.pop(0) if steps else "done"
        before = self.objects.get(name)
        if isinstance(step, MeshfixError):
            raise step
        if step in MOVES:
            self.change(name, [MOVES[step]])
            raise ApiError("the test failed", status=422)
        match step:
            case "arrived, no answer":
                self.change(name, operations)
                raise AWAY
            case "lost for ever":
                self.unreadable = AWAY
                raise AWAY
            case "made, and refused":
                self.change(name, operations)
                raise ApiError("the test failed", status=422)
            case "made anew":
                self.objects[name] = self.service(name, "web", uid="another")
                raise ApiError("the test failed", status=422)
            case "made anew alike, no answer":
                self.objects[name] = self.service(name, "http-web", uid="another", version=9)
                raise AWAY
        assert before is not None
        after = patched(before, operations)
        if not is_trial:
            self.change(name, operations)
            after = self.objects[name]
        return Response(200, {}, json.dumps(after).encode())


def change(name: str) -> Change:
    """A port's name, changed."""
    ref = Ref("v1", "Service", "shop", name)
    operations = (Operation("test", "/spec/ports/0/name", "web"), Operation("replace", "/spec/ports/0/name", "http-web"))
    fix = Fix(summary="Rename the port.", safety=Safety.SAFE)
    return Change(resource=ref, operations=operations, proposals=(Proposal(code="MF101", resource=ref, fix=fix),))


def applied(server: Server) -> JournalEntry:
    """A run that has changed all three Services."""
    previews = [preview_change(change(name), server, on_server=True) for name in "abc"]
    entry = target.start_run(previews, Where(kind="cluster"))
    return target.apply_changes(entry, previews, server, again=lambda _: True, done=lambda _: None)


def names(server: Server) -> list[str]:
    """The names that the ports have now."""
    return [item["spec"]["ports"][0]["name"] for item in server.objects.values()]
