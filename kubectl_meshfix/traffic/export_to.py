"""Which namespaces an ``exportTo`` means."""

from collections.abc import Iterable

EVERYWHERE, NOWHERE, HERE = "*", "~", "."


def exported(exports: Iterable[str], own: str) -> frozenset[str]:
    """The namespaces that an ``exportTo`` of an object in ``own`` means, or ``*``; none for ``~``.

    ``*`` decides over all others, then ``~`` (`pilot/pkg/model/push_context.go initServiceRegistry`).
    """
    words = frozenset(exports)
    if EVERYWHERE in words:
        return frozenset({EVERYWHERE})
    return frozenset() if NOWHERE in words else frozenset(own if word == HERE else word for word in words)
