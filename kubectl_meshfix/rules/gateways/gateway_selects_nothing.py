"""MF501: a Gateway's selector matches no workload."""

from collections.abc import Iterator

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.fixes.selector_typos import select, spelt
from kubectl_meshfix.injection.labels import MANAGED
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workload_selectors import WORKLOADS, is_installed, misses, nearly_selected, selects
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking import Gateway
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Gateway with labels that no pod gets, in any namespace (`pilot/pkg/model/push_context.go mergeGateways`)."""
    gateways = mesh.cached("gateway workloads", lambda view: tuple(filter(_may_be_selected, view.workloads)))
    if not _knows(mesh, gateways):
        return
    for gateway in mesh.all(Gateway):
        labels = gateway.spec.selector
        if labels and not selects(mesh, labels) and (mesh.live or not is_installed(labels)):
            yield _finding(mesh, gateway, gateways)


def _finding(mesh: Mesh, gateway: Gateway, gateways: tuple[Workload, ...]) -> Finding:
    labels = gateway.spec.selector
    is_certain = mesh.live or nearly_selected(labels, gateways) is not None
    what, effect = f"workload with the labels {spelt(labels)}", "nothing listens on this gateway's ports, and its routes apply to nothing"
    message, severity = absence(what, effect, is_certain=is_certain)
    return Finding(
        resource=gateway.ref,
        path=pointer.join("spec", "selector", *misses(mesh, labels)),
        message=message,
        evidence=tuple(f"{item.ref} is a gateway: {spelt(_named_after(item))}" for item in gateways),
        fix=_fix(gateway, gateways),
        severity=severity,
    )


def _may_be_selected(workload: Workload) -> bool:
    """Whether a workload is a gateway for Istio's Gateways, and not one that istiod makes for a Kubernetes Gateway."""
    return is_gateway(workload) and MANAGED not in workload.labels and MANAGED not in workload.meta.labels


def _knows(mesh: Mesh, gateways: tuple[Workload, ...]) -> bool:
    """Whether a workload that is not here does not exist: everything was read, or at least the gateways were."""
    if mesh.live and not all(mesh.coverage(kind).is_complete for kind in kinds.TEMPLATED):
        return False
    return bool(gateways) or (mesh.live and mesh.coverage(kinds.POD).is_complete)


def _named_after(workload: Workload) -> dict[str, str]:
    """The labels by which Gateways commonly select: ``istio``, else ``app``, else all of them."""
    key = next((key for key in ("istio", "app") if key in workload.labels), "")
    return {key: workload.labels[key]} if key else dict(workload.labels)


def _fix(gateway: Gateway, gateways: tuple[Workload, ...]) -> Fix:
    labels = gateway.spec.selector
    meant = nearly_selected(labels, gateways)
    if not meant and len(gateways) == 1:
        kept = {key: gateways[0].labels[key] for key in labels if key in gateways[0].labels}
        meant = kept if len(kept) == len(labels) else _named_after(gateways[0])
    if not meant:
        return manual("Select labels that the pods of a gateway have.", "kubectl get pods --all-namespaces --show-labels")
    return select(gateway.ref, ("spec", "selector"), labels, meant)


RULE = Rule(
    code="MF501",
    name="gateway-selects-nothing",
    severity=Severity.ERROR,
    inputs=(kinds.GATEWAY, *WORKLOADS),
    aliases=("IST0101", "KIA0302"),
    summary="A Gateway's selector matches no workload",
    check=check,
)
