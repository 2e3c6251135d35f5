"""``make rule CODE=MF142 NAME=what-is-wrong FAMILY=ports``: a rule's two files, ready to be filled in, and its line in the registry."""

import re
import sys
from pathlib import Path

RULES = Path(__file__).parent.parent / "kubectl_meshfix" / "rules"

MODULE = '''"""{code}: …"""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each … (the place in Istio's source that says so)."""
    for service in mesh.all(Service):
        if not service.spec.ports:
            yield Finding(resource=service.ref, path="/spec", message="What is wrong, and what it does to them.")


RULE = Rule(
    code="{code}",
    name="{name}",
    severity=Severity.WARNING,
    inputs=(kinds.SERVICE,),
    summary="One line for the catalogue",
    check=check,
)
'''

PAGE = """# {code} {name}

## What it finds

## Why it matters

## Example

```yaml bad
apiVersion: v1
kind: Service # expect: {code}
metadata:
  name: cart
```

```yaml good
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  ports:
  - name: http
    port: 80
```

## Fix

## Fix safety

## References
"""


def main(code: str, name: str, family: str) -> None:
    """Write both files; refuse what would clash."""
    if not re.fullmatch(r"MF\d{3}", code) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        sys.exit("CODE is MF and three digits, NAME is kebab-case and says what is wrong.")
    folder, module = RULES / family, name.replace("-", "_")
    if not folder.is_dir():
        sys.exit(f"FAMILY is one of {', '.join(sorted(path.name for path in RULES.iterdir() if (path / '__init__.py').exists()))}.")
    if any(f"# {code} " in page.read_text() for page in RULES.glob("*/*.md")) or (folder / f"{module}.py").exists():
        sys.exit(f"{code} or {name} exists already; codes are never reused.")
    (folder / f"{module}.py").write_text(MODULE.format(code=code, name=name))
    (folder / f"{module}.md").write_text(PAGE.format(code=code, name=name))
    sys.stdout.write(
        f"Fill in {family}/{module}.py and {family}/{module}.md, import {module} in rules/__init__.py and add {module}.RULE in the\n"
        "order of codes. Then: make docs test\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:4])
