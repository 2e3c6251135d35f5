"""MF340: several webhooks of the injector take the same pods."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.taken_twice import INPUTS, TakenTwice, taken_twice
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each group of webhooks of several configurations that the API server calls for one pod (`analyzers/webhook/webhook.go`)."""
    for found in taken_twice(mesh):
        yield _finding(found)


def _finding(found: TakenTwice) -> Finding:
    last = found.last
    names = list(dict.fromkeys(item.configuration.name for item in found.webhooks))
    revisions = few(list(found.revisions))
    effect = "The last decides which proxy they get." if len(found.revisions) > 1 else "The second time changes nothing."
    return Finding(
        resource=last.configuration.ref,
        path=join("webhooks", last.place),
        message=f"Pods of {few(list(found.namespaces))} are injected by {few(names)}. {effect}",
        evidence=(
            *(f"{item.configuration.name} calls its webhook {item.webhook.name}" for item in found.webhooks),
            f"{'revisions' if len(found.revisions) > 1 else 'revision'} {revisions}",
        ),
        fix=manual("Uninstall the one that is left over, or give its webhooks selectors that do not take these pods."),
        severity=None if len(found.revisions) > 1 else Severity.INFO,
    )


RULE = Rule(
    code="MF340",
    name="injected-twice",
    severity=Severity.WARNING,
    inputs=(kinds.MUTATING_WEBHOOK_CONFIGURATION, kinds.NAMESPACE),
    optional=INPUTS,
    about=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    aliases=("IST0139",),
    summary="Several webhooks of the injector take the same pods",
    check=check,
)
