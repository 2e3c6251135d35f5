"""The injector's decision on a pod that the API server sent it (`pkg/kube/inject/inject.go injectRequired`)."""

from collections.abc import Mapping

from kubectl_meshfix.chain.steps import Outcome, Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver import format_requirement
from kubectl_meshfix.injection.checks import injector as checks
from kubectl_meshfix.injection.intent import inject_value
from kubectl_meshfix.injection.labels import INJECT, TEMPLATES
from kubectl_meshfix.injection.views import PodView
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, ControlPlane, Version
from kubectl_meshfix.mesh.selectors import is_valid, matches, requirements
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import LabelSelector, Ref, Struct

EXACT_VALUES = (1, 27)
"""Since this version only ``true`` and ``false`` count. Before, any word but a few for yes kept the sidecar away."""

_YES = frozenset({"y", "yes", "true", "on"})
_CHART = InjectorConfig(config_map=Ref("v1", "ConfigMap", None, ""), policy="enabled")


class Decision(Struct, frozen=True):
    """Whether the injector injects, and the step that decided. Unknown: its configuration is broken, and would have decided.

    ``assumed`` is what Istio's defaults stand in for, because the configuration or the version that matters was not read.
    """

    injects: bool | Unknown
    decided_by: Step
    assumed: tuple[Unknown, ...] = ()


def decide(plane: ControlPlane | None, pod: PodView) -> Steps[Decision]:
    """What the injector of a control plane does with a pod; an injector that was not read is taken to be as the chart installs it."""
    if pod.host_network:
        return (yield from _say(step(checks.ON_HOST), injects=False))
    yield step(checks.OWN_NETWORK)
    if pod.namespace in IGNORED_NAMESPACES:
        return (yield from _say(step(checks.NEVER_INJECTED, namespace=pod.namespace), injects=False))
    yield step(checks.NOT_IGNORED, namespace=pod.namespace)
    config = (plane.injector if plane else None) or _CHART
    version = plane.version if plane else None
    own = yield from _ask_pod(pod, version)
    own = own or (yield from _ask_never(config, pod.labels)) or (yield from _ask_always(config, pod.labels))
    decided = yield from _ask_policy(config, own)
    if decided.injects is True and (missing := (yield from _require_templates(config, pod.annotations))):
        decided = Decision(injects=False, decided_by=missing)
    return Decision(injects=decided.injects, decided_by=decided.decided_by, assumed=tuple(_assumptions(config, pod, version)))


def read_value(value: str, version: Version | None) -> bool | None:
    """What a value of `sidecar.istio.io/inject` says to an istiod of a version; None where it leaves the answer to the others."""
    if version is None or version >= EXACT_VALUES:
        return {"true": True, "false": False}.get(value)
    return value.lower() in _YES if value else None


def select_templates(config: InjectorConfig, annotations: Mapping[str, str]) -> tuple[str, ...]:
    """The injection templates for a pod, aliases resolved once (`inject.go selectTemplates`)."""
    names = [name.strip() for name in annotations[TEMPLATES].split(",")] if TEMPLATES in annotations else config.default_templates
    return tuple(real for name in names for real in config.aliases.get(name, (name,)))


def _say(found: Step, *, injects: bool) -> Steps[Decision]:
    yield found
    return Decision(injects=injects, decided_by=found)


def _assumptions(config: InjectorConfig, pod: PodView, version: Version | None) -> tuple[Unknown, ...]:
    value, _ = inject_value(pod)
    found: list[Unknown] = []
    if config is _CHART:
        found.append(Unknown(kind=UnknownKind.NOT_IN_FILES, of="the injector's configuration", settled_by=CLUSTER))
    if version is None and read_value(value, None) is not read_value(value, Version(1, 0, "")):
        found.append(Unknown(kind=UnknownKind.VERSION, of="istiod", settled_by=CLUSTER))
    return tuple(found)


