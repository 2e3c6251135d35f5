"""What to say of a word that is no rule."""

import difflib
import re

from kubectl_meshfix.errors import UsageError

_OTHERS = {"IST": "istioctl's", "KIA": "Kiali's"}


def no_rule(word: str) -> UsageError:
    """The error for a word that means no rule: another tool's code without a counterpart, or the nearest words that do."""
    from kubectl_meshfix.rules import RULES  # noqa: PLC0415 -- only for an error
    from kubectl_meshfix.rules.choice import FAMILIES  # noqa: PLC0415
    from kubectl_meshfix.rules.coverage import ARGUED  # noqa: PLC0415

    if code := re.fullmatch(r"(IST|KIA)\d{4}", word, re.IGNORECASE):
        why = ARGUED.get(word.upper(), "")
        return UsageError(
            f"{_OTHERS[code[1].upper()]} {word.upper()} has no rule here.{f' {why}' if why else ''}",
            "docs/comparison.md and docs/parity.md say where the tools differ. All codes: kubectl meshfix rules --coverage",
        )
    known = [*FAMILIES, *(name for rule in RULES for name in (rule.code, rule.name, *rule.aliases))]
    near = difflib.get_close_matches(word, known, n=3) or difflib.get_close_matches(word.upper(), known, n=3)
    return UsageError(
        f'No rule is called "{word}".', f"Did you mean {' or '.join(near)}?" if near else "See all of them with: kubectl meshfix rules"
    )
