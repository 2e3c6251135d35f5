"""``python -m docs.rule_index``: the rules' index, from the modules of all families. ``make docs`` does it too."""

from importlib import import_module
from pathlib import Path

import msgspec

from kubectl_meshfix.rules.index import FILE, row
from kubectl_meshfix.rules.rule import Rule

FOLDER = Path(__file__).parent.parent / "kubectl_meshfix" / "rules"
INDEX = FOLDER / FILE


def declared() -> tuple[Rule, ...]:
    """The rules of all modules with a page beside them, sorted by code."""
    names = (".".join(page.relative_to(FOLDER).with_suffix("").parts) for page in FOLDER.rglob("*.md"))
    return tuple(sorted((import_module(f"kubectl_meshfix.rules.{name}").RULE for name in names), key=lambda rule: rule.code))


def text() -> str:
    """The index: a line a rule, what is empty left out."""
    lines = ({key: value for key, value in msgspec.to_builtins(row(rule)).items() if value or key == "inputs"} for rule in declared())
    return "[\n" + ",\n".join(msgspec.json.encode(line).decode() for line in lines) + "\n]\n"


def write() -> bool:
    """Write the index where it is stale; whether it was."""
    new = text()
    if INDEX.exists() and INDEX.read_text(encoding="utf-8") == new:
        return False
    INDEX.write_text(new, encoding="utf-8")
    return True


if __name__ == "__main__":
    write()
