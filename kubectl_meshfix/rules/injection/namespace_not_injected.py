"""MF301: a namespace outside of the mesh that Istio is configured for."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import restarts
from kubectl_meshfix.fixes.corrections import choice, patch
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.apiserver import is_assumed, served_revisions
from kubectl_meshfix.injection.intent import inject_value
from kubectl_meshfix.injection.membership import INPUTS, in_mesh, membership
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, SYSTEM_NAMESPACE, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.rules.injection import configured_workloads, injection_spellings, opt_in, unfinished
from kubectl_meshfix.rules.injection.configured_workloads import Use
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace that says nothing of the mesh, has no sidecars, and holds what Istio's configuration is about."""
    if not is_assumed(mesh) and not served_revisions(mesh):
        return
    own = {SYSTEM_NAMESPACE, *IGNORED_NAMESPACES, *(plane.namespace for plane in control_planes(mesh))}
    silent = {item.name: item for item in mesh.all(Namespace) if item.name not in own and not injection_spellings.of_namespace(item.labels)}
    mixed = {item.namespace for item in unfinished(mesh) if item.namespace in silent and _may_be_inside(mesh, item)}
    found: dict[str, list[Use]] = defaultdict(list)
    for use in configured_workloads.uses(mesh):
        for name in {item.namespace for item in use.workloads} & silent.keys() - mixed:
            here = [item for item in use.workloads if item.namespace == name]
            if any(_is_plain(item) for item in here) and not any(in_mesh(mesh, item) for item in here):
                found[name].append(use)
    for name, about in found.items():
        yield _finding(mesh, silent[name], about)


def _may_be_inside(mesh: Mesh, workload: Workload) -> bool:
    """Whether an application is in the mesh, or might be: where some are, who is outside was somebody's choice."""
    return not is_gateway(workload) and (in_mesh(mesh, workload) or isinstance(membership(mesh, workload).injected, Unknown))


def _is_plain(workload: Workload) -> bool:
    """Whether nothing but the namespace keeps a workload out of the mesh."""
    return not inject_value(workload.template)[0] and not workload.spec.host_network


def _finding(mesh: Mesh, namespace: Namespace, about: list[Use]) -> Finding:
    idle = sorted({use.resource for use in about if use.idle})
    others = f" (nor do {len(idle) - 1} others)" if idle[1:] else ""
    consequence = (
        f"so {idle[0]} does nothing{others}: the pods it is meant for have no proxy to obey it"
        if idle
        else "yet Istio routes to what runs in it: traffic arrives there in plain text, and whatever its pods call themselves "
        "goes past the mesh's routes, policies and metrics"
    )
    return Finding(
        resource=namespace.ref,
        path="/metadata/labels",
        message=f"Nothing in this namespace gets a sidecar, {consequence}.",
        evidence=tuple(sorted({use.text for use in about})),
        fix=_fix(mesh, namespace),
        severity=Severity.WARNING if idle else None,
    )


def _fix(mesh: Mesh, namespace: Namespace) -> Fix:
    label = opt_in(mesh, namespace.name)
    if label is None:
        command = f"kubectl label namespace {namespace.name} istio.io/rev=REVISION"
        text = "Choose the namespace's revision, {}, and restart its pods."
        return choice(text, served_revisions(mesh), command, restarts.of_namespace(namespace.name))
    key, value = label
    where, content = (join("metadata", "labels", key), value) if namespace.labels else (join("metadata", "labels"), {key: value})
    summary = f"Label the namespace {key}={value}; its pods get their sidecars when they are next made, so restart them after it."
    commands = (restarts.of_namespace(namespace.name),)
    return patch(namespace.ref, (Operation("add", where, content),), summary, commands=commands, risk=risks.NEW_PODS_ENTER)


RULE = Rule(
    code="MF301",
    name="namespace-not-injected",
    severity=Severity.INFO,
    inputs=(kinds.NAMESPACE, *kinds.WORKLOADS),
    optional=(*INPUTS, *configured_workloads.INPUTS),
    aliases=("IST0102",),
    summary="A namespace gets no sidecars, though Istio's configuration is about what runs in it",
    check=check,
)
