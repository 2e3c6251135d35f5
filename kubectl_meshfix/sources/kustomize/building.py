"""What a folder builds: `kubectl kustomize`, with nothing allowed that it does not do by itself."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.programs import MAX_BYTES, SECONDS, Failed, Output, run


class Builder(Struct, frozen=True):
    """The program that builds, with the words before the folder."""

    command: tuple[str, ...]


def find_builder(environ: Mapping[str, str] = os.environ) -> Builder | None:
    """kubectl, whose plug-in this is, else kustomize itself; None where neither is on the path."""
    for name, words in (("kubectl", ("kustomize",)), ("kustomize", ("build",))):
        if program := shutil.which(name, path=environ.get("PATH", "")):
            return Builder(command=(program, *words))
    return None


def build(builder: Builder, folder: str, *, seconds: float = SECONDS, most: int = MAX_BYTES) -> Output | Failed:
    """What kustomize makes of a folder. Flags that allow plug-ins, functions or charts are never given."""
    outcome = run([*builder.command, os.path.realpath(folder)], seconds=seconds, most=most)
    if isinstance(outcome, Output):
        return outcome
    return Failed(reason=_said(outcome.reason, folder), is_missing=outcome.is_missing or 'unknown command "kustomize"' in outcome.reason)


def _said(words: str, folder: str) -> str:
    """Kustomize's own words: the innermost cause, without the program's frame and with paths from the folder."""
    lines = [line for line in words.splitlines() if not line.startswith("# Warning") and not re.match(r"^W\d{4} ", line)]
    text = " ".join(" ".join(lines).split())
    text = re.sub(r'^E\d{4} \S+ +\d+ \S+\] "command failed" err=<? ?', "", text).removesuffix(" >").strip('"')
    text = text.removeprefix("error: ").removeprefix("Error: ")
    root = os.path.realpath(folder)
    return _innermost(text).replace(f"{root}{os.sep}", "").replace(root, ".").rstrip(".")


def _innermost(text: str) -> str:
    """What went wrong, of a chain of ``accumulating resources: … recursed accumulation of path '…': …``."""
    cause = re.split(r"recursed accumulation of path '[^']*': ", text)[-1]
    return re.sub(r"^accumulating (?:resources|components)(?: from '[^']*')?: ", "", cause)


def command(folder: str, *flags: str) -> str:
    """What a person types to have a folder checked that was not built here."""
    words: Sequence[str] = ("kubectl", "kustomize", *flags, folder)
    return f"{' '.join(words)} | kubectl meshfix diagnose -f -"
