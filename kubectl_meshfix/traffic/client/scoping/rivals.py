"""Sidecars of which a proxy may use only one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar


class Rival(msgspec.Struct, frozen=True):
    """A Sidecar, and an older one that proxies use instead: those of ``workloads``, or all of the namespace where it is empty.

    ``is_order_known`` says whether it is known which is older; files do not say.
    """

    sidecar: Sidecar
    older: Sidecar
    workloads: tuple[Workload, ...]
    is_order_known: bool


def rivals(mesh: Mesh) -> Iterator[Rival]:
    """Each Sidecar that some proxies do not use because of an older one (`pilot/pkg/model/push_context.go initSidecarScopes`). Where it is
    not known which is older, both are.

    Those for one revision of istiod are left alone: they may be for different proxies.
    """
    unlabelled = (sidecar for sidecar in mesh.all(Sidecar) if REVISION_LABEL not in sidecar.labels)
    for found in grouped(unlabelled, lambda sidecar: sidecar.namespace).values():
        if len(found) > 1:
            ordered = sorted(found, key=lambda item: (item.metadata.creation_timestamp or "", item.name))
            general = [item for item in ordered if item.spec.workload_selector is None]
            found_here = [_rival(general[0], item, ()) for item in general[1:]]
            found_here += _selecting(mesh, [item for item in ordered if item.spec.workload_selector is not None])
            yield from found_here
            turned = (_rival(row.sidecar, row.older, row.workloads) for row in found_here if not row.is_order_known)
            yield from {row.sidecar.name: row for row in turned}.values()  # whichever is older, the other one is not used


def _selecting(mesh: Mesh, ordered: Sequence[Sidecar]) -> Iterator[Rival]:
    first: dict[int, Sidecar] = {}
    by_name = {item.name: item for item in ordered}
    for sidecar in ordered:
        taken: dict[str, list[Workload]] = defaultdict(list)
        labels = sidecar.spec.workload_selector.labels if sidecar.spec.workload_selector else {}
        for workload in mesh.workloads_selected(labels, sidecar.namespace):
            older = first.setdefault(id(workload), sidecar)  # the snapshot keeps its workloads
            if older is not sidecar:
                taken[older.name].append(workload)
        yield from (_rival(by_name[name], sidecar, tuple(workloads)) for name, workloads in taken.items())


def _rival(older: Sidecar, sidecar: Sidecar, workloads: tuple[Workload, ...]) -> Rival:
    is_known = bool(older.metadata.creation_timestamp and sidecar.metadata.creation_timestamp)
    return Rival(sidecar, older, workloads, is_known)
