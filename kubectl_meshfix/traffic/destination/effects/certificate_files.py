"""Client certificates that a DestinationRule takes from files of the proxy, and whether the proxies have them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.injection.labels import TEMPLATES
from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.destination.consolidated import Consolidated
from kubectl_meshfix.traffic.destination.destination_rules import in_use
from kubectl_meshfix.traffic.destination.effects.originating import Origination, originations
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.terms.parties import Party, Plane

USER_MOUNTS = "sidecar.istio.io/userVolumeMount"
"""The annotation that mounts volumes into the proxy (`istio.io/api/annotation`)."""

_OF_PROXY = ("/etc/certs", "/etc/istio", "/var/run/secrets", "/var/lib/istio")
"""Directories that the injector's template mounts into each proxy, or may."""


class Unmounted(msgspec.Struct, frozen=True):
    """A rule whose files some proxies lack: the workloads that use it and have them, and those that use it and do not."""

    by: Origination
    directory: str
    having: tuple[Workload, ...]
    lacking: tuple[Workload, ...]


def unmounted(mesh: Mesh) -> Iterator[Unmounted]:
    """Each place that names files which some sidecar lacks that gets the cluster (`core/cluster_tls.go constructUpstreamTLS`).

    Workloads whose proxy is set up in other ways, by templates or a container of their own, are not judged.
    """
    seen = set()
    for found in originations(mesh):
        file = found.tls.client_certificate
        if found.tls.mode != "MUTUAL" or not file or found.tls.credential_name or file.startswith(_OF_PROXY) or found.at in seen:
            continue
        seen.add(found.at)
        users = [(workload, mounts) for workload, mounts in _users(mesh, found) if mounts is not None]
        having = tuple(workload for workload, mounts in users if _is_below(file, mounts or ()))
        lacking = tuple(workload for workload, mounts in users if not _is_below(file, mounts or ()))
        if lacking:
            yield Unmounted(found, file.rpartition("/")[0] or "/", having, lacking)


def _users(mesh: Mesh, found: Origination) -> Iterator[tuple[Workload, tuple[str, ...] | None]]:
    """The workloads whose sidecars use a rule for the host, and where the annotation mounts volumes; None where that does not tell."""
    for namespace, sidecars in mesh.cached("sidecars by namespace", _sidecars).items():
        items = in_use(mesh, found.entry.host, namespace, found.entry.namespace)
        if not any(rule.ref == found.rule.ref for item in items for rule in item.rules):
            continue
        for workload, party in sidecars:
            if _is_used(items, found, party) and _knows(mesh, found, party):
                yield workload, _mounts(workload)


def _sidecars(mesh: Mesh) -> Mapping[str, Sequence[tuple[Workload, Party]]]:
    found: dict[str, list[tuple[Workload, Party]]] = defaultdict(list)
    for workload in mesh.workloads:
        parties = [item.value for item in answer(parties_of(mesh, workload))]
        if len(parties) == 1 and parties[0].plane is Plane.SIDECAR:
            found[workload.namespace].append((workload, parties[0]))
    return dict(found)


def _is_used(items: Sequence[Consolidated], found: Origination, party: Party) -> bool:
    own = (item for item in items if item.selector is not None and is_subset(dict(item.selector), party.labels))
    used = next(own, None) or next((item for item in items if item.selector is None), None)
    return used is not None and any(rule.ref == found.rule.ref for rule in used.rules)


def _knows(mesh: Mesh, found: Origination, party: Party) -> bool:
    entry = look(mesh, party).entry(found.entry.host)
    return entry is not None and entry.resource == found.entry.resource


def _mounts(workload: Workload) -> tuple[str, ...] | None:
    if TEMPLATES in workload.annotations or any(container.name == PROXY for container in workload.spec.containers):
        return None
    written = workload.annotations.get(USER_MOUNTS)
    if not written:
        return ()
    try:
        mounts = json.loads(written)
    except ValueError:
        return None
    items = mounts.values() if isinstance(mounts, dict) else mounts if isinstance(mounts, list) else ()
    return tuple(str(item.get("mountPath", "")) for item in items if isinstance(item, dict))


def _is_below(file: str, mounts: tuple[str, ...]) -> bool:
    return any(mount and (file == mount or file.startswith(f"{mount.rstrip('/')}/")) for mount in mounts)
