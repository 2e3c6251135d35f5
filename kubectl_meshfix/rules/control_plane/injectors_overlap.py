"""MF902: several control planes inject the same pods."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.overlaps import Overlap, overlaps
from kubectl_meshfix.mesh.control_plane import serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each configuration whose pods another istiod injects again (`analyzers/webhook/webhook.go`)."""
    return map(_finding, overlaps(mesh))


def _finding(found: Overlap) -> Finding:
    configuration, webhook, place = found.overruled.configuration, found.overruled.webhook, found.overruled.place
    last, own = found.last, serving_revision(configuration, webhook)
    if found.namespaces:
        message = f"{last.configuration} injects pods of {few(found.namespaces)} again. They get revision {last.revision}, not {own}."
    else:
        message = f"{last.configuration} would inject the same pods again. No namespace has such pods now."
    return Finding(
        resource=configuration.ref,
        path=join("webhooks", place),
        message=message,
        evidence=(f"called first: {webhook.name}, revision {own}", f"called last: {last.webhook}, revision {last.revision}"),
        fix=manual(
            "Delete the configuration that is left over, or let their selectors select different pods.",
            "kubectl get mutatingwebhookconfigurations -L istio.io/rev,istio.io/tag",
        ),
        severity=None if found.namespaces else Severity.INFO,
    )


RULE = Rule(
    code="MF902",
    name="injectors-overlap",
    severity=Severity.WARNING,
    inputs=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    optional=tuple(kind for kind in WORKLOAD_INPUTS if kind is not kinds.MUTATING_WEBHOOK_CONFIGURATION),
    about=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    aliases=("IST0139",),
    summary="Webhooks of several control planes inject the same pods",
    check=check,
)
