"""The endpoints of Services (`pilot/pkg/serviceregistry/kube/controller/endpointslice.go`): pods by their selector, or listed ones."""

from collections.abc import Mapping

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodSpec, Service, ServicePort
from kubectl_meshfix.resources.istio_networking.gateways import ServerPort
from kubectl_meshfix.traffic.checks import endpoints as check
from kubectl_meshfix.traffic.destination import listed_endpoints
from kubectl_meshfix.traffic.destination.pods import selected, stand_in
from kubectl_meshfix.traffic.destination.service_entries import machines
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import selects_nothing

_BY_PLACE = ("topology.istio.io/", "topology.kubernetes.io/")
"""Labels that istiod gives to endpoints by where they run (`pilot/pkg/serviceregistry/util/label/label.go AugmentLabels`)."""

Found = tuple[Endpoint, ...] | Failure


class Wanted(msgspec.Struct, frozen=True):
    """Endpoints of a Service's port; ``subset`` is the name that belongs to ``labels``, defined at ``subset_at``.

    ``is_direct`` says that the caller connects to a pod's own address: then no target port counts, and the port is the Service's.
    """

    service: Service
    position: int
    subset: str = ""
    labels: Mapping[str, str] = {}
    with_machines: bool = True
    is_direct: bool = False
    subset_at: Where | None = None

    @property
    def port(self) -> ServicePort:
        """The port."""
        return self.service.spec.ports[self.position]

    @property
    def selector(self) -> dict[str, str]:
        """All labels that pods need."""
        return {**self.service.spec.selector, **self.labels}

    @property
    def at(self) -> Where:
        """The place of the selector, or of the port where there is none."""
        return Where(self.service.ref, "/spec/selector" if self.service.spec.selector else f"/spec/ports/{self.position}")


def of_service(mesh: Mesh, wanted: Wanted) -> Steps[Found]:
    """The endpoints of a Service's port that take requests, or may: pods by its selector, else those that somebody listed."""
    service, selector = wanted.service, wanted.service.spec.selector
    named = service.spec.ports[wanted.position] if wanted.position >= 0 else ServicePort()

    def port_of(spec: PodSpec) -> int | None:
        found = container_port(named, spec)
        return named.port if found and wanted.is_direct else found

    if not selector:
        listed = listed_endpoints.of_service(mesh, service, named)
        if listed is None:
            unknown = _unknown(mesh, f"the endpoints of {service.ref}")
            yield step(check.NOT_LISTED, wanted.at, unknown=unknown, host=str(service.ref))
            return (Endpoint(party=Party(plane=Plane.OUTSIDE, namespace=service.namespace), port=named.port, ready=unknown),)
        return (yield from _chosen(wanted, listed))
    labels = {key: value for key, value in wanted.selector.items() if not key.startswith(_BY_PLACE) or key in selector}
    if placed := sorted(wanted.selector.keys() - labels.keys()):
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="the places of pods", settled_by=CLUSTER)
        yield step(check.PLACED, wanted.at, unknown=unknown, labels=", ".join(placed))
    clash = any(selector.get(key, value) != value for key, value in wanted.labels.items())
    name = named.target_port if isinstance(named.target_port, str) else ""
    found = () if clash else (yield from selected(mesh, service.namespace, labels, port_of, name))
    if wanted.with_machines and not clash:
        port = ServerPort(number=named.port, name=named.name, target_port=named.target_port if isinstance(named.target_port, int) else 0)
        found = (*found, *machines(mesh, service.namespace, labels, port, with_names=False))
    if wanted.is_direct and named.target_port not in (None, 0, named.port):
        yield step(check.PORT_OF_SERVICE, Where(service.ref, f"/spec/ports/{wanted.position}/targetPort"), port=named.port)
    if found or clash or _is_known(mesh, service, labels):
        return (yield from _chosen(wanted, found))
    assumed = stand_in(mesh, service.namespace, labels, container_port(named, PodSpec()) or named.port)
    yield step(check.NOT_SEEN, wanted.at, unknown=_unknown(mesh, f"pods of {service.ref}"), host=str(service.ref), labels=words(labels))
    return assumed


def _is_known(mesh: Mesh, service: Service, labels: Mapping[str, str]) -> bool:
    """Whether pods that were not found do not exist: other clusters may have some, and manifests may lack their workload."""
    if registry(mesh).spans_clusters:
        return False
    return bool(mesh.workloads_selected(labels, service.namespace)) or selects_nothing(mesh, labels, service.namespace)


def _chosen(wanted: Wanted, found: tuple[Endpoint, ...]) -> Steps[Found]:
    """Of all endpoints those that take requests; ``publishNotReadyAddresses`` makes all of them take some."""
    service, host = wanted.service, str(wanted.service.ref)
    usable = found if service.spec.publish_not_ready_addresses else tuple(item for item in found if item.ready is not False)
    if usable:
        yield going_to(usable, wanted.at)
        return usable
    if found:
        yield step(check.NOT_READY, wanted.at, host=host, pods=names(found))
    elif not service.spec.selector:
        yield step(check.NONE_LISTED, wanted.at, host=host, port=wanted.port.port)
    elif wanted.subset:
        yield step(check.NONE_OF_SUBSET, wanted.subset_at or wanted.at, host=host, subset=wanted.subset, labels=words(wanted.selector))
    else:
        yield step(check.NONE, wanted.at, host=host, labels=words(wanted.selector))
    return Failure.NO_ENDPOINT


def going_to(found: tuple[Endpoint, ...], at: Where) -> Step:
    """Where requests go, in a step."""
    if all(item.party.plane is Plane.OUTSIDE for item in found):
        return step(check.OUTSIDE, at, endpoints=names(found))
    outcome = check.IF_READY if any(isinstance(item.ready, Unknown) for item in found) else check.READY
    return step(outcome, at, endpoints=names(found))


def position(service: Service, number: int) -> int:
    """The position of a port, that of TCP where UDP has the same number; -1 where there is none."""
    found = [(port.protocol == "UDP", i) for i, port in enumerate(service.spec.ports) if port.port == number]
    return min(found)[1] if found else -1


def names(found: tuple[Endpoint, ...]) -> str:
    """Endpoints in a sentence."""
    return ", ".join(
        dict.fromkeys(f"{item.party if item.party.workload else item.address or item.party} port {item.port}" for item in found)
    )


def words(labels: Mapping[str, str]) -> str:
    """Labels in a sentence."""
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) or "none"


def _unknown(mesh: Mesh, what: str) -> Unknown:
    return Unknown(kind=UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES, of=what, settled_by=CLUSTER)
