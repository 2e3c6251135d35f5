"""MF905: the mesh's root certificate has ended, or ends soon."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.reaching import Root, longest_roots
from kubectl_meshfix.mesh import control_plane, moments
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

SOON = timedelta(days=30)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each set of roots that ends within a month, or within a tenth of a time that is shorter (`istio-ca-root-cert`)."""
    for root in longest_roots(mesh):
        now = moments.now(mesh)
        if now and root.until - now <= min(SOON, root.lifetime / 10):
            yield _finding(root, now)


def _finding(root: Root, now: datetime) -> Finding:
    name, day = root.config_map.name, root.until.strftime("%Y-%m-%d")
    what = "The mesh's root certificate" if root.among == 1 else f"The last of the mesh's {root.among} root certificates"
    if root.until <= now:
        message = f"{what} ended on {day}. Proxies refuse each other's certificates, and get no new ones."
    else:
        message = f"{what} ends on {day}. From then on proxies refuse each other's certificates."
    return Finding(
        resource=root.config_map.ref,
        path="/data/root-cert.pem",
        message=message,
        evidence=(f"{root.name}, valid from {root.since:%Y-%m-%d} to {day}",),
        fix=manual(
            "Give istiod a CA certificate of a new root, with both roots trusted until all proxies have certificates of the new one.",
            f"kubectl get configmap {name}{root.config_map.ref.namespace_flag} -o yaml",
        ),
        severity=Severity.ERROR if root.until <= now else None,
    )


RULE = Rule(
    code="MF905",
    name="root-certificate-ends",
    severity=Severity.WARNING,
    inputs=(kinds.CONFIG_MAP,),
    optional=control_plane.INPUTS,
    about=(kinds.CONFIG_MAP,),
    summary="The mesh's root certificate has ended, or ends soon",
    check=check,
)
