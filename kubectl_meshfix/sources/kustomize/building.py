"""What a folder builds: `kubectl kustomize`, with nothing allowed that it does not do by itself."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.programs import MAX_BYTES, SECONDS, Failed, Output, run

EMPTY = "kustomization.yaml is empty"
"""What kustomize says of one that names nothing, whatever its file is called (`kustomize/api/types/kustomization.go CheckEmpty`)."""


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
    is_missing = outcome.is_missing or 'unknown command "kustomize"' in outcome.reason
    return Failed(reason=_said(outcome.reason, folder), is_missing=is_missing, is_late=outcome.is_late)


def _said(words: str, folder: str) -> str:
    """Kustomize's own words: the innermost cause, without the program's frame and with paths from the folder."""
    lines = [line for line in words.splitlines() if not line.startswith("# Warning") and not re.match(r"^W\d{4} ", line)]
    text = " ".join(" ".join(lines).split())
    text = re.sub(r'^E\d{4} \S+ +\d+ \S+\] "command failed" err=(?:< ?(.*) >|"(.*)")$', r"\1\2", text)
    text = text.removeprefix("error: ").removeprefix("Error: ").replace('\\"', '"')
    text = re.sub(
        r'resid\.ResId\{Gvk:resid\.Gvk\{Group:"[^"]*", Version:"[^"]*", Kind:"(\w+)"[^{}]*\}, Name:"([^"]*)"[^{}]*\}', r"\1 \2", text
    )
    text = re.sub(r" ?&\{0x[0-9a-f]+ <nil>\}", "", text)  # an address, and so another text in each run
    root = os.path.realpath(folder)
    said = _absent(text, root) or _innermost(text)
    said = said.replace(f"{root}{os.sep}", "").replace(root, ".").rstrip(".")
    return re.sub(r"(?<=')/[^']*", lambda path: os.path.relpath(path[0], root), said)


def _absent(text: str, root: str) -> str:
    """Which entry is not there, where that is what went wrong: kustomize says it several times over, with whole paths."""
    entries = re.findall(r"accumulating (?:resources|components) from '([^']*)'", text)
    inside = re.findall(r"recursed accumulation of path '([^']*)'", text)
    cause = re.split(r"recursed accumulation of path '[^']*': ", text)[-1]
    if not entries or f"'{entries[-1]}'" not in cause:
        return ""
    name = f"{entries[-1]}, which {os.path.relpath(inside[-1], root)} names," if inside else entries[-1]
    if "unable to find one of 'kustomization.yaml'" in cause:
        return f"{name} has no kustomization.yaml"
    return f"{name} does not exist" if "no such file or directory" in cause and "must build at directory" in cause else ""


def _innermost(text: str) -> str:
    """What went wrong, of a chain of ``accumulating resources: … recursed accumulation of path '…': …``."""
    cause = re.split(r"recursed accumulation of path '[^']*': ", text)[-1]
    cause = re.sub(r"^accumulating (?:resources|components)(?: from '[^']*')?: ", "", cause)
    cause = re.sub(
        r"^trouble configuring builtin \w+ with config: `[^`]*`: (?:failed to get the patch file from path\([^)]*\): )?", "", cause
    )
    return re.sub(r"evalsymlink failure on '([^']*)' : lstat [^:]*: no such file or directory", r"\1 does not exist", cause)


def command(folder: str, *flags: str) -> str:
    """What a person types to have a folder checked that was not built here."""
    words: Sequence[str] = ("kubectl", "kustomize", *flags, folder)
    return f"{' '.join(words)} | kubectl meshfix diagnose -f -"
