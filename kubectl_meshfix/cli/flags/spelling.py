"""A command line as hands type it: other names of a verb, ``help``, and flags before the verb."""

from collections.abc import Mapping, Sequence

from kubectl_meshfix.errors import UsageError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "lint": ("diagnose",),
    "check": ("diagnose",),
    "analyze": ("diagnose",),
    "validate": ("diagnose",),
    "fix": ("apply",),
    "diff": ("apply", "--dry-run"),
}
"""Other names, and what they stand for. A flag of the meaning cannot be taken back: ``diff`` never changes anything."""

HELP = ("-h", "--help")


def arranged(arguments: Sequence[str]) -> list[str]:
    """The verb first and by its own name, then the flags that stood before it, then the rest; ``help`` as the flag that it means.

    Raises UsageError where flags stand before no verb.
    """
    leading, rest = split_leading(arguments)
    match rest:
        case [] if leading:
            raise UsageError(f"There is no verb after {' '.join(leading)}.", "Name one: kubectl meshfix diagnose, explain, apply, ….")
        case [] | ["help"] | ["--help=true", *_]:
            return ["--help"]
        case ["help", verb, *_]:
            rest = [verb, "--help"]
        case [verb, "help"]:
            rest = [verb, "--help"]
        case [_, option, *_] if option in HELP:
            leading = []
    verb, *words = rest
    name, *meant = ALIASES.get(verb, (verb,))
    end = words.index("--") if "--" in words else len(words)
    return [name, *leading, *words[:end], *meant, *words[end:]]


def split_leading(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The flags before the verb, each with its value, and what follows. A flag that no verb knows ends them: it is complained about."""
    rest = list(arguments)
    leading: list[str] = []
    while rest and rest[0].startswith("-") and rest[0] not in (*HELP, "--version", "--"):
        from kubectl_meshfix.cli.flags.options import before_the_verb  # noqa: PLC0415 -- few lines begin with a flag

        takes_value = before_the_verb()
        name, equals, _ = rest[0].partition("=")
        is_joined = name not in takes_value and name[:2] in takes_value and not name.startswith("--")
        if name not in takes_value and not is_joined:
            break
        leading.append(rest.pop(0))
        if rest and takes_value.get(name) and not equals:
            leading.append(rest.pop(0))
    return leading, rest
