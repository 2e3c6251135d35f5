"""Write the generated pages of docs/: one a rule, and their index. ``--check`` only tells whether they are up to date."""

import sys
from collections.abc import Mapping
from pathlib import Path

from kubectl_meshfix.rules import RULES, page

FOLDER = Path(__file__).parent / "rules"

FAMILIES = {
    "MF0": "The input itself",
    "MF1": "Ports and Services",
    "MF2": "Workloads",
    "MF3": "Injection",
    "MF4": "Routing",
    "MF5": "Gateways",
    "MF6": "Security policy",
    "MF7": "Extensions and telemetry",
}


def pages() -> Mapping[Path, str]:
    """Every generated file and its text."""
    return {FOLDER / "README.md": index(), **{FOLDER / f"{rule.code}.md": page(rule) for rule in RULES}}


def index() -> str:
    """The catalogue by family."""
    lines = ["# Rules", "", "Generated from the pages beside the rules by `make docs`. On the command line: `kubectl meshfix rules`.", ""]
    for prefix, family in FAMILIES.items():
        rules = [rule for rule in RULES if rule.code.startswith(prefix)]
        if not rules:
            continue
        lines += [f"## {family}", "", "| code | name | severity | finds | also known as |", "|---|---|---|---|---|"]
        lines += [
            f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {rule.summary} | {', '.join(rule.aliases)} |" for rule in rules
        ]
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write, or check; 1 where something is stale."""
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in FOLDER.glob("*.md") if path not in wanted]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(FOLDER.parent.parent)} is out of date; run: make docs\n")
        return 1 if stale else 0
    for path in stale:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
