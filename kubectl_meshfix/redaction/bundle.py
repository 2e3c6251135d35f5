"""What of a mesh somebody else needs to see its findings again, disguised: the objects, and what is to be found in them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

import msgspec
import yaml

from kubectl_meshfix import __version__, scope
from kubectl_meshfix.mesh.control_plane import SYSTEM_NAMESPACE
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.redaction.disguise import Disguise
from kubectl_meshfix.redaction.redact import redacted
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Pod
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.rules import RULES

Marks = Counter[tuple[str, str]]
"""How often a code is found at an object, which is named as a bundle names it."""


class Reach(IntEnum):
    """How far from the findings objects are taken."""

    NEAR = 0
    MENTIONED = 1
    EVERYWHERE = 2


def needed(meshes: Meshes, rows: Sequence[Diagnosis], reach: Reach) -> list[Object]:
    """The objects that findings are about, and those of the kinds that their rules read: in the same namespaces and in Istio's own.

    With more ``reach``, also in the namespaces that the first name, or in all. Of several pods of one owner the first is enough, unless
    more have findings. No Secret is among them, and of ConfigMaps only Istio's are.
    """
    codes, named = {row.code for row in rows}, {row.resource.key for row in rows}
    read = {kind for rule in RULES if rule.code in codes for kind in (*rule.inputs, *rule.optional)}.union(scope.INPUTS)
    structs = {kind.struct for kind in read - {kinds.SECRET}}
    wanted = [obj for obj in meshes.objects if type(obj) in structs and (not isinstance(obj, ConfigMap) or obj.name.startswith("istio"))]
    if reach is not Reach.EVERYWHERE:
        homes = {row.resource.namespace or "" for row in rows} | {SYSTEM_NAMESPACE, ""}
        if reach is Reach.MENTIONED:
            homes |= _mentioned([obj for obj in wanted if obj.ref.key in named], {obj.namespace for obj in wanted})
        wanted = [obj for obj in wanted if (obj.metadata.namespace or "") in homes]
    return list(_thinned(wanted, named))


def _mentioned(objects: Iterable[Object], namespaces: set[str]) -> set[str]:
    """The namespaces whose names are a part of what stands in some objects, as in a host."""
    return namespaces.intersection(re.findall(r"[\w-]+", msgspec.json.encode(list(objects)).decode()))


def _thinned(objects: Iterable[Object], named: set[tuple[str, str, str, str, int]]) -> Iterator[Object]:
    seen = set()
    for obj in objects:
        owner = obj.metadata.controller if isinstance(obj, Pod) else None
        mark = (obj.namespace, owner.kind, owner.name) if owner else None
        if mark is None or obj.ref.key in named or mark not in seen:
            yield obj
        if mark:
            seen.add(mark)


def marks(rows: Iterable[Diagnosis], disguise: Disguise | None) -> Marks:
    """The findings as a bundle lists them; without a disguise, of the bundle itself."""
    return Counter((row.code, named(row.resource, disguise)) for row in rows)


def named(ref: Ref, disguise: Disguise | None) -> str:
    """An object as a bundle names it."""
    return f"{ref.kind} {disguise.text(ref.path) if disguise else ref.path}"


def document(objects: Iterable[Object], disguise: Disguise) -> str:
    """The objects as YAML that kubectl meshfix can read."""
    return yaml.safe_dump_all([redacted(obj, disguise) for obj in objects], sort_keys=False, allow_unicode=True, width=120)


def headed(text: str, wanted: Marks, found: Marks) -> str:
    """A bundle, which says above its objects what they are, what is to be found in them, and what is not found in them any more."""
    lines = [
        f"A bundle of kubectl meshfix {__version__}: what findings are about, and what their rules look at. No Secret is in it.",
        "Words are replaced, each by the same one everywhere. Kept: keys, small numbers, and the words that the rules compare with.",
        "",
        *(f"{code} {name}{'' if (code, name) in found else '   (not found in this bundle)'}" for code, name in sorted(wanted)),
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines) + "---\n" + re.sub(r"\A---\n", "", text)
