"""Who may make a request for a route: the gateway that it comes through, or a workload with a sidecar."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.expectations.drafts.terms import Opening
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.terms.parties import Plane

MOST = 6
"""So many workloads are tried for one opening, of different namespaces first."""


class Calling(msgspec.Struct, frozen=True):
    """A caller's word and namespace, and the labels of its pods."""

    word: str
    namespace: str
    labels: Mapping[str, str] = {}


def callers_for(mesh: Mesh, opening: Opening, home: str) -> list[Calling]:
    """Who may call, those of the route's own namespace first."""
    if opening.gateway:
        return [Calling(f"gateway/{opening.gateway}", opening.namespace)]
    able = [
        one
        for one in mesh.cached("callers of drafts", _sidecars)
        if is_subset(opening.labels, one.labels) and (not opening.namespaces or one.namespace in opening.namespaces)
    ]
    own = [one for one in able if one.namespace == home]
    others = {one.namespace: one for one in reversed(able) if one.namespace != home}
    accounts = [] if able or opening.labels else [Calling(f"{name}/default", "") for name in _namespaces(mesh, home)]
    return [*own[:2], *others.values(), *own[2:], *accounts][:MOST]


def word_of(workload: Workload) -> str:
    """``deploy/cart``."""
    return f"{_SHORT.get(workload.kind, workload.kind.singular)}/{workload.name}"


_SHORT = {kinds.DEPLOYMENT: "deploy", kinds.STATEFUL_SET: "sts", kinds.DAEMON_SET: "ds"}


def _sidecars(mesh: Mesh) -> Sequence[Calling]:
    """Workloads with a sidecar, those that run all the time first."""
    return tuple(
        Calling(word_of(item), item.namespace, item.labels)
        for item in sorted(mesh.workloads, key=lambda item: item.kind not in _SHORT)
        if not item.has_ended and not is_gateway(item) and Plane.SIDECAR in {found.value.plane for found in answer(parties_of(mesh, item))}
    )


def _namespaces(mesh: Mesh, home: str) -> Iterator[str]:
    """The namespaces that are there, the route's own first."""
    names = [item.name for item in mesh.all(Namespace)]
    yield from (name for name in names if name == home)
    yield from (name for name in names if name != home)
