"""The words of steps. All of them stand in the table of checks."""

import re

from kubectl_meshfix.chain.steps import Step

_LOWERED = r"(The|No|None|A|An|Neither|Every|Only|All|Whether|Another|Pods|Files|Manifests|Some|Webhook|Container|With)(?= )"
"""First words that are written small in the middle of a sentence; names and kinds keep their capital."""


def sentence(step: Step) -> str:
    """A step in one sentence."""
    args = {name: clause(value) if isinstance(value, Step) else value for name, value in step.args.items()}
    return step.outcome.sentence.format(**args)


def clause(step: Step) -> str:
    """The same as a part of another sentence."""
    return lowered(sentence(step).removesuffix("."))


def joined(*steps: Step) -> str:
    """Steps that decide together, in one sentence: ``A; b.``"""
    first, *others = steps
    return "; ".join([sentence(first).removesuffix("."), *map(clause, others)]) + "."


def lowered(text: str) -> str:
    """A sentence as it goes on after a colon."""
    return re.sub(_LOWERED, lambda found: found[0].lower(), text, count=1) if re.match(_LOWERED, text) else text
