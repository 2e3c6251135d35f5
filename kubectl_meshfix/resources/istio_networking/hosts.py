"""ServiceEntries and WorkloadEntries: hosts and machines that Kubernetes does not know (`networking/v1alpha3`)."""

from kubectl_meshfix.resources.istio_networking.destinations import WorkloadSelector
from kubectl_meshfix.resources.istio_networking.gateways import ServerPort
from kubectl_meshfix.resources.meta import Condition, Object, Struct


class Endpoint(Struct, frozen=True):
    """An endpoint of a ServiceEntry; ``ports`` are by the names that the ServiceEntry gives them."""

    address: str = ""
    labels: dict[str, str] = {}
    ports: dict[str, int] = {}
    service_account: str = ""


class ServiceEntrySpec(Struct, frozen=True):
    """Hosts added to the registry; ``addresses`` None (absent) and empty are two things."""

    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] | None = None
    ports: tuple[ServerPort, ...] = ()
    location: str = ""
    resolution: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    export_to: tuple[str, ...] = ()
    workload_selector: WorkloadSelector | None = None


class IstioStatus(Struct, frozen=True):
    """What istiod says of an object."""

    conditions: tuple[Condition, ...] = ()


class ServiceEntry(Object, frozen=True):
    """Hosts added to the registry."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "ServiceEntry"
    spec: ServiceEntrySpec = ServiceEntrySpec()
    status: IstioStatus = IstioStatus()


class WorkloadEntrySpec(Endpoint, frozen=True):
    """A workload outside of Kubernetes; ``ports`` are by the names that a Service or ServiceEntry gives them."""


class WorkloadEntry(Object, frozen=True):
    """A workload outside of Kubernetes."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "WorkloadEntry"
    spec: WorkloadEntrySpec = WorkloadEntrySpec()
    status: IstioStatus = IstioStatus()
