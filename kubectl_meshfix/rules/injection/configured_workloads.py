"""Which workloads Istio's configuration selects, routes to or configures calls to."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, Telemetry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts

INPUTS: tuple[Kind, ...] = (
    kinds.SERVICE,
    kinds.VIRTUAL_SERVICE,
    kinds.DESTINATION_RULE,
    kinds.GATEWAY,
    kinds.SIDECAR,
    kinds.ENVOY_FILTER,
    kinds.AUTHORIZATION_POLICY,
    kinds.TELEMETRY,
)
"""Kinds that configure workloads or calls to them, and the Services between."""


class Configuration(msgspec.Struct, frozen=True):
    """One of Istio's objects and the workloads it is for; ``evidence`` says how. Some have no effect unless these have a sidecar.

    ``service`` is the one through which it leads to them, where one does.
    """

    resource: Ref
    evidence: str
    workloads: tuple[Workload, ...]
    needs_sidecar: bool
    service: Service | None = None


def configurations(mesh: Mesh) -> Iterator[Configuration]:
    """Each object that configures workloads which were read, once for each host that it names."""
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        routes = (route for routes in (spec.http, spec.tls, spec.tcp) for route in routes)
        for host in dict.fromkeys(weighted.destination.host for route in routes for weighted in route.route):
            yield from _behind(mesh, host, virtual_service, "routes to")
    for rule in mesh.all(DestinationRule):
        yield from _behind(mesh, rule.spec.host, rule, "configures calls to")
    policies: list[AuthorizationPolicy | Telemetry] = [*mesh.all(AuthorizationPolicy), *mesh.all(Telemetry)]
    for policy in policies:
        labels = policy.spec.selector.match_labels if policy.spec.selector else {}
        if not policy.spec.target_ref and not policy.spec.target_refs:
            yield _selected(mesh, policy.ref, labels, policy.namespace)
    patches: list[Sidecar | EnvoyFilter] = [*mesh.all(Sidecar), *mesh.all(EnvoyFilter)]
    for patch in patches:
        labels = patch.spec.workload_selector.labels if patch.spec.workload_selector else {}
        if isinstance(patch, Sidecar) or not patch.spec.target_refs:
            yield _selected(mesh, patch.ref, labels, patch.namespace)
    for gateway in mesh.all(Gateway):
        if gateway.spec.selector:
            yield _selected(mesh, gateway.ref, gateway.spec.selector, None)


def _behind(mesh: Mesh, host: str, config: VirtualService | DestinationRule, verb: str) -> Iterator[Configuration]:
    """The workloads behind the Service that a host names."""
    named = hosts.service_of(hosts.fqdn(host, config.namespace))
    service = mesh.get(Service, named[1], named[0]) if named else None
    if service and service.spec.selector:
        workloads = mesh.workloads_selected(service.spec.selector, service.namespace)
        yield Configuration(config.ref, f"{config.ref} {verb} {service.ref}", workloads, needs_sidecar=False, service=service)


def _selected(mesh: Mesh, resource: Ref, labels: dict[str, str], namespace: str | None) -> Configuration:
    workloads = mesh.workloads_selected(labels, namespace)
    return Configuration(resource, f"{resource} selects pods of this namespace", workloads, needs_sidecar=True)
