"""The conditions of an AuthorizationPolicy's rule, each with its place, in the names that Istio has for them.

A rule holds where one of its sources, one of its operations and all of its ``when`` hold (`pilot/pkg/security/authz/model/model.go New`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.istio_policy import AuthorizationRule, Operation, Source, When
from kubectl_meshfix.resources.meta import Struct

PRINCIPAL, NAMESPACE, SERVICE_ACCOUNT, TRUST_DOMAIN = "source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"
SOURCE_IP, REMOTE_IP, DESTINATION_IP, DESTINATION_PORT = "source.ip", "remote.ip", "destination.ip", "destination.port"
REQUESTER, AUDIENCES, PRESENTER = "request.auth.principal", "request.auth.audiences", "request.auth.presenter"
CLAIM, HEADER, METADATA = "request.auth.claims", "request.headers", "experimental.envoy.filters."
SNI, HOST, METHOD, PATH = "connection.sni", "host", "method", "path"

_EXACT = frozenset(
    (PRINCIPAL, NAMESPACE, SERVICE_ACCOUNT, TRUST_DOMAIN, SOURCE_IP, REMOTE_IP, DESTINATION_IP, DESTINATION_PORT, REQUESTER, AUDIENCES,
     PRESENTER, SNI)
)  # fmt: skip
NAMED = (CLAIM, HEADER, METADATA)
"""Attributes whose names go on in brackets."""

_HTTP = (REQUESTER, AUDIENCES, PRESENTER, CLAIM, HEADER, HOST, METHOD, PATH)

_ATTRIBUTES: Mapping[str, str] = {
    "principals": PRINCIPAL,
    "requestPrincipals": REQUESTER,
    "namespaces": NAMESPACE,
    "serviceAccounts": SERVICE_ACCOUNT,
    "trustDomains": TRUST_DOMAIN,
    "ipBlocks": SOURCE_IP,
    "remoteIpBlocks": REMOTE_IP,
    "hosts": HOST,
    "methods": METHOD,
    "paths": PATH,
    "ports": DESTINATION_PORT,
}


class Condition(Struct, frozen=True):
    """One field of a rule: an attribute and the values of which one has to match, or none where it ``is_negated``.

    ``label`` is how the field is written, ``path`` its JSON pointer in the policy. ``is_of_ztunnel`` says that it is ztunnel's, for which a
    ``*`` counts at the ends of a namespace alone.
    """

    attribute: str
    values: tuple[str, ...]
    is_negated: bool
    label: str
    path: str
    is_of_ztunnel: bool = False

    @property
    def is_of_when(self) -> bool:
        """Whether it stands in a rule's ``when``."""
        return self.label.removeprefix("not ") == self.attribute

    @property
    def is_of_http(self) -> bool:
        """Whether only HTTP has such an attribute."""
        return self.attribute.startswith(_HTTP)

    @property
    def wanted(self) -> str:
        """What it asks for, in a few words."""
        few = ", ".join(self.values[:4]) + (f" and {len(self.values) - 4} more" if len(self.values) > 4 else "")
        return f"none of {few}" if self.is_negated else few


class Clause(msgspec.Struct, frozen=True):
    """A part of a rule: alternatives of which one has to hold, each of them with all of its conditions. Without any it holds."""

    alternatives: tuple[tuple[Condition, ...], ...]


class RuleTerms(NamedTuple):
    """A rule in its parts: sources, operations, and one for each ``when``. ``path`` is its JSON pointer."""

    path: str
    sources: Clause
    operations: Clause
    when: tuple[Clause, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All parts; every one of them has to hold."""
        return (self.sources, self.operations, *self.when)

    @property
    def conditions(self) -> Iterator[Condition]:
        """All conditions."""
        return (condition for clause in self.clauses for alternative in clause.alternatives for condition in alternative)


def terms_of(rule: AuthorizationRule, index: int) -> RuleTerms | None:
    """A rule's parts; None for one that Istio drops, because a ``when`` asks for an attribute that does not exist."""
    if not all(is_attribute(when.key) for when in rule.when):
        return None
    path = join("spec", "rules", index)
    return RuleTerms(
        path=path,
        sources=Clause(tuple(tuple(_fields(item.source, f"{path}/from/{i}/source")) for i, item in enumerate(rule.from_))),
        operations=Clause(tuple(tuple(_fields(item.operation, f"{path}/to/{i}/operation")) for i, item in enumerate(rule.to))),
        when=tuple(Clause((tuple(_of_when(when, f"{path}/when/{i}")),)) for i, when in enumerate(rule.when)),
    )


def is_attribute(key: str) -> bool:
    """Whether Istio knows an attribute of ``when``."""
    return key in _EXACT or key.startswith(NAMED)


def names_in(key: str) -> tuple[str, ...] | None:
    """The names in an attribute's brackets, ``a`` and ``b`` in ``request.auth.claims[a][b]``; None where they cannot be read
    (`pilot/pkg/security/authz/model/util.go extractNameInNestedBrackets`).
    """
    prefix = next(name for name in NAMED if key.startswith(name))
    rest = key.removeprefix(prefix)
    if prefix == METADATA:
        name, bracket, inner = rest.partition("[")
        return (name, inner.removesuffix("]")) if bracket else None
    if not (rest.startswith("[") and rest.endswith("]")):
        return None
    inner = rest[1:-1]
    names = tuple(inner.split("]["))
    return names if prefix == CLAIM and not any("[" in name or "]" in name for name in names) else (inner,)


def _fields(part: Source | Operation, path: str) -> Iterator[Condition]:
    for name, label, attribute, is_negated in _named(type(part)):
        if values := getattr(part, name):
            yield Condition(attribute=attribute, values=values, is_negated=is_negated, label=label, path=join(*path[1:].split("/"), label))


@lru_cache(maxsize=2)
def _named(struct: type[Source] | type[Operation]) -> Sequence[tuple[str, str, str, bool]]:
    """The fields of a Struct: their names in Python and in YAML, the attribute, and whether the values must not match."""
    found = []
    for field in msgspec.structs.fields(struct):
        label = field.encode_name
        is_negated = label.startswith("not")
        positive = label[3].lower() + label[4:] if is_negated else label
        found.append((field.name, label, _ATTRIBUTES[positive], is_negated))
    return found


def _of_when(when: When, path: str) -> Iterator[Condition]:
    if when.values:
        yield Condition(attribute=when.key, values=when.values, is_negated=False, label=when.key, path=f"{path}/values")
    if when.not_values:
        yield Condition(attribute=when.key, values=when.not_values, is_negated=True, label=f"not {when.key}", path=f"{path}/notValues")
