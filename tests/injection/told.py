"""A chain as text, for tests that hold it against what it is to be."""

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.render.chain.signs import MARKS, headline


def shown(found: Explanation) -> str:
    """The headline, what decided, and every step of every stage."""
    verdict = found.verdict
    lines = [headline(found), f"decided by {verdict.decided_by.stage}: {verdict.decided_by.check}"]
    for stage in found.stages:
        lines.append(stage.stage)
        lines += [f"  {MARKS[step.status][0]} {step.check}: {sentence(step)}" for step in stage.steps]
    lines += [f"-> {advice.summary}" for advice in found.advice]
    return "\n".join(["", *lines, ""])
