"""Services of which every pod refuses what a caller's proxy sends, because of its TLS (`wire` and `accept`, put together)."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.chain.steps import Where, told
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.mesh.control_plane import control_planes, mesh_config
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic import hosts, peer_authentication
from kubectl_meshfix.traffic.client import view
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.coherence.peer_authentications import is_undecided
from kubectl_meshfix.traffic.coherence.seen import is_seen
from kubectl_meshfix.traffic.coherence.senders import groups
from kubectl_meshfix.traffic.destination.cluster import Cluster, cluster
from kubectl_meshfix.traffic.destination.destination_rules import rules_covering, rules_of_pod
from kubectl_meshfix.traffic.destination.endpoints import endpoints
from kubectl_meshfix.traffic.destination.tls import wire
from kubectl_meshfix.traffic.peer_authentication import Accepted, MTLSMode, accepted
from kubectl_meshfix.traffic.registry import Port, registry
from kubectl_meshfix.traffic.route.targets import targets
from kubectl_meshfix.traffic.server.accept import accept
from kubectl_meshfix.traffic.server.declared_ports import takes
from kubectl_meshfix.traffic.server.inbound import Chain
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Target
from kubectl_meshfix.traffic.terms.wire import Transport

_OF_TLS = frozenset(
    (
        Failure.NO_FILTER_CHAIN,
        Failure.NO_CERTIFICATE,
        Failure.BAD_CERTIFICATE,
        Failure.TLS_REFUSED,
        Failure.TLS_TO_HTTP,
        Failure.TLS_TO_PLAIN_TEXT,
    )
)


class Disagreement(msgspec.Struct, frozen=True):
    """A port of a Service, or of a subset, whose pods all refuse what the proxies of some callers send.

    ``by_client`` is the place of ``tls`` in a DestinationRule, None where istiod chooses. ``by_server`` is what the pods accept, None where
    they have no proxy. ``server`` is one of the workloads behind the port. ``by_namespace`` is the policy for the Service's whole namespace
    that has callers send plain text, where none of theirs sets ``tls``.
    """

    service: Service
    port: int
    cluster: Cluster
    sender: Party
    server: Party
    transport: Transport
    failure: Failure
    by_client: Where | None
    by_server: Accepted | None
    by_namespace: PeerAuthentication | None = None


INPUTS: tuple[Kind, ...] = tuple(
    dict.fromkeys((*view.INPUTS, *peer_authentication.INPUTS, *MEMBERSHIP_INPUTS, kinds.DESTINATION_RULE, kinds.WORKLOAD_ENTRY))
)
"""Kinds that decide, beside Services and workloads."""


class _Meeting(msgspec.Struct, frozen=True):
    """What comes of one call: the failure of all endpoints, None where one of them takes it."""

    found: Disagreement | None


def disagreements(mesh: Mesh) -> Iterator[Disagreement]:
    """One for each port of a Service, and each subset that routes name, for which there is some caller; none where anything is unknown."""
    for service in mesh.all(Service):
        if (
            service.spec.selector
            and service.spec.type != "ExternalName"
            and is_seen(mesh, service.namespace)
            and _may_disagree(mesh, service)
        ):
            host = hosts.of_service(service.name, service.namespace)
            entry = next((entry for entry in registry(mesh).exact.get(host, ()) if entry.resource == service.ref), None)
            for port in entry.ports if entry else ():
                if port.protocol is not Protocol.UDP:
                    yield from _of_port(mesh, service, host, port)


def wider_rule(mesh: Mesh, one: Disagreement) -> DestinationRule | None:
    """A rule with ISTIO_MUTUAL for more hosts, which a rule without ``tls`` keeps from the callers."""
    if one.by_client or not one.cluster.rules:
        return None
    host = hosts.of_service(one.service.name, one.service.namespace)
    others = (rule for rule in rules_covering(mesh, host) if rule.ref not in one.cluster.rules and rule.spec.traffic_policy)
    return next(
        (rule for rule in others if (policy := rule.spec.traffic_policy) and policy.tls and policy.tls.mode == "ISTIO_MUTUAL"), None
    )


def _may_disagree(mesh: Mesh, service: Service) -> bool:
    """Whether anything but Istio's own choice decides: a rule's ``tls``, no automatic mTLS, or a namespace that disables it."""
    rules = rules_covering(mesh, hosts.of_service(service.name, service.namespace))
    if is_undecided(mesh, service.namespace):
        return False
    if any(_sets_tls(rule) for rule in rules):
        return True
    if not mesh.all(PeerAuthentication):
        return False
    if not mesh_config(mesh).enable_auto_mtls or any(
        not mesh_config(mesh, plane.revision).enable_auto_mtls for plane in control_planes(mesh)
    ):
        return True
    general = accepted(mesh, service.namespace, {})
    return general is not None and general.mode is MTLSMode.DISABLE


def _sets_tls(rule: DestinationRule) -> bool:
    policies = (rule.spec.traffic_policy, *(subset.traffic_policy for subset in rule.spec.subsets))
    return any(policy.tls or any(level.tls for level in policy.port_level_settings) for policy in policies if policy)


def _of_port(mesh: Mesh, service: Service, host: str, port: Port) -> Iterator[Disagreement]:
    seen: set[tuple[Where | None, str]] = set()
    for group in groups(mesh, host, service.namespace):
        for sender in group:
            met = [meeting for subset in _subsets(mesh, host, sender, service) if (meeting := _meet(mesh, sender, service, port, subset))]
            for meeting in met:
                if meeting.found and (meeting.found.by_client, meeting.found.cluster.subset) not in seen:
                    seen.add((meeting.found.by_client, meeting.found.cluster.subset))
                    yield meeting.found
            if met:
                break


def _subsets(mesh: Mesh, host: str, sender: Party, service: Service) -> tuple[str, ...]:
    """The subsets of a host that routes name and whose policy sets ``tls``; and the host itself, unless they do."""
    routed = mesh.cached("subsets that routes name", _routed)
    rules = rules_of_pod(mesh, host, (sender.namespace, sender.labels), service.namespace)[0]
    own = [
        subset.name
        for rule in rules
        for subset in rule.spec.subsets
        if (host, subset.name) in routed and subset.traffic_policy
        if subset.traffic_policy.tls or any(level.tls for level in subset.traffic_policy.port_level_settings)
    ]
    return tuple(dict.fromkeys(own)) or ("",)


def _routed(mesh: Mesh) -> frozenset[tuple[str, str]]:
    return frozenset((target.host, target.subset) for item in mesh.all(VirtualService) for target in targets(item) if target.subset)


def _meet(mesh: Mesh, sender: Party, service: Service, port: Port, subset: str) -> _Meeting | None:
    """What comes of a call; None where the caller does not know the host, and where it is not known what it sends or who takes it."""
    host = hosts.of_service(service.name, service.namespace)
    made = told(cluster(mesh, look(mesh, sender), Target(host=host, port=port.number, subset=subset), port.number))
    if (
        not isinstance(made.value, Cluster)
        or made.value.entry.resource != service.ref
        or any(step.unknown is not None for step in made.steps)
    ):
        return None
    behind = told(endpoints(mesh, sender, made.value))
    if isinstance(behind.value, Failure) or any(step.unknown is not None for step in behind.steps) or not all(map(_is_known, behind.value)):
        return None
    is_http = port.protocol in (*HTTP_LIKE, Protocol.UNSUPPORTED)
    request = Request(scheme=Scheme.HTTP if is_http else Scheme.TCP, host=host, port=port.number)
    found: list[Disagreement] = []
    for endpoint in behind.value:
        if endpoint.party.plane is Plane.SIDECAR and not takes(mesh, endpoint.party, endpoint.port):
            return None
        sent = told(wire(mesh, sender, made.value, endpoint, request, all_endpoints=behind.value))
        taken = told(accept(mesh, endpoint, sent.value, request))
        failure = taken.value.failure if isinstance(taken.value, Chain) else taken.value
        if failure not in _OF_TLS or any(step.unknown is not None for step in (*sent.steps, *taken.steps)):
            return _Meeting(None)
        if failure is Failure.BAD_CERTIFICATE and sent.value.transport is Transport.ISTIO:
            return None
        party = endpoint.party
        by_server = accepted(mesh, party.namespace, party.labels, endpoint.port) if party.plane is Plane.SIDECAR else None
        by_client = made.value.tls_at
        by_namespace = None if by_client else _disabling(mesh, service, sender)
        found.append(
            Disagreement(service, port.number, made.value, sender, party, sent.value.transport, failure, by_client, by_server, by_namespace)
        )
    return _Meeting(found[0]) if found else None


def _disabling(mesh: Mesh, service: Service, sender: Party) -> PeerAuthentication | None:
    """The policy of a namespace because of which automatic mTLS sends plain text (`push_context.go BestEffortInferServiceMTLSMode`)."""
    general = accepted(mesh, service.namespace, {})
    is_automatic = mesh_config(mesh, sender.revision).enable_auto_mtls
    return general.policy if general and general.mode is MTLSMode.DISABLE and is_automatic else None


def _is_known(endpoint: Endpoint) -> bool:
    """Whether it is certain what stands before the pods: a sidecar, or nothing that takes the mesh's TLS.

    Pods without a sidecar that have the label for it, such as those of gRPC without a proxy, take it themselves.
    """
    is_bare = endpoint.party.plane is Plane.BARE and not endpoint.has_tls_label
    return endpoint.party.workload is not None and not endpoint.given and (is_bare or endpoint.party.plane is Plane.SIDECAR)
