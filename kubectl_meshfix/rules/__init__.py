"""THE registry: every rule, sorted by code. A rule is a module and a page of the same name beside it.

``index.json`` holds what a rule declares, so that a run imports the modules of the rules it asks, and no others.
"""

from kubectl_meshfix.rules.index import read_index
from kubectl_meshfix.rules.rule import Rule

RULES: tuple[Rule, ...] = read_index()


def page(rule: Rule) -> str:
    """The rule's page, in Markdown."""
    from importlib import resources  # noqa: PLC0415 -- for pages alone

    package, _, module = rule.check.__module__.rpartition(".")
    return resources.files(package).joinpath(f"{module}.md").read_text(encoding="utf-8")
