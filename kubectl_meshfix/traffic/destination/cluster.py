"""Envoy's clusters: whether a proxy has one for the host, port and subset of a route, and what DestinationRules make of it."""

from collections.abc import Mapping, Sequence

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.control_plane import plane_of_revision
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_networking.destinations import ClientTLS, ConnectionPool, DestinationRule
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.checks import cluster as check
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.destination import traffic_policies as policies
from kubectl_meshfix.traffic.destination.destination_rules import rules_covering, rules_of_pod
from kubectl_meshfix.traffic.destination.places import Place, place_of
from kubectl_meshfix.traffic.destination.service_entries import has_no_source
from kubectl_meshfix.traffic.destination.subsets import holds_rules
from kubectl_meshfix.traffic.registry import Entry, Port, Resolution
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.routes import Target

_HTTP2 = frozenset({Protocol.HTTP2, Protocol.GRPC, Protocol.GRPC_WEB})


class Cluster(Struct, frozen=True):
    """Endpoints of one host and port as one proxy knows them. ``labels`` are those of the subset, which ``subset_at`` defines.

    ``resolution`` is NONE where requests go to the address that was called. ``tls`` is what a DestinationRule asks for, ``tls_at`` the
    place; None where istiod decides, and then ``endpoint_tls`` is the mode by which it marks endpoints, None where no rule says.
    ``asks_endpoints`` is set where istiod looks whether all endpoints have a sidecar. ``is_http2`` and ``keeps_version`` say which HTTP
    goes out: HTTP/2, or what the client speaks; else it is HTTP/1.1. ``limits`` and ``ejects`` are where a DestinationRule limits
    requests, and leaves endpoints out. ``is_for_some`` marks a rule with a ``workloadSelector``.
    """

    entry: Entry
    port: Port
    subset: str = ""
    labels: Mapping[str, str] = {}
    resolution: Resolution = Resolution.STATIC
    tls: ClientTLS | None = None
    tls_at: Where | None = None
    endpoint_tls: str | None = None
    asks_endpoints: bool = False
    is_http2: bool = False
    keeps_version: bool = False
    limits: Where | None = None
    ejects: Where | None = None
    is_for_some: bool = False
    rules: tuple[Ref, ...] = ()
    subset_at: Where | None = None


def cluster(mesh: Mesh, view: View, target: Target, port: int, *, is_l4: bool = False) -> Steps[Cluster | Failure | Unknown]:
    """The cluster that a proxy has for a target; ``port`` is the one that was called, and ``is_l4`` says that TCP or TLS routes lead there.

    NO_CLUSTER where it has none; Unknown where nobody who registers the host was read.
    """
    place = yield from place_of(mesh, view, target, port, is_l4=is_l4)
    if not isinstance(place, Place):
        return place
    entry, at = place.entry, target.at
    answers = rules_of_pod(mesh, entry.host, (view.party.namespace, view.party.labels), entry.namespace)
    resolution = _resolution(mesh, view, entry)
    made = [_made(view, place, target.subset, rules, resolution) for rules in answers]
    rules = answers[0]
    if any(other != made[0] for other in made[1:]):
        names = sorted({str(rule.ref) for answer in answers for rule in answer})
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="the age of DestinationRules", settled_by=CLUSTER)
        where = Where(answers[0][0].ref if answers[0] else entry.resource)
        yield step(check.UNORDERED, where, unknown=unknown, rules=" and ".join(names))
    yield _told_rules(entry, rules)
    found = made[0]
    if found is None and not holds_rules(mesh, entry.host, entry.namespace, mesh.find(at.resource) if at else None):
        kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
        unread = Unknown(kind=kind, of=f"subset {target.subset} of {entry.host}", settled_by="the DestinationRules")
        yield step(check.RULES_NOT_READ, at, unknown=unread, subset=target.subset, host=entry.host)
        return unread
    if found is None:
        lacking = [rule for rule in rules_covering(mesh, entry.host) if policies.subset_of((rule,), target.subset)]
        evidence = tuple(f"{rule.ref} defines it, and is not in force for this caller" for rule in lacking)
        yield step(check.UNDEFINED, at, evidence=evidence, subset=target.subset, host=entry.host)
        return Failure.NO_CLUSTER
    if target.subset and (defined := policies.subset_of(rules, target.subset)):
        labels = ", ".join(f"{key}={value}" for key, value in sorted(defined.subset.labels.items()))
        yield step(check.DEFINED, defined.at, subset=target.subset, labels=labels or "any labels")
    if has_no_source(mesh, entry, found.labels):
        yield step(check.EMPTY, Where(entry.resource, "/spec"), resource=str(entry.resource))
        return Failure.NO_CLUSTER
    if found.limits:
        yield step(check.LIMITED, found.limits)
    if found.ejects:
        yield step(check.EJECTS, found.ejects)
    return found


