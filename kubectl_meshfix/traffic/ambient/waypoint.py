"""Which waypoint is on the way of a request, if any (`pilot/pkg/serviceregistry/ambient/waypoints.go`).

ztunnel sends to waypoints, and gateways where they are told to. Sidecars and callers outside of the mesh never do.
"""

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Outcome, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.labels import GATEWAY_NAME, MANAGED
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, Binding, Traffic, WaypointName
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.traffic.checks import waypoint as checks
from kubectl_meshfix.traffic.parties import WAYPOINTS, party
from kubectl_meshfix.traffic.registry import Entry, Resolution
from kubectl_meshfix.traffic.terms.parties import Party, Plane

INGRESS_USE_WAYPOINT = "istio.io/ingress-use-waypoint"
"""On a Service or namespace: ``true`` lets ingress gateways send through its waypoint."""

_NO_PROXY_OF_ITS_OWN = frozenset({WAYPOINTS, "istio.io-eastwest-controller"})
_ANNOTATIONS = ("gateway.istio.io/service-account", "gateway.istio.io/name-override")
_PAST = {
    Binding.MISSING: checks.MISSING,
    Binding.NOT_READY: checks.NOT_READY,
    Binding.NOT_ADMITTED: checks.NOT_ADMITTED,
    Binding.OTHER_TRAFFIC: checks.OTHER_TRAFFIC,
}


class _Named(msgspec.Struct, frozen=True):
    """The label in force: whose it is, where it stands, and the waypoint that it names; None where it says ``none``."""

    owner: Object
    at: Where
    name: WaypointName | None
    is_inherited: bool

    @property
    def title(self) -> str:
        return str(self.owner.ref)


Waypoints = tuple[Alternative[Party | None], ...]
"""The waypoint on the way, None for none; both where nobody knows."""


def waypoint_for(mesh: Mesh, caller: Party, target: Entry | Workload) -> Steps[Waypoints]:
    """The waypoint that takes what a caller sends to a registered host, by its virtual IP, or to a pod by its own IP."""
    owner = target.object if isinstance(target, Workload) else mesh.find(target.resource)
    if owner is None:
        return (Alternative(None),)
    labels = target.labels if isinstance(target, Workload) else owner.labels
    if labels.get(MANAGED) in _NO_PROXY_OF_ITS_OWN:
        yield step(checks.IS_WAYPOINT, Where(owner.ref), target=str(owner.ref))
        return (Alternative(None),)
    named = _named(mesh, owner, target)
    if named is None:
        if mesh.namespace(owner.namespace) is None and not (mesh.live and mesh.knows(kinds.NAMESPACE)):
            unknown = Unknown(kind=UnknownKind.NOT_IN_FILES, of=Ref("v1", "Namespace", None, owner.namespace), settled_by=CLUSTER)
            yield step(checks.LABELS_UNREAD, unknown=unknown, namespace=owner.namespace)
        else:
            yield step(checks.NOT_NAMED, Where(owner.ref), target=str(owner.ref))
        return (Alternative(None),)
    if named.name is None:
        yield step(checks.OPTED_OUT, named.at, owner=named.title)
        return (Alternative(None),)
    if outcome := _passes_by(mesh, caller, owner, target):
        yield step(outcome, named.at, owner=named.title, waypoint=str(named.name))
        return (Alternative(None),)
    return (yield from _bound(mesh, named, named.name, Traffic.WORKLOAD if isinstance(target, Workload) else Traffic.SERVICE))


def waypoint_party(mesh: Mesh, gateway: KubernetesGateway) -> Party:
    """The pods of a waypoint: those that are there, or those that istiod makes of its Gateway."""
    ref = gateway.ref
    found = next(iter(mesh.workloads_selected({GATEWAY_NAME: gateway.name}, gateway.namespace)), None)
    revision = waypoints.revision_asked(mesh, gateway) or None
    account = next((gateway.metadata.annotations[key] for key in _ANNOTATIONS if key in gateway.metadata.annotations), gateway.name)
    if found is None:
        return _made(WaypointName(gateway.namespace, gateway.name), ref, account, revision)
    made = party(found, Plane.WAYPOINT, revision)
    return Party(
        plane=made.plane, namespace=made.namespace, labels=made.labels, annotations=made.annotations, service_account=made.service_account,
        spec=made.spec, workload=found, gateway=ref, revision=revision,
    )  # fmt: skip


