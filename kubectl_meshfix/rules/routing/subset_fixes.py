"""How a subset comes to be defined: added to the rule of its host, or written out with a rule of its own."""

import shlex

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.suggestions import replace
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.destination.subsets import UndefinedSubset
from kubectl_meshfix.traffic.route.targets import RouteTarget


def define(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget, lack: UndefinedSubset) -> Fix:
    """Add the subset, or correct its name; by hand where the labels of its pods are not known."""
    if lack.not_in_force:
        return manual(
            f"Define the subset in a DestinationRule of namespace {lack.home}, and export it.",
            why=f"Proxies use a DestinationRule of their own namespace, else one of {lack.home}.",
        )
    own = [rule for rule in lack.in_force if full_host(rule) == target.host and not rule.spec.workload_selector]
    if len(own) == 1 and (fix := with_subset(mesh, own[0], target.subset)):
        return fix
    if near := nearest(target.subset, (item.name for rule in own for item in rule.spec.subsets)):
        return replace(virtual_service, f"{target.path}/subset", target.subset, near)
    if own:
        return manual(f"Add the subset {target.subset}, with the labels of its pods, to {own[0].ref}, or route to one that it defines.")
    summary = f"Create a DestinationRule for {target.host} that defines the subset with the labels of its pods."
    why = f"It replaces {lack.in_force[0].ref} for this host: repeat the settings of that one in it." if lack.in_force else ""
    label = _label(mesh, target)
    dry = "" if label else " --dry-run=server"
    return manual(summary, f"echo {shlex.quote(_manifest(target, lack.home, label))} | kubectl apply{dry} -f -", why=why)


def with_subset(mesh: Mesh, rule: DestinationRule, subset: str) -> Fix | None:
    """The fix that defines a subset by the label its siblings are named after, else ``version``; None where no pod behind the host has it.

    Safe where the siblings prove the label: requests to the subset fail today, and nothing else changes.
    """
    siblings = rule.spec.subsets
    keys = {key for item in siblings for key, value in item.labels.items() if value == item.name}
    label = keys.pop() if len(keys) == 1 else "version"
    found = hosts.service_of(full_host(rule))
    service = mesh.get(Service, found[1], found[0]) if found else None
    if not service or not service.spec.selector:
        return None
    if not mesh.workloads_selected({**service.spec.selector, label: subset}, service.namespace):
        return None
    value = {"name": subset, "labels": {label: subset}}
    change = Operation("add", "/spec/subsets/-", value) if siblings else Operation("add", "/spec/subsets", [value])
    is_proven = bool(siblings) and all(item.labels == {label: item.name} for item in siblings)
    return Fix(
        summary=f"Add the subset {subset} ({label}: {subset}) to {rule.ref}.",
        safety=Safety.SAFE if is_proven else Safety.UNSAFE,
        risk=None if is_proven else "Requests that fail today go to the pods with this label, and the label is a guess.",
        patches=(Patch(resource=rule.ref, operations=(Operation("test", "/spec/host", rule.spec.host), change)),),
    )


def _label(mesh: Mesh, target: RouteTarget) -> str:
    """The only label of pods behind the host that has the subset's name for a value; empty where there is none, or several."""
    found = hosts.service_of(target.host)
    service = mesh.get(Service, found[1], found[0]) if found else None
    pods = mesh.workloads_selected(service.spec.selector, service.namespace) if service and service.spec.selector else ()
    keys = {key for item in pods for key, value in item.labels.items() if value == target.subset}
    return keys.pop() if len(keys) == 1 else ""


def _manifest(target: RouteTarget, home: str, label: str) -> str:
    """The rule to write; placeholders stand where the label is not known, so the command only tries it."""
    labels = {label: target.subset} if label else {"LABEL": "VALUE"}
    spec = {"host": target.host, "subsets": [{"name": target.subset, "labels": labels}]}
    name = target.host.removeprefix("*.").partition(".")[0]
    rule = {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": {"name": name, "namespace": home}, "spec": spec}
    return msgspec.json.encode(rule).decode()
