"""What istiod's webhook says of an AuthorizationPolicy (`pkg/config/validation/validation.go ValidateAuthorizationPolicy`).

Its warning that a DENY of HTTP's attributes denies all of TCP is left out: rules about TCP ports say where that happens.
"""

from kubectl_meshfix.validation.security.conditions import condition
from kubectl_meshfix.validation.security.operations import operation
from kubectl_meshfix.validation.security.sources import source
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import attachment
from kubectl_meshfix.validation.values.fields import has, items, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_NEVER = "has no rules, and so is for no request; write rules: [{}] for all of them"


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in an AuthorizationPolicy."""
    action = text(spec, "action") or "ALLOW"
    is_custom = action == "CUSTOM"
    yield from annotations(metadata, action=action)
    yield from attachment(spec)
    yield from _action(spec, action)
    for path, rule in parts(spec, "rules", "/spec"):
        for place, entry in parts(rule, "from", path):
            if (caller := part(entry, "source")) is None:
                yield Violation(path=place, says="an entry of from has no source")
            else:
                yield from source(caller, f"{place}/source", is_custom=is_custom)
        for place, entry in parts(rule, "to", path):
            if (called := part(entry, "operation")) is None:
                yield Violation(path=place, says="an entry of to has no operation")
            else:
                yield from operation(called, f"{place}/operation")
        for place, entry in parts(rule, "when", path):
            yield from condition(entry, place, is_custom=is_custom)


def _action(spec: Fields, action: str) -> Violations:
    """What an action needs. An ALLOW without rules is meaningful, and so is an AUDIT: it allows or audits nothing."""
    if action in ("CUSTOM", "DENY") and not items(spec, "rules"):
        yield Violation(path="/spec", says=f"a policy of the action {action} {_NEVER}")
    elif action == "CUSTOM" and not text(part(spec, "provider"), "name"):
        path = "/spec/provider" if has(spec, "provider") else "/spec"
        yield Violation(path=path, says="a policy of the action CUSTOM needs provider.name, the extension provider that decides")
    if action != "CUSTOM" and has(spec, "provider"):
        yield Violation(path="/spec/provider", says=f"provider is only for the action CUSTOM, and this one is {action}")
