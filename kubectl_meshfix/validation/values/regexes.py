"""Regular expressions, as istiod tries them with Go's module (`pkg/config/validation/validation.go validateStringRegexp`)."""

from kubectl_meshfix.validation.violation import Violation, Violations

_LONGEST = 1024


def regex(name: str, pattern: str, path: str) -> Violations:
    """A regular expression of RE2, not empty. What is not read here, Unicode classes among it, is left alone."""
    from kubectl_meshfix.resources.re2.flaws import flaw  # noqa: PLC0415 -- few matches are regular expressions

    if not pattern:
        yield Violation(path=path, says=f"{name} is an empty regular expression")
    elif len(pattern.encode()) > _LONGEST:
        yield Violation(path=path, says=f"{name} is a regular expression of {len(pattern.encode())} bytes, and {_LONGEST} are the limit")
    elif unlike := flaw(pattern):
        yield Violation(path=path, says=f'{name} "{pattern}" is no regular expression of RE2: {unlike}')
