"""What holds for every text and every operation: the value changes as RFC 6902 has it, and the text nowhere else."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.anchors import SpliceError, edit_target
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.editing.layout import entries, leads
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.documents.reading.nodes import Node
from kubectl_meshfix.documents.reading.read import find, read
from tests.documents.often import manifests, often
from tests.documents.writer import json_text, name, value, yaml_text

generators = st.randoms(use_true_random=True)  # seeded; drawing each choice from hypothesis takes ten times as long


def text_of(rng: random.Random) -> str:
    """A text with one document: YAML mostly, some JSON."""
    content = value(rng)
    return yaml_text(rng, content) if rng.random() < 0.8 else json_text(rng, content)


def real_document(rng: random.Random) -> str:
    """The text of one document that people wrote."""
    text = rng.choice(manifests())
    documents = read(text).documents
    return text[documents[0].start : documents[0].end] if documents else text_of(rng)


def pointers(content: object, prefix: str = "") -> list[str]:
    """A JSON pointer to every value."""
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [prefix, *(path for key, item in inside for path in pointers(item, prefix + pointer.join(key)))]


def operations_on(rng: random.Random, content: object) -> list[Operation]:
    """Operations as rules make them: one, one after the other, or a value in maps that do not exist yet."""
    if rng.random() < 0.2:
        return _in_new_maps(rng, rng.choice(pointers(content)))
    operations: list[Operation] = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        operations.append(operation_on(rng, content))
        content = patched(content, operations[-1:])
    return operations


def _in_new_maps(rng: random.Random, path: str) -> list[Operation]:
    operations: list[Operation] = []
    for key in ("metadata", "labels")[rng.randrange(2) :]:
        path += pointer.join(key)
        operations.append(Operation("add", path, {}))
    return [*operations, Operation("add", path + pointer.join("istio.io/rev"), rng.choice(["canary", "true", "1-27"]))]


def operation_on(rng: random.Random, content: object) -> Operation:
    """One operation; it may not fit."""
    path = rng.choice(pointers(content))
    match rng.choice(["replace", "replace", "remove", "add", "add", "label", "move", "copy"]):
        case "add":
            return Operation("add", path + pointer.join(rng.choice([name(rng), "-", "0", "1"])), value(rng, 2))
        case "label":
            return Operation("add", path + pointer.join("istio.io/rev"), rng.choice(["canary", "true", "1-27"]))
        case "replace":
            return Operation("replace", path, value(rng, 2))
        case "remove":
            return Operation("remove", path)
        case op:
            return Operation(op, path + rng.choice(["", "/-"]), from_=rng.choice(pointers(content)))  # type: ignore[arg-type]


@often(500)
@given(generators)
def test_what_is_written_is_read(rng: random.Random) -> None:
    """Whatever the style, a text is read as the value it was written from."""
    content = value(rng)
    text = yaml_text(rng, content) if rng.random() < 0.8 else json_text(rng, content)
    (document,) = read(text).documents
    assert same(document.value, content)


def empties(document: object, operations: list[Operation]) -> bool:
    """Whether a step leaves nothing of a document: then there is none any more to take the next step in."""
    return any(patched(document, operations[:count]) is None for count in range(1, len(operations) + 1))


def spliced(text: str, index: int, operations: list[Operation]) -> str | SpliceError:
    """The text after the operations, or why they are refused."""
    try:
        return splice(text, index, operations)
    except SpliceError as error:
        return error


@often(600)
@given(generators)
def test_splicing_is_patching(rng: random.Random) -> None:
    """Reading the edited text gives the patched value; only aliases can stand in the way. The documents around stay byte for byte."""
    text = text_of(rng)
    (document,) = read(text).documents
    try:
        operations = operations_on(rng, document.value)
        expected = patched(document.value, operations)
    except PatchConflictError:
        return
    before, after = ("a: |+\n  kept\n\n---\n", "---\n# next\nb: 1") if text.endswith("\n") and "%YAML" not in text else ("", "")
    before = rng.choice(["", "\ufeff"]) + before
    whole, index = before + text + after, len(before.strip("\ufeff") and "1")
    result = spliced(whole, index, operations)
    if isinstance(result, SpliceError):
        assert empties(document.value, operations) or ("anchor" in result.message and " *" in text)
        return
    assert result.startswith(before)
    assert result.endswith(after)
    (read_back,) = read(result[len(before) : len(result) - len(after)]).documents
    assert same(read_back.value, expected)


@often(150)
@given(generators)
def test_real_manifests_obey(rng: random.Random) -> None:
    """The same of manifests that people wrote: the document becomes the patched value, and the text around it stays."""
    text = rng.choice(manifests())
    documents = read(text).documents
    if not documents:
        return
    document = rng.choice(documents)
    try:
        operations = operations_on(rng, document.value)
        expected = patched(document.value, operations)
    except PatchConflictError:
        return
    result = spliced(text, document.index, operations)
    if isinstance(result, SpliceError):
        is_foreseen = "anchor" in result.message or "merge" in result.message
        assert is_foreseen or empties(document.value, operations), f"{operations}\n{result}\n{text}"
        return
    assert result.startswith(text[: document.start])
    assert result.endswith(text[document.end :])
    left = read(result).documents
    assert [same(one.value, other.value) for one, other in zip(documents, left, strict=True) if one is not document].count(False) == 0
    assert same(left[document.index].value, expected), f"{operations}\n{text}"


def touched(text: str, path: str) -> set[int]:
    """The lines that an edit at ``path`` may change, from 0: those of the entry, of brackets it is in, and of what it leaves empty."""
    (document,) = read(text).documents
    where = edit_target(document.node, pointer.split(path))
    flow = next((node for node in where.path if node.style == "flow"), None)
    node, index = where.path[-1], where.indices[-1]
    if flow is not None:
        return lines(text, flow.start, flow.end)
    rows = entries(text, node)
    if index is None:
        return set()
    entry = rows[index]
    own = lines(text, entry.start, entry.end)
    if not leads(text, entry.start) and index + 1 < len(rows):
        own |= lines(text, entry.start, rows[index + 1].start)
    if len(rows) == 1 and len(where.path) > 1:
        holder = entries(text, where.path[-2])[where.indices[-2] or 0]
        own |= lines(text, holder.start, holder.mark)
    return own


def lines(text: str, start: int, end: int) -> set[int]:
    """The lines between two offsets, both included."""
    return set(range(text.count("\n", 0, start), text.count("\n", 0, end) + 1))


@pytest.mark.parametrize("source", [text_of, real_document])
@often(300)
@given(generators)
def test_other_lines_stay(source: Callable[[random.Random], str], rng: random.Random) -> None:
    """Every line that an edit has no business with is there afterwards, in its order: comments, quotes, blanks, line ends and all."""
    text = source(rng)
    (document,) = read(text).documents
    operation = operation_on(rng, document.value)
    container, _, last = operation.path.rpartition("/")
    parent = find(document, container)
    if parent is None or operation.path == "" or operation.op in {"move", "copy"}:
        return
    try:
        result = splice(text, 0, [operation])
    except (SpliceError, PatchConflictError):
        return
    inserts = operation.op == "add" and parent.kind == "sequence"
    changed = touched(text, f"{container}/-" if inserts else operation.path)
    if inserts and last == "0":
        changed |= lines(text, parent.start, parent.start)
    if not written_out(parent):
        changed |= touched(text, container) if container else lines(text, 0, len(text))
    line_break = "\r\n" if "\r\n" in text else "\n"
    rows = text.split(line_break)
    kept = [row for number, row in enumerate(rows) if number not in changed and (number + 1 < len(rows) or not row)]
    left = iter(result.split(line_break))
    assert all(row in left for row in kept), f"{operation}\n{text}\n===>\n{result}"


def written_out(parent: Node) -> bool:
    """Has a collection any entries to put another beside?"""
    return parent.kind == "scalar" or bool(parent.children)
