"""From paths to texts: files, directories and standard input."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.snapshot import Location, Problem
from kubectl_meshfix.resources.meta import Ref

EXTENSIONS = (".json", ".yaml", ".yml")
"""What a directory is searched for (`cli-runtime/pkg/resource/builder.go FileExtensions`)."""

MAX_BYTES = 100 * 1024 * 1024
"""Of one file. The largest request an API server takes is 3 MiB, but a dump of a cluster is one file."""

STDIN = "-"


def read_texts(paths: Sequence[str], *, recursive: bool) -> tuple[dict[str, str], list[Problem]]:
    """Texts by file name, and what is no text. Raises SourceError for a path that cannot be read at all."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        for name, read_bytes in _files(path, recursive):
            text = _decoded(name, read_bytes(), problems)
            if text is not None:
                texts[name] = text
    problems += _charts(texts)
    return texts, problems


def file_ref(name: str) -> Ref:
    """Stands for a file in findings about no object."""
    return Ref("", "File", None, name)


def _files(path: str, recursive: bool) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Names and readers of the files that a path stands for."""
    if path == STDIN:
        yield STDIN, sys.stdin.buffer.read
        return
    given = Path(path)
    if not given.exists():
        raise SourceError(f"{path} does not exist.", "Name a file, a directory, or - for standard input.")
    try:
        for file in _manifests_in(given, recursive) if given.is_dir() else [given]:
            yield str(file), lambda file=file: _bytes(file)  # type: ignore[misc]
    except OSError as error:
        raise SourceError(f"{error.filename or path} cannot be read: {error.strerror}.") from error


def _bytes(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(
                f"{file} has {size // 2**20} MiB; at most {MAX_BYTES // 2**20} MiB are read.", "Split it, or name fewer objects."
            )
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _manifests_in(folder: Path, recursive: bool) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if recursive else []
        yield from (Path(parent) / name for name in sorted(files) if name.lower().endswith(EXTENSIONS))


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
    problems.append(Problem(resource=file_ref(name), path="", reason=reason, location=Location(file=name, line=line, column=1)))
    return None


def _charts(texts: dict[str, str]) -> Iterator[Problem]:
    """Take templates of Helm charts out of ``texts``; each chart is one problem instead of one a file."""
    charts = sorted((Path(name).parent for name in texts if Path(name).name == "Chart.yaml"), key=lambda path: -len(path.parts))
    for chart in charts:
        inside = [name for name in texts if chart in Path(name).parents]
        templates = [name for name in inside if chart / "templates" in Path(name).parents or "{{" in texts[name]]
        for name in templates:
            del texts[name]
        if templates:
            name = str(chart / "Chart.yaml")
            reason = f"its {len(templates)} templates have to be rendered first: helm template {chart} | kubectl meshfix diagnose -f -"
            yield Problem(resource=file_ref(name), path="", reason=reason, location=Location(file=name, line=1, column=1), level="info")
