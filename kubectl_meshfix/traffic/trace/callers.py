"""Who calls: the words before the URL."""

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Steps
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.terms.parties import Party, Plane

OUTSIDE = "outside"
"""The word for a caller that no mesh knows."""

GATEWAYS = ("gateway", "gateways", "gw", "gtw")

_FORMS = "Write deploy/NAME, pod/NAME, gateway/NAME, NAMESPACE/SERVICEACCOUNT, or outside."


class CallerName(msgspec.Struct, frozen=True):
    """What names a caller: a kind of workload and a name, a gateway, a service account, or the outside."""

    word: str
    kind: str
    name: str


def parse_caller(word: str) -> CallerName:
    """``deploy/cart``, ``gateway/shop``, ``shop/cart`` (a namespace and a service account) or ``outside``. Raises UsageError."""
    if word == OUTSIDE:
        return CallerName(word, OUTSIDE, "")
    kind, slash, name = word.partition("/")
    if not slash or not kind or not name or "/" in name:
        raise UsageError(f'"{word}" does not name a caller.', _FORMS)
    return CallerName(word, kind, name)


def callers(mesh: Mesh, caller: CallerName, namespace: str | None) -> Steps[tuple[Alternative[Party], ...]]:
    """The parties that a name means; None for the namespace stands for any. Raises UsageError for a name that is not there."""
    if caller.kind == OUTSIDE:
        return (Alternative(Party(plane=Plane.OUTSIDE)),)
    if caller.kind.lower().partition(".")[0] in GATEWAYS:
        return _gateway(mesh, caller, namespace)
    able = [kind for kind in kinds.named(caller.kind) if kind in kinds.WORKLOADS]
    if able:
        found = [
            made for kind in able for obj in mesh.all(kind.struct) if _is_meant(obj, caller.name, namespace) and (made := workload(obj))
        ]
        if not found:
            raise _not_found(f"{able[0]}", caller.name, namespace, [obj for kind in able for obj in mesh.all(kind.struct)])
        _must_be_one(caller, found)
        return (yield from parties_of(mesh, _owner(mesh, found[0])))
    if kinds.named(caller.kind):
        raise UsageError(f"A {kinds.named(caller.kind)[0]} sends no requests.", _FORMS)
    return (yield from _service_account(mesh, caller.kind, caller.name))


def _gateway(mesh: Mesh, caller: CallerName, namespace: str | None) -> tuple[Alternative[Party], ...]:
    both = (*mesh.all(Gateway), *mesh.all(KubernetesGateway))
    places = sorted({item.namespace for item in both if item.name == caller.name and namespace in (None, item.namespace)})
    if len(places) > 1:
        raise UsageError(f"{caller.word} is in several namespaces: {', '.join(places)}.", "Choose one with -n.")
    found = gateway_parties(mesh, caller.name, places[0]) if places else ()
    if places and not found:
        raise _without_pods(mesh, caller.name, places[0])
    if not found:
        raise _not_found("Gateway", caller.name, namespace, both)
    return (Alternative(found[0]),)


def _without_pods(mesh: Mesh, name: str, namespace: str) -> UsageError:
    """Nobody listens: what the Gateway looks for, and what there is."""
    classic = mesh.get(Gateway, namespace, name)
    if classic is None:
        return UsageError(f"Istio makes no pods for Gateway {namespace}/{name}.", "See whether its gatewayClassName is one of Istio's.")
    wanted = ", ".join(f"{key}={value}" for key, value in classic.spec.selector.items())
    there = ", ".join(sorted(str(item.ref) for item in mesh.workloads if is_gateway(item)))
    return UsageError(
        f"No request gets into Gateway {namespace}/{name}: it selects {wanted}, and no gateway's pods have these labels.",
        f"Gateways here: {there or 'none'}. The fix, if there is one: kubectl meshfix diagnose --select MF501",
    )


def _service_account(mesh: Mesh, namespace: str, name: str) -> Steps[tuple[Alternative[Party], ...]]:
    """The pods of a service account; a pod of nothing but that account where no workload uses it."""
    if not mesh.namespace(namespace) and namespace not in {item.namespace for item in mesh.workloads}:
        raise _no_such_namespace(mesh, namespace)
    users = [
        item
        for item in mesh.workloads
        if item.namespace == namespace and (item.spec.service_account_name or "default") == name and not is_gateway(item)
    ]
    if users:
        return (yield from parties_of(mesh, users[0]))
    return (Alternative(Party(plane=Plane.SIDECAR, namespace=namespace, service_account=name)),)


def _owner(mesh: Mesh, made: Workload) -> Workload:
    return workload(mesh.owner(made.object)) or made


def _is_meant(obj: Object, name: str, namespace: str | None) -> bool:
    return obj.name == name and namespace in (None, obj.namespace)


def _must_be_one(caller: CallerName, found: Sequence[Workload]) -> None:
    places = sorted({item.namespace for item in found})
    if len(places) > 1:
        raise UsageError(f"{caller.word} is in several namespaces: {', '.join(places)}.", "Choose one with -n.")


def _not_found(kind: str, name: str, namespace: str | None, objects: Sequence[Object]) -> UsageError:
    """Nothing of that name; objects of it in other namespaces are named, else the nearest names."""
    place = f" in namespace {namespace}" if namespace else ""
    elsewhere = sorted({item.namespace for item in objects if item.name == name})
    near = _near(name, {item.name for item in objects})
    hint = f"There is one in {' and in '.join(elsewhere)}: add -n {elsewhere[0]}." if elsewhere else near
    return UsageError(f'There is no {kind} "{name}"{place}.', hint or "Check the name and the namespace (-n).")


def _no_such_namespace(mesh: Mesh, name: str) -> UsageError:
    hint = _near(name, {item.namespace for item in mesh.workloads})
    return UsageError(f'There is no namespace "{name}".', hint or "Check the name: callers are KIND/NAME or NAMESPACE/SERVICEACCOUNT.")


def _near(name: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, sorted(names), n=3, cutoff=0.4)
    return f"Did you mean {' or '.join(found)}?" if found else ""
