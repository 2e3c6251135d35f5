"""Equal parts of many pods, kept once: those of one owner differ in little but their names."""

from collections.abc import Callable, Iterable

import msgspec

from kubectl_meshfix.resources.core import Pod

Share = Callable[[Iterable[Pod]], None]
"""Takes over the parts of a pod's sibling that are equal. For pods that were just decoded, and that nobody else has yet."""


def sharing() -> Share:
    """A function that shares the parts of all pods that it is ever called with, each with the one before it that has the same owner.

    Lists are shared as a whole, never one of their items with another's, so that what stands in one pod stays apart from its like there.
    """
    latest: dict[str, Pod] = {}

    def share(pods: Iterable[Pod]) -> None:
        for pod in pods:
            controller = pod.metadata.controller
            if controller:
                if sibling := latest.get(controller.uid):
                    _take(pod.metadata, sibling.metadata, "labels", "annotations", "owner_references", "managed_fields")
                    _take(pod.spec, sibling.spec, "containers", "init_containers")
                    _take(pod.status, sibling.status, "conditions")
                latest[controller.uid] = pod

    return share


def _take(part: msgspec.Struct, sibling: msgspec.Struct, *fields: str) -> None:
    for field in fields:
        like = getattr(sibling, field)
        if like and getattr(part, field) == like:
            msgspec.structs.force_setattr(part, field, like)