def _told_rules(entry: Entry, rules: Sequence[DestinationRule]) -> Step:
    if not rules:
        return step(check.NO_RULE, Where(entry.resource), host=entry.host)
    outcome = check.IN_FORCE if len(rules) == 1 else check.MERGED
    return step(outcome, Where(rules[0].ref), rules=" and ".join(str(rule.ref) for rule in rules), host=entry.host)


def _made(view: View, place: Place, subset: str, rules: Sequence[DestinationRule], resolution: Resolution) -> Cluster | None:
    """The cluster by rules that are merged into one; None where they do not define the subset.

    A subset has the type of its host's cluster, whatever its own load balancer (`cluster_builder.go buildSubsetCluster`).
    """
    entry, port = place
    found = policies.subset_of(rules, subset) if subset else None
    if subset and found is None:
        return None
    top, own = policies.top_policy(rules), policies.subset_policy(found) if found else None
    said = policies.settled(top, own, port.number, view.config.default_traffic_policy)
    goes_to_called = any(
        settings.balancer is not None and settings.balancer[0].simple == policies.PASSTHROUGH
        for settings in (said, policies.settled(top, None, port.number, view.config.default_traffic_policy))
    )
    whole = own if found else top
    balancer = whole.settings.load_balancer if whole else None
    pool = said.pool[0] if said.pool else ConnectionPool()
    return Cluster(
        entry=entry,
        port=port,
        subset=subset,
        labels=found.subset.labels if found else {},
        resolution=Resolution.NONE if goes_to_called else resolution,
        tls=said.tls[0] if said.tls else None,
        tls_at=said.tls[1] if said.tls else None,
        endpoint_tls=policies.tls_of_endpoints(top, own, port.number),
        asks_endpoints=entry.resolution is Resolution.NONE or (balancer is not None and balancer.simple == policies.PASSTHROUGH),
        is_http2=not pool.http.use_client_protocol and (port.protocol in _HTTP2 or _upgrades(view, port, pool)),
        keeps_version=pool.http.use_client_protocol or port.protocol is Protocol.UNSUPPORTED,
        limits=said.pool[1] or Where(entry.resource) if said.pool and _is_limited(pool) else None,
        ejects=said.outlier[1] or Where(entry.resource) if said.outlier else None,
        is_for_some=any(rule.spec.workload_selector for rule in rules),
        rules=tuple(sorted(rule.ref for rule in rules)),
        subset_at=found.at if found else None,
    )


def _resolution(mesh: Mesh, view: View, entry: Entry) -> Resolution:
    """How a proxy finds a host's endpoints (`pilot/pkg/networking/core/cluster.go convertResolution`).

    A gateway cannot send to the address that was called, for that is its own; other proxies can be told to choose a pod of a headless
    Service.
    """
    if entry.resolution is not Resolution.NONE:
        return entry.resolution
    revision = view.party.revision
    plane = plane_of_revision(mesh, revision)
    is_chosen = go_bool((plane.env or {}).get("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", "")) is True if plane else False
    is_service = isinstance(mesh.find(entry.resource), Service)
    return Resolution.STATIC if view.party.plane is Plane.GATEWAY or (is_service and is_chosen) else Resolution.NONE


def _is_limited(pool: ConnectionPool) -> bool:
    return any((pool.tcp.max_connections, pool.http.http1_max_pending_requests, pool.http.http2_max_requests, pool.http.max_retries))


def _upgrades(view: View, port: Port, pool: ConnectionPool) -> bool:
    """Whether HTTP/1.1 goes out as HTTP/2 (`pilot/pkg/networking/core/cluster_traffic_policy.go shouldH2Upgrade`)."""
    policy = pool.http.h2_upgrade_policy
    if policy in ("UPGRADE", "DO_NOT_UPGRADE"):
        return policy == "UPGRADE"
    return port.protocol in HTTP_LIKE and view.config.h2_upgrade_policy == "UPGRADE"
