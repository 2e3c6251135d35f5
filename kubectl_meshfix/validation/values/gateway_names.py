"""The names by which a VirtualService calls gateways (`pkg/config/validation/validation.go validateGatewayNames`)."""

from kubectl_meshfix.validation.values.fields import texts
from kubectl_meshfix.validation.values.hosts import flaw, is_label
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning


def gateway_names(fields: Fields, path: str, *, is_of_gateway_api: bool = False) -> Violations:
    """``name``, ``namespace/name``, or the older full name of a Service. istiod looks no further than the first without a slash."""
    for place, name in texts(fields, "gateways", path):
        namespace, slash, bare = name.partition("/")
        if not slash:
            yield from _old(name, place)
            return
        if not is_label(namespace):
            flaw_of = f'has "{namespace}" for its namespace; write NAMESPACE/NAME' if namespace else "has no namespace before the slash"
            yield Violation(
                path=place, says=f'gateway "{name}" {flaw_of}', correction=bare if namespace == "." and is_label(bare) else None
            )
        if not bare:
            yield Violation(path=place, says=f'gateway "{name}" has no name after the slash')
        elif not is_label(bare) and not is_of_gateway_api:
            says = f'gateway "{name}" has "{bare}" for its name, which is 1 to 63 letters, digits and "-"'
            yield Violation(path=place, says=says)


def _old(name: str, path: str) -> Violations:
    if unlike := flaw(name):
        yield Violation(path=path, says=f'gateway "{name}" is no name of a gateway: {unlike}')
    elif "." in name:
        bare, namespace = name.split(".")[:2]
        yield warning(path, f'gateway "{name}" is written in an older way; write {namespace}/{bare}', correction=f"{namespace}/{bare}")
