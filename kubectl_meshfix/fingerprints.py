"""What makes a finding the same finding tomorrow: lines may move, words may change, and entries may be put before others in a list."""

from collections.abc import Callable

import msgspec

from kubectl_meshfix.report import Diagnosis


class Fingerprint(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A rule, an object whatever its API version, and the place in it. Several findings may share one."""

    namespace: str = ""
    kind: str = ""
    name: str = ""
    code: str = ""
    path: str = ""
    group: str = ""


def fingerprint(row: Diagnosis, named: Callable[[str], str] = str) -> Fingerprint:
    """A finding's own. ``named`` makes a file's name the same wherever the command is run."""
    ref = row.resource
    name = named(ref.name) if ref.kind == "File" else ref.name
    return Fingerprint(ref.namespace or "", ref.kind, name, row.code, row.steady_path or row.path, ref.group)