def _made(name: WaypointName, ref: Ref, account: str, revision: str | None) -> Party:
    labels = {GATEWAY_NAME: name.name, MANAGED: WAYPOINTS}
    return Party(
        plane=Plane.WAYPOINT, namespace=name.namespace, labels=labels, service_account=account, gateway=ref, revision=revision
    )  # fmt: skip


def _named(mesh: Mesh, owner: Object, target: Entry | Workload) -> _Named | None:
    """The label of the object itself, else its namespace's; ``none`` on a namespace is nothing."""
    path = join("metadata", "labels", USE_WAYPOINT)
    labels = target.labels if isinstance(target, Workload) else owner.labels
    if USE_WAYPOINT in labels:
        own = target.template_path + path if isinstance(target, Workload) else path
        return _Named(owner, Where(owner.ref, own), waypoints.named_by(labels, owner.namespace), is_inherited=False)
    space = mesh.namespace(owner.namespace)
    found = waypoints.named_by(space.labels, owner.namespace) if space else None
    return _Named(space, Where(space.ref, path), found, is_inherited=True) if space and found else None


def _passes_by(mesh: Mesh, caller: Party, owner: Object, target: Entry | Workload) -> Outcome | None:
    """Why a caller sends nothing to waypoints; None where it does (`pilot/pkg/xds/endpoints/endpoint_builder.go findServiceWaypoint`)."""
    match caller.plane:
        case Plane.AMBIENT:
            return None
        case Plane.SIDECAR | Plane.WAYPOINT:
            return checks.SIDECARS_PASS
        case Plane.GATEWAY:
            space = mesh.namespace(owner.namespace)
            labels = owner.labels if INGRESS_USE_WAYPOINT in owner.labels else space.labels if space else {}
            if labels.get(INGRESS_USE_WAYPOINT, "").lower() != "true" or isinstance(target, Workload):
                return checks.GATEWAYS_PASS
            return checks.NO_ADDRESS if target.resolution is Resolution.NONE and not target.addresses else None
        case _:
            return checks.OTHERS_PASS


def _bound(mesh: Mesh, named: _Named, name: WaypointName, traffic: Traffic) -> Steps[Waypoints]:
    gateway = waypoints.find(mesh, name)
    binding = waypoints.bind(mesh, named.owner, name, traffic)
    if binding is Binding.OTHER_TRAFFIC and named.is_inherited and traffic is Traffic.WORKLOAD:
        yield step(checks.INHERITED, named.at, waypoint=str(name), namespace=named.owner.name, traffic=traffic.value)
        return (Alternative(None),)
    if gateway is None and binding is Binding.UNKNOWN:
        ref = Ref("gateway.networking.k8s.io/v1", "Gateway", name.namespace, name.name)
        unknown = Unknown(kind=UnknownKind.NOT_IN_FILES, of=ref, settled_by=CLUSTER)
        yield step(checks.MAY_BE_THERE, named.at, unknown=unknown, owner=named.title, waypoint=str(name))
        return (
            Alternative(_made(name, ref, name.name, None), given=(Given(unknown=unknown, is_so=True),)),
            Alternative(None, given=(Given(unknown=unknown, is_so=False),)),
        )
    if gateway is None or binding in _PAST:
        yield step(_PAST.get(binding, checks.MISSING), named.at, owner=named.title, waypoint=str(name), traffic=traffic.value)
        return (Alternative(None),)
    yield step(checks.USED if binding is Binding.USED else checks.ASSUMED, named.at, owner=named.title, waypoint=str(name))
    return (Alternative(waypoint_party(mesh, gateway)),)
