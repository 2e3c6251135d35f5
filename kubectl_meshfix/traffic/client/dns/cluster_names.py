"""What a full name is in the cluster's DNS: a Service, another name, or a pod (`kubernetes/dns`, `docs/specification.md`)."""

from collections.abc import Sequence

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.workloads import StatefulSet
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import address as check
from kubectl_meshfix.traffic.client.dns.names import address_in, below_services, is_address, is_of_cluster
from kubectl_meshfix.traffic.client.dns.numbers import of_number
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind
from kubectl_meshfix.traffic.terms.failures import Failure


def in_cluster(mesh: Mesh, full: str, seen: Sequence[Service] = ()) -> Steps[Address | Failure | None]:
    """What a full name resolves to by the cluster's DNS; None for a name that it does not have, or that was not read.

    ``seen`` are the ExternalName Services that led here. Exports, Sidecars and discoverySelectors mean nothing to DNS.
    """
    if number := address_in(full):
        return (yield from of_number(mesh, number))
    match below_services(full):
        case (name, namespace):
            service = mesh.get(Service, namespace, name)
            return (yield from _of_service(mesh, full, service, seen)) if service else None
        case (hostname, name, namespace):
            service = mesh.get(Service, namespace, name)
            return (yield from _of_pod(mesh, full, hostname, service)) if service and service.is_headless else None
    return None


def entry_of(mesh: Mesh, service: Service) -> Entry | None:
    """What a Service is in the registry."""
    registered = registry(mesh).exact.get(hosts.of_service(service.name, service.namespace), ())
    return next((entry for entry in registered if entry.resource == service.ref), None)


def _of_service(mesh: Mesh, full: str, service: Service, seen: Sequence[Service]) -> Steps[Address | Failure]:
    at, called = Where(service.ref), str(service.ref)
    if service.spec.type == "ExternalName":
        return (yield from _of_alias(mesh, full, service, seen))
    entry = entry_of(mesh, service)
    host = entry.host if entry else full
    if not service.is_headless:
        yield step(check.SERVICE, at, name=full, service=called)
        number = service.spec.cluster_ip if is_address(service.spec.cluster_ip) else ""
        return Address(kind=AddressKind.SERVICE, host=host, entry=entry, address=number, name=full)
    if _has_no_pod(mesh, service):
        yield step(check.WITHOUT_PODS, at, name=full, service=called)
        return Failure.NO_SUCH_NAME
    yield step(check.HEADLESS, at, name=full, service=called)
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    pod = behind[0] if len(behind) == 1 else None
    return Address(kind=AddressKind.HEADLESS, host=host, entry=entry, is_pod=True, pod=pod, name=full)


def _of_alias(mesh: Mesh, full: str, service: Service, seen: Sequence[Service]) -> Steps[Address | Failure]:
    at, target = Where(service.ref, "/spec/externalName"), service.spec.external_name.rstrip(".").lower()
    if any(other.ref == service.ref for other in seen):
        yield step(check.STANDS_FOR_ITSELF, Where(service.ref), service=str(service.ref))
        return Failure.NO_SUCH_NAME
    yield step(check.STANDS_FOR, at, service=str(service.ref), name=target)
    if found := (yield from in_cluster(mesh, target, (*seen, service))):
        return found
    if is_of_cluster(target) and (len(below_services(target)) != 2 or mesh.knows(kinds.SERVICE, below_services(target)[1])):
        yield step(check.NO_SUCH_NAME, at, name=target, why=f"{service.ref} stands for a name that the cluster does not have")
        return Failure.NO_SUCH_NAME
    if is_of_cluster(target):
        name, namespace = below_services(target)
        unknown = Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"Service {namespace}/{name}", settled_by=CLUSTER)
        yield step(check.NOT_READ, at, unknown=unknown, name=target, namespace=namespace)
        return Address(kind=AddressKind.UNKNOWN, host=target, name=full, unknown=unknown)
    yield step(check.EXTERNAL, at, name=target)
    return Address(kind=AddressKind.EXTERNAL, host=target, name=target)


def _of_pod(mesh: Mesh, full: str, hostname: str, service: Service) -> Steps[Address | Failure]:
    """A pod by its own name below a headless Service: its hostname, that of a StatefulSet's pod being the pod's name."""
    at, called, found, entry = Where(service.ref), str(service.ref), _named(mesh, hostname, service), entry_of(mesh, service)
    host = entry.host if entry else full.partition(".")[2]
    if found is None and _knows_pods(mesh, hostname, service):
        yield step(check.NO_SUCH_NAME, at, name=full, why=f"{called} has no pod {hostname}")
        return Failure.NO_SUCH_NAME
    if found is None:
        unknown = Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"Pod {service.namespace}/{hostname}", settled_by=CLUSTER)
        yield step(check.SOME_POD, at, unknown=unknown, name=full, service=called)
        return Address(kind=AddressKind.HEADLESS, host=host, entry=entry, is_pod=True, name=full)
    workload, number = found
    yield step(check.POD, at, name=full, workload=str(workload.ref), service=called)
    return Address(kind=AddressKind.HEADLESS, host=host, entry=entry, address=number, is_pod=True, pod=workload, name=full)


def _named(mesh: Mesh, hostname: str, service: Service) -> tuple[Workload, str] | None:
    pods = mesh.pods_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    for pod in pods:
        if pod.spec.subdomain == service.name and hostname == (pod.spec.hostname or pod.name):
            return mesh.workload_of(pod), pod.status.pod_ip
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    for workload in behind:
        stem, _, ordinal = hostname.rpartition("-")
        match workload.object:
            case StatefulSet(spec=spec) if spec.service_name == service.name:
                replicas = 1 if spec.replicas is None else spec.replicas
                if stem == workload.name and ordinal.isdecimal() and int(ordinal) < replicas:
                    return workload, ""
            case _ if workload.spec.hostname == hostname and workload.spec.subdomain == service.name:
                return workload, ""
    return None


def _knows_pods(mesh: Mesh, hostname: str, service: Service) -> bool:
    """Whether a pod that has no such name does not exist: all pods were read, or the StatefulSet whose pods have such names was."""
    if mesh.live:
        return mesh.knows(kinds.POD, service.namespace)
    found = mesh.get(StatefulSet, service.namespace, hostname.rpartition("-")[0])
    return found is not None and found.spec.service_name == service.name


def _has_no_pod(mesh: Mesh, service: Service) -> bool:
    """Whether a headless Service is known to have no pod that DNS would name."""
    selector, namespace = service.spec.selector, service.namespace
    if not selector or not mesh.live or not all(mesh.knows(kind, namespace) for kind in (kinds.POD, kinds.WORKLOAD_ENTRY)):
        return False
    pods = mesh.pods_selected(selector, namespace)
    return not any(pod.is_ready or service.spec.publish_not_ready_addresses for pod in pods if not pod.metadata.deletion_timestamp)
