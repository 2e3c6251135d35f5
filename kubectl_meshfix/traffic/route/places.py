"""The places of routes, as people write them."""

import re
from functools import lru_cache

from kubectl_meshfix.chain.steps import Where

DEFAULT_ROUTE = "the default route"
"""The route that a host has without any VirtualService or HTTPRoute."""


@lru_cache(maxsize=16_384)
def place(at: Where | None) -> str:
    """``VirtualService shop/catalog http[0].match[1]`` for the pointer ``/spec/http/0/match/1`` of that object."""
    if at is None:
        return DEFAULT_ROUTE
    return f"{at.resource} {spot(at.path)}".rstrip()


def spot(path: str) -> str:
    """``http[0].match[1]`` for the pointer ``/spec/http/0/match/1``."""
    return re.sub(r"/(\d+)(?=/|$)", r"[\1]", path.removeprefix("/spec")).removeprefix("/").replace("/", ".")
