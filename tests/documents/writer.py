"""Manifests in every style that people and tools write: the same value, never the same text."""

import itertools
import json
import random
from typing import Any, NamedTuple

WORDS = ("web", "http", "grpc-web", "istio.io/rev", "a b", "x: y", "# no", "it's", 'say "hi"', "é😀", "10.0.0.1", "*", "-", "@x", "{a}", "")
TYPED = ("true", "yes", "8080", "1.0", "1e3", "0777", "null", "~", "2020-01-01", "y")
LONG = (
    "a: 1\nb:\n- c\n",
    "one\n\ntwo\n  three",
    "line\n",
    "  led\nby spaces\n",
    "kept\n\n\n",
    "#!/bin/sh\nexit\t0",
    "words that may be folded",
)


class Style(NamedTuple):
    """What does not change within one text."""

    step: int
    dash: int
    newline: str


def value(rng: random.Random, depth: int = 0) -> Any:
    """A mapping at the top, anything below."""
    kind = rng.random()
    if depth == 0 or (depth < 4 and kind < 0.3):
        return {name(rng): value(rng, depth + 1) for _ in range(rng.randint(1 if depth == 0 else 0, 4))}
    if depth < 4 and kind < 0.5:
        return [value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return rng.choice([None, True, False, 0, 8080, -1, 1.5, *(3 * WORDS), *TYPED, *(2 * LONG)])


def name(rng: random.Random) -> str:
    """A key: mostly ordinary."""
    return rng.choice(("app", "name", "version", "spec", "ports", "metadata", "labels", "sidecar.istio.io/inject", *WORDS[:10], *TYPED[:5]))


def json_text(rng: random.Random, content: Any) -> str:
    """``content`` as one of the tools writes JSON."""
    indent = rng.choice([None, 2, 4, "\t"])
    separators = rng.choice([(",", ":"), (", ", ": ")]) if indent is None else (",", ": ")
    return json.dumps(content, indent=indent, separators=separators, ensure_ascii=rng.random() < 0.5) + rng.choice(["", "\n"])


def yaml_text(rng: random.Random, content: Any) -> str:
    """``content``, a mapping, as one YAML document."""
    style = Style(rng.choice([2, 2, 2, 4, 3]), rng.choice([0, 0, 2]), rng.choice(["\n", "\n", "\r\n"]))
    rows = Writer(rng, style).mapping(content, 0) if content else ["{}"]
    head = rng.choice([[], [], ["---"], ["# head", "", "--- # doc"], ["%YAML 1.1", "---"]])
    text = style.newline.join([*head, *rows]) + style.newline
    return text if rng.random() < 0.8 or "|" in text else text.removesuffix(style.newline)


class Writer:
    """Writes one text; ``anchors`` are the values that an alias can repeat."""

    def __init__(self, rng: random.Random, style: Style) -> None:
        self.rng, self.style = rng, style
        self.names = itertools.count()
        self.anchors: dict[str, str] = {}
        self.mappings: dict[str, dict[str, Any]] = {}
        self.aliases = rng.random() < 0.3

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.rng.random() < probability

    def block(self, content: dict[str, Any] | list[Any], column: int) -> list[str]:
        """The lines of a collection that is not empty."""
        return self.mapping(content, column) if isinstance(content, dict) else self.sequence(content, column)

    def mapping(self, content: dict[str, Any], column: int) -> list[str]:
        """The lines of a mapping that is not empty."""
        rows: list[str] = []
        for alias, anchored in self.mappings.items():
            if anchored.items() <= content.items() and self.chance(0.7):
                content = {key: item for key, item in content.items() if key not in anchored}
                rows.append(" " * column + f"<<: *{alias}")
                break
        for key, item in content.items():
            rows += self.between(rows, column)
            head, below = self.slot(item, column, self.style.dash if isinstance(item, list) else self.style.step)
            rows += [" " * column + line for line in self.key(key)[:-1]] + [" " * column + self.key(key)[-1] + head, *below]
        return rows

    def sequence(self, content: list[Any], column: int) -> list[str]:
        """The lines of a sequence that is not empty."""
        rows: list[str] = []
        for item in content:
            rows += self.between(rows, column)
            gap = self.rng.choice([1, 1, 1, 3])
            if item and isinstance(item, dict | list) and self.chance(0.8):
                inner = self.block(item, column + 1 + gap)
                comes_below = inner[0].lstrip().startswith("#")
                rows += [" " * column + "-", *inner] if comes_below else [" " * column + "-" + " " * gap + inner[0].lstrip(" "), *inner[1:]]
                continue
            head, below = self.slot(item, column, 2)
            rows += [" " * column + "-" + head, *below]
        return rows

    def key(self, key: str) -> list[str]:
        """A key and its colon."""
        if self.chance(0.1) or not _is_simple(key):
            return [self.quoted(key) + ":"]
        return [f"'{key}':"] if self.chance(0.05) else [key + ":"]

    def slot(self, content: Any, column: int, step: int) -> tuple[str, list[str]]:
        """What comes behind a colon or a dash at ``column``, and the lines below."""
        spelled = json.dumps(content)
        if self.aliases and spelled in self.anchors and self.chance(0.7):
            return f" *{self.anchors[spelled]}" + self.comment(), []
        anchor = ""
        if self.aliases and self.chance(0.4):
            anchor = f" &a{next(self.names)}"
        head, rows = self.anchored(content, column, step, anchor)
        if anchor:
            self.anchors[spelled] = anchor[2:]
            if isinstance(content, dict) and content:
                self.mappings[anchor[2:]] = content
        return head, rows

    def anchored(self, content: Any, column: int, step: int, anchor: str) -> tuple[str, list[str]]:
        """As ``slot``, behind an ``anchor``."""
        if isinstance(content, dict | list):
            if not content or self.chance(0.15):
                return anchor + " " + self.flow(content, column + 1) + self.comment(), []
            rows = self.block(content, column + step)
            above = [" " * (column + step) + "# about this"] if self.chance(0.1) else []
            return anchor + self.comment(), [*above, *rows]
        if isinstance(content, str) and "\n" in content and self.chance(0.8):
            head, rows = self.literal(content, column)
            return anchor + head, rows
        if isinstance(content, str) and " " in content and _is_simple(content) and self.chance(0.5):
            return self.folded(content, column, anchor)
        if content is None and self.chance(0.5):
            return anchor + self.comment(), []
        return anchor + " " + self.scalar(content) + self.comment(), []

    def literal(self, content: str, column: int) -> tuple[str, list[str]]:
        """A block scalar."""
        lines = content.rstrip("\n").split("\n")
        breaks = len(content) - len(content.rstrip("\n"))
        step = self.rng.choice([2, 2, 4])
        hint = str(step) if lines[0].startswith(" ") or self.chance(0.1) else ""
        chomping = "-" if breaks == 0 else "" if breaks == 1 and self.chance(0.8) else "+"
        rows = [" " * (column + step) + line if line else "" for line in lines] + [""] * (breaks - 1)
        return f" |{hint}{chomping}" + self.comment(), rows

    def folded(self, content: str, column: int, anchor: str) -> tuple[str, list[str]]:
        """Words over several lines: folded, in quotes, or plain."""
        words = content.split(" ")
        rows = [" " * (column + 2) + word for word in words]
        sign = self.rng.choice(["|", '"', "'", ""])
        if sign == "|":
            return anchor + " >-", rows
        return f"{anchor} {sign}{words[0]}", [*rows[1:-1], rows[-1] + sign + self.comment()]

    def scalar(self, content: Any) -> str:
        """A scalar on one line, outside of brackets."""
        if isinstance(content, str):
            if _is_simple(content) and self.chance(0.7):
                return content
            if "\n" not in content and "\t" not in content and self.chance(0.4):
                return "'" + content.replace("'", "''") + "'"
            if self.chance(0.1):
                return "!!str " + self.quoted(content)
        return self.quoted(content) if content is not None else self.rng.choice(["null", "~"])

    def flow(self, content: Any, column: int) -> str:
        """A value in brackets, sometimes over several lines."""
        if isinstance(content, str) and content.isalnum() and _is_simple(content) and self.chance(0.5):
            return content
        if not isinstance(content, dict | list):
            return self.quoted(content)
        parts = (
            [f"{self.quoted(key)}: {self.flow(item, column + 2)}" for key, item in content.items()]
            if isinstance(content, dict)
            else [self.flow(item, column + 2) for item in content]
        )
        opening, closing = "{}" if isinstance(content, dict) else "[]"
        if parts and self.chance(0.3):
            indent = self.style.newline + " " * (column + 2)
            comma = "," if self.chance(0.2) else ""
            return opening + indent + ("," + indent).join(parts) + comma + self.style.newline + " " * column + closing
        pad = " " if parts and self.chance(0.3) else ""
        return opening + pad + self.rng.choice([", ", ", ", ","]).join(parts) + pad + closing

    def quoted(self, content: Any) -> str:
        """A scalar as JSON has it; YAML knows no surrogates."""
        return json.dumps(content, ensure_ascii="😀" not in str(content) and self.chance(0.3))

    def between(self, rows: list[str], column: int) -> list[str]:
        """Blank lines and comments between two entries."""
        if self.chance(0.85) or (
            rows and (not rows[-1].strip() or any("|+" in row or "1+" in row or "2+" in row or "4+" in row for row in rows))
        ):
            return []
        return self.rng.choice([[" " * column + "# note"], [""], ["", " " * column + "# note"]]) if rows else [" " * column + "# first"]

    def comment(self) -> str:
        """A trailing comment, or none."""
        return "  # why" if self.chance(0.1) else ""


def _is_simple(text: str) -> bool:
    return bool(text) and text not in TYPED and all(part.isidentifier() and part.isascii() for part in text.replace(".", "_").split(" "))
