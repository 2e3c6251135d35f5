"""The rules' pages: their examples, the objects that these name, and the words a reader sees above them.

An example is a fence with a title: ```` ```yaml bad +cart "the port has another name" ````. ``bad``, ``good`` or ``fixed`` says what it
shows, ``+cart`` names objects that are read beside it (`rules/given/cart.yaml`), and the quotes hold its name. `# expect: MF101` marks
the line that a rule finds. What is ``fixed`` is what the fixes make of the ``bad`` one of the same name, beside the same objects.
A fence titled ``answers`` holds what istiods and proxies answered when the ``bad`` or ``good`` example of its name was read
(`mesh/answers.py Answers`, as it is written).
"""

import re
from collections.abc import Callable, Iterator
from importlib import resources

import msgspec

FENCE = re.compile(r"^```yaml (?P<title>\S.*)\n(?P<text>(?:(?!```).*\n)*)```$", re.MULTILINE)
TITLE = re.compile(r'(?P<what>bad|good|fixed|answers)(?P<given>( \+[a-z0-9-]+)*)( "(?P<name>[^"]+)")?')
EXPECT = re.compile(r"# expect: (?P<codes>MF\d{3}(, MF\d{3})*)")

CAPTIONS = {"bad": "Wrong", "good": "Right", "fixed": "After the fix", "answers": "What was answered"}


class Given(msgspec.Struct, frozen=True):
    """Objects that examples name instead of repeating them, and in words what they are."""

    name: str
    says: str
    text: str


class Example(msgspec.Struct, frozen=True):
    """A fence: ``what`` it shows (bad, good, fixed, answers), its name, empty for none, what stands beside it, and its text as it is."""

    what: str
    name: str
    given: tuple[Given, ...]
    text: str


def examples(page: str) -> Iterator[Example]:
    """A page's fences with a title, in their order. Raises ValueError for a title that is none, KeyError for objects that are not there."""
    for fence in FENCE.finditer(page):
        yield _example(fence)


def given(name: str) -> Given:
    """The objects of a name. Raises KeyError where there are none."""
    file = resources.files("kubectl_meshfix.rules").joinpath("given", f"{name}.yaml")
    if not file.is_file():
        raise KeyError(f"rules/given/{name}.yaml")
    says, _, text = file.read_text(encoding="utf-8").partition("\n")
    return Given(name, says.removeprefix("# ").rstrip("."), text)


def all_given() -> tuple[Given, ...]:
    """All objects that examples may name, by their names."""
    files = resources.files("kubectl_meshfix.rules").joinpath("given").iterdir()
    return tuple(given(name) for name in sorted(file.name.removesuffix(".yaml") for file in files))


def captioned(page: str, link: Callable[[Given], str] = lambda item: item.says) -> str:
    """A page as it is read: words above each example in the place of its title, and the codes of what is found without ``expect``.

    ``link`` spells the objects beside an example.
    """

    def worded(fence: re.Match[str]) -> str:
        example = _example(fence)
        name = f": {example.name}" if example.name else ""
        beside = f" (with {' and '.join(map(link, example.given))})" if example.given else ""
        text = EXPECT.sub(r"# \g<codes>", example.text)
        return f"{CAPTIONS[example.what]}{name}{beside}:\n\n```yaml\n{text}```"

    return FENCE.sub(worded, page)


def _example(fence: re.Match[str]) -> Example:
    title = TITLE.fullmatch(fence["title"])
    if title is None:
        raise ValueError(f'{fence.string.partition(chr(10))[0]}: "{fence["title"]}" is not a title of an example')
    names = title["given"].split()
    return Example(title["what"], title["name"] or "", tuple(given(name.removeprefix("+")) for name in names), fence["text"])
