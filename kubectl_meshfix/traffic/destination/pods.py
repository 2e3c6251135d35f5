"""The pods that a selector finds, as the endpoints of a port: those that run, or those that manifests make."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Steps, Where, answer, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.membership import predicted
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, PodSpec, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.traffic.checks import endpoints as check
from kubectl_meshfix.traffic.parties import parties_of, party_of_pod, planes
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.parties import Party, Plane

TLS_MODE = "security.istio.io/tlsMode"
"""The label by which istiod tells callers that an endpoint takes the mesh's TLS; ``istio``, which injection adds, or ``disabled``."""

DRAINING = "istio.io/draining"
"""The label that takes a pod out of use (`pilot/pkg/features/pilot.go DrainingLabel`)."""

PortOf = Callable[[PodSpec], int | None]
"""The container port of a pod; None where it has none of that name."""


def selected(mesh: Mesh, namespace: str, selector: Mapping[str, str], port_of: PortOf, name: str = "") -> Steps[tuple[Endpoint, ...]]:
    """The pods with all labels of a selector, ready or not; ``name`` is that of the container port that is looked for.

    Of a live cluster, the pods that run; of manifests, and where pods may not be read, those that workloads make.
    """
    found: list[Endpoint] = []
    for workload in mesh.workloads_selected(selector, namespace):
        if _has_live_pods(mesh, workload) or workload.has_ended:
            continue
        if getattr(workload.object.spec, "replicas", None) == 0:  # type: ignore[attr-defined]
            yield step(check.NO_REPLICAS, Where(workload.ref, "/spec/replicas"), workload=str(workload.ref))
            continue
        port = port_of(workload.spec)
        if port is None:
            yield step(check.NO_TARGET_PORT, Where(workload.ref, workload.template_path), workload=str(workload.ref), name=name)
            continue
        found += of_workload(mesh, workload, port)
    found += of_pods(mesh, (pod for pod in mesh.pods_selected(selector, namespace) if _has_live_pods(mesh, mesh.workload_of(pod))), port_of)
    return tuple(found)


def of_workload(mesh: Mesh, workload: Workload, port: int) -> tuple[Endpoint, ...]:
    """The pods that a workload makes, on one of their ports. Whether they are ready is not known."""
    kind = UnknownKind.UNREADABLE if mesh.is_live(workload.ref) else UnknownKind.RUNTIME
    ready = Unknown(kind=kind, of=workload.ref, settled_by=CLUSTER)
    replicas = getattr(workload.object.spec, "replicas", None)  # type: ignore[attr-defined]
    return tuple(
        Endpoint(
            party=found.value,
            port=port,
            ready=ready,
            count=replicas or 1,
            has_tls_label=_tls_mode(found.value) == "istio",
            given=found.given,
        )
        for found in answer(parties_of(mesh, workload))
    )


def of_pods(mesh: Mesh, pods: Iterable[Pod], port_of: PortOf, *, is_ready: bool | None = None) -> tuple[Endpoint, ...]:
    """Live pods, those that are alike as one; pods that end, have ended or are drained are left out.

    ``is_ready`` is what somebody else says of all of them, an EndpointSlice for one.
    """
    alive = (pod for pod in pods if not pod.metadata.deletion_timestamp and pod.status.phase not in ("Succeeded", "Failed"))
    found = [
        Endpoint(
            party=party_of_pod(mesh, pod),
            port=port,
            ready=pod.is_ready if is_ready is None else is_ready,
            address=pod.status.pod_ip,
            has_tls_label=pod.labels.get(TLS_MODE) == "istio",
        )
        for pod in alive
        if not pod.labels.get(DRAINING) and (port := port_of(pod.spec)) is not None
    ]
    return merged(found)


def merged(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Endpoints, those that are alike as one; its address is that of the first."""
    alike = grouped(endpoints, lambda item: (item.party.key, item.port, item.ready, item.has_tls_label, item.given))
    return tuple(msgspec.structs.replace(group[0], count=sum(item.count for item in group)) for group in alike.values())


def stand_in(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> tuple[Endpoint, ...]:
    """Pods that were not read, as they would be with these labels."""
    made = predicted(mesh, namespace, PodTemplate(metadata=Meta(labels=dict(labels))))
    kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
    unknown = Unknown(kind=kind, of=kinds.POD, settled_by=CLUSTER)
    return tuple(
        Endpoint(
            party=Party(plane=found.value, namespace=namespace, labels=labels, revision=made.revision),
            port=port,
            ready=unknown,
            has_tls_label=found.value is Plane.SIDECAR,
            given=found.given,
        )
        for found in planes(made)
    )


def pod_at(mesh: Mesh, address: str) -> Pod | None:
    """The live pod that has an address of its own."""
    index = mesh.cached("pods by address", lambda _: {pod.status.pod_ip: pod for pod in mesh.all(Pod) if not pod.spec.host_network})
    mesh.require(kinds.POD)
    return index.get(address) if address else None


def _has_live_pods(mesh: Mesh, workload: Workload) -> bool:
    """Whether the pods that run are those of a workload as it was read."""
    return mesh.is_live(workload.ref) and mesh.knows(kinds.POD, workload.namespace)


def _tls_mode(party: Party) -> str:
    """The value of the label on pods that are yet to be made (`istio-discovery/files/injection-template.yaml`)."""
    return party.labels.get(TLS_MODE, "istio" if party.plane is Plane.SIDECAR else "")
