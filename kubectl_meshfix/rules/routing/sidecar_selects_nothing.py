"""MF405: a Sidecar's selector matches no workload of its namespace."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.fixes.selector_typos import labelled, nearly_selected, select
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking import Sidecar
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.sidecars import applies_to_nothing, selector
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS, misses, workloads_of

FIELD = ("spec", "workloadSelector", "labels")


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Sidecar with labels that no pod of its namespace gets."""
    return (_finding(mesh, sidecar, selector(sidecar)) for sidecar in mesh.all(Sidecar) if applies_to_nothing(mesh, sidecar))


def _finding(mesh: Mesh, sidecar: Sidecar, labels: Mapping[str, str]) -> Finding:
    fix = _fix(mesh, sidecar, labels)
    place = f"namespace {sidecar.namespace}" if sidecar.ref.namespace else "its namespace"
    what = f"workload in {place} with the {labelled(labels)}"
    message, severity = absence(what, "this Sidecar configures no proxy", is_live=mesh.live, is_slip=fix.safety is not Safety.MANUAL)
    path = pointer.join(*FIELD, *misses(mesh, labels, sidecar.namespace))
    return Finding(resource=sidecar.ref, path=path, message=message, fix=fix, severity=severity)


def _fix(mesh: Mesh, sidecar: Sidecar, labels: Mapping[str, str]) -> Fix:
    meant = nearly_selected(labels, workloads_of(mesh, sidecar.namespace))
    if not meant:
        command = f"kubectl get pods{sidecar.ref.namespace_flag} --show-labels"
        return manual("Select labels that pods of this namespace have, or remove the selector to select all of them.", command)
    return select(sidecar.ref, FIELD, labels, meant, risk="The selected proxies no longer know the hosts that this Sidecar does not list.")


RULE = Rule(
    code="MF405",
    name="sidecar-selects-nothing",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR, *WORKLOADS),
    aliases=("IST0101", "KIA0004"),
    summary="A Sidecar's selector matches no workload of its namespace",
    check=check,
)
