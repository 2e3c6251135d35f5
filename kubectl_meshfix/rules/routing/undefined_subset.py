"""MF402: a VirtualService sends traffic to a subset that no DestinationRule defines."""

import shlex
from collections.abc import Iterator

import msgspec

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import hosts
from kubectl_meshfix.mesh.registry import EVERYWHERE, INPUTS, OPTIONAL, is_absent, is_unplaced, registry
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking import DestinationRule, Gateway, VirtualService
from kubectl_meshfix.rules.routing.destination_rules import in_force, of_host, resolved, with_subset
from kubectl_meshfix.rules.routing.destinations import Target, consequence, exported_to, gateway_key, listed, replace, targets
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each subset for which no proxy gets a cluster (`pilot/pkg/networking/core/cluster_builder.go applyDestinationRule`)."""
    for virtual_service in mesh.all(VirtualService):
        for target in targets(virtual_service):
            home = _home(mesh, target, virtual_service.namespace)
            if not target.destination.subset or not _is_known(mesh, virtual_service, target, home):
                continue
            proxies = sorted(_proxies(mesh, virtual_service, target, home))
            followed = {rule.ref: rule for proxy in proxies for rule in in_force(mesh, target.host, proxy, home)}
            is_defined = any(_defines(rule, target.destination.subset) or mesh.is_ambiguous(rule.ref) for rule in followed.values())
            if proxies and not is_defined and not _may_be_defined(mesh, virtual_service, target):
                yield _finding(mesh, virtual_service, target, home, tuple(followed.values()))


def _home(mesh: Mesh, target: Target, namespace: str) -> str:
    """The namespace of the host's Service or ServiceEntry."""
    service, entries = hosts.service_of(target.host), registry(mesh).visible(target.host, (namespace,))
    return service[1] if service else entries[0].namespace if entries else namespace


def _is_known(mesh: Mesh, virtual_service: VirtualService, target: Target, home: str) -> bool:
    """Whether a subset that is not here is nowhere: every rule was read, or the one beside the host, which decides for most proxies."""
    is_registered = target.host in registry(mesh).exact
    if hosts.is_of_another_domain(target.host):
        return False
    if not is_registered and is_absent(mesh, target.host, virtual_service.namespace):
        return False  # MF401 tells
    if mesh.live and mesh.coverage(kinds.DESTINATION_RULE).is_complete:
        return True
    has_own_rule = any(rule.namespace == home and resolved(rule) == target.host for rule in of_host(mesh, target.host))
    return has_own_rule or (is_registered and not mesh.live and mesh.knows(kinds.DESTINATION_RULE, home))


def _may_be_defined(mesh: Mesh, virtual_service: VirtualService, target: Target) -> bool:
    """Whether files define it for a host of that name, and nobody knows for sure that it is of another namespace."""
    name = target.host.partition(".")[0]
    rules = (rule for rule in mesh.all(DestinationRule) if _defines(rule, target.destination.subset)) if not mesh.live else ()
    return any(
        is_unplaced(mesh, rule.namespace, virtual_service.namespace) and resolved(rule) != target.host
        for rule in rules
        if rule.spec.host.partition(".")[0] == name
    )


def _proxies(mesh: Mesh, virtual_service: VirtualService, target: Target, home: str) -> set[str]:
    """Namespaces of the proxies that follow the VirtualService; of those that make no difference, only one."""
    names = virtual_service.spec.gateways or ("mesh",)
    behind = [] if "mesh" in names else [_behind_gateway(mesh, *gateway_key(name, virtual_service.namespace)) for name in names]
    if behind and all(behind):
        return set().union(*behind)
    exported = exported_to(mesh, virtual_service)
    if EVERYWHERE not in exported:
        return set(exported)
    return {virtual_service.namespace, home, *(rule.namespace for rule in of_host(mesh, target.host))}


def _behind_gateway(mesh: Mesh, namespace: str, name: str) -> set[str]:
    gateway = mesh.get(Gateway, namespace, name)
    if gateway and gateway.spec.selector:
        return {workload.namespace for workload in mesh.workloads_selected(gateway.spec.selector)}
    return {namespace} if mesh.get(KubernetesGateway, namespace, name) else set()


def _defines(rule: DestinationRule, subset: str) -> bool:
    return any(item.name == subset for item in rule.spec.subsets)


def _finding(mesh: Mesh, virtual_service: VirtualService, target: Target, home: str, followed: tuple[DestinationRule, ...]) -> Finding:
    subset, host = target.destination.subset, target.destination.host
    ignored = [rule for rule in of_host(mesh, target.host) if _defines(rule, subset)]
    evidence = [f"{rule.ref} defines {listed(item.name for item in rule.spec.subsets) or 'no subset'}" for rule in followed]
    evidence += [f"{rule.ref} defines {subset}, but not for the proxies that follow this VirtualService" for rule in ignored]
    move = f"Define it in the namespace {home} and export it: proxies look for a DestinationRule in their own namespace, then in {home}."
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/subset",
        message=f"No DestinationRule{' in force here' if ignored else ''} defines the subset {subset} of {host}: {consequence(target)}.",
        evidence=tuple(evidence),
        fix=manual(move) if ignored else _fix(mesh, virtual_service, target, followed, home),
    )


def _fix(mesh: Mesh, virtual_service: VirtualService, target: Target, followed: tuple[DestinationRule, ...], home: str) -> Fix:
    subset = target.destination.subset
    own = [rule for rule in followed if resolved(rule) == target.host and not rule.spec.workload_selector]
    if len(own) == 1 and (fix := with_subset(mesh, own[0], subset)):
        return fix
    if near := nearest(subset, (item.name for rule in own for item in rule.spec.subsets)):
        return replace(virtual_service, f"{target.path}/subset", subset, near)
    if own:
        return manual(f"Add the subset {subset}, with the labels of its pods, to {own[0].ref}, or send to one that it defines.")
    hidden = f" It hides {followed[0].ref} for this host, so repeat what that one says." if followed else ""
    summary = f"Write a DestinationRule for {target.host}, with the labels of the subset's pods.{hidden}"
    return manual(summary, f"echo {shlex.quote(_manifest(target, home))} | kubectl apply -f -")


def _manifest(target: Target, home: str) -> str:
    subset = target.destination.subset
    spec = {"host": target.host, "subsets": [{"name": subset, "labels": {"version": subset}}]}
    name = target.host.removeprefix("*.").partition(".")[0]
    rule = {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": {"name": name, "namespace": home}, "spec": spec}
    return msgspec.json.encode(rule).decode()


RULE = Rule(
    code="MF402",
    name="undefined-subset",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.DESTINATION_RULE, *INPUTS),
    optional=(*OPTIONAL, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, *kinds.WORKLOADS),
    aliases=("IST0101", "KIA1107"),
    summary="A VirtualService sends traffic to a subset that no DestinationRule defines",
    check=check,
)
