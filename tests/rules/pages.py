"""The examples of the rules' pages as tests read them: without their marks, beside the objects they name."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import yaml

from kubectl_meshfix import default_scope
from kubectl_meshfix.cli.work.governing import with_settings
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.governance.config import parse_settings
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.mesh.answers import NONE_ASKED, Answers
from kubectl_meshfix.mesh.istio_mentions import speaks_of_istio
from kubectl_meshfix.report import Report
from kubectl_meshfix.rules import RULES, page, pages
from kubectl_meshfix.rules.pages import EXPECT, Given
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts

FILE = "page.yaml"

CART = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports:
  - {name: fax, port: 80}
"""


class Example(NamedTuple):
    """One of a page's examples, its text without marks, what is ``expected``: where it stands, and the code, and what was answered."""

    rule: Rule
    what: str
    name: str
    text: str
    given: tuple[Given, ...] = ()
    expected: tuple[tuple[str, str], ...] = ()
    answers: Answers = NONE_ASKED

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
    found = list(pages.examples(text or page(rule)))
    answers = {item.name: msgspec.convert(yaml.safe_load(item.text), Answers) for item in found if item.what == "answers"}
    for example in found:
        if what in ("", example.what) and example.what != "answers":
            given = answers.get(example.name, NONE_ASKED) if example.what != "fixed" else NONE_ASKED
            yield _read(rule, example)._replace(answers=given)


def asked(snapshot: Snapshot, answers: Answers) -> Snapshot:
    """A snapshot of files with what istiods and proxies answered, as a cluster has it that they are a picture of."""
    return msgspec.structs.replace(snapshot, meshes=snapshot.meshes.map(lambda mesh: mesh.with_answers(answers)))


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


def run(example: Example) -> Report:
    """All rules over an example, which is of a mesh whether it says so or not, as far as it is reported without being asked for.

    Settings are laid over what is found in a Service, and only what is said of themselves counts.
    """
    if not example.is_settings:
        snapshot = asked(from_texts({FILE: example.text, **example.beside})[0], example.answers)
        report = diagnose(snapshot, RULES)
        return default_scope.of_files(report, (snapshot.mesh,)) if speaks_of_istio(snapshot.mesh) else default_scope.needed(report)
    snapshot, _ = from_texts({"cart.yaml": CART})
    looked = RunCoverage(ran=RULES, namespace=None, is_partial=False, folders=(), objects=("Service shop/cart",))
    report = with_settings(diagnose(snapshot, RULES), parse_settings(example.text, FILE), RULES, looked)
    rows = tuple(row for row in report.findings if row.location and row.location.file == FILE)
    assert [row.code for row in report.findings if row.suppressed] == ([] if rows else ["MF101"])
    return msgspec.structs.replace(report, findings=rows)


ALL = tuple(example for rule in RULES for example in examples(rule))
