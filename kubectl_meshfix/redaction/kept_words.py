"""Which words of an object stay as they are: those that the program itself knows.

A rule can only compare with what stands in its code, so a word that stands there may be kept, and has to be, or the rule says something
else. Whoever reads a word that was kept reads Istio's and Kubernetes' words, and learns nothing of the object's owner.
"""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import CodeType

import kubectl_meshfix
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Struct

WORD = re.compile(r"[^\W_]+")
"""A word: letters and digits, of any script."""

ROOMS = ("agreement", "chain", "fixes", "injection", "mesh", "port_protocols", "resources", "rules", "scope", "traffic", "validation")
"""Where objects are judged. What the other rooms say is for people."""


@cache
def kept_words() -> frozenset[str]:
    """Every word of the constants without a space in the code that judges objects, of the kinds and of their fields, in lower case."""
    texts = (text for code in _codes() for text in _texts(code))
    tables = (text for table in _tables(files(kubectl_meshfix) / "validation") for text in re.findall(r'"([^"\s]+)"', table))
    names = (name for kind in kinds.KINDS for name in (kind.kind, kind.plural, kind.group, *kind.versions))
    return frozenset(word.lower() for text in (*texts, *tables, *names, *_fields(Struct)) for word in WORD.findall(text))


def _fields(struct: type[Struct]) -> Iterator[str]:
    """The names in JSON of the fields of everything that is read."""
    yield from struct.__struct_encode_fields__
    for narrower in struct.__subclasses__():
        yield from _fields(narrower)


def _codes() -> Iterator[CodeType]:
    """The code of each module, from its source or from what was compiled of it.

    pkgutil would list the modules, but not those of the frozen program, whose importer lists nothing.
    """
    package = Path(kubectl_meshfix.__file__).parent
    modules = {path.relative_to(package).with_suffix("").parts for path in package.rglob("*.py*") if path.suffix in (".py", ".pyc")}
    for parts in modules:
        if parts[0] in ROOMS and "__pycache__" not in parts:
            name = ".".join(("kubectl_meshfix", *(part for part in parts if part != "__init__")))
            spec = importlib.util.find_spec(name)
            code = spec.loader.get_code(name) if spec and spec.loader and hasattr(spec.loader, "get_code") else None
            if code:
                yield code


def _tables(folder: Traversable) -> Iterator[str]:
    """The tables of fields that are kept beside the code."""
    for path in folder.iterdir():
        if path.is_dir():
            yield from _tables(path)
        elif path.name.endswith(".json"):
            yield path.read_text(encoding="utf-8")


def _texts(code: CodeType) -> Iterator[str]:
    """The constants of some code that are no sentences."""
    yield from _flat(code.co_consts)


def _flat(constants: Iterable[object]) -> Iterator[str]:
    for item in constants:
        match item:
            case str() if not re.search(r"\s", item):
                yield item
            case bytes() if not re.search(rb"\s", item):
                yield item.decode("ascii", "ignore")
            case CodeType():
                yield from _texts(item)
            case tuple() | frozenset():
                yield from _flat(item)
