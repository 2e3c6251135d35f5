"""Environments as they are built: their objects, and what could not be built."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.documents.reading.document_bounds import chunks
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomize.building import Builder, build, command
from kubectl_meshfix.sources.kustomize.tree import Environment, Tree
from kubectl_meshfix.sources.programs import SECONDS, Failed, Output

AT_ONCE = 2
"""Folders that are built at the same time."""

_API_VERSION = re.compile(r"^apiVersion: ['\"]?([^'\"\s]+)", re.MULTILINE)
_KIND = re.compile(r"^kind: ['\"]?([^'\"\s]+)", re.MULTILINE)
_NAME = re.compile(r"^metadata:\n(?:[ -].*\n|\n)*?  name: ['\"]?([^'\"\s]+)", re.MULTILINE)
_NAMESPACE = re.compile(r"^metadata:\n(?:[ -].*\n|\n)*?  namespace: ['\"]?([^'\"\s]+)", re.MULTILINE)


class Identity(NamedTuple):
    """Names an object in what one folder builds."""

    group: str
    kind: str
    namespace: str
    name: str


class BuiltObject(msgspec.Struct, frozen=True):
    """One object as kustomize wrote it. Kustomize writes keys in order and never twice, so that equal objects are equal texts."""

    identity: Identity
    api_version: str
    text: str

    @property
    def is_read(self) -> bool:
        """Whether it is of a kind that anybody here reads; the others are only ever compared."""
        return kinds.of(self.api_version, self.identity.kind) is not None

    @property
    def value(self) -> Any:
        """Its fields, as Kubernetes would read them."""
        return read(self.text).documents[0].value


class BuiltEnvironment(Struct, frozen=True):
    """What a folder builds, object by object."""

    environment: Environment
    objects: tuple[BuiltObject, ...]


class FailedEnvironment(Struct, frozen=True):
    """A folder that was not built, why, and the command that would check it. ``is_remote``: it was not tried. ``is_late``: it took
    too long, which tells nothing about its files.
    """

    environment: Environment
    reason: str
    command: str
    is_remote: bool = False
    is_builder_missing: bool = False
    is_late: bool = False


class Builds(Struct, frozen=True):
    """What was built, and the environments that were not. Parts of those that were not built either are not named again."""

    built: tuple[BuiltEnvironment, ...]
    failed: tuple[FailedEnvironment, ...]

    @property
    def is_builder_missing(self) -> bool:
        """Whether the program turned out to be unable to build at all."""
        return any(one.is_builder_missing for one in self.failed)


def build_all(tree: Tree, environments: Sequence[Environment], builder: Builder, *, seconds: float = SECONDS) -> Builds:
    """Build environments, each once; where one cannot be built, what it builds on is looked at in its place, unless it was only late.

    The parts of one that cannot be built are not looked at again where another environment that can be built has them too.
    """
    built: dict[str, BuiltEnvironment] = {}
    failed: dict[str, FailedEnvironment] = {}
    pending = list(environments)
    while pending:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda one: build_one(one, builder, seconds=seconds), pending))
        for environment, outcome in zip(pending, outcomes, strict=True):
            if isinstance(outcome, FailedEnvironment):
                failed[environment.key] = outcome
            else:
                built[environment.key] = outcome
        covered = {part.key for one in built.values() for part in one.environment.parts}
        below = {one.key: one for row in pending if row.key in failed and not failed[row.key].is_late for one in tree.below(row)}
        pending = [one for key, one in below.items() if key not in covered and key not in failed]
    return Builds(built=tuple(built.values()), failed=tuple(one for one in failed.values() if not one.environment.instead_of))


def build_one(environment: Environment, builder: Builder, *, seconds: float = SECONDS) -> BuiltEnvironment | FailedEnvironment:
    """One environment's objects; what would go to the network is not tried."""
    if environment.remote:
        rest = len(environment.remote) - 1
        more = f" and {rest} more, which are" if rest else ", which is"
        reason = f"it builds on {environment.remote[0]}{more} not fetched"
        return FailedEnvironment(environment=environment, reason=reason, command=command(environment.folder), is_remote=True)
    match build(builder, environment.folder, seconds=seconds):
        case Failed(reason=reason, is_missing=is_missing, is_late=is_late):
            flags = ("--enable-helm",) if "--enable-helm" in reason else ()
            words = command(environment.folder, *flags)
            return FailedEnvironment(environment=environment, reason=reason, command=words, is_builder_missing=is_missing, is_late=is_late)
        case Output(text=text):
            return BuiltEnvironment(environment=environment, objects=tuple(objects_of(text)))


def objects_of(text: str) -> Iterator[BuiltObject]:
    """The objects of kustomize's output, which has one in a document. Only their names are read here: most of it may be definitions."""
    for chunk in chunks(text):
        own = text[chunk.start : chunk.end].removeprefix("---\n")
        version, kind = _API_VERSION.search(own), _KIND.search(own)
        if not version or not kind:
            continue
        name, namespace = _NAME.search(own), _NAMESPACE.search(own)
        identity = Identity(
            group=version[1].rpartition("/")[0],
            kind=kind[1],
            namespace=namespace[1] if namespace else "",
            name=name[1] if name else "",
        )
        yield BuiltObject(identity=identity, api_version=version[1], text=own)