def _ask_pod(pod: PodView, version: Version | None) -> Steps[Decision | None]:
    value, where = inject_value(pod)
    read = read_value(value, version)
    if not value:
        yield step(checks.SAYS_NOTHING)
        return None
    evidence, spelt = (f"{where} {INJECT}={value}",), f"{INJECT}={value}"
    if read is None:
        yield step(checks.PASSED_OVER, evidence=evidence, where=where, value=spelt)
        return None
    refusal = checks.REFUSES if value == "false" else checks.TAKEN_FOR_NO
    return (yield from _say(step(checks.ASKS if read else refusal, evidence=evidence, where=where, value=spelt), injects=read))


def _ask_never(config: InjectorConfig, labels: Mapping[str, str]) -> Steps[Decision | None]:
    outcomes = (checks.NEVER_MATCHES, checks.NEVER_DEAD, checks.NEVER_SILENT)
    return (yield from _select(config, config.never_inject_selector, labels, outcomes, injects=False))


def _ask_always(config: InjectorConfig, labels: Mapping[str, str]) -> Steps[Decision | None]:
    outcomes = (checks.ALWAYS_MATCHES, checks.ALWAYS_DEAD, checks.ALWAYS_SILENT)
    return (yield from _select(config, config.always_inject_selector, labels, outcomes, injects=True))


def _select(
    config: InjectorConfig,
    selectors: tuple[LabelSelector, ...],
    labels: Mapping[str, str],
    outcomes: tuple[Outcome, Outcome, Outcome],
    *,
    injects: bool,
) -> Steps[Decision | None]:
    """One of the two lists. An empty or invalid selector is passed over, other than in a webhook, where an empty one matches all."""
    hits, dead, silent = outcomes
    at = _where(config)
    if not config.usable:  # the policy's check says so
        return None
    live = (selector for selector in selectors if requirements(selector) and is_valid(selector))
    if hit := next((selector for selector in live if matches(selector, labels)), None):
        selector = ", ".join(map(format_requirement, requirements(hit)))
        return (yield from _say(step(hits, at, evidence=(selector,), selector=selector), injects=injects))
    idle = [
        f"item {place} is {'invalid' if requirements(selector) else 'empty'}"
        for place, selector in enumerate(selectors)
        if not requirements(selector) or not is_valid(selector)
    ]
    yield step(dead, at, items=", ".join(idle)) if idle else step(silent, at)
    return None


def _ask_policy(config: InjectorConfig, own: Decision | None) -> Steps[Decision]:
    """The policy decides for pods that nothing else decided on; one that is none forbids everything."""
    at, evidence = _where(config), (f"policy: {config.policy}",)
    if not config.usable:
        broken = _broken(config)
        found = step(checks.POLICY_UNKNOWN, at, evidence=config.problems, unknown=broken)
        yield found
        return own or Decision(injects=broken, decided_by=found)
    match config.policy:
        case "enabled" | "disabled" if own:
            yield step(checks.DECIDED_BEFORE, at, evidence=evidence, policy=config.policy)
            return own
        case "enabled":
            return (yield from _say(step(checks.ENABLED, at, evidence=evidence), injects=True))
        case "disabled":
            return (yield from _say(step(checks.DISABLED, at, evidence=evidence), injects=False))
        case policy:
            decided = yield from _say(step(checks.NO_POLICY, at, evidence=evidence, policy=policy), injects=False)
            return own if own and own.injects is False else decided


def _require_templates(config: InjectorConfig, annotations: Mapping[str, str]) -> Steps[Step | None]:
    """The step that says which of the pod's templates, or of the default ones, are missing: it is denied then (`inject.go RunTemplate`)."""
    missing = [name for name in select_templates(config, annotations) if name not in config.templates]
    if config.templates and missing:
        found = step(checks.TEMPLATES_MISSING, _where(config), evidence=tuple(sorted(config.templates)), names=", ".join(missing))
        yield found
        return found
    yield step(checks.TEMPLATES_THERE, _where(config))
    return None


def _broken(config: InjectorConfig) -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of=config.config_map, settled_by=str(config.config_map))


def _where(config: InjectorConfig) -> Where | None:
    return Where(resource=config.config_map, path="/data/config") if config is not _CHART else None
