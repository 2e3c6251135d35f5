"""MF434: a Sidecar's egress names a namespace or a host that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.scoping.empty_imports import EmptyImport, Lack, empty_imports
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL

RISK = "Calls to these hosts, which are blocked or passed through today, follow the mesh's routes."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each host of an egress entry that imports nothing (`pilot/pkg/model/sidecar.go convertIstioListenerToWrapper`)."""
    for sidecar in mesh.all(Sidecar):
        for found in empty_imports(mesh, sidecar):
            yield _finding(mesh, sidecar, found)


def _finding(mesh: Mesh, sidecar: Sidecar, found: EmptyImport) -> Finding:
    space, _, name = found.written.partition("/")
    effect = "the selected proxies know no host by this entry"
    match found.lack:
        case Lack.SERVICE:
            what = f"namespace {space}, only a Service of this name"
        case Lack.NAMESPACE:
            what = f"namespace {space}"
        case Lack.ELSEWHERE:
            what = f"host {name} in namespace {sidecar.namespace if space == '.' else space}"
        case Lack.HOST:
            what = f"Service or ServiceEntry with the host {name}"
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=bool(found.meant))
    otherwise = manual("Use a namespace and a host that exist, or remove the entry.", "kubectl get services,serviceentries -A")
    return Finding(
        resource=sidecar.ref,
        path=found.path,
        message=message,
        fix=corrected(sidecar.ref, found.path, found.written, found.meant, otherwise, risk=RISK),
        severity=severity,
    )


RULE = Rule(
    code="MF434",
    name="sidecar-imports-nothing",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR, kinds.NAMESPACE, *INPUTS),
    optional=(*OPTIONAL, kinds.VIRTUAL_SERVICE),
    about=(kinds.SIDECAR,),
    aliases=("KIA1004",),
    summary="A Sidecar's egress names a namespace or host that does not exist",
    check=check,
)
