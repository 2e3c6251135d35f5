"""Where reading stops: values exactly at a limit are read."""

import io
from pathlib import Path

import pytest

from kubectl_meshfix.documents.reading import plain_lines
from kubectl_meshfix.documents.reading.compose import DEEPEST
from kubectl_meshfix.documents.reading.limited import TooLargeError, read_file, read_stream
from kubectl_meshfix.documents.reading.read import STUB, STUB_FROM, read, shortened
from kubectl_meshfix.documents.reading.scalars import plain
from kubectl_meshfix.documents.reading.values import values_of_events


@pytest.mark.parametrize("limit", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_stream_and_a_file_may_be_as_long_as_the_limit(limit: int, tmp_path: Path) -> None:
    """One byte more is refused."""
    file = tmp_path / "a"
    file.write_bytes(b"x" * limit)
    assert read_stream(io.BytesIO(b"x" * limit), "a", limit) == read_file(file, limit) == b"x" * limit

    file.write_bytes(b"x" * (limit + 1))
    with pytest.raises(TooLargeError):
        read_stream(io.BytesIO(b"x" * (limit + 1)), "a", limit)
    with pytest.raises(TooLargeError):
        read_file(file, limit)


def test_what_is_said_of_a_stream_that_is_too_long() -> None:
    """The limit in whole MiB, and its name."""
    with pytest.raises(TooLargeError) as caught:
        read_stream(io.BytesIO(b"x" * (2 * 2**20 + 1)), "a.yaml", 2 * 2**20)
    assert (caught.value.strerror, caught.value.filename) == ("it has more than 2 MiB", "a.yaml")


def test_only_regular_files(tmp_path: Path) -> None:
    """A folder is none, and is not opened."""
    with pytest.raises(OSError, match="it is no regular file"):
        read_file(tmp_path, only_regular=True)
    (tmp_path / "a").write_bytes(b"x")
    assert read_file(tmp_path / "a", only_regular=True) == b"x"


@pytest.mark.parametrize(("aliases", "documents"), [(1000, 1), (1001, 0)])
def test_aliases_may_expand_to_a_million_values(aliases: int, documents: int) -> None:
    """A long text counts for one value more every 64 characters."""
    text = f"a: &a {'x' * 64 * 999}\nb: [{'*a, ' * aliases}]\n"
    assert len(read(text).documents) == documents


@pytest.mark.parametrize(("aliases", "are_few"), [(212, True), (213, False)])
def test_aliases_that_are_read_without_places(aliases: int, are_few: bool) -> None:
    """So many that they could not expand to more, were each as large as the text; of more the places are asked for."""
    text = "a: &x\n  b: ccc\n" + "".join(f"k{number:05}: *x\n" for number in range(aliases))
    for read_values in (plain_lines.values, values_of_events):
        assert (read_values(text) is not None) is are_few
    assert len(read(text).documents[0].value) == aliases + 1


@pytest.mark.parametrize(("levels", "are_few"), [(DEEPEST // 2 - 1, True), (DEEPEST // 2, False)])
def test_levels_that_are_read_without_places(levels: int, are_few: bool) -> None:
    """Below the map half of what a document may have: what stands for an alias may be as deep again."""
    text = f"a: {'[' * levels}{']' * levels}\n"
    assert (values_of_events(text) is not None) is are_few
    assert len(read(text).documents) == 1


@pytest.mark.parametrize(("column", "is_read_by_lines"), [(99, True), (100, False)])
def test_the_deepest_column_that_is_read_line_by_line(column: int, is_read_by_lines: bool) -> None:
    """From a hundred on libyaml is asked."""
    text = f"a:\n{' ' * column}b: c\n"
    assert (plain_lines.values(text) is not None) is is_read_by_lines
    assert read(text).documents[0].value == {"a": {"b": "c"}}


@pytest.mark.parametrize(("length", "is_read_by_lines"), [(2**18, True), (2**18 + 1, False)])
def test_the_longest_text_that_is_read_line_by_line(length: int, is_read_by_lines: bool) -> None:
    """A longer one is read as well, by libyaml."""
    text = "a: b\n" + "#" * (length - 5)
    assert (plain_lines.values(text) is not None) is is_read_by_lines
    assert read(text).documents[0].value == {"a": "b"}


@pytest.mark.parametrize(("length", "is_short"), [(STUB_FROM, True), (STUB_FROM + 1, False)])
def test_the_largest_definition_that_is_read_as_a_whole(length: int, is_short: bool) -> None:
    """Of a larger one there is the kind and no more."""
    text = STUB + "spec: {}\n#"
    text += "x" * (length - len(text))
    assert shortened(text) == (text if is_short else STUB)
    assert ("spec" in read(text).documents[0].value) is is_short


@pytest.mark.parametrize(("digits", "value"), [("0b" + "0" * 67 + "1", 1), ("0b" + "0" * 68 + "1", "0b" + "0" * 68 + "1")])
def test_the_longest_integer(digits: str, value: object) -> None:
    """Seventy characters: more than any number of 64 bits needs."""
    assert plain(digits) == value
