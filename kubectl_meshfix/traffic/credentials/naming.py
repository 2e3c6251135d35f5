"""Who names which Secret, and in which namespaces it has to be (`pilot/pkg/model/credentials/resource.go`, `pilot/pkg/xds/sds.go`)."""

from collections.abc import Iterator
from enum import Enum

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.destinations import ClientTLS, DestinationRule, TrafficPolicy
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.gateway.certificates import names_of, secret_of
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from kubectl_meshfix.traffic.gateway_pods import pods_of, selectable

INPUTS = (kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS, kinds.DESTINATION_RULE, *kinds.WORKLOADS, *control_plane.INPUTS)

_OF_SERVERS, _OF_CLIENTS = ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"), ("SIMPLE", "MUTUAL")


class Use(Enum):
    """What a Secret is for."""

    SERVER = "a server of Istio's Gateway"
    LISTENER = "a listener of Kubernetes' Gateway"
    CLIENT = "connections of a DestinationRule"


class Needed(msgspec.Struct, frozen=True):
    """A Secret that an object names at a JSON pointer, as ``written``, and the namespaces where it is looked for. It has to be in each of
    them, or in one where ``any_of``.
    """

    owner: Object
    path: str
    written: str
    name: str
    namespaces: tuple[str, ...]
    use: Use
    any_of: bool = False


def needed(mesh: Mesh, namespace: str | None = None) -> Iterator[Needed]:
    """The Secrets that are named by objects of a namespace, None for all. Where a gateway's pods are not known, neither is the place."""
    mesh.require(*INPUTS)
    for gateway in mesh.all(Gateway):
        if namespace in (None, gateway.namespace):
            yield from _of_servers(mesh, gateway)
    for kubernetes in mesh.all(KubernetesGateway):
        if namespace in (None, kubernetes.namespace) and classes.is_istios(mesh, kubernetes):
            yield from _of_listeners(kubernetes)
    for rule in mesh.all(DestinationRule):
        if namespace in (None, rule.namespace):
            yield from _of_clients(mesh, rule)


def _of_servers(mesh: Mesh, gateway: Gateway) -> Iterator[Needed]:
    places: tuple[str, ...] | None = None
    for position, server in enumerate(gateway.spec.servers):
        tls = server.tls
        for index, written in enumerate(names_of(tls) if tls and tls.mode in _OF_SERVERS else ()):
            places = tuple(sorted({workload.namespace for workload in pods_of(mesh, gateway)})) if places is None else places
            at = f"/spec/servers/{position}/tls"
            path = f"{at}/credentialNames/{index}" if tls and tls.credential_names else f"{at}/credentialName"
            found = secret_of(written, "") if places and not written.startswith("builtin://") else None
            if found and found[0] in ("", *places):  # one of another namespace is never read
                yield Needed(gateway, path, written, found[1], places, Use.SERVER)


def _of_listeners(gateway: KubernetesGateway) -> Iterator[Needed]:
    for position, listener in enumerate(gateway.spec.listeners):
        for index, ref in enumerate(listener.tls.certificate_refs if listener.tls and listener.tls.mode == "Terminate" else ()):
            if (ref.group, ref.kind) == ("", "Secret"):
                path = f"/spec/listeners/{position}/tls/certificateRefs/{index}/name"
                yield Needed(gateway, path, ref.name, ref.name, (ref.namespace or gateway.namespace,), Use.LISTENER)


def _of_clients(mesh: Mesh, rule: DestinationRule) -> Iterator[Needed]:
    """Sidecars read a credential only by a DestinationRule that selects them; gateways always (`core/cluster_tls.go`)."""
    for path, tls in _client_tls(rule):
        found = secret_of(tls.credential_name, "") if tls.credential_name and tls.mode in _OF_CLIENTS else None
        if not found or found[0] or tls.credential_name.startswith("builtin://"):
            continue
        selects = rule.spec.workload_selector is not None
        places = (rule.namespace,) if selects else tuple(sorted({workload.namespace for workload in selectable(mesh)}))
        if places:
            yield Needed(rule, f"{path}/credentialName", tls.credential_name, found[1], places, Use.CLIENT, any_of=not selects)


def _client_tls(rule: DestinationRule) -> Iterator[tuple[str, ClientTLS]]:
    if rule.spec.traffic_policy:
        yield from _of_policy("/spec/trafficPolicy", rule.spec.traffic_policy)
    for position, subset in enumerate(rule.spec.subsets):
        if subset.traffic_policy:
            yield from _of_policy(f"/spec/subsets/{position}/trafficPolicy", subset.traffic_policy)


def _of_policy(path: str, policy: TrafficPolicy) -> Iterator[tuple[str, ClientTLS]]:
    if policy.tls:
        yield f"{path}/tls", policy.tls
    for position, port in enumerate(policy.port_level_settings):
        if port.tls:
            yield f"{path}/portLevelSettings/{position}/tls", port.tls
