"""Names of subsets (`pkg/config/validation/validation.go validateSubsetName`)."""

from kubectl_meshfix.validation.values.hosts import is_label
from kubectl_meshfix.validation.violation import Violation, Violations


def subset_name(name: str, subset: str, path: str) -> Violations:
    """A subset's name, which is a DNS label. ``name`` is what the object calls it."""
    if not subset:
        yield Violation(path=path, says=f"a subset has no {name}")
    elif not is_label(subset):
        yield Violation(path=path, says=f'{name} of a subset is "{subset}"; it is 1 to 63 letters, digits and "-", with "-" only inside')
