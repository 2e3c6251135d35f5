"""Who calls, in a rule of an AuthorizationPolicy: ``from[].source``."""

from kubectl_meshfix.validation.values.fields import items
from kubectl_meshfix.validation.values.patterns import blocks, filled, trust_domains
from kubectl_meshfix.validation.values.service_accounts import service_accounts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_CHECKS = (
    ("principals", "notPrincipals", filled),
    ("requestPrincipals", "notRequestPrincipals", filled),
    ("namespaces", "notNamespaces", filled),
    ("serviceAccounts", "notServiceAccounts", service_accounts),
    ("trustDomains", "notTrustDomains", trust_domains),
    ("ipBlocks", "notIpBlocks", blocks),
    ("remoteIpBlocks", "notRemoteIpBlocks", blocks),
)
_NAMES = tuple(name for *both, _ in _CHECKS for name in both)
_OF_ACCOUNTS = ("serviceAccounts", "notServiceAccounts")
_OF_ANYTHING_ELSE = ("principals", "notPrincipals", "namespaces", "notNamespaces")
_OF_CUSTOM = ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")


def source(fields: Fields, path: str, *, is_custom: bool) -> Violations:
    """One source. ``is_custom`` is whether the policy's action is CUSTOM, which only knows addresses."""
    held = [name for name in _NAMES if items(fields, name)]
    if not held:
        yield Violation(path=path, says="a source is empty; leave out from for callers of any kind")
    accounts = [name for name in _OF_ACCOUNTS if name in held]
    others = [name for name in _OF_ANYTHING_ELSE if name in held]
    if accounts and others:
        yield Violation(path=path, says=f"{accounts[0]} and {others[0]} cannot be used together in a source")
    if is_custom:
        for name in held:
            if name not in _OF_CUSTOM:
                yield Violation(path=f"{path}/{name}", says=f"{name} is not supported with the action CUSTOM")
    for name, negated, check in _CHECKS:
        yield from check(fields, name, path)
        yield from check(fields, negated, path)
