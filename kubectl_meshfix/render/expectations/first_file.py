"""A first file of expectations, as text: what can be expected as YAML, what cannot as a comment."""

import json
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import msgspec

from kubectl_meshfix.expectations.drafts.terms import Draft, NoDraft, RequestDraft, WorkloadDraft
from kubectl_meshfix.expectations.judging import percent
from kubectl_meshfix.expectations.terms import Expected
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.traffic.terms.request import Request, Scheme

HEAD = """\
# Expectations of kubectl meshfix test, format tests.v1 (docs/test.md; the schema for editors is docs/schema/tests.v1.json).
# What happens to requests, and which workloads get a sidecar, as it is now. Change it to what has to stay so.
"""

_PLAIN = re.compile(r"[A-Za-z/][\w./@-]*(:[\w./@-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def first_file(drafts: Iterable[Draft]) -> str:
    """The whole file; without any expectation it is an empty list."""
    pieces = list(map(_piece, drafts))
    has_any = any(not piece.startswith("#") for piece in pieces)
    return HEAD + ("tests:\n" if has_any else "tests: []\n") + "".join(pieces)


def _piece(draft: Draft) -> str:
    match draft:
        case NoDraft(title=title, why=why):
            return f"# {safe_line(title)}: {safe_line(why)}.\n"
        case WorkloadDraft(workload=workload, namespace=namespace, injected=injected):
            place = {"namespace": namespace} if namespace else {}
            return f"- {flow({'workload': workload, **place, 'injected': injected})}\n"
        case RequestDraft():
            return "".join(f"{line}\n" for line in _lines(draft))


def _lines(draft: RequestDraft) -> Iterator[str]:
    yield f"- name: {scalar(draft.title)}"
    yield f"  from: {scalar(draft.caller)}"
    if draft.namespace:
        yield f"  namespace: {scalar(draft.namespace)}"
    yield f"  request: {written(draft.request)}"
    if len(draft.expected) == 1:
        yield f"  expect: {flow(_expected(draft.expected[0]))}"
    else:
        yield "  expect:"
        yield from (f"  - {flow(_expected(part))}" for part in draft.expected)


def written(request: Request) -> str:
    """A request as it is written: in a line where it has nothing but its method and URL."""
    line = str(request)
    headers = dict(request.headers)
    if not headers:
        return line if re.fullmatch(r"[A-Z]+ [\w:/.?&=%+~,;@!$()*-]+", line) else json.dumps(line, ensure_ascii=False)
    method, url = line.split(" ", 1)
    is_default = method == ("POST" if request.scheme is Scheme.GRPC else "GET")
    return flow({**({} if is_default else {"method": method}), "url": url, "headers": headers})


def _expected(part: Expected) -> dict[str, Any]:
    given = {name: value for name, value in msgspec.structs.asdict(part).items() if value not in (None, "", ())}
    return {name: _written_value(value) for name, value in given.items()}


def _written_value(value: Any) -> Any:
    """A share in percent, and a list of one as what is in it."""
    match value:
        case Fraction():
            return percent(value)
        case (only,):
            return only
        case _:
            return value


def flow(value: Any) -> str:
    """A value in one line of YAML."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str():
            return scalar(value)
        case _:
            return str(value)


def scalar(text: str) -> str:
    """A text as YAML: plain where nothing could read it as something else."""
    if re.fullmatch(r"\d+(\.\d+)?%", text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    return json.dumps(text, ensure_ascii=False)
