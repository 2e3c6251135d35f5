"""Explanations as Mermaid flowcharts, for tickets and wikis that draw them."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.injection.explanation import Explanation, Stage
from kubectl_meshfix.render.chain.signs import MARKS, TITLES, decides, mark, outcome, shown_status
from kubectl_meshfix.render.text.terminal import safe_line

CLASSES = {
    Status.PASS: "fill:#e6f4ea,stroke:#1e8e3e,color:#000",
    Status.FAIL: "fill:#fce8e6,stroke:#d93025,color:#000",
    Status.WARN: "fill:#fef7e0,stroke:#f9ab00,color:#000",
    Status.UNKNOWN: "fill:#f1f3f4,stroke:#80868b,color:#000,stroke-dasharray:4",
    Status.SKIPPED: "fill:#f1f3f4,stroke:#dadce0,color:#80868b",
}
"""How each status looks."""


def mermaid(explanations: Sequence[Explanation]) -> str:
    """One chart; a target's stages from left to right, each with the check that decided it, in one line."""
    lines = ["flowchart LR", *(line for number, item in enumerate(explanations) for line in _chart(item, f"t{number}"))]
    lines += [f"  classDef {status} {look}" for status, look in CLASSES.items()]
    return "\n".join(lines) + "\n"


def _chart(item: Explanation, key: str) -> Iterator[str]:
    sign = mark(item.verdict)[0]
    status = {"?": Status.UNKNOWN, "✓": Status.PASS}.get(sign, Status.FAIL)
    yield f"  {key}({quoted(item.subject)})"
    previous = key
    for stage in item.stages:
        node = f"{key}_{stage.stage}"
        yield f"  {node}[{quoted(_stage(item, stage))}]:::{shown_status(item, stage.status)}"
        yield f"  {previous} --> {node}"
        previous = node
    yield f"  {key}_end({quoted(f'{sign} {outcome(item)}')}):::{status}"
    yield f"  {previous} --> {key}_end"


def _stage(item: Explanation, stage: Stage) -> str:
    """The stage with the step that decided, else with the first that has its status."""
    deciding = next((step for step in stage.steps if decides(item, step)), None)
    named = deciding or next((step for step in stage.steps if step.status is stage.status is not Status.PASS), None)
    sign = MARKS[shown_status(item, (named or stage).status)][0]
    return f"{TITLES[stage.stage]}: {sign} {named.check}" if named else f"{TITLES[stage.stage]}: {sign}"


def quoted(line: str) -> str:
    """Quoted text in which Mermaid and its HTML find nothing to obey."""
    codes = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "`": "#96;"}
    return '"' + "".join(codes.get(char, char) for char in safe_line(line)) + '"'
