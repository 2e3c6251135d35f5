"""From paths to texts: files, directories and standard input."""

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.documents.reading.limited import TooLargeError, read_file, read_stream
from kubectl_meshfix.documents.reading.read import shortened
from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.sources.ignored import ignored_below
from kubectl_meshfix.sources.kustomizations import file_ref

EXTENSIONS = (".json", ".yaml", ".yml")
"""What a directory is searched for (`cli-runtime/pkg/resource/builder.go FileExtensions`)."""

KUSTOMIZATION = "Kustomization"
"""The one name without an extension that a directory is searched for too: kustomize takes it for a kustomization.yaml."""

EXPECTATION = re.compile(r"\d+-(?:assert|errors)(?:-[^.]+)?\.ya?ml")
"""What KUTTL compares a cluster with: parts of objects, which nobody applies (`kuttl/pkg/test/step.go populateObjectsByFileName`)."""

STDIN = "-"

CHART = "Chart.yaml"


NOT_ENTERED = frozenset({"node_modules", "vendor"})
"""Folders of what others wrote. Hidden ones, such as ``.git`` and ``.terraform``, are not entered either."""


class Texts(msgspec.Struct, frozen=True):
    """Texts by file name, what is wrong with files, and how many files and folders ``.gitignore`` names."""

    texts: dict[str, str]
    problems: list[Problem]
    ignored: int = 0


class _Search(msgspec.Struct, frozen=True):
    """How folders are searched, and what was found out on the way."""

    recursive: bool
    ignore: bool
    read: set[str]
    problems: list[Problem]
    ignored: list[str]


def read_texts(paths: Sequence[str], *, recursive: bool, ignore: bool = True, helm: bool = False) -> Texts:
    """Texts by file name, each file once however often it is named, and what is no text.

    In folders, with ``ignore``, files that git ignores are passed over. Raises SourceError for a path that cannot be read.
    """
    texts: dict[str, str] = {}
    search = _Search(recursive, ignore, set(), [], [])
    for path in paths:
        for name, content in _contents(path, search):
            text = _decoded(name, content, search.problems)
            if text is not None:
                texts[name] = shortened(text)
    problems = [*search.problems, *_charts(texts, helm=helm)]
    return Texts(texts, problems, len(search.ignored))


def _contents(path: str, search: _Search) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files that a path stands for, but for those that were read, to which they are added."""
    if path == STDIN:
        if STDIN not in search.read:
            search.read.add(STDIN)
            try:
                yield STDIN, read_stream(sys.stdin.buffer, STDIN)
            except TooLargeError as error:
                raise _too_large("Standard input", error) from error
        return
    is_folder = os.path.isdir(path)  # noqa: PTH112 -- pathlib's raises where a folder above forbids to look
    for file, place in _manifests_in(path, search) if is_folder else [(str(Path(path)), os.path.realpath(path))]:
        if place in search.read:
            continue
        search.read.add(place)
        try:
            content = read_file(file)
        except TooLargeError as error:
            raise _too_large(file, error) from error
        except FileNotFoundError as error:
            if not is_folder:
                raise SourceError(f"{path} does not exist.", "Name a file, a directory, or - for standard input.") from error
            search.problems.append(_unread(file, "its target does not exist"))
        except OSError as error:
            if not is_folder:
                raise SourceError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
            search.problems.append(_unread(file, f"it cannot be read: {error.strerror}"))
        else:
            yield file, content


def _too_large(name: str, error: TooLargeError) -> SourceError:
    reason = str(error.strerror).removeprefix("it ")
    return SourceError(f"{name} {reason}, which is the most that is read of one file.", "Split it, or name fewer objects.")


def _manifests_in(folder: str, search: _Search) -> Iterator[tuple[str, str]]:
    """Regular files and links in a folder, and what they lead to; to open anything else, such as a named pipe, may take forever."""

    def refused(error: OSError) -> None:
        search.problems.append(_unread(str(error.filename), f"the folder cannot be read: {error.strerror}"))

    is_ignored = ignored_below(folder) if search.ignore else None
    for parent, folders, files in os.walk(folder, onerror=refused):
        inside = sorted(name for name in folders if not name.startswith(".") and name not in NOT_ENTERED) if search.recursive else []
        folders[:] = [name for name in inside if is_ignored is None or not is_ignored(parent, name, is_folder=True)]
        here, place = str(Path(parent, "_"))[:-1], os.path.realpath(parent)
        for name in sorted(files):
            file = here + name
            if not is_manifest_name(name) or not _is_regular(file):
                continue
            if is_ignored and is_ignored(parent, name, is_folder=False):
                search.ignored.append(file)
            else:
                yield file, os.path.realpath(file) if os.path.islink(file) else os.path.join(place, name)  # noqa: PTH114, PTH118
        search.ignored.extend(os.path.join(parent, name) for name in inside if name not in folders)  # noqa: PTH118


def _is_regular(file: str) -> bool:
    """Whether a name in a folder is a regular file's, or a link's that leads to one or nowhere."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)  # noqa: PTH116 -- a Path for each of very many files takes longer than the rest
    except OSError:
        return not Path(file).exists()


def is_manifest_name(name: str) -> bool:
    """Whether a folder is searched for files of this name."""
    return name == KUSTOMIZATION or (name.lower().endswith(EXTENSIONS) and not EXPECTATION.fullmatch(name))


def _unread(name: str, reason: str) -> Problem:
    place = Location(file=name, line=1, column=1)
    return Problem(resource=file_ref(name), path="", reason=reason, location=place, level="warning", hides=True)


def _decoded(name: str, content: bytes, problems: list[Problem]) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = "it is not UTF-8 text"
    else:
        if "\0" not in text:
            return text
        line, reason = text.count("\n", 0, text.index("\0")) + 1, "it is a binary file"
    place = Location(file=name, line=line, column=1)
    problems.append(Problem(resource=file_ref(name), path="", reason=reason, location=place, hides=True))
    return None


def _charts(texts: dict[str, str], *, helm: bool) -> Iterator[Problem]:
    """Take templates of Helm charts out of ``texts``. What a chart renders to stands in place of its Chart.yaml, or else a problem."""
    rooms = [str(Path(name).parent) for name in texts if name.endswith(CHART) and Path(name).name == CHART]
    if not rooms:
        return
    from kubectl_meshfix.sources import charts  # noqa: PLC0415 -- few folders have one

    templates = [name for name in texts if _is_template(name, texts[name], rooms)]
    for name in templates:
        del texts[name]
    program = charts.find_helm() if helm else None
    for chart in charts.outermost(rooms):
        has_templates = any(Path(chart) in Path(name).parents for name in templates)
        if charts.is_library(chart) or not (has_templates or helm):
            continue
        outcome = charts.render(chart, program) if program else None
        match outcome:
            case charts.Rendered(text=text):
                texts[str(Path(chart) / CHART)] = text
            case charts.Unrendered(reason=reason):
                yield charts.not_rendered(chart, asked=True, reason=reason)
            case None:
                yield charts.not_rendered(chart, asked=helm)


def _is_template(name: str, text: str, rooms: Sequence[str]) -> bool:
    """Whether a file of a chart is rendered before anybody reads it."""
    inside = [room for room in rooms if Path(room) in Path(name).parents]
    return any(Path(room, "templates") in Path(name).parents for room in inside) or bool(inside and "{{" in text)
