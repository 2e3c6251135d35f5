"""What is called, in a rule of an AuthorizationPolicy: ``to[].operation``."""

from kubectl_meshfix.validation.values.fields import items
from kubectl_meshfix.validation.values.patterns import filled, paths, port_numbers
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_CHECKS = (
    ("hosts", "notHosts", filled),
    ("ports", "notPorts", port_numbers),
    ("methods", "notMethods", filled),
    ("paths", "notPaths", paths),
)


def operation(fields: Fields, path: str) -> Violations:
    """One operation."""
    if not any(items(fields, name) or items(fields, negated) for name, negated, _ in _CHECKS):
        yield Violation(path=path, says="an operation is empty; leave out to for requests of any kind")
    for name, negated, check in _CHECKS:
        yield from check(fields, name, path)
        yield from check(fields, negated, path)
