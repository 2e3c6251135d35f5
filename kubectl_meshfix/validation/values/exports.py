"""``exportTo``: which namespaces see an object (`pkg/config/validation/validation.go validateExportTo`)."""

from kubectl_meshfix.validation.values.fields import items, text, texts
from kubectl_meshfix.validation.values.hosts import is_label
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_ALL, _OWN, _NONE = "*", ".", "~"


def exports(spec: Fields, metadata: Fields, *, may_be_none: bool = False, is_for_workloads: bool = False) -> Violations:
    """The namespaces of ``exportTo``. Only a ServiceEntry may have ``~``; a DestinationRule for workloads is for its own namespace."""
    own = text(metadata, "namespace")
    seen: set[str] = set()
    for path, word in texts(spec, "exportTo", "/spec"):
        namespace = own if word == _OWN and own else word
        if namespace in seen:
            also = f", which is {own}" if word != namespace else ""
            yield Violation(path=path, says=f'exportTo has "{word}"{also} twice', removes=True)
        elif namespace == _NONE and not may_be_none:
            yield Violation(path=path, says='exportTo has "~", and only a ServiceEntry can be hidden from all namespaces')
        elif namespace not in (_ALL, _OWN, _NONE) and not is_label(namespace):
            yield Violation(path=path, says=f'exportTo has "{word}", which is no namespace; write *, . or the name of a namespace')
        else:
            seen.add(namespace)
    yield from _together(seen, len(items(spec, "exportTo")), own, is_for_workloads=is_for_workloads)


def _together(seen: set[str], count: int, own: str, *, is_for_workloads: bool) -> Violations:
    path = "/spec/exportTo"
    is_elsewhere = seen != {own} and (bool(own) or len(seen) > 1 or _ALL in seen)
    if is_for_workloads and seen and is_elsewhere:
        yield Violation(
            path=path, says='exportTo names other namespaces, and with a workloadSelector it may only be "."', correction=[_OWN]
        )
    if _ALL in seen and count > 1:
        yield Violation(path=path, says='exportTo has "*" beside other namespaces, and "*" is all of them', correction=[_ALL])
    if _NONE in seen and count > 1:
        yield Violation(path=path, says='exportTo has "~" beside other namespaces, and "~" is none of them; leave out one or the other')
