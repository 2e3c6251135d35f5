"""``--proxies``: what istiods and proxies answer, as a part of the snapshot."""

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.flags.asking import ALL
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.report import Asked
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Struct

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection


class Wanted(Struct, frozen=True):
    """That proxies are to be asked; ``largest`` is how many of them, None for all."""

    largest: int | None = None


def wanted_proxies(word: str, *, alone: bool) -> Wanted | None:
    """What the flag asks for, None where it was not given. Raises UsageError for no number, and for manifests ``alone``."""
    if not word:
        return None
    if word != ALL and not (word.isascii() and word.isdecimal() and len(word) < 10 and int(word) > 0):
        raise UsageError(f'"--proxies={word}" is no number of proxies.', "Write --proxies for all of them, or --proxies=50.")
    if alone:
        raise UsageError(
            "--proxies asks the proxies of a cluster, and -f reads only files.",
            "Name the cluster with --context, or leave --proxies out.",
        )
    return Wanted(largest=None if word == ALL else int(word))


def with_answers(meshes: Meshes, wanted: Wanted | None, api: "Callable[[], Connection]", everyone: Sequence[Pod]) -> Meshes:
    """The snapshot with what istiods and the proxies of these pods answer."""
    if wanted is None:
        return meshes
    from kubectl_meshfix.sources.proxies.gathering import gather  # noqa: PLC0415 -- few runs ask

    with contextlib.ExitStack() as shown:
        answers = gather(
            api(),
            meshes.first,
            everyone,
            largest=wanted.largest,
            progress=lambda total: shown.enter_context(progress.steps("Asking", total)),
        )
    return meshes.map(lambda mesh: mesh.with_answers(answers))


def asked(meshes: Meshes, wanted: Wanted | None, everyone: Sequence[Pod]) -> Asked | None:
    """What a report says of it; None where there is nobody to ask."""
    if wanted is None:
        return Asked(is_wanted=False, of=len(everyone)) if everyone else None
    answers = meshes.first.answers
    istiods = {row.pod for row in answers.istiods} | {row.istiod for row in answers.connected}
    return Asked(
        istiods=len(istiods),
        proxies=len(answers.proxies),
        of=answers.of,
        sample=wanted.largest if wanted.largest is not None and wanted.largest < answers.of else None,
        missing=answers.missing,
    )
