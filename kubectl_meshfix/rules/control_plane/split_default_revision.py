"""MF911: one revision is the default one for pods, and another for the check of Istio's objects."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.defaults import split_default
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """The default validator of another revision than the tag ``default`` has (`pkg/revisions/tag_watcher.go notifyHandlers`)."""
    if found := split_default(mesh):
        configuration, place = found.candidate.configuration, found.candidate.place
        yield Finding(
            resource=configuration.ref,
            path=join("webhooks", place, "clientConfig", "service"),
            message=f"Revision {found.checking} checks all Istio objects, and the tag default is of {found.injecting}. "
            f"Without {found.checking} no object can be changed.",
            evidence=(f"istio-revision-tag-default: {found.injecting}", f"{configuration.name}: {found.checking}"),
            fix=manual(
                f"Set the tag default again, which lets {found.injecting} check objects too; or the chart's defaultRevision.",
                f"istioctl tag generate default --revision {found.injecting} --overwrite",
            ),
        )


RULE = Rule(
    code="MF911",
    name="split-default-revision",
    severity=Severity.WARNING,
    inputs=(kinds.VALIDATING_WEBHOOK_CONFIGURATION, kinds.MUTATING_WEBHOOK_CONFIGURATION),
    optional=tuple(kind for kind in new_pods.INPUTS if kind is not kinds.MUTATING_WEBHOOK_CONFIGURATION),
    about=(kinds.VALIDATING_WEBHOOK_CONFIGURATION,),
    needs=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    summary="One revision is the default one for pods, and another for the check of Istio objects",
    check=check,
)
