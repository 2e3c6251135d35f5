"""Whether a caller's connection enters its sidecar (`tools/istio-iptables/pkg/capture/run.go Run`)."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.proxy import has_proxy, proxy_container
from kubectl_meshfix.injection.proxy_ids import ISTIO_ID, ids_of
from kubectl_meshfix.injection.redirection import (
    EXCLUDE_OUTBOUND_PORTS,
    EXCLUDE_OUTBOUND_RANGES,
    INCLUDE_OUTBOUND_PORTS,
    INCLUDE_OUTBOUND_RANGES,
    INTERCEPTION,
    Outbound,
    Rule,
    interception_mode,
    outbound,
    outbound_settings,
    settings_of_pod,
)
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Container, Pod
from kubectl_meshfix.resources.injector_config import InjectorValues
from kubectl_meshfix.traffic.checks import capture as check
from kubectl_meshfix.traffic.client.listener import socket_egress
from kubectl_meshfix.traffic.client.proxy_settings import metadata, plane_of
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request

_EXCLUDE_INTERFACES = "traffic.sidecar.istio.io/excludeInterfaces"
_INTERFACE = "eth0"
"""The name of a pod's interface; others belong to networks of their own, such as virtual machines'."""

_MAIN = "kubectl.kubernetes.io/default-container"


def captured(mesh: Mesh, caller: Party, address: Address, request: Request) -> Steps[bool | Unknown]:
    """Whether the caller's sidecar gets the connection to an address; the first rule that fits decides."""
    if caller.plane is not Plane.SIDECAR:
        outcome = check.BY_ZTUNNEL if caller.plane is Plane.AMBIENT else check.ON_HOST if caller.spec.host_network else check.NO_PROXY
        yield step(outcome, _at(caller, "/spec/hostNetwork" if outcome is check.ON_HOST else ""))
        return False
    pod = _live_pod(mesh, caller)
    annotations = {**caller.annotations, **(pod.metadata.annotations if pod else {})}
    plane = plane_of(mesh, caller)
    mode = interception_mode(plane, annotations)
    if address.kind is AddressKind.LOOPBACK and (egress := socket_egress(look(mesh, caller), request.port, mode)):
        sidecar = look(mesh, caller).sidecar
        at = Where(sidecar.ref, f"/spec/egress/{egress.position}") if sidecar else None
        yield step(check.PROXYS_SOCKET, at, port=request.port, sidecar=str(sidecar.ref) if sidecar else "")
        return True
    if mode == "NONE":
        yield step(check.NOT_REDIRECTED, _annotation(caller, INTERCEPTION))
        return False
    if _INTERFACE in [name.strip() for name in annotations.get(_EXCLUDE_INTERFACES, "").split(",")]:
        yield step(check.EXCLUDED_INTERFACE, _annotation(caller, _EXCLUDE_INTERFACES), name=_INTERFACE)
        return False
    values = plane.injector.values if plane and plane.injector else InjectorValues()
    ids = ids_of(plane, mesh.namespace(caller.namespace))
    if mode == "TPROXY":
        ids = ids._replace(user=ISTIO_ID, group=ISTIO_ID)
    settings = outbound_settings(annotations, values, ids, metadata(mesh, caller))
    if pod:
        settings = settings_of_pod(pod.spec, settings)
    return (yield from _by_rules(mesh, caller, settings, address, request))


def runs_as(caller: Party) -> tuple[int | None, int | None, int]:
    """User and group of the process that calls, None for those of its image, and its container's place in the pod.

    The process is that of the container that kubectl takes by default, else of the first one that is no proxy.
    """
    containers = [(index, item) for index, item in enumerate(caller.spec.containers) if item is not proxy_container(caller.spec)]
    main = caller.annotations.get(_MAIN, "")
    index, container = next((pair for pair in containers if pair[1].name == main), containers[0] if containers else (0, Container()))
    own, general = container.security_context, caller.spec.security_context
    user = own.run_as_user if own and own.run_as_user is not None else general.run_as_user if general else None
    group = own.run_as_group if own and own.run_as_group is not None else general.run_as_group if general else None
    return user, group, index


def _id_path(caller: Party, index: int, field: str) -> str:
    """Where the process' user or group stands: its container's, or else the pod's."""
    container = caller.spec.containers[index] if index < len(caller.spec.containers) else Container()
    own = container.security_context
    value = own and (own.run_as_user if field == "runAsUser" else own.run_as_group)
    return f"/spec/containers/{index}/securityContext/{field}" if value is not None else f"/spec/securityContext/{field}"


