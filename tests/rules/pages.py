"""The fenced examples of the rules' pages."""

import re
from typing import NamedTuple

from kubectl_meshfix.rules import page
from kubectl_meshfix.rules.rule import Rule

FENCE = re.compile(r"^```yaml (?P<title>bad|good|fixed)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECT = re.compile(r"[ \t]*# expect: (?P<codes>MF\d{3}(, MF\d{3})*)")


class Example(NamedTuple):
    """A fenced text without its expectations, and the findings expected: (line, code)."""

    text: str
    expected: list[tuple[int, str]]

    @property
    def is_settings(self) -> bool:
        """Whether it is a team's settings, and not manifests."""
        return self.text.startswith("suppressions:")


def examples(rule: Rule) -> dict[str, list[Example]]:
    """A page's fences by title."""
    found: dict[str, list[Example]] = {"bad": [], "good": [], "fixed": []}
    for fence in FENCE.finditer(page(rule)):
        expected = [
            (number, code)
            for number, line in enumerate(fence["text"].splitlines(), 1)
            for match in EXPECT.finditer(line)
            for code in match["codes"].split(", ")
        ]
        found[fence["title"]].append(Example(EXPECT.sub("", fence["text"]), expected))
    return found
