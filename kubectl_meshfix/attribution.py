"""Which findings manifests are to blame for that were judged among the objects of a cluster."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.engine import Locate
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.meta import Object, Ref

CAUSED = "It is an object of the cluster, and these files cause this: change one or the other."
ELSEWHERE = "It also changes {}, which these files do not hold."
UNWRITTEN = "These files do not hold the label that it changes."

Before = Callable[[frozenset[str]], Report]
"""What rules of these codes say of the cluster as it is."""


class Laid(msgspec.Struct, frozen=True):
    """``files``, and the ``meshes`` in which they are laid over a ``cluster``, by its name; ``locate`` finds places in the files."""

    files: Meshes
    meshes: Meshes
    cluster: str
    locate: Locate


def attributed(report: Report, laid: Laid, before: Before) -> Report:
    """The report of manifests in a cluster, without what is none of their business.

    It keeps what rules find of objects of the files, and of live ones what they did not find before. The latter carry the cluster's
    name, and the place in the files that the fix would change or the evidence names, if there is one. A fix changes files alone; one that
    would change a live object is left to a person.
    """
    files, meshes = laid.files, laid.meshes
    live = [row for row in report.findings if _is_live(row.resource, meshes)]
    known = {_place(row) for row in before(frozenset(row.code for row in live)).findings} if live else set()

    def rows() -> Iterator[Diagnosis]:
        for row in report.findings:
            if not _is_live(row.resource, meshes):
                yield msgspec.structs.replace(row, fix=_of_files(row.fix, files, meshes))
            elif _place(row) not in known:
                yield _caused(row, laid)

    beside = Counter(str(kinds.of_object(obj)) for obj in meshes.objects if _is_live(obj.ref, meshes))
    return msgspec.structs.replace(report, findings=tuple(rows()), read=files.counts, beside=dict(sorted(beside.items())))


def _is_live(ref: Ref, meshes: Meshes) -> bool:
    return any(mesh.is_live(ref) for mesh in meshes.holding(ref))


def _place(row: Diagnosis) -> tuple[str, ...]:
    ref = row.resource
    return (row.code, ref.group, ref.kind, ref.namespace or "", ref.name, row.path)


def _caused(row: Diagnosis, laid: Laid) -> Diagnosis:
    """A finding about a live object that the files bring about."""
    fix = _of_files(row.fix, laid.files, laid.meshes)
    if fix is None or not fix.patches:
        blamed = _named(row, laid.files)
        where, path = blamed.ref if blamed else None, ""
        fix = row.fix and _by_hand(row.fix, CAUSED)
    else:
        where = fix.patches[0].resource
        path = next((operation.path for operation in fix.patches[0].operations if operation.op != "test"), "")
    return msgspec.structs.replace(row, cluster=laid.cluster, fix=fix, location=laid.locate(where, path) if where else None)


def _named(row: Diagnosis, files: Meshes) -> Object | None:
    """The object of the files that the evidence of a finding names, if there is one."""
    words = " ".join(row.evidence)
    return next((obj for obj in files.objects if re.search(rf"{re.escape(str(obj.ref))}(?![-\w.])", words)), None)


def _of_files(fix: Fix | None, files: Meshes, meshes: Meshes) -> Fix | None:
    """The fix, if files can take it."""
    if fix is None:
        return None
    if elsewhere := next((patch.resource for patch in fix.patches if not files.find(patch.resource)), None):
        return _by_hand(fix, ELSEWHERE.format(elsewhere))
    return _by_hand(fix, UNWRITTEN) if any(_is_unwritten(patch, files, meshes) for patch in fix.patches) else fix


def _by_hand(fix: Fix, why: str) -> Fix:
    return msgspec.structs.replace(fix, safety=Safety.MANUAL, patches=(), risk=None, why=fix.why or why)


def _is_unwritten(patch: Patch, files: Meshes, meshes: Meshes) -> bool:
    """Whether a patch is about labels that a Namespace has on the cluster alone."""
    written, there = files.find(patch.resource), meshes.find(patch.resource)
    if not isinstance(written, Namespace) or there is None or written.labels == there.labels:
        return False
    paths: Sequence[tuple[str, ...]] = [pointer.split(operation.path) for operation in patch.operations]
    labels = [path[2] for path in paths if path[:2] == ("metadata", "labels") and len(path) > 2]
    return not written.labels or any(label in there.labels and label not in written.labels for label in labels)
