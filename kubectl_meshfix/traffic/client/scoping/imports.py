"""The hosts that an egress entry of a Sidecar imports (`pilot/pkg/model/sidecar.go convertIstioListenerToWrapper`)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE, NOWHERE

EVERYTHING = ("*/*",)
"""What a Sidecar without any egress entry imports, and a proxy without a Sidecar."""


class Imports(NamedTuple):
    """What is imported of one namespace, or of ``*``: hosts, wildcards, and those of them that are left out again."""

    exact: frozenset[str] = frozenset()
    wildcards: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def takes(self, host: str) -> bool:
        """Whether a registered host is among them (`hostClassification.Matches`)."""
        return host in self.exact or any(hosts.is_within(host, wildcard) for wildcard in self.wildcards)

    def follows(self, host: str) -> bool:
        """Whether a VirtualService's host is: it may cover more than is imported (`hostClassification.VSMatches`)."""
        if self.takes(host):
            return True
        candidates = (*self.exact, *self.wildcards) if host.startswith("*") else self.wildcards
        return any(hosts.matches(host, candidate) for candidate in candidates)

    def leaves_out(self, host: str) -> bool:
        """Whether ``~`` takes a host out again (`hostClassification.Excluded`)."""
        return any(hosts.is_within(host, excluded) for excluded in self.excluded)


NOTHING = Imports()


def imported(written: Iterable[str], namespace: str, *, can_exclude: bool = True) -> Mapping[str, Imports]:
    """What the hosts of an egress entry mean for proxies of a namespace, by the namespaces of the hosts' objects, or ``*``.

    Names are compared in full. What is not ``namespace/name`` imports nothing. Before Istio 1.32 ``~`` was no exclusion, only ``~/*``
    said that nothing is imported; ``can_exclude`` says which it is.
    """
    found: dict[str, Imports] = {}
    for word in written:
        if word.count("/") != 1:
            continue
        space, _, name = word.partition("/")
        is_excluded = space.startswith(NOWHERE)
        if is_excluded and not can_exclude:
            continue
        space = space.removeprefix(NOWHERE) or EVERYWHERE if is_excluded else space
        space = namespace if space == HERE else space
        before = found.get(space, NOTHING)
        if is_excluded:
            found[space] = before._replace(excluded=(*before.excluded, name))
        elif name.startswith("*"):
            found[space] = before._replace(wildcards=(*before.wildcards, name))
        else:
            found[space] = before._replace(exact=before.exact | {name})
    return found


def takes(imports: Mapping[str, Imports], host: str, namespace: str) -> bool:
    """Whether an egress entry imports a registered host of a namespace (`IstioEgressListenerWrapper.selectServices`)."""
    spaces = _of(imports, namespace)
    return any(item.takes(host) for item in spaces) and not any(item.leaves_out(host) for item in spaces)


def takes_all(imports: Mapping[str, Imports]) -> bool:
    """Whether an egress entry imports everything, as one that is implied does."""
    return list(imports) == [EVERYWHERE] and "*" in imports[EVERYWHERE].wildcards and not imports[EVERYWHERE].excluded


def follows(imports: Mapping[str, Imports], names: Iterable[str], namespace: str) -> bool:
    """Whether an egress entry imports routes for some of these hosts, which an object of a namespace has
    (`pilot/pkg/model/virtualservice.go SelectVirtualServices`).

    It is the routes' own namespace that is named, not that of their hosts.
    """
    spaces = _of(imports, namespace)
    return any(any(item.follows(host) for item in spaces) and not any(item.leaves_out(host) for item in spaces) for host in names)


def _of(imports: Mapping[str, Imports], namespace: str) -> tuple[Imports, ...]:
    return tuple(imports[space] for space in (namespace, EVERYWHERE) if space in imports)
