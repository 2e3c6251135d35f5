"""What cannot be read is said in plain words, and does not keep the rest from being read."""

import time

import pytest
from yaml.error import Mark, MarkedYAMLError, YAMLError

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.documents.reading.syntax_errors import Base, SyntaxProblem, explained


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\tb: 1\n", 2, 1, "A tab is used for indentation"),
        ("a: |\n\tx\n", 2, 1, "A tab is used for indentation"),
        ("a: b: c\n", 1, 5, 'A ": " is not allowed here'),
        ("a:\n  b: 1\n   c: 2\n", 3, 5, 'A ": " is not allowed here'),
        ("a:\n   b: 1\n  c: 2\n", 3, 3, "does not fit the mapping that begins on line 1"),
        ("- a\n - b: c\n  - d\n", 2, 5, 'A ": " is not allowed'),
        ("a:\n- b\n  c\nd\n", 5, 1, 'A ":" is missing after the key on line 4'),
        ("a: [b, c\nd: 1\n", 2, 2, "The bracket that opens on line 1 is not closed, or a comma is missing"),
        ('a: "b\nc: 1\n', 3, 1, "The quote that opens on line 1 is never closed"),
        ("hosts:\n- *.example.com\n", 2, 4, 'A value cannot begin with "*"; put it in quotes'),
        ("hosts:\n- *reviews\n", 2, 3, "The alias *reviews has no anchor &reviews before it"),
        ("a: @b\n", 1, 4, 'A value cannot begin with "@"'),
        ('a: "\\d"\n', 1, 5, "The backslash in double quotes"),
        ("a: [1::]\n", 1, 7, 'Text with a ":" needs quotes'),
        ("a: &x [*x]\n", 1, 8, "contains its own alias *x"),
        ("a: !!int b\n", 1, 4, '"b" is tagged !!int, but it is not one'),
        ("a: {[b]: c}\n", 1, 5, "A key is a list"),
        ("~: 1\n", 1, 1, "A key is missing or null"),
        ("a:\n  <<: b\n", 2, 7, "A merge key (<<) needs a mapping"),
        ("%YAML 3.0\n---\na: 1\n", 1, 1, "The %YAML line"),
        ("a: 1\nb: \x07\n", 2, 4, "The character U+0007 is not allowed in YAML"),
        ("a: é\nb: \ud800\n", 2, 4, "The character U+D800 is not allowed in YAML"),
        ("a:\n  <<: [{b: 1}, c]\n", 2, 7, "A merge key (<<) needs a mapping"),
        ("&x a\r--- *x\r", 2, 5, "A second document begins here without a --- line before it"),
        ("kind: A\nname: {name} text\n", 2, 14, '"{name}" is a placeholder that is not filled in'),
        ("a: b\nc\n--- x\n", 3, 1, 'A ":" is missing after the key on line 2'),
    ],
)
def test_words(text: str, line: int, column: int, words: str) -> None:
    """Each mistake has its place, and words that say what to do."""
    (problem,) = read(text).problems[:1]
    assert words in problem.reason
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nname: {{ .Values.name }}\n", 2),
        ("name: {{ .Release.Name }}-web\nb: 1\n", 1),
        ("{{- if .Values.enabled }}\na: 1\n{{- end }}\n", 1),
        ("a: 1\nlabels:\n  {{- include 'labels' . | nindent 4 }}\n", 3),
        ("a:\n- {{ $name }}\n", 2),
    ],
)
def test_helm_templates(text: str, line: int) -> None:
    """A template is recognised, and the way to render it named."""
    (problem,) = read(text).problems
    assert problem.reason == "This is a template. Render its {{ … }} first; for a chart, with helm template."
    assert problem.line == line


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (MarkedYAMLError("while x", Mark("", 3, 1, 1, None, 0), "y"), SyntaxProblem(12, 2, "This is not YAML: while x, y.")),
        (MarkedYAMLError(problem="y", problem_mark=Mark("", 0, 0, 0, None, 0)), SyntaxProblem(11, 3, "This is not YAML: y.")),
        (MarkedYAMLError(problem_mark=Mark("", 0, 0, 0, None, 0)), SyntaxProblem(11, 3, 'This is not YAML:   in "", line 1, column 1.')),
        (MarkedYAMLError("x"), SyntaxProblem(11, 3, "This is not YAML: x.")),
        (YAMLError("x"), SyntaxProblem(11, 3, "This is not YAML: x.")),
        (MarkedYAMLError(problem="y", problem_mark=Mark("", 4, 2, 0, None, 0)), SyntaxProblem(13, 1, "This is not YAML: y.")),
    ],
)
def test_an_error_that_says_little(error: YAMLError, problem: SyntaxProblem) -> None:
    """It is told in the words that there are, at the place that there is, or where the document begins."""
    assert explained(error, "a\nb", Base(100, 10, 2)).problem == problem


def test_braces_in_quotes() -> None:
    """Braces inside of quotes or block text are text, and another mistake is not blamed on them."""
    assert read('a: "{{ .x }}"\nb: |\n  {{ $labels.pod }}\n').documents[0].value == {"a": "{{ .x }}", "b": "{{ $labels.pod }}\n"}
    assert "bracket" in read('a: "{{ .x }}"\nb: 1\nc: [\n').problems[0].reason


def test_the_others_are_read() -> None:
    """One broken document costs only itself; lines count from the start of the file."""
    reading = read("a: 1\n---\nb: [\n---\nc: 3\n---\n\td: 4\n---\ne: 5\n")
    assert [document.value for document in reading.documents] == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert [(problem.line, problem.column) for problem in reading.problems] == [(4, 1), (7, 1)]


def laughs(levels: int) -> str:
    """A billion laughs, for ten levels."""
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [lol]", *lines])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested deeper than 500 levels"),
        ('{"a":' * 100_000, "nested deeper than 500 levels"),
        ("- " * 100_000, "nested deeper than 500 levels"),
        ("[" * 100_000 + "]" * 100_000, "nested deeper than 500 levels"),
        ("a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 700)), "nested deeper than 500 levels"),
        (laughs(10), "The aliases expand to more than 1,000,000 values"),
        ("a: &a " + "x" * 1_000_000 + "\nb: [" + "*a, " * 100_000 + "]\n", "The aliases expand to more than 1,000,000 values"),
    ],
    ids=["brackets", "braces", "dashes", "closed", "aliases", "laughs", "long"],
)
def test_bombs(text: str, words: str) -> None:
    """What is made to exhaust a reader is a problem like any other, and found in no time."""
    started = time.perf_counter()
    reading = read(text)
    assert time.perf_counter() - started < 2
    assert not reading.documents
    assert words in reading.problems[0].reason


def test_deep_is_not_too_deep() -> None:
    """Five hundred levels are fine, and a million values that are written out too."""
    assert len(read("[" * 500 + "]" * 500).documents) == 1
    assert len(read("[" * 501 + "]" * 501).documents) == 0
    assert len(read(laughs(5)).documents) == 1


@pytest.mark.parametrize("inner", [1, 2, 250, 499])
def test_an_alias_is_as_deep_as_what_it_stands_for(inner: int) -> None:
    """The levels of the anchor and those around the alias count together; the innermost list holds nothing, and counts as a value."""
    anchored = "[" * inner + "]" * inner

    def beneath(outer: int) -> int:
        return len(read(f"a: &a {anchored}\nb: " + "[" * outer + "*a" + "]" * outer).documents)

    assert (beneath(500 - inner), beneath(501 - inner)) == (1, 0)
