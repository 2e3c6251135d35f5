"""What a caller's URL leads to, before any proxy sees the request."""

import difflib
from collections.abc import Sequence

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import address as check
from kubectl_meshfix.traffic.client.dns.cluster_names import in_cluster
from kubectl_meshfix.traffic.client.dns.names import below_services, candidates, is_address, is_of_cluster, may_be_public
from kubectl_meshfix.traffic.client.dns.numbers import of_number
from kubectl_meshfix.traffic.client.proxy_settings import captures_dns, uses_automatic_addresses
from kubectl_meshfix.traffic.client.view import View, look
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request

__all__ = ["Address", "AddressKind", "resolve"]

_LOCAL = frozenset({"localhost", "ip6-localhost"})


def resolve(mesh: Mesh, caller: Party, request: Request) -> Steps[Address | Failure]:
    """Where a caller connects to for a request's host: an address, or NO_SUCH_NAME.

    Names of pods go through the search path of their DNS policy. What only a DNS outside knows is taken to resolve.
    """
    name = request.host
    if is_address(name):
        return (yield from of_number(mesh, name))
    if name.rstrip(".") in _LOCAL:
        yield step(check.LOCAL, name=name)
        return Address(kind=AddressKind.LOOPBACK, address="127.0.0.1", name=name)
    if caller.plane is Plane.OUTSIDE:
        for full in candidates(name, "", caller.spec)[1:]:
            if found := (yield from in_cluster(mesh, full)):
                return found
        yield step(check.EXTERNAL, name=name)
        return Address(kind=AddressKind.EXTERNAL, name=name)
    alias = next((item for item in caller.spec.host_aliases if name in item.hostnames), None)
    if alias and is_address(alias.ip):
        yield step(check.ALIASED, _at(caller, "/spec/hostAliases"), name=name, address=alias.ip)
        return (yield from of_number(mesh, alias.ip))
    is_captured = captures_dns(mesh, caller)
    yield from _resolver(caller, is_captured=is_captured)
    view = look(mesh, caller)
    tried = candidates(name, caller.namespace, caller.spec)
    for full in tried:
        if found := (yield from in_cluster(mesh, full)):
            return found
        if is_captured and (entry := registered(view, full, with_automatic=uses_automatic_addresses(mesh, caller))):
            yield step(check.REGISTERED, Where(entry.resource), name=full, resource=str(entry.resource))
            address = next((item for item in entry.addresses if is_address(item)), "")
            return Address(kind=AddressKind.REGISTERED, host=entry.host, entry=entry, address=address, name=full)
    return (yield from _outside(mesh, view, name, tried))


def registered(view: View, full: str, *, with_automatic: bool) -> Entry | None:
    """The ServiceEntry that gives a full name an address for proxies with DNS capture (`pkg/dns/server/name_table.go BuildNameTable`).

    Wildcards answer for all names below them, the longest first.
    """
    exact = view.by_host.get(full)
    wildcards = sorted((host for host in view.by_host if host.startswith("*.") and hosts.is_within(full, host)), key=len, reverse=True)
    found = (exact, *(view.by_host[host] for host in wildcards))
    return next(
        (entry for entry in found if entry and not entry.is_kubernetes and _has_address(entry, with_automatic=with_automatic)), None
    )


def _has_address(entry: Entry, *, with_automatic: bool) -> bool:
    return (entry.has_automatic_address and with_automatic) or any(map(is_address, entry.addresses))


def _resolver(caller: Party, *, is_captured: bool) -> Steps[None]:
    policy = caller.spec.dns_policy or "ClusterFirst"
    at = _at(caller, "/spec/dnsPolicy")
    unknown = Unknown(kind=UnknownKind.RUNTIME, of="the pod's DNS", settled_by=CLUSTER)
    if policy == "None":
        yield step(check.OWN_DNS, at, unknown=unknown)
    elif policy == "Default" or (policy == "ClusterFirst" and caller.spec.host_network):
        yield step(check.NODE_DNS, at, unknown=unknown, policy=f"dnsPolicy {policy}")
    elif is_captured:
        yield step(check.PROXY_DNS, at)
    else:
        yield step(check.CLUSTER_DNS, at)


def _outside(mesh: Mesh, view: View, name: str, tried: Sequence[str]) -> Steps[Address | Failure]:
    """What becomes of a name that is none in the cluster, as far as it was read."""
    last = name.rstrip(".")
    service, namespace = _meant(last, tried)
    is_read = not namespace or mesh.knows(kinds.SERVICE, namespace)
    is_public = not is_of_cluster(last) and (last in registry(mesh).exact or may_be_public(last))
    is_there = bool(namespace) and (mesh.namespace(namespace) is not None or bool(mesh.within(Service, namespace)))
    if is_public or (not is_of_cluster(last) and is_read and not is_there):
        yield step(check.EXTERNAL, name=last)
        return Address(kind=AddressKind.EXTERNAL, host=last, entry=view.entry(last), name=last)
    if not is_read:
        unknown = Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"Service {namespace}/{service}", settled_by=CLUSTER)
        yield step(check.NOT_READ, unknown=unknown, name=name, namespace=namespace)
        return Address(kind=AddressKind.UNKNOWN, host=hosts.of_service(service, namespace), name=last, unknown=unknown)
    elsewhere = tuple(str(entry.resource) for entry in registry(mesh).by_name.get(service, ()))
    why = (
        f"namespace {namespace} has no Service {service}{_alike(mesh, service, namespace)}"
        if service
        else "the cluster's DNS has no such name"
    )
    yield step(check.NO_SUCH_NAME, evidence=elsewhere, name=name, why=why)
    return Failure.NO_SUCH_NAME


def _alike(mesh: Mesh, service: str, namespace: str) -> str:
    """The Services of a namespace whose names come near one that it does not have."""
    near = difflib.get_close_matches(service, [item.name for item in mesh.within(Service, namespace)], n=2)
    return f", but {' and '.join(near)}" if near else ""


def _meant(name: str, tried: Sequence[str]) -> tuple[str, str]:
    """The Service and the namespace that a name most likely means; empty for one that can be none."""
    named = [labels for full in (*tried, f"{name}.cluster.local") if len(labels := below_services(full)) == 2]
    return (named[0][0], named[0][1]) if named else ("", "")


def _at(caller: Party, path: str) -> Where | None:
    return Where(caller.workload.ref, f"{caller.workload.template_path}{path}") if caller.workload else None
