"""MF904: istiod's validation webhook cannot be called, so that no object of Istio's can be created or changed."""

from collections.abc import Iterator

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.checks.apiserver import CA_BUNDLE, SERVICE
from kubectl_meshfix.injection.reaching import CHECKED, Unchecked, asks_for_any
from kubectl_meshfix.injection.unchecked import unchecked_alone
from kubectl_meshfix.injection.unreachable import remedy
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

NO_SERVICE = ("IST0139",)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each configuration with a validation webhook whose calls fail (`k8s.io/apiserver/pkg/util/webhook/client.go`)."""
    for found in unchecked_alone(mesh):
        yield _finding(mesh, found)


def _finding(mesh: Mesh, found: Unchecked) -> Finding:
    configuration, webhook, place = found.candidate.configuration, found.candidate.webhook, found.candidate.place
    field = "caBundle" if found.broken.outcome.check is CA_BUNDLE else "service"
    return Finding(
        resource=configuration.ref,
        path=join("webhooks", place, "clientConfig", field),
        message=f"{sentence(found.broken)} {_effect(found)}",
        evidence=(f"webhook {webhook.name}, failurePolicy {webhook.failure_policy}", *found.broken.evidence),
        fix=remedy(mesh, found.candidate, found.broken),
        severity=Severity.ERROR if not found.opens and asks_for_any(mesh, webhook) else Severity.WARNING,
        aliases=NO_SERVICE if found.broken.outcome.check is SERVICE else (),
    )


def _effect(found: Unchecked) -> str:
    of = f" with istio.io/rev={few(found.revisions)}" if found.revisions else ""
    return f"Invalid Istio objects{of} are stored." if found.opens else f"No Istio object{of} can be created or changed."


RULE = Rule(
    code="MF904",
    name="validation-webhook-unreachable",
    severity=Severity.ERROR,
    inputs=(kinds.VALIDATING_WEBHOOK_CONFIGURATION,),
    optional=tuple(dict.fromkeys((*new_pods.INPUTS, *CHECKED))),
    about=(kinds.VALIDATING_WEBHOOK_CONFIGURATION,),
    aliases=NO_SERVICE,
    summary="istiod's validation webhook cannot be called, and no Istio object can be created or changed",
    check=check,
)
