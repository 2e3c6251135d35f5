"""The examples of the rules' pages as tests read them: without their marks, beside the objects they name."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.rules import RULES, page, pages
from kubectl_meshfix.rules.pages import EXPECT, Given
from kubectl_meshfix.rules.rule import Rule

FILE = "page.yaml"


class Example(NamedTuple):
    """One of a page's examples, its text without marks, and what is ``expected``: where it stands, and the code."""

    rule: Rule
    what: str
    name: str
    text: str
    given: tuple[Given, ...] = ()
    expected: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """As tests call it."""
        return f"{self.rule.code}-{self.what}" + (f"-{self.name}" if self.name else "")

    @property
    def is_settings(self) -> bool:
        """Whether it is a team's settings, and not manifests."""
        return self.text.startswith("suppressions:")

    @property
    def beside(self) -> dict[str, str]:
        """The files that are read beside it."""
        return {f"given/{item.name}.yaml": item.text for item in self.given}


def examples(rule: Rule, what: str = "", text: str = "") -> Iterator[Example]:
    """A page's examples, all or those that show one thing; of the rule's own page unless another text is given."""
    for example in pages.examples(text or page(rule)):
        if what in ("", example.what):
            yield _read(rule, example)


def fixed(example: Example, text: str = "") -> Example | None:
    """What a bad example is meant to become: the fixed one of its name, or the only one of a page with one bad example."""
    found = list(examples(example.rule, "fixed", text))
    if len(found) == 1 and not found[0].name and len(list(examples(example.rule, "bad", text))) == 1:
        return found[0]._replace(given=example.given)
    return next((item._replace(given=example.given) for item in found if item.name and item.name == example.name), None)


def _read(rule: Rule, example: pages.Example) -> Example:
    lines = example.text.splitlines()
    marks = ((number, match) for number, line in enumerate(lines, 1) for match in EXPECT.finditer(line))
    expected = tuple((f"{FILE}:{number}", code) for number, match in marks for code in match["codes"].split(", "))
    text = "".join(f"{EXPECT.sub('', line).rstrip() if EXPECT.search(line) else line}\n" for line in lines)
    return Example(rule, example.what, example.name, text, example.given, expected)


ALL = tuple(example for rule in RULES for example in examples(rule))
