"""What an injector that injects makes of a pod (`webhook.go reorderPod`, `files/injection-template.yaml`)."""

from collections.abc import Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Steps, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.injection.early import InitCall, interception_mode, is_redirected_outbound
from kubectl_meshfix.injection.injector import select_templates
from kubectl_meshfix.injection.proxy_ids import ProxyIds
from kubectl_meshfix.injection.redirection import PROXY_CONFIG
from kubectl_meshfix.injection.views import CreationView
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.embedded import mapping


class Start(msgspec.Struct, frozen=True):
    """How an injected pod starts: its containers in their order, and the init containers that need the network and have none.

    ``uncovered`` are those that call before the proxy runs although the pod is to wait for it.
    """

    order: tuple[str, ...]
    cut_off: tuple[InitCall, ...] = ()
    uncovered: tuple[InitCall, ...] = ()


def add_sidecar(plane: ControlPlane | None, pod: CreationView, ids: ProxyIds, native: bool | Unknown) -> Steps[Start]:
    """What the sidecar's template makes of a pod, as far as it is used: the order, and who redirects the traffic from when on.

    Where it is not known whether the sidecar is a native one, nothing is said of what runs before it.
    """
    config = plane.injector if plane else None
    own = (*pod.init_containers, *pod.containers)
    if "sidecar" not in (select_templates(config, pod.pod.annotations) if config else ("sidecar",)):
        return Start(own)
    has_cni = bool(config and config.values.cni_enabled)
    mode = interception_mode(plane, pod.annotations)
    first = () if mode == "NONE" else ("istio-validation",) if has_cni else ("istio-init",)
    early = pod.init_calls if mode != "NONE" and native is False else ()
    cut_off = cut_off_calls(plane, early, pod.annotations, ids)
    uncovered = cut_off or (() if has_cni else early)
    order = yield from _order(plane, pod, first, uncovered, is_native=native is True)
    if mode == "NONE":
        yield step(checks.NOT_REDIRECTED)
    elif cut_off:
        yield step(checks.INIT_WITHOUT_NETWORK, evidence=_shown(cut_off), containers=_named(cut_off))
    elif early and has_cni:
        yield step(checks.INIT_EXEMPT, evidence=_shown(early), containers=_named(early))
    elif has_cni:
        yield step(checks.BY_AGENT)
    elif early and config:
        yield step(checks.INIT_IN_PLAIN_TEXT, evidence=_shown(early), containers=_named(early))
    elif config:
        yield step(checks.BY_INIT)
    return Start(order, cut_off, uncovered if app_waits(plane, pod.annotations) else ())


def cut_off_calls(
    plane: ControlPlane | None, calls: Sequence[InitCall], annotations: Mapping[str, str], ids: ProxyIds
) -> tuple[InitCall, ...]:
    """The init containers whose calls the CNI agent redirects to a proxy that does not run yet, where the sidecar is an ordinary one."""
    values = plane.injector.values if plane and plane.injector else None
    mode = interception_mode(plane, annotations)
    if values is None or not values.cni_enabled or mode == "NONE":
        return ()
    return tuple(call for call in calls if is_redirected_outbound(call, annotations, values, ids))


def _named(calls: Sequence[InitCall]) -> str:
    names = [call.container for call in calls]
    return f"{names[0]} and {len(names) - 1} more" if names[2:] else " and ".join(names)


def _shown(calls: Sequence[InitCall]) -> tuple[str, ...]:
    return tuple(f"{call.container}: {call.says}" for call in calls)


def _order(
    plane: ControlPlane | None, pod: CreationView, first: tuple[str, ...], uncovered: Sequence[InitCall], *, is_native: bool
) -> Steps[tuple[str, ...]]:
    own, apps = pod.init_containers, pod.containers
    around = (*first, *own) if first == ("istio-validation",) else (*own, *first)
    if is_native:
        order = (*first, "istio-proxy", *own, *apps)
        yield step(checks.PROXY_FIRST, evidence=(" → ".join(order),))
    elif not app_waits(plane, pod.annotations):
        order = (*around, *apps, "istio-proxy")
        yield step(checks.APP_DOES_NOT_WAIT, evidence=(" → ".join(order),))
    else:
        order = (*around, "istio-proxy", *apps)
        if uncovered:
            yield step(checks.INIT_DOES_NOT_WAIT, evidence=(" → ".join(order),), containers=_named(uncovered))
        else:
            yield step(checks.APP_WAITS, evidence=(" → ".join(order),))
    return order


def app_waits(plane: ControlPlane | None, annotations: Mapping[str, str]) -> bool:
    """Whether the proxy comes first; the pod's annotation stands in for the mesh's default, and the chart's value adds to both."""
    own = mapping(annotations.get(PROXY_CONFIG, ""))[0].get("holdApplicationUntilProxyStarts")
    default = plane.mesh_config.default_config.hold_application_until_proxy_starts if plane else False
    always = plane.injector.values.hold_application_until_proxy_starts if plane and plane.injector else False
    return always or (own if isinstance(own, bool) else default)
