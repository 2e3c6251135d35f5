"""A document's tree, built from libyaml's events without recursion."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from kubectl_meshfix.documents.reading.nodes import Node, Position, behind, is_merge, merged
from kubectl_meshfix.documents.reading.scalars import key_name, plain, tagged
from kubectl_meshfix.documents.reading.syntax_errors import (
    FAULTS,
    HELM,
    Base,
    SyntaxProblem,
    UnreadableError,
    braces_near,
    explained,
    is_template,
)

Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST = 500
MOST_EXPANDED = 1_000_000
_CHARACTERS_PER_NODE = 64
_TOO_DEEP = f"Values are nested deeper than {DEEPEST} levels."


class Composed(NamedTuple):
    """The tree of one document, None where there is no more than comments, and the keys it has twice."""

    root: Node | None
    duplicates: tuple[SyntaxProblem, ...]


class _Open(msgspec.Struct):
    """A collection whose end has not been read: how many values came ``before`` it, how many levels are in it, aliases expanded."""

    event: Any
    children: list[Node]
    before: int
    height: int = 0


class _Anchored(NamedTuple):
    """A value with an anchor, how many values that is and in how many levels, aliases expanded."""

    node: Node
    size: int
    height: int


def compose(text: str, base: Base, string: Callable[[int, int], str] | None = None) -> Composed:
    """The tree of the one document in ``text``, which begins at ``base``. Raises UnreadableError.

    ``string`` gives the value of the double-quoted scalar between two offsets of ``text``, where it is not libyaml's to say.
    """
    try:
        return _Composer(text, base, string).composed()
    except FAULTS as error:
        raise explained(error, text, base) from error


class _Composer:
    """One run over the events of one document."""

    def __init__(self, text: str, base: Base, string: Callable[[int, int], str] | None) -> None:
        self.text, self.base, self.string = text, base, string
        self.anchors: dict[str, _Open | _Anchored] = {}
        self.duplicates: list[SyntaxProblem] = []
        self.count = self.expanded = 0

    def composed(self) -> Composed:
        documents: list[Node] = []
        stack: list[_Open] = []
        children = documents
        for event in iter(Parser(self.text).get_event, None):
            kind = type(event)
            if kind is ScalarEvent:
                children.append(self.scalar(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append(self.opened(event, len(stack)))
                children = stack[-1].children
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                frame = stack.pop()
                node = self.closed(frame, event)
                children = documents
                if stack:
                    children = stack[-1].children
                    stack[-1].height = max(stack[-1].height, frame.height + 1)
                children.append(node)
            elif kind is AliasEvent:
                children.append(self.alias(event, stack))
        if len(documents) > 1:
            raise UnreadableError(documents[1].position, "A second document begins here without a --- line before it.")
        empty = not documents or documents[0].value is None
        return Composed(None if empty else documents[0], tuple(self.duplicates))

    def scalar(self, event: Any) -> Node:
        start, end = event.start_mark, event.end_mark
        style, tag, value = event.style or "", event.tag, event.value
        if tag is not None:
            try:
                value = tagged(tag, value)
            except ValueError as error:
                raise UnreadableError(self.position(start), str(error)) from error
        elif event.implicit[0]:
            value = plain(value)
        elif self.string is not None:
            value = self.string(start.index, end.index)
        self.count += 1
        offset, line, column = self.place(start)
        node = Node("scalar", offset, end.index + self.base.offset, line, column, value, style, event.anchor, tag)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(node, 1 + len(event.value) // _CHARACTERS_PER_NODE, 0)
        return node

    def alias(self, event: Any, stack: list[_Open]) -> Node:
        name, at = event.anchor, self.position(event.start_mark)
        anchored = self.anchors.get(name)
        if anchored is None:
            raise UnreadableError(at, f"The alias *{name} has no anchor &{name} before it.")
        if isinstance(anchored, _Open):
            raise UnreadableError(at, f"The anchor &{name} contains its own alias *{name}.")
        target, size, height = anchored
        self.expanded += size
        if self.expanded > MOST_EXPANDED:
            raise UnreadableError(at, f"The aliases expand to more than {MOST_EXPANDED:,} values.")
        if len(stack) + height > DEEPEST:
            raise UnreadableError(at, _TOO_DEEP)
        if stack:
            stack[-1].height = max(stack[-1].height, height + 1)
        start, line, column = self.place(event.start_mark)
        return Node("alias", start, event.end_mark.index + self.base.offset, line, column, target.value, "", name, target=target)

    def opened(self, event: Any, depth: int) -> _Open:
        if depth >= DEEPEST:
            raise UnreadableError(self.position(event.start_mark), _TOO_DEEP)
        frame = _Open(event, [], self.count + self.expanded)
        if event.anchor is not None:
            self.anchors[event.anchor] = frame
        self.count += 1
        return frame

    def closed(self, frame: _Open, end: Any) -> Node:
        event, children = frame.event, frame.children
        sequence = type(event) is SequenceStartEvent
        start, line, column = self.place(event.start_mark)
        node = Node(
            "sequence" if sequence else "mapping",
            start,
            end.end_mark.index + self.base.offset if event.flow_style else children[-1].end,
            line,
            column,
            [item.value for item in children] if sequence else self.mapping(children),
            "flow" if event.flow_style else "block",
            event.anchor,
            event.tag,
            tuple(children),
        )
        if event.anchor is not None and self.anchors[event.anchor] is frame:
            self.anchors[event.anchor] = _Anchored(node, self.count + self.expanded - frame.before, frame.height)
        return node

    def mapping(self, children: list[Node]) -> dict[str, Any]:
        """Keys in the order they are written, each with its last value: go-yaml v2 lets a merge override what stands above it."""
        value: dict[str, Any] = {}
        names: list[str] = []
        for key, item in zip(children[::2], children[1::2], strict=True):
            if is_merge(key):
                for source in self.sources(item):
                    value.update(source.value)
                continue
            name = key.value if type(key.value) is str else self.name(key)
            names.append(name)
            value[name] = item.value
        if len(names) != len(set(names)):
            self.repeated(children)
        return value

    def name(self, key: Node) -> str:
        try:
            return key_name(key.value)
        except ValueError as error:
            template = key.kind == "mapping" and is_template(self.text, key.line - 1 - self.base.line)
            braces = braces_near(self.text, key.line - 1 - self.base.line)
            raise UnreadableError(key.position, HELM if template else str(error), braces if template else "") from error

    def sources(self, item: Node) -> tuple[Node, ...]:
        found = merged(item)
        if not all(behind(source).kind == "mapping" for source in found):
            raise UnreadableError(item.position, "A merge key (<<) needs a mapping or a list of mappings.")
        return found

    def repeated(self, children: list[Node]) -> None:
        first: dict[str, Node] = {}
        for key in (key for key in children[::2] if not is_merge(key)):
            name = key_name(key.value)
            earlier = first.setdefault(name, key)
            if earlier is not key:
                reason = f'The key "{name}" is set twice, on lines {earlier.line} and {key.line}; Kubernetes keeps the last.'
                self.duplicates.append(SyntaxProblem(*key.position, reason))

    def place(self, mark: Any) -> tuple[int, int, int]:
        """Offset, line and column in the whole text. Called for every value, so nothing is wrapped here."""
        line = mark.line
        offset, before, indent = self.base
        return mark.index + offset, line + before + 1, mark.column + 1 + (0 if line else indent)

    def position(self, mark: Any) -> Position:
        return self.base.position(mark.line, mark.column)
