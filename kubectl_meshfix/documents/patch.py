"""JSON patch (RFC 6902): the operations, and what they make of a document."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from kubectl_meshfix.errors import TargetError


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One operation of RFC 6902. ``value`` is any JSON value and absent for ``remove``, ``move`` and ``copy``."""

    op: Literal["test", "add", "replace", "remove", "move", "copy"]
    path: str
    value: Any = msgspec.UNSET
    from_: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="from")


class PatchConflictError(TargetError):
    """A ``test`` failed or a path is gone: the object is not what the patch was made for."""


def patched(document: Any, operations: Sequence[Operation]) -> Any:
    """``document`` after ``operations``, which change one place each, even if an alias made it one object with another.

    The argument stays as it was. Raises PatchConflictError.
    """
    import jsonpatch  # noqa: PLC0415 -- where something is changed
    from jsonpointer import JsonPointerException  # noqa: PLC0415

    result = msgspec.to_builtins(document)
    for operation in operations:
        try:
            result = jsonpatch.apply_patch(result, [msgspec.to_builtins(operation)], in_place=True)
        except (jsonpatch.JsonPatchException, JsonPointerException) as error:
            raise PatchConflictError(f"The change does not fit the object as it is now: {_misfit(operation)}.") from error
    return result


def _misfit(operation: Operation) -> str:
    if operation.op != "test":
        return f"{operation.path} does not exist"
    value = msgspec.json.encode(operation.value).decode()
    return f"{operation.path} is not {value if len(value) <= 60 else 'what it was'}"
