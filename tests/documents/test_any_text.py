"""No text, however strange, makes reading or editing fail in a way of its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.errors import TargetError

BLOCKS = ["a", "b: ", "- ", ": ", "? ", "\n", "\n  ", "\n- ", "---\n", "...\n", "|\n", ">-\n", " #", "  ", "~", "1e3"]
FLOWS = ["{", "}", "[", "]", ", ", '"', "'", "&x ", "*x", "<<: ", "!!int ", "!!str ", "%YAML 1.1\n", '{"a": 1}', "{{ .x }}"]
STRANGE = ["\t", "\r\n", "\r", "\ufeff", "\x85", "\u2028", "\0", "😀", "\ud800", "\\"]
texts = st.lists(st.sampled_from(BLOCKS + BLOCKS + FLOWS + STRANGE), max_size=25).map("".join)


@settings(max_examples=600, deadline=None)
@given(texts)
def test_reading(text: str) -> None:
    """Every text is documents and problems, each with a place in it."""
    reading = read(text)
    for document in reading.documents:
        assert 0 <= document.start < document.end <= len(text)
        assert document.start <= document.node.start <= document.node.end <= document.end
    for problem in reading.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.reason.endswith((".", "?"))


@settings(max_examples=400, deadline=None)
@given(texts, st.sampled_from(["/a", "/b", "/0", "/a/b", "/a/0", ""]), st.sampled_from([1, "x", "x\ny\n", {"c": ["d"]}, [], None]))
def test_editing(text: str, pointer: str, value: object) -> None:
    """An edit of any text is made, and then reads as it should, or is refused in whole sentences."""
    refusals = []
    for op in ("replace", "add", "remove"):
        operations = [Operation(op, pointer, value)]
        try:
            changed = splice(text, 0, operations)
        except TargetError as error:
            refusals.append(error.message)
        else:
            assert same(read(changed).documents[0].value, patched(read(text).documents[0].value, operations))
    assert all(refusal.endswith(".") for refusal in refusals)
