"""MF501: a Gateway's selector matches no workload."""

from collections.abc import Iterator

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.fixes.selector_typos import labelled, nearly_selected, select
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway_pods import knows_all, namespace_of, selectable, selects_nothing, usual_labels
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS, misses, selected_elsewhere


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Gateway with labels that no pod gets, where it is known which gateways there are."""
    for gateway in mesh.all(Gateway) if knows_all(mesh) else ():
        if selects_nothing(mesh, gateway):
            yield _finding(mesh, gateway, namespace_of(mesh, gateway))


def _finding(mesh: Mesh, gateway: Gateway, place: str | None) -> Finding:
    labels = gateway.spec.selector
    gateways = tuple(item for item in selectable(mesh) if place is None or item.namespace == place)
    is_slip = nearly_selected(labels, gateways) is not None
    where = f" in namespace {place}, the only one where this istiod looks" if place else ""
    what, effect = f"workload with the {labelled(labels)}{where}", "no proxy serves this Gateway and its routes"
    elsewhere = selected_elsewhere(mesh, labels, place) if place else ()
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=is_slip or bool(elsewhere))
    return Finding(
        resource=gateway.ref,
        path=pointer.join("spec", "selector", *misses(mesh, labels, place)),
        message=message,
        evidence=tuple(f"{item.ref} is a gateway, with the {labelled(usual_labels(item))}" for item in gateways),
        fix=_fix(gateway, gateways, elsewhere),
        severity=severity,
    )


def _fix(gateway: Gateway, gateways: tuple[Workload, ...], elsewhere: tuple[str, ...]) -> Fix:
    labels = gateway.spec.selector
    if elsewhere:
        return manual(f"Move this Gateway to namespace {few(elsewhere)}, where pods have these labels.")
    meant = nearly_selected(labels, gateways)
    if not meant and len(gateways) == 1:
        kept = {key: gateways[0].labels[key] for key in labels if key in gateways[0].labels}
        meant = kept if len(kept) == len(labels) else usual_labels(gateways[0])
    if not meant:
        return manual("Select labels that the pods of a gateway have.", "kubectl get pods --all-namespaces --show-labels")
    return select(
        gateway.ref,
        ("spec", "selector"),
        labels,
        meant,
        risk="The selected gateway serves this Gateway's routes, and it may be public.",
    )


RULE = Rule(
    code="MF501",
    name="gateway-selects-nothing",
    severity=Severity.ERROR,
    inputs=(kinds.GATEWAY, *WORKLOADS),
    optional=control_plane.INPUTS,
    about=(kinds.GATEWAY,),
    aliases=("IST0101", "KIA0302"),
    summary="A Gateway's selector matches no workload",
    check=check,
)
