"""The namespaces of callers that an AuthorizationPolicy speaks of."""

from collections.abc import Collection, Iterator

from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.policy.evaluation.texts import matches_pieces


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
    return any(matches_pieces(pattern, name) for name in names)
