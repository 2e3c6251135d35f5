"""Additions to manifests by chance: what Istio and Kubernetes read beside what an example shows, such as a label, a field or a policy."""

import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.variants.making import Variant, changed_once, chosen

Document: TypeAlias = dict[str, Any]
Fields: TypeAlias = Mapping[str, Sequence[Any]]
"""The values that may stand at a path."""

_ADDITIONS = yaml.safe_load(Path(__file__).with_name("additions.yaml").read_text("utf-8"))
_BESIDE: Sequence[Document] = _ADDITIONS["beside"]
_PODS = {"metadata": "metadata of pods", "spec": "spec of pods"}
_MAKERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
_POLICIES = frozenset({"PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"})
_ISTIO = frozenset({"VirtualService", "DestinationRule", "ServiceEntry", "Gateway", *_POLICIES})


def _fields(kind: str) -> Fields:
    """What may be added to an object of a kind."""
    rows: Mapping[str, Fields] = _ADDITIONS["fields"]
    found = dict(rows.get("policy" if kind in _POLICIES else kind, {}))
    if kind in _ISTIO:
        found.update(rows["any of Istio's"])
    if kind == "Pod" or kind in _MAKERS:
        above = "" if kind == "Pod" else "spec.template."
        found.update((f"{above}{field}.{path}", values) for field, name in _PODS.items() for path, values in rows[name].items())
    if kind in _MAKERS:
        found.update(rows["maker of pods"])
    return found


def enriched(documents: Sequence[Document], seed: str) -> Variant:
    """Manifests with one to three additions, and now and then one change."""
    rng = random.Random(f"{seed} enriched")
    made = deepcopy(list(documents))
    words = [_added(made, rng) for _ in range(1 + int(rng.random() * 3))]
    if rng.random() < 0.2:
        words.append(changed_once(made, rng))
    return Variant(made, tuple(words))


def _added(documents: list[Document], rng: random.Random) -> str:
    able = [document for document in documents if _fields(str(document.get("kind")))]
    if not able or rng.random() < 0.3:
        beside = deepcopy(chosen(rng, _BESIDE))
        documents[:] = [item for item in documents if _key(item) != _key(beside)]
        documents.append(beside)
        return f"beside {beside['kind']} {beside['metadata'].get('namespace', '')}/{beside['metadata']['name']} {_digits(beside)}".strip()
    document = chosen(rng, able)
    path, values = chosen(rng, list(_fields(document["kind"]).items()))
    value = deepcopy(chosen(rng, values))
    _put(document, list(_keys(path)), value)
    return f"{document['kind']} {document['metadata'].get('name')} {path} = {value!r}"


def _digits(beside: Document) -> str:
    """Which one of several of a name."""
    alike = [item for item in _BESIDE if _key(item) == _key(beside)]
    return str(alike.index(beside)) if len(alike) > 1 else ""


def _key(document: Document) -> tuple[Any, ...]:
    metadata = document.get("metadata") or {}
    return document.get("kind"), metadata.get("name"), metadata.get("namespace")


def _keys(path: str) -> Iterator[str]:
    """The keys of a path. What is behind labels or annotations is one key, whose own dots do not divide it."""
    for field in ("labels", "annotations"):
        above, found, key = f".{path}".partition(f".{field}.")
        if found:
            yield from filter(None, (*above.split("."), field, key))
            return
    yield from path.split(".")


def _put(document: Any, keys: Sequence[str], value: Any) -> None:
    """Set a value. Maps above it that are not there are made, items of lists are not."""
    here = document
    for key, below in pairwise(keys):
        if isinstance(here, list) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        elif isinstance(here, dict):
            if not isinstance(here.get(key), dict | list):
                here[key] = [] if below.isdecimal() else {}
            here = here[key]
        else:
            return
    if isinstance(here, dict):
        here[keys[-1]] = value
