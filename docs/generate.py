"""Write the generated pages of docs/: one a rule, their index, and the rights they need. ``--check`` only tells what is stale."""

import sys
from collections.abc import Mapping
from pathlib import Path

from kubectl_meshfix.cli.reading import needed
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules import RULES, page

DOCS = Path(__file__).parent
FOLDER = DOCS / "rules"

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
    return {DOCS / "rbac.md": rbac(), FOLDER / "README.md": index(), **{FOLDER / f"{rule.code}.md": page(rule) for rule in RULES}}


def index() -> str:
    """The catalogue by family."""
    lines = ["# Rules", "", "Generated from the pages beside the rules by `make docs`. On the command line: `kubectl meshfix rules`.", ""]
    for prefix, family in FAMILIES.items():
        rules = [rule for rule in RULES if rule.code.startswith(prefix)]
        if not rules:
            continue
        lines += [f"## {family}", "", "| code | name | severity | finds | also known as |", "|---|---|---|---|---|"]
        lines += [
            f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {rule.summary} | {', '.join(rule.aliases)} |"
            for rule in rules
        ]
        lines.append("")
    return "\n".join(lines)


RBAC = """# Rights

Generated from the rules by `make docs`. `diagnose` lists; it never reads Secrets, and of ConfigMaps only the mesh's and the
injector's, by name. What may not be read is reported as not checked, and everything else goes on: a role for one namespace is
enough to diagnose that namespace.

```yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: meshfix-diagnose
rules:
{rules}- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [istio, istio-sidecar-injector] # and those with the revision as suffix
  verbs: [get]
```

`apply` needs in addition `get` and `patch` on the kinds that it changes: services, namespaces, the workloads, and the Istio
objects of the findings. `apply --dry-run` without a value sends no patch and needs `get` only; `--dry-run=server` needs `patch` too,
although nothing is stored.
"""


def rbac() -> str:
    """The least role of ``diagnose``."""
    groups: dict[str, list[str]] = {}
    for kind in sorted(needed(RULES) - {kinds.CONFIG_MAP}, key=lambda kind: (kind.group, kind.plural)):
        groups.setdefault(kind.group, []).append(kind.plural)
    rules = "".join(
        f'- apiGroups: ["{group}"]\n  resources: [{", ".join(plurals)}]\n  verbs: [list]\n' for group, plurals in groups.items()
    )
    return RBAC.replace("{rules}", rules)


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
