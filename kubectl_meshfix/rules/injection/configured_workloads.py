"""Which workloads Istio's configuration is about."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import DestinationRule, EnvoyFilter, Gateway, Sidecar, VirtualService
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
"""Kinds of configuration that are about workloads."""


class Use(NamedTuple):
    """An object of Istio's and the workloads it is about; an ``idle`` one does nothing at all unless these have a proxy."""

    resource: Ref
    text: str
    workloads: tuple[Workload, ...]
    idle: bool


def uses(mesh: Mesh) -> Iterator[Use]:
    """Every piece of configuration that is about workloads which were read."""
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        routes = (route for routes in (spec.http, spec.tls, spec.tcp) for route in routes)
        for host in dict.fromkeys(weighted.destination.host for route in routes for weighted in route.route):
            yield from _behind(mesh, host, virtual_service, "routes to")
    for rule in mesh.all(DestinationRule):
        yield from _behind(mesh, rule.spec.host, rule, "is about")
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


def _behind(mesh: Mesh, host: str, config: VirtualService | DestinationRule, verb: str) -> Iterator[Use]:
    """The workloads behind the Service that a host names."""
    named = hosts.service_of(hosts.fqdn(host, config.namespace))
    service = mesh.get(Service, named[1], named[0]) if named else None
    if service and service.spec.selector:
        workloads = mesh.workloads_selected(service.spec.selector, service.namespace)
        yield Use(config.ref, f"{config.ref} {verb} {service.ref}", workloads, idle=False)


def _selected(mesh: Mesh, resource: Ref, labels: dict[str, str], namespace: str | None) -> Use:
    return Use(resource, f"{resource} selects pods here", mesh.workloads_selected(labels, namespace), idle=True)
