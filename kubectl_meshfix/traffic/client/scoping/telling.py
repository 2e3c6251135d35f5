"""What is told of a proxy's scope: which Sidecar it uses, and what it knows of one host."""

from collections.abc import Sequence
from typing import Any

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import scope as check
from kubectl_meshfix.traffic.client.scoping.scope import Scope
from kubectl_meshfix.traffic.client.scoping.sidecars import Chosen
from kubectl_meshfix.traffic.discovery import is_discovered, is_for, revision_of
from kubectl_meshfix.traffic.registry import EXPORT_TO, Entry, registry
from kubectl_meshfix.traffic.terms.parties import Party, Plane

_SELECTOR = "/spec/workloadSelector/labels"


def sidecar_steps(party: Party, found: Chosen) -> Steps[None]:
    """Which Sidecar the proxy of a party uses, and which it does not."""
    if party.plane is not Plane.SIDECAR:
        return
    for other in found.passed_over:
        yield step(check.OF_OTHERS, Where(other.ref, _SELECTOR), sidecar=str(other.ref))
    sidecar = found.sidecar
    if sidecar is None:
        yield step(check.NO_SIDECAR, party=str(party), namespace=party.namespace)
        return
    name = str(sidecar.ref)
    if found.rivals:
        rivals = tuple(str(item.ref) for item in found.rivals)
        yield step(check.UNDECIDED, Where(sidecar.ref), evidence=rivals, unknown=_age_of(sidecar.ref), sidecar=name)
    elif found.is_of_root:
        yield step(check.OF_ROOT, Where(sidecar.ref), sidecar=name, namespace=party.namespace)
    elif sidecar.spec.workload_selector is not None:
        yield step(check.SELECTED, Where(sidecar.ref, _SELECTOR), sidecar=name)
    else:
        yield step(check.OF_NAMESPACE, Where(sidecar.ref), sidecar=name, namespace=party.namespace)


def host_steps(mesh: Mesh, party: Party, sidecar: Sidecar | None, scope: Scope, host: str) -> Steps[None]:
    """What a proxy knows of a full host, and what keeps it from knowing more."""
    registered = registry(mesh).exact.get(host, ())
    if not registered:
        yield step(check.UNREGISTERED, host=host)
        return
    read = [entry for entry in registered if entry.host == host]
    for entry in registered:
        is_read = yield from _reading(mesh, entry, party.revision)
        if not is_read:
            read.remove(entry)
    explicit = scope.explicit.get(host)
    if explicit:
        yield from _known(party, explicit, [entry for entry in read if entry.is_visible(party.namespace)])
    elif not read:
        yield step(check.UNREAD, Where(registered[0].resource), host=host)
    elif sidecar and host in scope.implied:
        yield step(check.IMPLIED, Where(sidecar.ref, "/spec/egress"), host=host, sidecar=str(sidecar.ref))
    elif hidden := next((entry for entry in read if not entry.is_visible(party.namespace)), None):
        path = f"/metadata/annotations/{EXPORT_TO.replace('/', '~1')}" if hidden.is_kubernetes else "/spec/exportTo"
        names: dict[str, Any] = {"host": host, "resource": str(hidden.resource), "namespace": party.namespace}
        yield step(check.NOT_EXPORTED, Where(hidden.resource, path), **names)
    elif sidecar:
        yield step(check.NOT_IMPORTED, Where(sidecar.ref, "/spec/egress"), host=host, sidecar=str(sidecar.ref))


def _reading(mesh: Mesh, entry: Entry, revision: str | None) -> Steps[bool]:
    at, obj = Where(entry.resource), mesh.find(entry.resource)
    discovered = is_discovered(mesh, entry.namespace, revision)
    if isinstance(discovered, Unknown):
        yield step(check.LABELS_UNKNOWN, at, unknown=discovered, namespace=entry.namespace)
    elif not discovered:
        yield step(check.NOT_DISCOVERED, at, namespace=entry.namespace, resource=str(entry.resource))
        return False
    own = revision_of(mesh, revision)
    if obj and not entry.is_kubernetes and not is_for(obj, own):
        label = obj.labels[control_plane.REVISION_LABEL]
        names: dict[str, Any] = {"resource": str(entry.resource), "label": label, "revision": own or control_plane.DEFAULT_REVISION}
        yield step(check.OF_ANOTHER_REVISION, Where(entry.resource, "/metadata/labels/istio.io~1rev"), **names)
        return False
    return True


def _known(party: Party, used: Entry, visible: Sequence[Entry]) -> Steps[None]:
    names: dict[str, Any] = {"host": used.host, "resource": str(used.resource)}
    at = Where(used.resource)
    others = tuple(str(entry.resource) for entry in visible if entry.resource != used.resource)
    if not others:
        yield step(check.KNOWN, at, **names)
    elif used.namespace == party.namespace:
        yield step(check.OF_SEVERAL, at, evidence=others, why="it is in the caller's namespace", **names)
    elif used.is_kubernetes:
        yield step(check.OF_SEVERAL, at, evidence=others, why="a Service of Kubernetes comes before a ServiceEntry", **names)
    elif all(entry.created for entry in visible):
        yield step(check.OF_SEVERAL, at, evidence=others, why="it is the oldest that is imported", **names)
    else:
        yield step(check.OLDEST_OF_SEVERAL, at, evidence=others, unknown=_age_of(used.resource), host=used.host)


def _age_of(resource: Ref) -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of=resource, settled_by=CLUSTER)
