"""``python -m docs.mesh_config_fields API``: the fields of the mesh configuration, from the .proto files of a checkout of istio.io/api.

Facts alone: names, types, values of enums, what is deprecated. Comments are not copied.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parent.parent / "kubectl_meshfix" / "validation" / "mesh_config" / "fields.json"
ROOTS = ("MeshConfig", "MeshNetworks", "ProxyConfig")

_WORD = re.compile(r'"[^"]*"|\w[\w.]*|[{}\[\]()=;,<>]|\S')
_WELL_KNOWN = {
    "google.protobuf.Duration": "duration",
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.Int32Value": "int",
    "google.protobuf.Int64Value": "int",
    "google.protobuf.UInt32Value": "uint",
    "google.protobuf.DoubleValue": "number",
    "google.protobuf.StringValue": "string",
    "google.protobuf.Struct": "any",
    **dict.fromkeys(("int32", "int64"), "int"),
    **dict.fromkeys(("uint32", "uint64"), "uint"),
    **dict.fromkeys(("double", "float"), "number"),
    **dict.fromkeys(("string", "bool"), ""),
}
Messages = dict[str, dict[str, str]]


def _words(text: str) -> list[str]:
    return _WORD.findall(re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


class _Reader:
    """One file's words, the place in them, and what was found: messages by their full name, and enums."""

    def __init__(self, text: str) -> None:
        self.words, self.at = _words(text), 0
        self.messages: Messages = {}
        self.enums: dict[str, list[str]] = {}

    def take(self) -> str:
        self.at += 1
        return self.words[self.at - 1]

    def until(self, end: str) -> list[str]:
        start = self.at
        while self.take() != end:
            pass
        return self.words[start : self.at - 1]

    def read(self) -> None:
        while self.at < len(self.words):
            word = self.take()
            if word in ("message", "enum"):
                self._message("") if word == "message" else self._enum("")
            else:
                self.until(";")

    def _enum(self, outer: str) -> None:
        name = outer + self.take()
        self.take()
        statements = " ".join(self.until("}")).split(" ;")
        self.enums[name] = [match[1] for item in statements if (match := re.match(r"\s*(\w+) = ", item)) and match[1] != "option"]

    def _message(self, outer: str) -> None:
        name = outer + self.take()
        self.take()
        self.messages[name] = {}
        self._body(name)

    def _body(self, name: str) -> None:
        while (word := self.take()) != "}":
            if word == "message":
                self._message(f"{name}.")
            elif word == "enum":
                self._enum(f"{name}.")
            elif word == "oneof":
                self.take(), self.take()
                self._body(name)
            elif word in ("reserved", "option", "extensions"):
                self.until(";")
            elif word != ";":
                self._field(name, [word, *self.until(";")])

    def _field(self, name: str, words: list[str]) -> None:
        equals = words.index("=")
        field, kind = words[equals - 1], "".join(word for word in words[: equals - 1] if word not in ("repeated", "optional"))
        marks = ("*" if words[0] == "repeated" else "") + ("!" if "deprecated" in words else "")
        self.messages[name][_camel(field)] = marks + kind


def _resolved(kind: str, inside: str, known: set[str]) -> str:
    """A type by its short name: a scalar, a message or an enum of these files, or ``any`` for those of others."""
    if found := re.fullmatch(r"map<string,(.+)>", kind):
        return "%" + _resolved(found[1], inside, known)
    if kind in _WELL_KNOWN:
        return _WELL_KNOWN[kind] or kind
    scopes = inside.split(".")
    names = (".".join((*scopes[:depth], kind)) for depth in range(len(scopes), -1, -1))
    return next((name for name in names if name in known), "any")


def _reached(messages: Messages) -> Iterator[str]:
    waiting, seen = list(ROOTS), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in messages:
            seen.add(name)
            yield name
            waiting += [kind.lstrip("*!%") for kind in messages[name].values()]


def main(api: str) -> None:
    """Write the table: ``*`` is a list, ``%`` a map, ``!`` is deprecated."""
    messages, enums = Messages(), dict[str, list[str]]()
    for file in ("config", "network", "proxy"):
        reader = _Reader((Path(api) / "mesh" / "v1alpha1" / f"{file}.proto").read_text(encoding="utf-8"))
        reader.read()
        messages |= reader.messages
        enums |= reader.enums
    known = {*messages, *enums}
    for name, fields in messages.items():
        for field, kind in fields.items():
            marks = kind[: len(kind) - len(kind.lstrip("*!"))]
            fields[field] = marks + _resolved(kind.lstrip("*!"), name, known)
    used = sorted(_reached(messages))
    kinds = {kind.lstrip("*!%") for name in used for kind in messages[name].values()}
    rows = [f'"{name}": {json.dumps(messages[name])}' for name in used] + [
        f'"{name}": {json.dumps(values)}' for name, values in sorted(enums.items()) if name in kinds
    ]
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
