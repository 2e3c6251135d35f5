"""Whose an IP address is."""

import ipaddress
from collections.abc import Mapping

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.traffic.checks import address as check
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind


def of_number(mesh: Mesh, number: str) -> Steps[Address]:
    """Whose an IP address is: a Service's, a pod's, one that a ServiceEntry lists, the caller's own, or none that was read."""
    if is_loopback(number):
        yield step(check.OF_LOOPBACK, address=number)
        return Address(kind=AddressKind.LOOPBACK, address=number, name=number)
    entry = _entries(mesh).get(number)
    if entry and entry.is_kubernetes:
        yield step(check.OF_SERVICE, Where(entry.resource, "/spec/clusterIP"), address=number, service=str(entry.resource))
        return Address(kind=AddressKind.SERVICE, host=entry.host, entry=entry, address=number, name=number)
    if pod := pod_at(mesh, number):
        workload = mesh.workload_of(pod)
        yield step(check.OF_POD, Where(pod.ref), address=number, workload=str(workload.ref))
        return Address(kind=AddressKind.POD, address=number, is_pod=True, pod=workload, name=number)
    if entry:
        yield step(check.OF_SERVICE_ENTRY, Where(entry.resource, "/spec/addresses"), address=number, resource=str(entry.resource))
        return Address(kind=AddressKind.REGISTERED, host=entry.host, entry=entry, address=number, name=number)
    yield step(check.OF_NOBODY, address=number)
    return Address(kind=AddressKind.EXTERNAL, address=number, name=number)


def pod_at(mesh: Mesh, number: str) -> Pod | None:
    """The pod that has an IP address of its own; pods on their node's network share that of the node."""
    mesh.require(kinds.POD)
    return mesh.cached("pods by address", _pods).get(number)


def is_loopback(number: str) -> bool:
    """Whether an IP address is the pod's own loopback."""
    try:
        return ipaddress.ip_address(number).is_loopback
    except ValueError:
        return False


def _pods(mesh: Mesh) -> Mapping[str, Pod]:
    ended = ("Succeeded", "Failed")
    return {
        pod.status.pod_ip: pod for pod in mesh.all(Pod) if pod.status.pod_ip and not pod.spec.host_network and pod.status.phase not in ended
    }


def _entries(mesh: Mesh) -> Mapping[str, Entry]:
    """The entries by the addresses that they have: the Service of Kubernetes where several have one."""
    known = registry(mesh)

    def index(_: Mesh) -> Mapping[str, Entry]:
        found: dict[str, Entry] = {}
        for entry in (item for items in known.exact.values() for item in items):
            for address in entry.addresses:
                number = address.removesuffix("/32").removesuffix("/128")
                if entry.is_kubernetes or number not in found:
                    found[number] = entry
        return found

    return mesh.cached("entries by address", index)
