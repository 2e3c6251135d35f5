"""Explanations as Mermaid flowcharts, for tickets and wikis that draw them."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.checks import Status
from kubectl_meshfix.injection.explanation import Explanation, Stage
from kubectl_meshfix.render.chain.table import outcome
from kubectl_meshfix.render.chain.terminal import MARKS, TITLES, matters
from kubectl_meshfix.render.text.terminal import safe_line

_CLASSES = {
    Status.PASS: "fill:#e6f4ea,stroke:#1e8e3e,color:#000",
    Status.FAIL: "fill:#fce8e6,stroke:#d93025,color:#000",
    Status.WARN: "fill:#fef7e0,stroke:#f9ab00,color:#000",
    Status.UNKNOWN: "fill:#f1f3f4,stroke:#80868b,color:#000,stroke-dasharray:4",
    Status.SKIPPED: "fill:#f1f3f4,stroke:#dadce0,color:#80868b",
}


def mermaid(explanations: Sequence[Explanation]) -> str:
    """One chart; a target's stages from left to right, each with the checks that matter."""
    lines = ["flowchart LR", *(line for number, item in enumerate(explanations) for line in _chart(item, f"t{number}"))]
    lines += [f"  classDef {status} {look}" for status, look in _CLASSES.items()]
    return "\n".join(lines) + "\n"


def _chart(item: Explanation, key: str) -> Iterator[str]:
    status = Status.UNKNOWN if item.verdict.injected is None else Status.PASS if item.verdict.as_requested else Status.FAIL
    yield f"  {key}({_text(item.subject)})"
    previous = key
    for stage in item.stages:
        node = f"{key}_{stage.stage}"
        yield f"  {node}[{_stage(item, stage)}]:::{stage.status}"
        yield f"  {previous} --> {node}"
        previous = node
    yield f"  {key}_end({_text(f'{outcome(item)}: {item.verdict.summary}')}):::{status}"
    yield f"  {previous} --> {key}_end"


def _stage(item: Explanation, stage: Stage) -> str:
    rows = [f"{MARKS[check.status][0]} {check.name}: {check.detail}" for check in matters(item, stage)]
    return _text(TITLES[stage.stage], *rows)


def _text(*lines: str) -> str:
    """Quoted text in which Mermaid and its HTML find nothing to obey."""
    codes = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "`": "#96;"}
    return '"' + "<br/>".join("".join(codes.get(char, char) for char in safe_line(line)) for line in lines) + '"'
