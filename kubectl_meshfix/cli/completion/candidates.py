"""The candidates for each parameter of a command line: names of objects, contexts, rules and runs."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import kubectl_meshfix
from kubectl_meshfix.cli.completion.line import Line
from kubectl_meshfix.cli.flags.fitting import NAMING
from kubectl_meshfix.cli.flags.options import ConnectionFlags

_HEADING = re.compile(r"# (MF\d+) (\S+)")


class Candidate(NamedTuple):
    """A word that would fit, and what it is. ``is_partial``: it is no whole word yet, so that no space may follow."""

    text: str
    about: str = ""
    is_partial: bool = False


def _rules(_line: Line, typed: str) -> Iterator[Candidate]:
    """Codes, or families and names where one is begun. From the headings of the rules' pages: loading the rules takes too long."""
    root = Path(kubectl_meshfix.__file__).parent / "rules"
    pages = sorted(root.rglob("*.md"))
    found = sorted(match.groups() for match in map(_HEADING.match, map(_first_line, pages)) if match)
    if not typed[:1].islower():
        yield from (Candidate(code, name) for code, name in found)
        return
    folders = sorted({page.relative_to(root).parts[0] for page in pages})
    yield from (Candidate(folder, "every rule of this family") for folder in folders)
    yield from (Candidate(name, code) for code, name in found)


def _first_line(page: Path) -> str:
    with page.open(encoding="utf-8") as file:
        return file.readline()


def _several(one: Callable[[Line, str], Iterable[Candidate]]) -> Callable[[Line, str], Iterable[Candidate]]:
    """The same in a list with commas.

    After a comma nothing is said of a word: where any word is described, kubectl's script for bash compares what is typed with words
    that `printf %q` has put a backslash before each comma of (cobra `bash_completionsV2.go`), and offers none.
    """

    def several(line: Line, typed: str) -> Iterator[Candidate]:
        head, comma, last = typed.rpartition(",")
        for candidate in one(line, last):
            if candidate.text not in head.split(","):
                yield candidate._replace(text=f"{head}{comma}{candidate.text}", about="" if comma else candidate.about)

    return several


def _runs(_line: Line, _typed: str) -> Iterator[Candidate]:
    from kubectl_meshfix.targets import journal  # noqa: PLC0415 -- only for undo

    for run in reversed(journal.runs()):
        if not isinstance(run, journal.Unreadable) and not run.is_undone:
            place = "files" if run.where.kind == "files" else run.where.context or run.where.server
            yield Candidate(run.id, f"{run.made[:16].replace('T', ' ')} {place}: {' '.join(run.findings)} in {len(run.changes)}")


def _of_kubeconfig(what: str) -> Callable[[Line, str], Iterable[Candidate]]:
    def named(line: Line, _typed: str) -> Iterator[Candidate]:
        from kubectl_meshfix.sources.api.kubeconfig_files import read_kubeconfigs  # noqa: PLC0415 -- parses YAML

        merged = read_kubeconfigs(_options(line).kubeconfig, os.environ)
        abouts: dict[str, Callable[[Any], str]] = {
            "contexts": lambda item: f"cluster {item.cluster}, namespace {item.namespace or 'default'}",
            "clusters": lambda item: item.server,
            "users": lambda _item: "",
        }
        for name, item in sorted(getattr(merged, what).items()):
            yield Candidate(name, abouts[what](item))

    return named


def _contexts(line: Line, typed: str) -> Iterator[Candidate]:
    yield Candidate("all", "every context of the kubeconfig")
    yield from _of_kubeconfig("contexts")(line, typed)


def _namespaces(line: Line, _typed: str) -> Iterator[Candidate]:
    from kubectl_meshfix.resources import kinds  # noqa: PLC0415 -- the table of kinds loads all of them

    yield from _names(line, kinds.NAMESPACE)


