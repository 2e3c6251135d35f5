"""Words that Go reads as true or false: istiod's environment, and annotations."""

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def go_bool(text: str) -> bool | None:
    """What Go makes of a word; None for one that it refuses (`strconv.ParseBool`)."""
    return True if text in _TRUE else False if text in _FALSE else None
