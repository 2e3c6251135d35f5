"""``test --init``: a first file of expectations, which holds as things are."""

from collections.abc import Sequence
from pathlib import Path

from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.work.tracing import read
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.expectations.drafts.drafting import drafts
from kubectl_meshfix.expectations.drafts.terms import Draft, NoDraft, RequestDraft, WorkloadDraft
from kubectl_meshfix.expectations.running import run
from kubectl_meshfix.expectations.terms import Asked, Injected, Verdict
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.injection import chain
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.render.expectations.first_file import first_file
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.trace import inputs


def must_not_exist(file: str) -> None:
    """Raise UsageError for a file that is there: nothing is overwritten."""
    if Path(file).exists():
        raise UsageError(
            f"{file} exists, and is not overwritten.", "Name another file, or leave the name out to see what would be written."
        )


def first(connection: ConnectionFlags, where: SourceFlags) -> str:
    """The file as text. Raises MeshfixError."""
    source, namespace = read(connection, where, {*inputs.INPUTS, *chain.INPUTS, *kinds.WORKLOADS})
    return first_of(source.snapshot.meshes, namespace)


def first_of(meshes: Meshes, namespace: str | None) -> str:
    """The same of meshes that were read, of one namespace or of all."""
    return first_file(_tried(meshes, list(drafts(meshes, namespace))))


def write(file: str, text: str) -> None:
    """Write a file that is not there yet, in a folder that may not be there either. Raises UsageError."""
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.", "Name another file.") from error


def _tried(meshes: Meshes, found: Sequence[Draft]) -> list[Draft]:
    """The drafts as they are read back and held against the meshes: one that does not hold, in any of them, is none."""
    kept: list[Draft] = []
    for draft in found:
        if isinstance(draft, NoDraft) or _holds(meshes, draft):
            kept.append(draft)
        else:
            title = draft.title if isinstance(draft, RequestDraft) else f"{draft.workload} in {draft.namespace}"
            kept.append(NoDraft(title=title, why="copies of these objects differ, or what is written means another request"))
    return kept


def _holds(meshes: Meshes, draft: RequestDraft | WorkloadDraft) -> bool:
    """Whether a draft means what it was made of, once it is written; in one mesh that was seen to hold."""
    try:
        (read_back,) = parse_expectations(first_file([draft]), "draft")
    except UsageError:
        return False
    if len(meshes) == 1 and _is_same(read_back.about, draft):
        return True
    return all(outcome.worst.verdict is Verdict.HOLDS for outcome in run(meshes, [read_back]))


def _is_same(about: Asked | Injected, draft: RequestDraft | WorkloadDraft) -> bool:
    match about, draft:
        case Asked(request=request, expected=expected), RequestDraft():
            return (request, expected) == (draft.request, draft.expected)
        case Injected(), WorkloadDraft():
            return True
    return False
