"""The namespaces of callers that an AuthorizationPolicy speaks of."""

import re
from collections.abc import Collection, Iterator

from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy


def patterns(policy: AuthorizationPolicy) -> Iterator[tuple[str, str]]:
    """Each entry of ``namespaces`` and ``notNamespaces`` of its sources, by its JSON pointer."""
    for i, rule in enumerate(policy.spec.rules):
        for j, item in enumerate(rule.from_):
            for field, entries in (("namespaces", item.source.namespaces), ("notNamespaces", item.source.not_namespaces)):
                for k, pattern in enumerate(entries):
                    yield f"/spec/rules/{i}/from/{j}/source/{field}/{k}", pattern


def matches_any(pattern: str, names: Collection[str]) -> bool:
    """Whether an entry means one of the names.

    A ``*`` stands for anything, and case counts (`pilot/pkg/security/authz/model/generator.go srcNamespaceGenerator`).
    """
    if "*" not in pattern:
        return pattern in names
    first, *middle, last = map(re.escape, pattern.split("*"))
    regex = re.compile("".join([first, *(f"(?>.*?{part})" for part in middle), ".*", last]))
    return any(regex.fullmatch(name) for name in names)
