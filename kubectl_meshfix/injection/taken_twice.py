"""Pods that several webhook configurations of the injector take, so that each injects them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.injection.apiserver import Candidate, injectors, matched, namespace_labels
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS as INPUTS
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace

__all__ = ["INPUTS", "TakenTwice", "taken_twice"]

_Names = tuple[tuple[str, str, str], ...]
"""Configuration, name and revision of webhooks, in the order of their calls."""


class TakenTwice(NamedTuple):
    """The webhooks that take the same pods in the order of their calls, the revisions that they lead to, and where these pods are."""

    webhooks: tuple[Candidate, ...]
    revisions: tuple[str, ...]
    namespaces: tuple[str, ...]

    @property
    def last(self) -> Candidate:
        """The webhook whose template is applied last: it replaces what those before it have injected
        (`pkg/kube/inject/webhook.go reapplyOverwrittenContainers`).
        """
        return self.webhooks[-1]


def taken_twice(mesh: Mesh) -> Iterator[TakenTwice]:
    """Each group of webhooks that take pods together: of a namespace by its labels alone, or of a workload in it by its template."""
    mesh.require(*INPUTS)
    found: dict[_Names, set[str]] = defaultdict(set)
    for space in mesh.all(Namespace):
        if not space.metadata.deletion_timestamp and (names := _taking(mesh, space.name, {})):
            found[names].add(space.name)
    for workload in mesh.workloads:
        if not workload.has_ended and not has_proxy(workload.spec) and (names := _taking(mesh, workload.namespace, workload.labels)):
            found[names].add(workload.namespace)
    by_name = {(item.configuration.name, item.webhook.name): item for item in injectors(mesh)}
    for names, namespaces in found.items():
        revisions = tuple(dict.fromkeys(revision for *_, revision in names))
        yield TakenTwice(tuple(by_name[name, webhook] for name, webhook, _ in names), revisions, tuple(sorted(namespaces)))


def _taking(mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> _Names:
    """The webhooks that surely take a pod; none where they are of one configuration."""
    taking = matched(mesh, namespace_labels(mesh, namespace), labels)
    sure = [match for match in taking if match.status is Status.PASS and match.assumed is None]
    several = len({match.configuration for match in sure}) > 1
    return tuple((match.configuration, match.webhook, match.revision) for match in sure) if several else ()
