"""What a patch does beyond the object it changes: to pods, to proxies, and to those who call a port by its name."""

from collections.abc import Callable, Iterator, Sequence

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import split
from kubectl_meshfix.fixes import port_name_mentions, restarts
from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.fixes.effects.rollouts import replaced
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Namespace, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref

KINDS: tuple[Kind, ...] = (kinds.POD_DISRUPTION_BUDGET, kinds.HORIZONTAL_POD_AUTOSCALER)
"""Kinds that only a plan looks at; it is made all the same where they may not be read."""

Consequences = Callable[[Ref, Sequence[Operation]], tuple[Consequence, ...]]
"""What operations on an object do beyond it."""

DATAPLANE_MODE = "istio.io/dataplane-mode"
INJECTING = ("istio-injection", "istio.io/rev")
"""Labels of a namespace by which the API server chooses the injector of a pod that is made."""


def none(_ref: Ref, _operations: Sequence[Operation]) -> tuple[Consequence, ...]:
    """For patches whose consequences nobody shows."""
    return ()


def of_mesh(mesh: Mesh) -> Consequences:
    """The consequences of patches of what was read."""

    def consequences(ref: Ref, operations: Sequence[Operation]) -> tuple[Consequence, ...]:
        obj = mesh.find(ref)
        changes = [operation for operation in operations if operation.op != "test"]
        return tuple(_consequences(mesh, obj, changes)) if obj else ()

    return consequences


def _consequences(mesh: Mesh, obj: Object, changes: Sequence[Operation]) -> Iterator[Consequence]:
    match obj:
        case Namespace():
            yield from _of_labels(mesh, obj, _keys(changes))
        case ConfigMap():
            yield _of_config(obj)
        case Service():
            yield from _of_names(obj, changes)
    made = workload(obj)
    if made and any(change.path.startswith((f"{made.template_path}/", "/spec/restartAt")) for change in changes):
        yield replaced(mesh, made)


def _keys(changes: Sequence[Operation]) -> set[str]:
    """The labels that change, whether one by one or with the map that holds them."""
    single = {split(change.path)[-1] for change in changes}
    maps = (change.value for change in changes if change.path == "/metadata/labels" and isinstance(change.value, dict))
    return single | {key for added in maps for key in added}


def _of_labels(mesh: Mesh, namespace: Namespace, keys: set[str]) -> Iterator[Consequence]:
    if keys.intersection(INJECTING):
        inside = [item for item in mesh.workloads if item.namespace == namespace.name] if mesh.live else []
        pods = sum(len(mesh.pods_of(item)) for item in inside) or None
        which = f"The {pods} running pods" if pods and pods > 1 else "Running pods"
        yield Consequence(
            resource=namespace.ref,
            effect=Effect.LATER,
            text=f"{which} of {namespace.name} stay as they are until they are restarted ({restarts.of_namespace(namespace.name)}).",
            pods=pods,
        )
    if DATAPLANE_MODE in keys:
        text = f"Running pods of {namespace.name} enter or leave ambient mode at once; none restarts."
        yield Consequence(resource=namespace.ref, effect=Effect.NOW, text=text)


def _of_config(config: ConfigMap) -> Consequence:
    """Both are watched by istiod (`pkg/kube/inject/watcher.go`, `pkg/config/mesh/kubemesh`)."""
    if config.name.startswith("istio-sidecar-injector"):
        text = "istiod reads it within seconds. New pods follow it, and running pods stay as they are."
        return Consequence(resource=config.ref, effect=Effect.LATER, text=text)
    text = "istiod reads it within seconds and sends it to every proxy of its revision; no pod restarts."
    return Consequence(resource=config.ref, effect=Effect.NOW, text=text)


def _of_names(service: Service, changes: Sequence[Operation]) -> Iterator[Consequence]:
    """A port's name is part of its SRV record and, for pods made afterwards, of a variable (`pkg/kubelet/envvars/envvars.go`)."""
    renamed = [
        (port.name, str(change.value))
        for index, port in enumerate(service.spec.ports)
        for change in changes
        if change.path == f"/spec/ports/{index}/name" and port.name and change.op == "replace"
    ]
    if renamed:
        old, new = renamed[0]
        others = f" (and {len(renamed) - 1} more)" if len(renamed) > 1 else ""
        variables = f"; in new pods {port_name_mentions.variable(service, old)} becomes {port_name_mentions.variable(service, new)}"
        text = f"The SRV name {port_name_mentions.srv_name(service, old)} becomes {port_name_mentions.srv_name(service, new)}{others}"
        yield Consequence(resource=service.ref, effect=Effect.NOW, text=f"{text}{variables if has_variables(service) else ''}.")


def has_variables(service: Service) -> bool:
    """Whether kubelet writes a Service's ports into the environment of the pods beside it: those with an address of their own."""
    return service.spec.cluster_ip != "None" and service.spec.type != "ExternalName"