def _names(line: Line, kind: Any) -> Iterator[Candidate]:
    """What the cluster has of a kind; nothing where manifests are asked about, or of kinds that no rule judges."""
    from kubectl_meshfix.resources.kinds import UNJUDGED  # noqa: PLC0415
    from kubectl_meshfix.sources.completion_cache import cached_names  # noqa: PLC0415 -- only where a cluster has the answer

    asks_cluster = not {"filename", "kustomize"} & line.given.keys() or any(name in line.given for name in NAMING)
    if asks_cluster and kind not in UNJUDGED:
        for name in cached_names(_options(line), kind, everywhere="all_namespaces" in line.given):
            yield Candidate(name)


def _options(line: Line) -> Any:
    from kubectl_meshfix.sources.api.cluster_options import ClusterOptions  # noqa: PLC0415

    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(ConnectionFlags):
        if given := line.given.get(field.name):
            values[field.name] = given[-1] if field.default == "" else True if field.default is False else tuple(given)
    values.pop("request_timeout", None)
    return ClusterOptions(namespace=(line.given.get("namespace") or [""])[-1], **values)


def _targets(line: Line, typed: str) -> Iterator[Candidate]:
    """``TYPE``, ``TYPE NAME…`` and ``TYPE/NAME…``, as kubectl completes them."""
    from kubectl_meshfix.resources import kinds  # noqa: PLC0415

    word, slash, _ = typed.partition("/")
    first = line.arguments[0] if line.arguments else ""
    if slash:
        for kind in kinds.named(word):
            yield from (Candidate(f"{word}/{candidate.text}") for candidate in _names(line, kind))
    elif first and "/" not in first:
        for kind in (kind for part in first.split(",") for kind in kinds.named(part)):
            yield from (candidate for candidate in _names(line, kind) if candidate.text not in line.arguments)
    else:
        is_partial = "/" if first else ""
        offered = (
            (*kinds.WORKLOADS, kinds.NAMESPACE, kinds.SERVICE)
            if line.verb == "explain"
            else [kind for kind in kinds.KINDS if kind not in kinds.UNJUDGED]
        )
        for kind in offered:
            is_alone = sum(other.plural == kind.plural for other in kinds.KINDS) == 1
            about = " ".join(filter(None, (kind.kind, kind.group, f"({', '.join(kind.short)})" if kind.short else "")))
            yield Candidate((kind.plural if is_alone else kind.resource) + is_partial, about, is_partial=bool(is_partial))


def _trace_words(line: Line, typed: str) -> Iterator[Candidate]:
    """Who calls: kinds, or names of one once a slash is typed. Then what is called: URLs of Services. With --matrix, kinds alone."""
    from kubectl_meshfix.resources import kinds  # noqa: PLC0415 -- as in _targets

    if line.arguments and "matrix" not in line.given:
        for candidate in _names(line, kinds.SERVICE) if typed.startswith("http://") or not typed else ():
            yield Candidate(f"http://{candidate.text}", is_partial=True)
        return
    word, slash, _ = typed.partition("/")
    if slash:
        able = [*((kinds.GATEWAY, kinds.KUBERNETES_GATEWAY) if word in ("gateway", "gateways", "gw") else kinds.named(word))]
        for name in dict.fromkeys(candidate.text for kind in able for candidate in _names(line, kind)):
            yield Candidate(f"{word}/{name}")
        return
    for kind in kinds.WORKLOADS:
        yield Candidate(f"{kind.plural}/" if "matrix" not in line.given else kind.plural, kind.kind, is_partial="matrix" not in line.given)
    if "matrix" not in line.given:
        yield Candidate("gateway/", "Gateway of Istio or Kubernetes", is_partial=True)
        yield Candidate("outside", "a caller without a sidecar that no mesh knows")


VALUES: dict[str, Callable[[Line, str], Iterable[Candidate]]] = {
    "namespace": _namespaces,
    "context": _of_kubeconfig("contexts"),
    "contexts": _several(_contexts),
    "cluster": _of_kubeconfig("clusters"),
    "user": _of_kubeconfig("users"),
    "select": _several(_rules),
    "ignore": _several(_rules),
    "wanted": _rules,
    "run_id": _runs,
    "targets": _targets,
    "words": _trace_words,
}
"""The function that completes a parameter, by the parameter's name. A parameter with a fixed set of values needs none."""
