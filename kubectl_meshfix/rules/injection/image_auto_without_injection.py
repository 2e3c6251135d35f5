"""MF315: a container that leaves its image to the injector, in pods that are not injected."""

from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.membership import predicted
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodSpec, PodTemplate
from kubectl_meshfix.rules.injection import unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

PROXY, AUTO = "istio-proxy", "auto"
WORKLOAD, POD = ("IST0146",), ("IST0147",)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with a proxy whose image is `auto` that no injector fills in (`manifests/charts/gateway`)."""
    for workload in unfinished(mesh):
        at = next((at for at, item in enumerate(workload.spec.containers) if item.name == PROXY and item.image == AUTO), None)
        if at is None:
            continue
        if mesh.is_live(workload.ref) and workload.is_pod:
            yield _finding(workload, at, "It was created without injection, and does not start.", POD)
            continue
        made = predicted(mesh, workload.namespace, PodTemplate(metadata=workload.template.metadata, spec=PodSpec()))
        if isinstance(made.surely_injected, Unknown) or made.surely_injected:
            continue
        effect = "New pods get no sidecar, and do not start."
        yield _finding(workload, at, effect, POD if workload.is_pod else WORKLOAD, made.reason)


def _finding(workload: Workload, at: int, effect: str, codes: tuple[str, ...], *evidence: str) -> Finding:
    return Finding(
        resource=workload.ref,
        path=f"{workload.template_path}/spec/containers/{at}/image",
        message=f"Only the injector replaces the image {AUTO} of container {PROXY}. {effect}",
        evidence=evidence,
        fix=manual("Inject its pods by a label of the namespace or of the pods, or name an image."),
        aliases=codes,
    )


RULE = Rule(
    code="MF315",
    name="image-auto-without-injection",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=MEMBERSHIP_INPUTS,
    about=kinds.WORKLOADS,
    words=(PROXY,),
    aliases=(*WORKLOAD, *POD),
    summary="A container leaves its image to the injector, and its pods are not injected",
    check=check,
)
