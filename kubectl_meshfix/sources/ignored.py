"""What git passes over: ``.gitignore`` of a folder, of the folders above it up to the repository's root, and of those below."""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME = ".gitignore"

SECONDS = 10.0
"""For git to list its index."""


class IsIgnored(Protocol):
    """Whether git passes over a file or folder of ``parent``, a folder below the one that is searched."""

    def __call__(self, parent: str, name: str, *, is_folder: bool) -> bool:
        """Ask for one; folders have to be asked for before what is in them."""


def ignored_below(folder: str) -> IsIgnored:
    """The question for everything below a folder, which itself was named, and so is not passed over.

    As in `gitignore(5)`: the nearest file that says something of a path decides, and what was added to the repository all the same is
    not passed over, as far as there is a git to ask. Outside of a repository the files count too.
    """
    specs: dict[str, GitIgnoreSpec | None] = {}
    real = cache(os.path.realpath)
    top = real(folder)
    root = _root(top)

    @cache
    def tracked() -> frozenset[str]:
        return _tracked(top) if Path(root, ".git").exists() else frozenset()

    def is_ignored(parent: str, name: str, *, is_folder: bool) -> bool:
        here = real(parent)
        path = os.path.join(here, name) + ("/" if is_folder else "")  # noqa: PTH118
        while True:
            if here not in specs:
                specs[here] = _spec(here)
            if spec := specs[here]:
                said = spec.check_file(os.path.relpath(path, here) + ("/" if is_folder else "")).include
                if said is not None:
                    return said and path.rstrip("/") not in tracked()
            if here in (root, os.path.dirname(here)):  # noqa: PTH120
                return False
            here = os.path.dirname(here)  # noqa: PTH120

    return is_ignored


def _tracked(folder: str) -> frozenset[str]:
    """Files below a folder that are in git's index although a ``.gitignore`` names them, and the folders they are in."""
    from kubectl_meshfix.sources.programs import Output, run  # noqa: PLC0415 -- in repositories alone

    git = shutil.which("git")
    words = ("-c", "core.fsmonitor=", "-C", folder, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
    outcome = run([git, *words], seconds=SECONDS) if git else None
    files = outcome.text.split("\0") if isinstance(outcome, Output) else []
    paths = (Path(folder, file) for file in files if file)
    return frozenset(str(part) for path in paths for part in (path, *path.parents))


def _root(folder: str) -> str:
    """The root of the repository that a folder is in; the folder itself where it is in none."""
    found = (parent for parent in (Path(folder), *Path(folder).parents) if (parent / ".git").exists())
    return str(next(found, folder))


def _spec(folder: str) -> "GitIgnoreSpec | None":
    try:
        lines = (Path(folder) / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 -- most folders have no such file

    return GitIgnoreSpec.from_lines(lines)
