"""MF309: the injector's webhook cannot be called, so that no pod of its namespaces can be created."""

from collections.abc import Iterator

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.checks.apiserver import CA_BUNDLE, SERVICE, SERVICE_NOT_FOUND
from kubectl_meshfix.injection.unchecked import beside
from kubectl_meshfix.injection.unreachable import Unreachable, remedy, reported
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

NO_SERVICE = ("IST0139",)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each configuration with a webhook that takes pods and whose calls fail, and each revision tag that leads nowhere."""
    for found in reported(mesh):
        yield _finding(mesh, found)


def _finding(mesh: Mesh, found: Unreachable) -> Finding:
    configuration, webhook, place = found.candidate.configuration, found.candidate.webhook, found.candidate.place
    is_used = bool(found.namespaces or found.refused)
    refused = [str(ref) for ref in found.refused]
    field = "caBundle" if found.broken.outcome.check is CA_BUNDLE else "service"
    return Finding(
        resource=configuration.ref,
        path=join("webhooks", place, "clientConfig", field),
        message=f"{_cause(found)} {_effect(found)}",
        evidence=(
            f"webhook {webhook.name}, failurePolicy {webhook.failure_policy}",
            *((f"namespaces whose pods it takes: {', '.join(found.namespaces)}",) if found.namespaces else ()),
            *(f"refused: pods of {name}" for name in refused[:5]),
            *((f"and {len(refused) - 5} more",) if refused[5:] else ()),
            *found.broken.evidence,
            *(f"{other.candidate.configuration.ref} calls the same Service" for other in beside(mesh, found.candidate)),
        ),
        fix=remedy(mesh, found.candidate, found.broken),
        severity=Severity.ERROR if is_used and not found.opens else Severity.WARNING,
        aliases=NO_SERVICE if found.broken.outcome.check is SERVICE else (),
    )


def _cause(found: Unreachable) -> str:
    """What is wrong, with the Service's name where the API server said that there is none."""
    service = found.candidate.webhook.client_config.service
    if found.broken.outcome is SERVICE_NOT_FOUND and service:
        return f"Service {service.namespace}/{service.name}, which {found.candidate.configuration.name} calls, does not exist."
    return sentence(found.broken)


def _effect(found: Unreachable) -> str:
    if not found.namespaces and not found.refused:
        return f"No namespace uses the tag {found.tag} now."
    where = f" in {few(found.namespaces)}" if found.namespaces else ""
    return f"New pods{where} get no sidecar." if found.opens else f"No pod can be created{where}."


RULE = Rule(
    code="MF309",
    name="injection-webhook-unreachable",
    severity=Severity.ERROR,
    inputs=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    optional=(*new_pods.INPUTS, kinds.VALIDATING_WEBHOOK_CONFIGURATION),
    about=(kinds.MUTATING_WEBHOOK_CONFIGURATION,),
    aliases=NO_SERVICE,
    summary="The injector's webhook cannot be called, and no pod of its namespaces can be created",
    check=check,
)
