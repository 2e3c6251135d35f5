"""A live cluster: patches that name what they rely on, tried on the server before the first one counts."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.errors import ApiError, ForbiddenError, MeshfixError, SourceError, TargetError
from kubectl_meshfix.fixes.plan import Change, Plan, Refusal
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Api, Response, decode_answer, decode_object, unexpected
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.targets.journal_entry import CLUSTER_NAMESPACE

FIELD_MANAGER = "kubectl-meshfix"
JSON_PATCH = "application/json-patch+json"

TRIES = 3
"""How often one request is made, where the server faltered at it."""

PAUSE = 0.5
"""Seconds before the second try; twice as many before the third."""

_NO_RIGHT = re.compile(r'User "(?:[^"\\]|\\.)*" cannot patch ')
"""What authorization says (`apiserver responsewriters/errors.go forbiddenMessage`); admission answers with 403 as well."""


class _Head(msgspec.Struct):
    kind: str = ""


class GoneError(TargetError):
    """The object does not exist any more."""


class MovedError(PatchConflictError):
    """Somebody else changed the object between its being read and its patch; what was patched need not have moved."""


class Preview(Struct, frozen=True):
    """An object as it is and as it would be; ``by_server`` says whose word that is."""

    change: Change
    before: dict[str, Any]
    after: dict[str, Any]
    by_server: bool


class Previews(Struct, frozen=True):
    """What each change would do, and which are refused; where the user lacks the right, ``accepted`` has our own word too."""

    accepted: tuple[Preview, ...]
    refused: tuple[Refusal, ...]


def preview(plan: Plan, api: Api, *, on_server: bool, tried: Callable[[Ref], object] = lambda _ref: None) -> Previews:
    """Every change on the object as it is now: by a server-side dry run, through all of admission, or by ourselves.

    Where the user has no right to patch an object, not even to try, its change is by ourselves. ``tried`` hears of each object that
    was looked at.
    """
    accepted: list[Preview] = []
    refused: list[Refusal] = []
    tries = TRIES
    for change in plan.changes:
        try:
            accepted.append(preview_change(change, api, on_server=on_server, tries=tries))
        except (ApiError, ForbiddenError, TargetError) as error:
            tries = 1 if is_server_error(error) else tries  # what has lasted so long will not pass while the others wait
            lacks_right = isinstance(error, ForbiddenError) and _NO_RIGHT.search(error.message) is not None
            refused.append(Refusal(resource=change.resource, reason=error.message, lacks_right=lacks_right))
            if lacks_right:
                accepted.append(preview_change(change, api, on_server=False))
        tried(change.resource)
    return Previews(accepted=tuple(accepted), refused=tuple(refused))


def preview_change(change: Change, api: Api, *, on_server: bool, tries: int = TRIES) -> Preview:
    """One change on the object as it is now. Raises PatchConflictError where it does not fit, and what the server says against it."""
    before = read_object(change.resource, api)
    after = try_on_server(change, before, api, tries) if on_server else patched(before, change.operations)
    return Preview(change=change, before=before, after=after, by_server=on_server)


def object_path(ref: Ref) -> str:
    """The URL path of one object."""
    kind = kinds.of(ref.api_version, ref.kind)
    if kind is None:
        raise TargetError(f"{ref} has a kind that meshfix does not know.")
    root = f"/apis/{ref.api_version}" if ref.group else f"/api/{ref.api_version}"
    namespace = f"/namespaces/{quote(ref.namespace)}" if ref.namespace else ""
    return f"{root}{namespace}/{kind.plural}/{quote(ref.name)}"


def read_object(ref: Ref, api: Api) -> dict[str, Any]:
    """One object as it is now. Raises GoneError where there is none, SourceError where something else is answered."""
    answer = api.get(object_path(ref))
    return _object(answer, ref)


def try_on_server(change: Change, before: dict[str, Any], api: Api, tries: int = TRIES) -> dict[str, Any]:
    """What the server would make of an object, by a dry run. Raises as ``send`` does."""
    for attempt in range(1, tries):
        try:
            return send(change, before, api, dry_run=True)
        except SourceError as error:
            if not is_server_error(error):
                raise
        time.sleep(PAUSE * 2 ** (attempt - 1))
    return send(change, before, api, dry_run=True)


def is_server_error(error: MeshfixError) -> bool:
    """Whether the server, or the way to it, faltered: another try may fare better. An answer that it gave stays the same.

    What is no metav1.Status was not said by the API server, which may have done what it was asked to do; but for 429, which it says in
    plain text (`k8s.io/apiserver/pkg/server/filters/maxinflight.go tooManyRequests`), and which the connection has waited for.
    """
    if isinstance(error, ApiError):
        return error.status >= 500 or (not error.is_status and error.status != 429)
    if isinstance(error, ForbiddenError):
        return not error.is_status
    return isinstance(error, SourceError)


def send(change: Change, before: dict[str, Any], api: Api, *, dry_run: bool) -> dict[str, Any]:
    """One patch, opened by tests on what the object is and when it was read. Returns the server's answer."""
    metadata = before["metadata"]
    guards = tuple(Operation("test", f"/metadata/{field}", metadata[field]) for field in ("uid", "resourceVersion"))
    patched(before, change.operations)  # the change's own tests, with our words for a failure
    query = [("fieldManager", FIELD_MANAGER), *([("dryRun", "All")] if dry_run else [])]
    body = msgspec.json.encode([*guards, *change.operations])
    try:
        answer = api.request("PATCH", object_path(change.resource), query, body=body, content_type=JSON_PATCH)
    except ApiError as error:
        if error.status in (409, 422) and error.is_status and _moved(change.resource, metadata, api):
            raise MovedError(f"{change.resource} was changed by somebody else since it was read") from error
        raise
    return _object(answer, change.resource)


def cluster_uid(api: Api) -> str:
    """What tells this cluster from others, whatever its address; "" where it may not be read."""
    try:
        return str(read_object(Ref("v1", "Namespace", None, CLUSTER_NAMESPACE), api)["metadata"]["uid"])
    except (ForbiddenError, ApiError, GoneError):
        return ""


def _object(answer: Response, ref: Ref) -> dict[str, Any]:
    if answer.missing and decode_answer(answer.body, _Head, f"{ref.kind} {ref.name}").kind == "Status":
        raise GoneError(f"{ref} does not exist any more.")
    document = decode_object(answer.body, ref.kind, ref.name)
    metadata = document["metadata"]
    is_whole = all(isinstance(metadata.get(field), str) for field in ("uid", "resourceVersion"))
    if not is_whole or (metadata.get("namespace") or None) != ref.namespace:
        raise unexpected(f"{ref.kind} {ref.name}")
    return document


def _moved(ref: Ref, metadata: dict[str, Any], api: Api) -> bool:
    """Whether the object is another one, or another version, by now."""
    now = read_object(ref, api)["metadata"]
    return any(now[field] != metadata[field] for field in ("uid", "resourceVersion"))
