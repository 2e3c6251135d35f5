"""The API server's stage in words: which webhooks it calls for a pod, which it passes over and why."""

from collections.abc import Iterator, Mapping, Sequence

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.webhook import MATCH_CONDITIONS, NamespaceLabels, Verdict, format_requirement
from kubectl_meshfix.injection.apiserver.webhooks import is_assumed, verdicts
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook

WEBHOOKS, DEACTIVATED, DUPLICATES, OTHERS = "webhooks", "deactivated", "duplicates", "otherWebhooks"

_NEVER = "istio.io/deactivated"
_ENFORCER = "control-plane"


def matching(mesh: Mesh, namespace: NamespaceLabels, labels: Mapping[str, str]) -> tuple[Check, ...]:
    """What the API server does with every mutating webhook for a new pod, in the order of its calls."""
    found = verdicts(mesh, namespace, labels)
    injectors = [verdict for verdict in found if verdict.is_injector]
    called = [verdict for verdict in injectors if verdict.status is not Status.FAIL]
    checks = [_overview(mesh, injectors, called)]
    resting: dict[str, None] = {}
    for verdict in injectors:
        if verdict.deciding and verdict.deciding.requirement.key == _NEVER:
            resting[verdict.configuration] = None
        else:
            checks.append(_one(mesh, verdict, is_moot=bool(called)))
    checks += [_deactivated(name, called) for name in resting]
    if sum(verdict.status is Status.PASS for verdict in called) > 1:
        checks.append(_twice([verdict for verdict in called if verdict.status is Status.PASS]))
    checks += _others(found, called)
    return tuple(checks)


def candidate(mesh: Mesh, verdict: Verdict) -> tuple[MutatingWebhookConfiguration, Webhook] | None:
    """The webhook of a verdict as it was read; None where it was assumed."""
    configuration = mesh.get(MutatingWebhookConfiguration, "", verdict.configuration)
    webhook = next((item for item in configuration.webhooks if item.name == verdict.webhook), None) if configuration else None
    return (configuration, webhook) if configuration and webhook else None


def _overview(mesh: Mesh, injectors: Sequence[Verdict], called: Sequence[Verdict]) -> Check:
    if is_assumed(mesh):
        reason = mesh.coverage(kinds.MUTATING_WEBHOOK_CONFIGURATION).reason
        why = f"The webhooks could not be read ({reason})" if reason else "No webhook of the injector's is among the files"
        return Check(name=WEBHOOKS, status=Status.UNKNOWN, detail=f"{why}; those of Istio's chart are assumed instead.")
    if not injectors:
        return Check(
            name=WEBHOOKS, status=Status.FAIL, detail="There is no webhook of Istio's injector: it is not installed, or not for all."
        )
    total = f"{len(injectors)} webhooks in {', '.join(dict.fromkeys(verdict.configuration for verdict in injectors))}"
    sure = [verdict for verdict in called if verdict.status is Status.PASS]
    names = tuple(f"{verdict.configuration}/{verdict.webhook}" for verdict in called)
    if sure:
        detail = f"Of the {total}, {'one takes' if len(sure) == 1 else f'{len(sure)} take'} the pod."
        return Check(name=WEBHOOKS, status=Status.PASS, detail=detail, evidence=names)
    if called:
        return Check(name=WEBHOOKS, status=Status.UNKNOWN, detail=f"Of the {total}, {len(called)} may take the pod.", evidence=names)
    return Check(name=WEBHOOKS, status=Status.FAIL, detail=f"None of the {total} takes the pod.")


def _one(mesh: Mesh, verdict: Verdict, *, is_moot: bool) -> Check:
    """One webhook by its first answer that is no yes; a no is moot where another webhook says yes."""
    name = f"{verdict.webhook.removesuffix('.sidecar-injector.istio.io')} of {verdict.configuration}"
    decider = next((check for check in verdict.checks if check.name == verdict.decided_by), None)
    evidence = _selectors(mesh, verdict)
    if decider is None:
        return Check(name="called", status=Status.PASS, detail=f"{name} takes the pod (revision {verdict.revision}).", evidence=evidence)
    status = Status.SKIPPED if is_moot and decider.status is Status.FAIL else decider.status
    detail = f"{name}: {decider.detail}"
    if decider.name == MATCH_CONDITIONS:
        return Check(name=decider.name, status=status, detail=f"{detail} Ask with --probe.", evidence=decider.evidence)
    if verdict.deciding and verdict.deciding.requirement.key == _ENFORCER:
        detail += " AKS's admissions enforcer adds that to every webhook."
    return Check(name=decider.name, status=status, detail=detail, evidence=evidence)


def _selectors(mesh: Mesh, verdict: Verdict) -> tuple[str, ...]:
    found = candidate(mesh, verdict)
    if not found:
        return ()
    selectors = (("namespaceSelector", found[1].namespace_selector), ("objectSelector", found[1].object_selector))
    return tuple(f"{name}: {', '.join(map(format_requirement, requirements(selector))) or 'all'}" for name, selector in selectors)


def _deactivated(name: str, called: Sequence[Verdict]) -> Check:
    stand_in = next((verdict.configuration for verdict in called), None)
    detail = f"{name} is deactivated; {stand_in} stands in for it." if stand_in else f"{name} is deactivated, as `istioctl tag set` does."
    return Check(name=DEACTIVATED, status=Status.SKIPPED, detail=detail, evidence=(f"{_NEVER}: never-match",))


def _twice(called: Sequence[Verdict]) -> Check:
    names = tuple(f"{verdict.configuration}/{verdict.webhook}" for verdict in called)
    last = called[-1].configuration
    detail = f"{len(called)} webhooks of the injector take the pod: it is injected {len(called)} times over, and {last} has the last word."
    return Check(name=DUPLICATES, status=Status.WARN, detail=detail, evidence=names)


def _others(found: Sequence[Verdict], called: Sequence[Verdict]) -> Iterator[Check]:
    """Other people's webhooks that see the pod: before the injector they may change its labels, after it its containers."""
    others = [verdict for verdict in found if not verdict.is_injector and verdict.status is not Status.FAIL]
    if others:
        first = min((found.index(verdict) for verdict in (called or [item for item in found if item.is_injector])), default=len(found))
        names = tuple(
            f"{verdict.configuration}/{verdict.webhook}: {'before' if found.index(verdict) < first else 'after'} the injector"
            for verdict in others
        )
        detail = f"{len(others)} other webhooks see the pod too; what they change is not foreseen here, and --probe shows it."
        yield Check(name=OTHERS, status=Status.PASS, detail=detail.replace("1 other webhooks see", "1 other webhook sees"), evidence=names)
