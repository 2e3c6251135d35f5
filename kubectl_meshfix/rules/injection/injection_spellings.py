"""What people write for the labels of injection, and what they mean by it."""

import difflib
import functools
from collections.abc import Mapping

from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL

NAMESPACE_KEYS = (INJECTION, REVISION_LABEL, DATAPLANE_MODE)
"""The labels of a namespace that bring its pods into the mesh."""

POD_KEYS = (INJECT, REVISION_LABEL, DATAPLANE_MODE)
"""The labels of a pod that do."""

_YES = frozenset({"enabled", "enable", "true", "yes", "y", "on", "1"})
_NO = frozenset({"disabled", "disable", "false", "no", "n", "off", "0"})
_INVENTED = frozenset(
    f"{domain}{word}"
    for domain in ("istio-", "istio.io/", "istio-sidecar-", "istio.io/sidecar-", "sidecar.istio.io/", "istio-proxy-", "istio-auto-")
    for word in ("inject", "injection", "injected", "injector", "inject-enabled", "injection-enabled")
)
_INVENTED_REVISIONS = frozenset({"istio.io/revision", "istio-rev", "istio-revision", "istio/rev"})
_LIKENESS = 0.91
"""Above it, two keys differ in a letter or two; `istio.io/tag` and `istio.io/rev` stay far below."""


def meaning(value: str) -> bool | None:
    """Whether a value is meant to bring a sidecar or to keep it away; None for what could mean anything."""
    word = value.strip().lower()
    return True if word in _YES else False if word in _NO else None


def is_placeholder(value: str) -> bool:
    """Whether a template's engine is still to put a value here: `{{ … }}`, `${…}`, `$(…)`."""
    return any(mark in value for mark in ("{{", "${", "$("))


def asks(key: str, value: str) -> bool | None:
    """Whether a label, by its right key, is meant to bring the mesh or to keep it away."""
    if key == REVISION_LABEL:
        return True if value else None
    if key == DATAPLANE_MODE:
        return {"ambient": True, "none": False}.get(value)
    return meaning(value)


def namespace_key(key: str) -> str | None:
    """The namespace label that a key was meant to be; None for the labels themselves and for what has nothing to do with them."""
    return _meant(key, NAMESPACE_KEYS)


def pod_key(key: str) -> str | None:
    """The pod label that a key was meant to be; None for the labels themselves and for what has nothing to do with them."""
    meant = INJECTION if key == INJECTION else _meant(key, (*POD_KEYS, INJECTION))
    return INJECT if meant == INJECTION else meant


def of_namespace(labels: Mapping[str, str]) -> frozenset[str]:
    """The keys among a namespace's labels that say, or try to say, something of the mesh."""
    return frozenset(key for key in labels if key in NAMESPACE_KEYS or namespace_key(key))


@functools.cache
def _meant(key: str, known: tuple[str, ...]) -> str | None:
    plain = key.lower().replace("_", "-")
    if key in known or not ("istio" in plain or "inject" in plain) or plain.startswith(tuple(f"{name}-" for name in known)):
        return None
    if plain in _INVENTED:
        return known[0]
    if plain in _INVENTED_REVISIONS:
        return REVISION_LABEL
    return next(iter(difflib.get_close_matches(plain, known, n=1, cutoff=_LIKENESS)), None)
