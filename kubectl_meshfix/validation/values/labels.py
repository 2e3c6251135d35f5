"""Labels of pods: what they may be (`pkg/config/labels/instance.go Validate`), and what selects by them."""

import re

from kubectl_meshfix.validation.values.fields import entries, part
from kubectl_meshfix.validation.values.hosts import LABEL
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_NAME = "(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY = re.compile(rf"(?:({LABEL}(?:\.{LABEL})*)/)?({_NAME})")
_LONGEST_PREFIX = 253
_LONGEST_NAME = 63


def labels(fields: Fields | None, name: str, path: str) -> Violations:
    """The keys and values of a map of labels. ``path`` is that of ``fields``."""
    for place, key, value in entries(fields, name, path):
        if unlike := _key_flaw(key):
            yield Violation(path=place, says=f'{name} has the key "{key}"; {unlike}')
        if isinstance(value, str) and not re.fullmatch(f"(?:{_NAME})?", value):
            says = f'{name}["{key}"] is "{value}"; a value is letters, digits, "-", "_" and ".", with a letter or digit at both ends'
            yield Violation(path=place, says=says)


def selector(fields: Fields | None, name: str, path: str, *, map_name: str, effect: str) -> Violations:
    """A selector of workloads: no wildcards and no empty keys; without labels a warning (`validateWorkloadSelector`).

    ``map_name`` is ``labels`` or ``matchLabels``; ``effect`` is what one without labels does.
    """
    chosen = part(fields, name)
    if chosen is None:
        return
    place = f"{path}/{name}"
    for where, key, value in entries(chosen, map_name, place):
        if not key:
            yield Violation(path=where, says=f'{name} has an empty key, with the value "{value}"')
        if "*" in key or "*" in str(value):
            yield Violation(path=where, says=f'{name} has "{key}: {value}", and wildcards are not supported there; write the label in full')
    if not part(chosen, map_name):
        yield warning(place, f"{name} has no {map_name}", effect=effect)


def _key_flaw(key: str) -> str:
    found = _KEY.fullmatch(key)
    if not found:
        return 'a key is letters, digits, "-", "_" and ".", with a letter or digit at both ends'
    if len(found[1] or "") > _LONGEST_PREFIX:
        return f"its domain is longer than {_LONGEST_PREFIX} letters"
    return f"its name is longer than {_LONGEST_NAME} letters" if len(found[2]) > _LONGEST_NAME else ""