def _by_rules(mesh: Mesh, caller: Party, settings: Outbound, address: Address, request: Request) -> Steps[bool | Unknown]:
    user, group, index = runs_as(caller)
    is_own = address.kind is AddressKind.LOOPBACK or _is_own(mesh, caller, address)
    found = outbound(settings, port=request.port, address=address.address, user=user, group=group, is_own=is_own)
    called = address.address or address.name or address.host
    if isinstance(found.is_redirected, Unknown):
        setting, value = _SETTINGS[found.rule](settings)
        whose = address.entry.resource if address.entry else address.name or found.is_redirected.of
        unknown = found.is_redirected if found.rule is Rule.OWNER_GROUP else _unknown_address(whose)
        yield step(check.UNDECIDED, _setting_at(mesh, caller, setting), unknown=unknown, what=_words(found.rule, called), value=value)
        return unknown
    match found.rule:
        case Rule.PORT_EXCLUDED | Rule.PORT_INCLUDED:
            setting, value = _SETTINGS[found.rule](settings)
            outcome = check.PORT_EXCLUDED if found.rule is Rule.PORT_EXCLUDED else check.PORT_INCLUDED
            yield step(outcome, _setting_at(mesh, caller, setting), port=request.port, value=value)
        case Rule.OWN_ADDRESS | Rule.LOOPBACK:
            yield step(check.OWN_ADDRESS, address=called)
        case Rule.PROXY_USER:
            yield step(check.AS_PROXY_USER, _at(caller, _id_path(caller, index, "runAsUser")), id=settings.ids.user)
        case Rule.PROXY_GROUP:
            yield step(check.AS_PROXY_GROUP, _at(caller, _id_path(caller, index, "runAsGroup")), id=settings.ids.group)
        case Rule.OWNER_GROUP:
            yield step(check.GROUP_EXCLUDED, value=settings.owner_groups)
        case Rule.NOTHING if not settings.included_ranges.strip():
            yield step(check.NO_RANGES, _setting_at(mesh, caller, INCLUDE_OUTBOUND_RANGES))
        case Rule.RANGE_EXCLUDED | Rule.RANGE_INCLUDED | Rule.NOTHING:
            setting, value = _SETTINGS[found.rule](settings)
            outcomes = {
                Rule.RANGE_EXCLUDED: check.RANGE_EXCLUDED,
                Rule.RANGE_INCLUDED: check.RANGE_INCLUDED,
                Rule.NOTHING: check.IN_NO_RANGE,
            }
            yield step(outcomes[found.rule], _setting_at(mesh, caller, setting), address=called, value=value)
        case Rule.EVERYTHING:
            yield step(check.ALL)
    return found.is_redirected


_SETTINGS: Mapping[Rule, Callable[[Outbound], tuple[str, str]]] = {
    Rule.PORT_EXCLUDED: lambda settings: (EXCLUDE_OUTBOUND_PORTS, settings.excluded_ports),
    Rule.PORT_INCLUDED: lambda settings: (INCLUDE_OUTBOUND_PORTS, settings.included_ports),
    Rule.RANGE_EXCLUDED: lambda settings: (EXCLUDE_OUTBOUND_RANGES, settings.excluded_ranges),
    Rule.RANGE_INCLUDED: lambda settings: (INCLUDE_OUTBOUND_RANGES, settings.included_ranges),
    Rule.NOTHING: lambda settings: (INCLUDE_OUTBOUND_RANGES, settings.included_ranges),
    Rule.OWNER_GROUP: lambda settings: ("", settings.owner_groups),
}


def _words(rule: Rule, called: str) -> str:
    return "the group of the calling process" if rule is Rule.OWNER_GROUP else f"the address of {called}"


def _unknown_address(of: object) -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of=f"the address of {of}", settled_by=CLUSTER)


def _is_own(mesh: Mesh, caller: Party, address: Address) -> bool:
    """Whether a pod's address is the caller's own: its workload has that one pod alone."""
    if not (address.pod and caller.workload and address.pod.ref == caller.workload.ref and mesh.is_live(caller.workload.ref)):
        return False
    return caller.workload.is_pod or len(mesh.pods_of(caller.workload)) == 1


def _live_pod(mesh: Mesh, caller: Party) -> Pod | None:
    if not caller.workload or not mesh.is_live(caller.workload.ref):
        return None
    return next((pod for pod in mesh.pods_of(caller.workload) if has_proxy(pod.spec) and not pod.metadata.deletion_timestamp), None)


def _setting_at(mesh: Mesh, caller: Party, name: str) -> Where | None:
    """Where a setting stands: on the pod, else in the injector's values."""
    if name in caller.annotations:
        return _annotation(caller, name)
    plane = plane_of(mesh, caller)
    return Where(plane.injector.config_map, "/data/values") if name and plane and plane.injector else None


def _annotation(caller: Party, name: str) -> Where | None:
    return _at(caller, f"/metadata/annotations/{name.replace('/', '~1')}") if name in caller.annotations else None


def _at(caller: Party, path: str) -> Where | None:
    return Where(caller.workload.ref, f"{caller.workload.template_path}{path}") if caller.workload else None
