"""Equal parts of many pods, kept once: those of one workload differ in little but their names."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import msgspec

from kubectl_meshfix.resources.core import Pod

Share = Callable[[Iterable[Pod]], None]
"""Puts a part that was seen before in the place of an equal one. For pods that were just decoded, and that nobody else has yet."""


def sharing() -> Share:
    """A function that shares the parts of all pods that it is ever called with.

    Lists are shared as a whole, never one of their items with another's, so that what stands in one pod stays apart from its like there.
    """
    seen: dict[Hashable, Any] = {}

    def put(owner: msgspec.Struct, field: str) -> None:
        part = getattr(owner, field)
        if part:
            kept = seen.setdefault(tuple(part.items()) if isinstance(part, dict) else part, part)
            if kept is not part:
                msgspec.structs.force_setattr(owner, field, kept)

    def share(pods: Iterable[Pod]) -> None:
        for pod in pods:
            for field in ("labels", "annotations", "owner_references", "managed_fields"):
                put(pod.metadata, field)
            put(pod.spec, "containers")
            put(pod.spec, "init_containers")
            put(pod.status, "conditions")

    return share
