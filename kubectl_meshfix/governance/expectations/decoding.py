"""From a value in a file to a Struct, with the place of what does not fit."""

from typing import Any

from kubectl_meshfix.governance.placed_errors import Written, keys, listed, no_stranger, wrong
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.decode import Misfit, decode

HINT = 'A file of expectations begins with "tests:" (docs/test.md).'


def decoded(written: Written, path: str, value: Any, struct: type[Struct], what: str) -> Any:
    """The Struct that a map means. Raises UsageError for anything else, for keys that it does not have, and for values of other types."""
    if not isinstance(value, dict):
        raise wrong(written, path, f"Here a map belongs, with {listed(keys(struct), 'or')}.", HINT)
    no_stranger(written, path, value, struct, what)
    found = decode(value, struct)
    if isinstance(found, Misfit):
        raise wrong(written, path + found.path, f"{found.reason}.")
    return found
