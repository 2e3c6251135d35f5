"""Where ``istioctl analyze`` and the rules differ, code by code: ``python -m tests.rules.analyzers --istioctl PATH [-n 500] [--seed 1]``.

The examples of the rules' pages are changed in one place each: a value becomes a misspelt one or that of another object, a field or a whole
object is left out, or an object is there twice. istioctl reads no Services, pods and Namespaces from files, so only what its analyzers say
of Istio's own objects is compared. docs/parity.md has the reason for each kind of difference; what is not there is a defect.
"""

import argparse
import copy
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kubectl_meshfix.documents.reading.list_kind import objects
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import ALL

Documents = list[dict[str, Any]]
Said = set[tuple[str, str]]
"""Codes of istioctl, each with the kind, namespace and name of an object."""


def of_pages() -> list[Documents]:
    """The objects of each example, with those that stand beside it."""
    texts = ((example.text, *example.beside.values()) for example in ALL if not example.is_settings)
    found = ([value for text in group for item in read(text).documents for _, value in objects(item.value)] for group in texts)
    return [group for group in found if group and all(isinstance(value, dict) and value.get("metadata") for value in group)]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every map or list with each of its keys or positions, and those of what stands in it."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def changed(chance: random.Random, documents: Documents) -> Documents:
    """The same objects with one change."""
    made = copy.deepcopy(documents)
    chosen = chance.choice(made)
    match chance.choice(("twice", "gone", "value", "value", "value", "field")):
        case "twice":
            made.append({**copy.deepcopy(chosen), "metadata": {**chosen["metadata"], "name": f"{chosen['metadata'].get('name')}-2"}})
        case "gone" if len(made) > 1:
            made.remove(chosen)
        case what:
            where, key = chance.choice(
                [(where, key) for name in ("metadata", "spec") for where, key in _places(chosen.get(name))] or [({}, "")]
            )
            texts = [at[name] for item in documents for at, name in _places(item) if isinstance(at[name], str)]
            if what == "value" and isinstance(where.get(key) if isinstance(where, dict) else where[key], str):
                where[key] = chance.choice((where[key][:-1] or "x", f"{where[key]}x", chance.choice(texts), chance.choice(texts)))
            elif key not in ("", "name"):
                del where[key]
    return made


def by_istioctl(istioctl: str, documents: Documents) -> Said:
    """What the analyzers say of some files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "objects.yaml"
        file.write_text("\n---\n".join(map(json.dumps, documents)), "utf-8")
        argv = [istioctl, "analyze", "--use-kube=false", "-A", "-o", "json", str(file)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout) if done.stdout.startswith("[") else []
    return {(row["code"], _placed(*row["origin"].split(" ", 1))) for row in rows or () if " " in row.get("origin", "")}


def _placed(kind: str, name: str) -> str:
    return f"{kind} {name if '/' in name else f'default/{name}'}"


def by_rules(documents: Documents) -> Said:
    """What the rules say, by the codes of istioctl that their findings carry."""
    report = diagnose(from_texts({"objects.yaml": "\n---\n".join(map(json.dumps, documents))})[0], RULES)
    rows = ((alias, row.resource) for row in report.findings for alias in row.aliases if alias.startswith("IST"))
    return {(code, f"{ref.kind} {ref.namespace or 'default'}/{ref.name}") for code, ref in rows}


def told(istioctl: str, sets: Sequence[Documents], *, shown: int) -> None:
    """Print how many agree, by code, and some that do not."""
    counts: Counter[tuple[str, str]] = Counter()
    differing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for documents in sets:
        theirs, ours = by_istioctl(istioctl, documents), by_rules(documents)
        for what, rows in (("both", theirs & ours), ("istioctl alone", theirs - ours), ("rules alone", ours - theirs)):
            for code, resource in rows:
                counts[code, what] += 1
                differing[code, what].append(resource)
    for (code, what), count in sorted(counts.items()):
        examples = "" if what == "both" else ", ".join(differing[code, what][:shown])
        sys.stdout.write(f"{code} {what}: {count} {examples}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--istioctl", required=True)
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3)
    args = parser.parse_args()
    by_chance, bases = random.Random(args.seed), of_pages()
    told(args.istioctl, [changed(by_chance, by_chance.choice(bases)) for _ in range(args.n)], shown=args.show)
