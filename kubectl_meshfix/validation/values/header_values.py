"""Values of headers that are set, with Envoy's variables in them (`pkg/config/validation/header_value_validator.go`)."""

import re

_FORBIDDEN = "[\x00-\x08\x0a-\x1f\x7f]"

_TEXT, _NAME, _ARGUMENTS, _STRING_NEXT, _STRING, _AFTER_STRING, _CLOSING, _END = range(8)
"""Where a reader is: outside of a variable; in ``%NAME``; after its ``(``; before, in and after a quoted text; before ``)`` and ``%``."""


def flaw(value: str) -> str:
    """What keeps a text from being a value that Envoy takes, as a clause; empty for a good one."""
    if re.search(_FORBIDDEN, value):
        return "it has a control character"
    state, at = _TEXT, 0
    while at < len(value):
        letter, has_next = value[at], at + 1 < len(value)
        if state == _TEXT:
            if letter == "%" and not has_next:
                return "a single % ends it; write %% for the sign"
            is_escaped = letter == "%" and value[at + 1] == "%"
            at += is_escaped
            state = _NAME if letter == "%" and not is_escaped else _TEXT
        elif state == _STRING and letter == "\\":
            if not has_next:
                return "a backslash ends it"
            at += 1
        else:
            following = _next(state, letter)
            if following is None:
                return f'"{letter}" is out of place in a variable, which is %NAME% or %NAME(ARGUMENTS)%'
            state = following
        at += 1
    return "" if state == _TEXT else "a variable that begins with % has no closing %; write %% for the sign"


def _next(state: int, letter: str) -> int | None:
    """Where a letter inside of a variable leads; None for one that may not stand there."""
    steps = {
        _NAME: {"%": _TEXT, "(": _ARGUMENTS},
        _ARGUMENTS: {"[": _STRING_NEXT, " ": _ARGUMENTS},
        _STRING_NEXT: {'"': _STRING, " ": _STRING_NEXT},
        _STRING: {")": _END, '"': _AFTER_STRING},
        _AFTER_STRING: {",": _STRING_NEXT, "]": _CLOSING, " ": _AFTER_STRING},
        _CLOSING: {")": _END, " ": _CLOSING},
        _END: {"%": _TEXT, " ": _END},
    }
    otherwise = {_NAME: _NAME, _ARGUMENTS: _STRING, _STRING: _STRING}
    return steps[state].get(letter, otherwise.get(state))
