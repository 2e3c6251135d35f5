"""Whether what was changed has become what runs (`kubectl/pkg/polymorphichelpers/rollout_status.go`)."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kubectl_meshfix.errors import SourceError, TargetError
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.cluster import read

EVERY = 2.0
"""Seconds between two looks."""

KINDS = frozenset({("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet")})
"""Kinds that replace their pods by themselves and tell how far they are."""


class StuckError(TargetError):
    """A rollout that will not end by itself."""


def wait(refs: Iterable[Ref], api: Api, seconds: float | None, progress: Callable[[Ref, str], None]) -> dict[Ref, str]:
    """Look until every rollout is done or ``seconds`` are over; None waits on. Returns what the others lack, by object.

    ``progress`` is told each new state of each object; an empty one means that it is done. Faults of the server are waited out.
    """
    left = {ref: "nobody has looked yet" for ref in refs if (ref.group, ref.kind) in KINDS}
    end = None if seconds is None else time.monotonic() + seconds
    stuck: dict[Ref, str] = {}
    while left:
        for ref, known in list(left.items()):
            try:
                now = lacks(read(ref, api))
            except StuckError as error:
                stuck[ref] = now = error.message
            except (SourceError, TargetError) as error:
                now = error.message
            if now != known:
                progress(ref, now)
            left[ref] = now
            if not now or ref in stuck:
                del left[ref]
        if not left or (end is not None and time.monotonic() >= end):
            break
        time.sleep(EVERY)
    return {**left, **stuck}


def lacks(document: Mapping[str, Any]) -> str:
    """What a rollout still waits for; empty where it is done. Raises StuckError where it will not be done by itself."""
    spec, status, kind = document.get("spec") or {}, document.get("status") or {}, document["kind"]
    if document["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "its controller has not seen the change yet"
    strategy = (spec.get("updateStrategy") or {}).get("type", "RollingUpdate")
    if kind != "Deployment" and strategy != "RollingUpdate":
        raise StuckError(f"its update strategy is {strategy}: pods are replaced when somebody deletes them")
    if kind == "Deployment" and spec.get("paused"):
        raise StuckError("its rollout is paused")
    if any(row.get("reason") == "ProgressDeadlineExceeded" for row in status.get("conditions") or ()):
        raise StuckError("its rollout has exceeded its progress deadline")
    if kind == "DaemonSet":
        wanted = status.get("desiredNumberScheduled", 0)
        updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    else:
        held = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0
        wanted = spec.get("replicas", 1) - held
        updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return f"{updated} of {wanted} pods are new"
    if kind == "Deployment" and status.get("replicas", 0) > updated:
        return f"{status['replicas'] - updated} old pods are still there"
    return "" if available >= wanted else f"{available} of {wanted} pods are available"
