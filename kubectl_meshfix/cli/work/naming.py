"""What the words after a verb name: objects, or manifests without their ``-f``."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.options import SourceFlags
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.resources import kinds

Where = TypeVar("Where", bound=SourceFlags)

STDIN = "-"
_MANIFEST = (".yaml", ".yml", ".json")
_URL = r"(?i)[a-z][a-z0-9+.-]*://"
_RULE = r"(?i)(MF|IST|KIA)\d+"


def named(verb: str, words: Sequence[str], where: Where) -> tuple[list[str], Where]:
    """The objects among ``words``, and the flags with the files among them. Raises UsageError for what no verb takes.

    A word is a file or folder where it looks like one (``./x``, ``x/``, ``x.yaml``), and where it is one and names no kind. What follows a
    kind is a name: ``deploy cart`` is the Deployment cart, whatever else is called cart.
    """
    targets: list[str] = []
    files = list(where.filename or ())
    for word in words:
        if re.fullmatch(_RULE, word):
            raise _is_rule(verb, word)
        (files if is_path(word, is_name=bool(targets) and "/" not in targets[0]) else targets).append(word)
    if not files and (twofold := next((word for word in targets if os.path.isdir(word) and _names_kind(word)), "")):  # noqa: PTH112 -- as below
        console.say(f"{safe_line(twofold)} means objects of the cluster here. For the folder of this name: ./{safe_line(twofold)}")
    if where.kustomize:
        return targets, msgspec.structs.replace(where, filename=[_kustomization(where, files)])
    return targets, msgspec.structs.replace(where, filename=list(_expanded(verb, files)) or None)


def _kustomization(where: SourceFlags, files: Sequence[str]) -> str:
    """The folder of -k. Raises MeshfixError where it cannot be built, or does not stand alone."""
    from kubectl_meshfix.sources.kustomize.environments import must_be_kustomization  # noqa: PLC0415 -- only for -k

    if files or where.recursive:
        raise UsageError(f"-k and {'-R' if where.recursive else '-f'} cannot be used together.", "Leave one of them out.")
    must_be_kustomization(where.kustomize)
    return where.kustomize


def is_path(word: str, *, is_name: bool = False) -> bool:
    """Whether a word means a file, a folder, standard input or a URL; ``is_name`` where a kind stands before it."""
    if word == STDIN or _is_url(word) or word.startswith((".", "/", "~")) or word.endswith(("/", *_MANIFEST)):
        return True
    is_there = os.path.exists(word)  # noqa: PTH110 -- pathlib's raises for a name that is too long
    return not is_name and (is_there or bool(set(word) & set("*?"))) and not _names_kind(word)


def paths(verb: str, words: Iterable[str] | None) -> list[str]:
    """The values of ``-f``: apart at their commas, their globs expanded. Raises UsageError."""
    return list(_expanded(verb, words or ()))


def _is_url(word: str) -> bool:
    return "://" in word and re.match(_URL, word) is not None


def _names_kind(word: str) -> bool:
    return all(kinds.named(part) for part in word.partition("/")[0].split(","))


def _expanded(verb: str, words: Iterable[str]) -> Iterator[str]:
    """As ``kubectl``'s FilenameParam does (`cli-runtime/pkg/resource/builder.go`), but that a file's own comma is no separator."""
    for word in words:
        if _is_url(word):
            raise UsageError("URLs are not read.", f"Run: curl -fsSL {word} | kubectl meshfix {verb} -f -")
        for part in [word] if "," not in word or os.path.exists(word) else filter(None, word.split(",")):  # noqa: PTH110 -- as above
            if os.path.exists(part) or not set(part) & set("*?"):  # noqa: PTH110 -- as above
                yield part
                continue
            import glob  # noqa: PLC0415 -- for patterns alone

            found = sorted(glob.glob(part))  # noqa: PTH207 -- pathlib's takes no absolute pattern
            if not found:
                raise UsageError(f"No file matches {part}.", "Correct the pattern, or name a file or a folder.")
            yield from found


def _is_rule(verb: str, word: str) -> UsageError:
    page = f"kubectl meshfix rules {word.upper()}"
    alone = f" To run it alone: kubectl meshfix {verb} --select {word.upper()}." if verb != "explain" else ""
    return UsageError(f'"{word}" is a rule, not an object.', f"Its page: {page}.{alone}")
