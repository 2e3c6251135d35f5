"""MF903: the cluster's Gateway API is too old for istiod, which ignores what there is of it."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.served_versions import INPUTS, NEEDED, Ignored, ignored

OLD, BELOW = "IST0172", "IST0176"
_WATCHED = (kinds.GRPC_ROUTE, kinds.BACKEND_TLS_POLICY, kinds.TLS_ROUTE, kinds.TCP_ROUTE)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each object of Istio's of a kind that istiod does not watch (`analyzers/k8sgateway/crdversion.go`, `precheck.go`)."""
    return map(_finding, ignored(mesh))


def _finding(found: Ignored) -> Finding:
    owner, kind, served, istiod, release = found
    return Finding(
        resource=owner.ref,
        path="/apiVersion",
        message=f"The cluster has {kind.plural} only in {served}. istiod {istiod} needs v1, and ignores this {owner.kind}.",
        fix=manual(f"Upgrade the cluster's Gateway API to {release} or newer.", f"kubectl describe crd {kind.resource}"),
        aliases=_codes(kind),
    )


def _codes(kind: Kind) -> tuple[str, ...]:
    return (OLD, BELOW) if kind is kinds.GRPC_ROUTE else (BELOW,) if kind in _WATCHED else (OLD,)


RULE = Rule(
    code="MF903",
    name="gateway-api-too-old",
    severity=Severity.ERROR,
    inputs=(),
    optional=INPUTS,
    about=tuple(NEEDED),
    aliases=(OLD, BELOW),
    summary="The cluster's Gateway API is too old for istiod, which ignores routes or Gateways",
    check=check,
)
