"""The simple commands of a container: each program with its words, as a shell would run them."""

import re
from collections.abc import Iterator, Sequence

from kubectl_meshfix.injection.early.addresses import SOCKET
from kubectl_meshfix.resources.core import Container

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_SEPARATORS = r"[;&|\n(){}`]"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_BEFORE_A_COMMAND = frozenset({"!", "do", "elif", "else", "env", "exec", "if", "nohup", "sudo", "then", "time", "until", "while", "xargs"})
_DURATION = r"[0-9.]+[smhd]?"
_QUOTES = "\"'"


def commands(container: Container) -> Iterator[tuple[str, ...]]:
    """The words of each simple command, the program first and without its folder; variables with known values are replaced by them.

    Without ``command`` the arguments are the image's own, and the first of them need not be a program.
    """
    words = tuple(_substituted(container, word) for word in (*container.command, *container.args))
    script = _script(words)
    if script is None:
        yield from _command(words)
        return
    for part in re.split(_SEPARATORS, _without_here_documents(script)):
        yield from _command(part.split())


def _script(words: Sequence[str]) -> str | None:
    """The text that a shell is given with ``-c``; None where it is no shell that is run."""
    if not words or words[0].rpartition("/")[2] not in _SHELLS:
        return None
    for index, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return words[index + 1] if len(words) > index + 1 else None
        if not word.startswith("-"):
            break
    return None


def _without_here_documents(script: str) -> str:
    """A script without its comments and without the texts that it hands to programs."""
    kept: list[str] = []
    end = ""
    for line in script.replace("\\\n", " ").splitlines():
        if end:
            end = "" if line.strip() == end else end
            continue
        _, here, rest = line.partition("<<")
        if here and not rest.startswith("<"):
            end = rest.lstrip("-").strip().partition(" ")[0].strip(_QUOTES)
        if not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept)


def _command(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    bare = [stripped for word in words if (stripped := word.strip(_QUOTES))]
    while bare and (bare[0] in _BEFORE_A_COMMAND or _is_assignment(bare[0])):
        del bare[0]
    if bare and bare[0] == "timeout":
        start = next((index for index, word in enumerate(bare) if re.fullmatch(_DURATION, word)), 0)
        bare = bare[start + 1 :]
    if bare and bare[0].rpartition("/")[2] in _SHELLS and "-c" in bare:
        yield from _command(bare[bare.index("-c") + 1 :])
    elif bare:
        is_address = "://" in bare[0] or SOCKET in bare[0]
        yield bare[0] if is_address else bare[0].rpartition("/")[2], *bare[1:]


def _is_assignment(word: str) -> bool:
    name, sign, _ = word.partition("=")
    return bool(sign) and re.fullmatch(_NAME, name) is not None


def _substituted(container: Container, word: str) -> str:
    if "$" not in word:
        return word
    for variable in sorted(container.env, key=lambda item: -len(item.name)):
        if variable.value and variable.name:
            for spelt in (f"${{{variable.name}}}", f"$({variable.name})", f"${variable.name}"):
                word = word.replace(spelt, variable.value)
    return word
