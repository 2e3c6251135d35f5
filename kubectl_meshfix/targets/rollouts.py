"""Following what was changed until it is what runs."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kubectl_meshfix.errors import ForbiddenError, SourceError
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.cluster import GoneError, Preview, read_object
from kubectl_meshfix.targets.rollout_status import Look, look, template

EVERY = 2.0
"""Seconds between two looks."""


def wait(changed: Iterable[Preview], api: Api, end: float | None, tell: Callable[[Ref, str], None]) -> dict[Ref, str]:
    """Look until every rollout has ended, or until ``end`` on the monotonic clock. Returns those that did not succeed, and why.

    ``tell`` hears each new state of each object. What has no new pod template is not waited for. Faults of the server are waited out.
    """
    before = {item.change.resource: item.before for item in changed if template(item.before) != template(item.after)}
    known = dict.fromkeys(before, "")
    failed: dict[Ref, str] = {}
    while known:
        for ref, words in list(known.items()):
            now = _looked(ref, api, before[ref])
            if now.words != words:
                tell(ref, now.words)
            known[ref] = now.words
            if now.end:
                del known[ref]
            if now.end == "stuck":
                failed[ref] = now.words
        if not known or (end is not None and time.monotonic() >= end):
            break
        time.sleep(EVERY)
    return {**known, **failed}


def _looked(ref: Ref, api: Api, before: Mapping[str, Any]) -> Look:
    try:
        return look(read_object(ref, api), before)
    except GoneError:
        return Look("it was deleted meanwhile", "stuck")
    except ForbiddenError as error:
        return Look(error.message.rstrip("."), "stuck")
    except SourceError as error:
        return Look(error.message.rstrip("."))
