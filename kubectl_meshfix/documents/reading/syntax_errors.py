"""Why a document could not be read, in the words of someone who wrote it."""

import re
from typing import NamedTuple

import msgspec
import yaml
from yaml.error import Mark, MarkedYAMLError

from kubectl_meshfix.documents.reading import placeholders
from kubectl_meshfix.documents.reading.nodes import Position


class SyntaxProblem(msgspec.Struct, frozen=True):
    """Something is wrong with a document. ``line`` and ``column`` count from 1 in the whole text; ``reason`` is one or more sentences.

    ``placeholder`` is what has to be filled in before anybody can read it, where that is what is wrong.
    """

    line: int
    column: int
    reason: str
    placeholder: str = ""


class UnreadableError(Exception):
    """A document cannot be read, and ``problem`` says why. Never leaves this package."""

    def __init__(self, at: Position, reason: str, placeholder: str = "") -> None:
        super().__init__(reason)
        self.problem = SyntaxProblem(at.line, at.column, reason, placeholder)


class Base(NamedTuple):
    """Where a document's text begins in the whole: characters, lines and columns before it."""

    offset: int
    line: int
    column: int

    def position(self, line: int, column: int) -> Position:
        """The place in the whole text of a ``line`` and ``column`` that count from 0 in the document's own."""
        return Position(self.line + line + 1, column + 1 + (self.column if line == 0 else 0))


HELM = "This is a template. Render its {{ … }} first; for a chart, with helm template."
BRACES = "{{ … }}"
UNFILLED = '"{}" is a placeholder that is not filled in.'
_TAB = "A tab is used for indentation; YAML allows only spaces there."
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_TEMPLATE = r"\{\{(?:-|\s*[.$\w\"/(])"
_WORDS = (
    ("found a tab character", _TAB),
    ("mapping values are not allowed", 'A ": " is not allowed here; put the text in quotes, or check the indentation.'),
    ("did not find expected key", "The indentation does not fit the mapping that begins on line {line}, or a quote or a comma is missing."),
    ("did not find expected '-' indicator", "The indentation does not fit the list that begins on line {line}."),
    ("could not find expected ':'", 'A ":" is missing after the key on line {line}.'),
    ("did not find expected ',' or", "The bracket that opens on line {line} is not closed, or a comma is missing."),
    ("found unexpected end of stream", "The quote that opens on line {line} is never closed."),
    ("found unexpected document indicator", "The quote that opens on line {line} is never closed."),
    ("found unknown escape", "The backslash in double quotes begins an unknown escape; double it, or use single quotes."),
    ("found invalid Unicode character escape", "An escape in double quotes is half of a surrogate pair; write the character itself."),
    ("block sequence entries are not allowed", "A list item cannot begin here; give it a line of its own."),
    ("block mapping", "A key cannot begin here; give it a line of its own."),
    ("scanning an alias", 'A value cannot begin with "*"; put it in quotes.'),
    ("scanning an anchor", 'A value cannot begin with "&"; put it in quotes.'),
    ("scanning a block scalar", 'A value cannot begin with "|" or ">"; put it in quotes.'),
    ("scanning a directive", 'A line cannot begin with "%"; put the text in quotes.'),
    ("mapping keys are not allowed", 'A value cannot begin with "? "; put it in quotes.'),
    ("found unexpected ':'", 'Text with a ":" needs quotes inside brackets.'),
    ("did not find expected node content", "A value is expected here; is there a comma too many, or a bracket not closed?"),
    (
        "did not find expected <document start>",
        "The document ended before this line; check the indentation, or put --- between documents.",
    ),
    ("found incompatible YAML document", "The %YAML line names a version that cannot be read."),
    ("found undefined tag handle", "A tag begins with a handle that no %TAG line defines."),
)


def explained(error: Exception, text: str, base: Base) -> UnreadableError:
    """What stopped libyaml in a document's ``text``; ``base`` is where that text begins."""
    if isinstance(error, MarkedYAMLError) and (mark := error.problem_mark or error.context_mark) is not None:
        written = text.split("\n")
        line = written[mark.line] if mark.line < len(written) else ""
        placeholder = placeholders.at_start(line) or placeholders.at(line, mark.column)
        reason = UNFILLED.format(placeholder) if placeholder else _reason(error, mark, text, base)
        braces = braces_near(text, mark.line, (error.context_mark or mark).line) if reason == HELM else ""
        return UnreadableError(base.position(mark.line, mark.column), reason, placeholder or braces)
    strange = re.search(_UNPRINTABLE, text)
    if strange is None:
        return UnreadableError(base.position(0, 0), f"This is not YAML: {error}.")
    before = text[: strange.start()]
    where = base.position(before.count("\n"), strange.start() - before.rfind("\n") - 1)
    return UnreadableError(where, f"The character U+{ord(strange.group()):04X} is not allowed in YAML; is this a binary file?")


def is_template(text: str, *lines: int) -> bool:
    """Does one of these ``lines`` of ``text``, counted from 0, hold the braces of a Helm template?"""
    written = text.split("\n")
    return any(re.search(_TEMPLATE, written[line]) for line in lines if line < len(written))


def braces_near(text: str, *lines: int) -> str:
    """The braces of a template on one of these lines, or what stands for them."""
    written = text.split("\n")
    found = (placeholders.in_text(written[line]) for line in lines if line < len(written))
    return next((item for item in found if item.startswith("{{")), BRACES)


def _reason(error: MarkedYAMLError, mark: Mark, text: str, base: Base) -> str:
    opened = error.context_mark or mark
    if is_template(text, mark.line, opened.line, mark.line - 1 if mark.line else 0):
        return HELM
    found = error.problem or str(error)
    if "cannot start any token" in found:
        culprit = text[mark.index]
        return _TAB if culprit == "\t" else f'A value cannot begin with "{culprit}"; put it in quotes.'
    said = f"{error.context}, {found}" if error.context else found
    for sign, words in _WORDS:
        if sign in said:
            return words.format(line=opened.line + 1 + base.line)
    return f"This is not YAML: {said}."


FAULTS: tuple[type[Exception], ...] = (yaml.YAMLError, UnicodeEncodeError)
