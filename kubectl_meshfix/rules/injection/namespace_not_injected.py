"""MF301: pods of a namespace get no sidecar, though Istio's configuration selects or routes to them."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.apiserver import is_assumed
from kubectl_meshfix.injection.intent import inject_value
from kubectl_meshfix.injection.membership import in_mesh, membership
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, SYSTEM_NAMESPACE, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.injection import INPUTS, configured_workloads, injection_spellings, lasting, unfinished
from kubectl_meshfix.rules.injection.configured_workloads import Configuration
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.client_protocols import modes_asked

ASSUMED = "assumed, as no webhook of the injector was read: the webhooks that Istio installs by default"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace without a label about the mesh and without sidecars whose workloads Istio's configuration is for."""
    if not is_assumed(mesh):
        from kubectl_meshfix.injection.reaching import reachable_revisions  # noqa: PLC0415 -- where webhooks were read

        if not reachable_revisions(mesh):
            return
    own = {SYSTEM_NAMESPACE, *IGNORED_NAMESPACES, *(plane.namespace for plane in control_planes(mesh))}
    silent = {item.name: item for item in lasting(mesh) if item.name not in own and not injection_spellings.of_namespace(item.labels)}
    mixed = {item.namespace for item in unfinished(mesh) if item.namespace in silent and _may_be_inside(mesh, item)}
    found: dict[str, list[Configuration]] = defaultdict(list)
    quiet = silent.keys() - mixed
    for configuration in configured_workloads.configurations(mesh) if quiet else ():
        for name in {item.namespace for item in configuration.workloads} & quiet:
            here = [item for item in configuration.workloads if item.namespace == name]
            if any(_is_plain(item) for item in here) and not any(in_mesh(mesh, item) for item in here):
                found[name].append(configuration)
    for name, about in found.items():
        yield _finding(mesh, silent[name], about, _client_tls(mesh, about))


def _may_be_inside(mesh: Mesh, workload: Workload) -> bool:
    """Whether an application is in the mesh, or may be. Where one is, those without a sidecar are so by choice."""
    return not is_gateway(workload) and (in_mesh(mesh, workload) or isinstance(membership(mesh, workload).surely_injected, Unknown))


def _is_plain(workload: Workload) -> bool:
    """Whether nothing but the namespace keeps a workload out of the mesh."""
    return not inject_value(workload.template)[0] and not workload.spec.host_network


def _client_tls(mesh: Mesh, about: list[Configuration]) -> dict[str, DestinationRule]:
    """The DestinationRules that say which TLS callers use for the Services of these pods, by its mode."""
    services = {item.service.ref: item.service for item in about if item.service}
    found: dict[str, DestinationRule] = {}
    for service in services.values():
        for mode, rule in modes_asked(mesh, service):
            found.setdefault(mode, rule)
    return found


def _finding(mesh: Mesh, namespace: Namespace, about: list[Configuration], tls: dict[str, DestinationRule]) -> Finding:
    from kubectl_meshfix.rules.injection.joining import joined, joined_or_plain  # noqa: PLC0415 -- for what is wrong alone

    idle = sorted({item.resource for item in about if item.needs_sidecar})
    evidence = sorted({item.evidence for item in about})
    mutual = tls.get("ISTIO_MUTUAL")
    if mutual:
        message = f"Pods of this namespace get no sidecar, yet {mutual.ref} has callers use the mesh's mTLS. Their requests fail."
        evidence.append(f"{mutual.ref}: tls.mode ISTIO_MUTUAL")
    elif idle:
        others = f" and {len(idle) - 1} more have" if idle[1:] else " has"
        message = f"Pods of this namespace get no sidecar, so {idle[0]}{others} no effect on them."
    else:
        evidence += [f"{own.ref}: tls.mode {mode}" for mode in ("SIMPLE", "MUTUAL") if (own := tls.get(mode))]
        means = "with the application's TLS" if {"SIMPLE", "MUTUAL"} & tls.keys() else "without mTLS"
        effect = f"Requests reach them {means}, and their own calls bypass the mesh."
        message = f"Pods of this namespace get no sidecar, yet {evidence[0]}. {effect}"
    return Finding(
        resource=namespace.ref,
        path="/metadata/labels",
        message=message,
        evidence=(*evidence, *((ASSUMED,) if is_assumed(mesh) else ())),
        fix=joined_or_plain(mesh, namespace, mutual) if mutual else joined(mesh, namespace),
        severity=Severity.WARNING if idle or mutual else None,
    )


RULE = Rule(
    code="MF301",
    name="namespace-not-injected",
    severity=Severity.INFO,
    inputs=(kinds.NAMESPACE, *kinds.WORKLOADS),
    optional=(*INPUTS, *configured_workloads.INPUTS, kinds.WORKLOAD_ENTRY),
    about=(kinds.NAMESPACE,),
    aliases=("IST0102",),
    summary="Istio's configuration selects or routes to pods of a namespace without sidecars",
    check=check,
)
