"""Injectors of which several take the same pods, so that the one that is called last decides.

istiod injects a pod again that another one has injected before it, and what it adds replaces what was there
(`pkg/kube/inject/webhook.go reinsertOverrides`).
"""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.injection.apiserver import (
    Candidate,
    NamespaceLabels,
    WebhookMatch,
    find_candidate,
    injectors,
    matched,
    namespace_labels,
)
from kubectl_meshfix.injection.labels import INJECT, INJECTION, METADATA_NAME
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace


class Overlap(msgspec.Struct, frozen=True):
    """A webhook whose pods another one injects again, and the ``namespaces`` with such pods; none where no pod is known to be one."""

    overruled: Candidate
    last: WebhookMatch
    namespaces: tuple[str, ...]


def overlaps(mesh: Mesh) -> tuple[Overlap, ...]:
    """Each pair of webhooks of different istiods that take a pod, once a pair of configurations, in the order of their calls."""
    found: dict[tuple[str, str], tuple[Candidate, WebhookMatch, set[str]]] = {}
    for space, labels, is_there in (*_real(mesh), *_possible(mesh)) if len(injectors(mesh)) > 1 else ():
        sure = [match for match in matched(mesh, space, labels) if match.status is Status.PASS]
        for match in sure[:-1]:
            last, candidate = sure[-1], find_candidate(mesh, match)
            if candidate and (match.revision, match.namespace) != (last.revision, last.namespace):
                row = found.setdefault((match.configuration, last.configuration), (candidate, last, set()))
                row[2].update([space.labels[METADATA_NAME]] if is_there else ())
    return tuple(Overlap(candidate, last, tuple(sorted(names))) for candidate, last, names in found.values())


def _real(mesh: Mesh) -> Iterator[tuple[NamespaceLabels, Mapping[str, str], bool]]:
    """The namespaces, each with a pod that has no labels, and the workloads."""
    for space in mesh.all(Namespace):
        if not space.metadata.deletion_timestamp:
            yield namespace_labels(mesh, space.name), {}, True
    for workload in mesh.workloads:
        if not workload.has_ended:
            yield namespace_labels(mesh, workload.namespace), workload.labels, True


def _possible(mesh: Mesh) -> Iterator[tuple[NamespaceLabels, Mapping[str, str], bool]]:
    """Labels that somebody may give a namespace and a pod to ask for a sidecar (`analyzers/webhook/webhook.go`)."""
    selectors = (item for each in injectors(mesh) for item in (each.webhook.namespace_selector, each.webhook.object_selector))
    revisions = sorted({value for item in selectors for each in requirements(item) if each.key == REVISION_LABEL for value in each.values})
    asking: list[dict[str, str]] = [{}, *({REVISION_LABEL: revision} for revision in revisions)]
    for namespace in (*asking, {INJECTION: "enabled"}):
        for pod in (*asking, {INJECT: "true"}):
            yield NamespaceLabels(namespace), pod, False
