"""``.meshfix.yaml``: what a team has decided once, so that nobody has to type it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.read import Document, read
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance import object_patterns, placed_errors
from kubectl_meshfix.governance.config_files import text_of
from kubectl_meshfix.governance.placed_errors import Written, keys, listed
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import is_named
from kubectl_meshfix.severity import Severity
from kubectl_meshfix.sources.decode import Misfit, decode

Words = str | tuple[str, ...]
"""Names of rules, as a list or with commas between them."""


class Suppression(msgspec.Struct, frozen=True, rename="kebab"):
    """Findings of some rules about some objects, accepted for a reason and up to a day, which is the last."""

    code: Words = ()
    resource: str = ""
    reason: str = ""
    expires: str | None = None


class Settings(msgspec.Struct, frozen=True, rename="kebab"):
    """What may stand in the file; what is also a flag has the flag's name and meaning."""

    select: Words = ()
    ignore: Words = ()
    severities: dict[str, str] = {}
    protocols: dict[str, str] = {}
    scope: str = ""
    fail_on: str = ""
    revision: str = ""
    suppressions: tuple[Suppression, ...] = ()


class Config(msgspec.Struct, frozen=True):
    """Settings and where each stands: ``places`` are by JSON pointer."""

    file: str
    settings: Settings
    places: Mapping[str, Location]


VALUES: Mapping[str, tuple[str, ...]] = {"scope": ("mesh", "all"), "fail-on": ("error", "warning", "info", "never")}
"""Settings with a choice of words."""


def read_settings(file: str) -> Config:
    """The settings of a file. Raises UsageError with the place of what is wrong."""
    return parse_settings(text_of(file, "a settings file"), file)


def parse_settings(text: str, file: str) -> Config:
    """The settings of a text, all of them understood. Raises UsageError."""
    reading = read(text)
    problems = (*reading.problems, *(problem for document in reading.documents for problem in document.problems))
    for problem in problems:
        raise UsageError(
            f"{file}:{problem.line}:{problem.column}: {problem.reason}", "Correct the settings, or run without them: --config none."
        )
    if not reading.documents:
        return Config(file, Settings(), {})
    if len(reading.documents) > 1:
        raise UsageError(f"{file}:{reading.documents[1].line}: A second document begins here.", "A settings file holds one document.")
    return _Reader(file, reading.documents[0]).config()


def words(value: Words) -> tuple[str, ...]:
    """Names of rules, one by one."""
    return tuple(word for item in ((value,) if isinstance(value, str) else value) for word in item.replace(",", " ").split())


def last_day(text: str) -> date | None:
    """The day of ``expires``, None where it is none."""
    try:
        return date.fromisoformat(text) if len(text) == len("2027-01-31") else None
    except ValueError:
        return None


class _Reader:
    """One document and the complaints about it."""

    def __init__(self, file: str, document: Document) -> None:
        self.file, self.document, self.written = file, document, Written(file, document)

    def config(self) -> Config:
        value = self.document.value
        if not isinstance(value, dict):
            raise self.wrong("", "A settings file holds keys with values.", f"The keys are {listed(keys(Settings))}.")
        self.no_stranger("", value, Settings, "setting")
        entries = value.get("suppressions")
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                self.no_stranger(pointer.join("suppressions", index), entry, Suppression, "key of a suppression")
        settings = decode(value, Settings)
        if isinstance(settings, Misfit):
            raise self.wrong(settings.path, f"{settings.reason}.")
        self.check(settings)
        paths = [pointer.join("suppressions", index) for index in range(len(settings.suppressions))]
        return Config(self.file, settings, {path: self.place(path) for path in paths})

    def check(self, settings: Settings) -> None:
        self.rules("/select", settings.select)
        self.rules("/ignore", settings.ignore)
        self.rules("/severities", tuple(settings.severities))
        for word, severity in settings.severities.items():
            self.one_of(pointer.join("severities", word), severity, tuple(Severity))
        for port, protocol in settings.protocols.items():
            self.protocol(pointer.join("protocols", port), port, protocol)
        for key, known in VALUES.items():
            if chosen := getattr(settings, key.replace("-", "_")):
                self.one_of(f"/{key}", chosen, known)
        for index, item in enumerate(settings.suppressions):
            self.suppression(pointer.join("suppressions", index), item)

    def suppression(self, path: str, item: Suppression) -> None:
        missing = [key for key in ("code", "resource", "reason") if not getattr(item, key)]
        if missing:
            raise self.wrong(path, f"This suppression has no {missing[0]}.", "A suppression needs a code, a resource and a reason.")
        self.rules(f"{path}/code", item.code)
        if objection := object_patterns.why_invalid(item.resource):
            raise self.wrong(f"{path}/resource", objection, object_patterns.FORM)
        if item.expires is not None and last_day(item.expires) is None:
            raise self.wrong(
                f"{path}/expires", f'"{item.expires}" is not a date.', "Write the last day on which it is valid, such as 2027-01-31."
            )

    def protocol(self, path: str, port: str, protocol: str) -> None:
        if not (1 <= port.count("/") <= 2 and all(port.split("/"))):
            raise self.wrong(path, f'"{port}" does not name a port of a Service.', "Write NAMESPACE/SERVICE/PORT, such as shop/cart/8080.")
        known = [item for item in Protocol if item not in (Protocol.UNSUPPORTED, Protocol.UDP)]
        self.one_of(path, protocol.lower(), known)

    def rules(self, path: str, value: Words) -> None:
        known = [name for rule in RULES for name in (rule.code, rule.name, *rule.aliases)]
        for word in words(value):
            if not any(is_named(rule, word) for rule in RULES):
                near = nearest(word, known) or nearest(word.upper(), known)
                hint = f'Did you mean "{near}"?' if near else "See all of them with: kubectl meshfix rules"
                raise self.wrong(path, f'No rule is called "{word}".', hint)

    def one_of(self, path: str, value: str, known: Iterable[str]) -> None:
        if value not in known:
            raise self.wrong(path, f'"{value}" is not a value of {pointer.split(path)[0]}.', f"Write {listed(known, 'or')}.")

    def no_stranger(self, path: str, value: Mapping[str, Any], struct: type[msgspec.Struct], what: str) -> None:
        placed_errors.no_stranger(self.written, path, value, struct, what)

    def wrong(self, path: str, sentence: str, hint: str = "") -> UsageError:
        return placed_errors.wrong(self.written, path, sentence, hint)

    def place(self, path: str) -> Location:
        return placed_errors.place(self.written, path)
