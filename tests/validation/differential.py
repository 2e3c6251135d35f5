"""Whether the tool refuses what istioctl does: ``python -m tests.validation.differential --istioctl PATH [-n 1000] [FOLDER...]``.

Objects of the rules' pages and of the folders are changed in one place each. What the API server alone refuses is counted apart: istioctl
knows neither bounds nor which fields exclude each other.
"""

import argparse
import copy
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.resources.embedded import without_nulls
from kubectl_meshfix.validation.checks import checked
from kubectl_meshfix.validation.schema.walk import violations
from tests.validation.manifests import of_folders, of_pages
from tests.validation.mutations import mutated

_REFUSED = re.compile(r"\b\w+/[\w.-]*/object-(\d+):(.*)")


class Verdict(NamedTuple):
    """What the tool and istioctl say of an object; each is empty where it has nothing to say."""

    value: dict[str, Any]
    by_schema: tuple[str, ...]
    by_checks: tuple[str, ...]
    by_istioctl: str

    @property
    def name(self) -> str:
        """How they agree or differ."""
        ours, theirs = bool(self.by_schema or self.by_checks), bool(self.by_istioctl)
        if ours == theirs:
            return "both refuse" if ours else "both admit"
        return "missed" if theirs else "the API server's alone" if self.by_schema else "false alarm"


def asked(istioctl: str, values: Sequence[dict[str, Any]]) -> dict[int, str]:
    """What istioctl refuses, by number, and why. It is told no nulls, as the API server tells istiod none."""
    texts = []
    for number, value in enumerate(values):
        named = {**without_nulls(value), "metadata": {**(value.get("metadata") or {}), "name": f"object-{number}"}}
        texts.append(msgspec.json.encode(named).decode())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "objects.yaml"
        file.write_text("\n---\n".join(texts), "utf-8")
        done = subprocess.run([istioctl, "validate", "-f", str(file)], capture_output=True, text=True, check=False)
    found: dict[int, str] = {}
    for match in _REFUSED.finditer(done.stderr.partition("Error: ")[2]):  # warnings come before it
        found.setdefault(int(match[1]), match[2].strip())
    return found


def verdicts(istioctl: str, values: Sequence[dict[str, Any]]) -> list[Verdict]:
    """What is said of each object, by the tool and by istioctl."""
    refused = asked(istioctl, values)
    rows = []
    for number, value in enumerate(values):
        by_schema = tuple(row.says for row in violations(value))
        by_checks = () if by_schema else tuple(row.says for row in checked(value) if not row.is_warning)
        rows.append(Verdict(value, by_schema, by_checks, refused.get(number, "")))
    return rows


def drawn(count: int, seed: int, bases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Objects, each changed in one place."""
    chance = random.Random(seed)
    return [mutated(chance, copy.deepcopy(chance.choice(bases))) for _ in range(count)]


def told(rows: Iterable[Verdict], *, shown: int) -> None:
    """The figures of each kind, and examples of what differs."""
    rows = list(rows)
    for kind in sorted({str(row.value["kind"]) for row in rows}):
        counts = Counter(row.name for row in rows if row.value["kind"] == kind)
        print(f"{kind:24}", ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))  # noqa: T201
    for name in ("missed", "false alarm"):
        for row in [row for row in rows if row.name == name][:shown]:
            said = row.by_istioctl or " | ".join(row.by_checks)
            print(f"\n{name}: {said}\n{msgspec.json.encode(row.value).decode()}")  # noqa: T201


def main(arguments: Sequence[str]) -> None:
    """Draw, ask both, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--istioctl", default="istioctl")
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shown", type=int, default=5)
    parser.add_argument("folders", nargs="*")
    chosen = parser.parse_args(arguments)
    bases = [value for value in (*of_pages(), *of_folders(chosen.folders)) if value["apiVersion"].split("/")[0].endswith(".istio.io")]
    told(verdicts(chosen.istioctl, drawn(chosen.n, chosen.seed, bases)), shown=chosen.shown)


if __name__ == "__main__":
    main(sys.argv[1:])
