"""The injector's decision on a pod that the API server sent it (`pkg/kube/inject/inject.go injectRequired`)."""

from collections.abc import Mapping
from functools import partial

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.webhook import format_requirement
from kubectl_meshfix.injection.labels import INJECT, TEMPLATES
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES, ControlPlane, Version
from kubectl_meshfix.mesh.selectors import is_valid, matches, requirements
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import LabelSelector, Ref, Struct

HOST_NETWORK, IGNORED, VALUE, NEVER, ALWAYS, POLICY, TEMPLATE = CHECKS = (
    "hostNetwork", "ignoredNamespaces", INJECT, "neverInjectSelector", "alwaysInjectSelector", "policy", "templates",
)  # fmt: skip
"""The injector's questions, in its order. The last is whether it can do what it decided."""

EXACT_VALUES = (1, 27)
"""Since this version only ``true`` and ``false`` count. Before, any word but a few for yes kept the sidecar away."""

_YES = frozenset({"y", "yes", "true", "on"})
_CHART = InjectorConfig(config_map=Ref("v1", "ConfigMap", None, ""), policy="enabled")

Answer = tuple[Check, bool | None]


class Decision(Struct, frozen=True):
    """Whether the injector injects, the check that decided, and all of them. None: its configuration is broken, and would have decided.

    ``assumed`` decisions rest on Istio's defaults, because the configuration or the version that matters was not read.
    """

    injects: bool | None
    decided_by: str
    checks: tuple[Check, ...]
    assumed: bool = False


def decide(plane: ControlPlane | None, namespace: str, template: PodTemplate) -> Decision:
    """What the injector of a control plane does with a pod; an injector that was not read is taken to be as the chart installs it."""
    config = (plane.injector if plane else None) or _CHART
    version = plane.version if plane else None
    checks: list[Check] = []
    for gate in (_host_network(template), _namespace(namespace)):
        checks.append(gate)
        if gate.status is Status.FAIL:
            return _decision(checks, gate.name, injects=False)
    assumed = config is _CHART or _depends_on_version(template, version)
    decided_by, explicit = POLICY, None
    for name, ask in (
        (VALUE, partial(_value, template, version)),
        (NEVER, partial(_selected, NEVER, config.usable, config.never_inject_selector, template.labels, outcome=False)),
        (ALWAYS, partial(_selected, ALWAYS, config.usable, config.always_inject_selector, template.labels, outcome=True)),
    ):
        check, answer = ask() if explicit is None else (Check(name=name, status=Status.SKIPPED), None)
        checks.append(check)
        if answer is not None:
            decided_by, explicit = name, answer
    check, injects = _policy(config, explicit)
    checks.append(check)
    if injects != explicit:
        decided_by = POLICY
    if injects and (check := _templates(config, template.annotations)).status is Status.FAIL:
        return _decision([*checks, check], TEMPLATE, injects=False, assumed=assumed)
    return _decision(checks, decided_by, injects=injects, assumed=assumed)


def inject_value(template: PodTemplate) -> tuple[str, str]:
    """The value of `sidecar.istio.io/inject`, and whether it is a ``label`` or an ``annotation``. A label, even an empty one, wins."""
    if INJECT in template.labels:
        return template.labels[INJECT], "label"
    return template.annotations.get(INJECT, ""), "annotation"


def reading(value: str, version: Version | None) -> bool | None:
    """What a value of `sidecar.istio.io/inject` says to an istiod of a version; None where it leaves the answer to the others."""
    if version is None or version >= EXACT_VALUES:
        return {"true": True, "false": False}.get(value)
    return value.lower() in _YES if value else None


def selected_templates(config: InjectorConfig, annotations: Mapping[str, str]) -> tuple[str, ...]:
    """The injection templates for a pod, aliases resolved once (`inject.go selectTemplates`)."""
    names = [name.strip() for name in annotations[TEMPLATES].split(",")] if TEMPLATES in annotations else config.default_templates
    return tuple(real for name in names for real in config.aliases.get(name, (name,)))


def _decision(checks: list[Check], decided_by: str, *, injects: bool | None, assumed: bool = False) -> Decision:
    rest = tuple(Check(name=name, status=Status.SKIPPED) for name in CHECKS[len(checks) :])
    return Decision(injects=injects, decided_by=decided_by, checks=(*checks, *rest), assumed=assumed)


def _host_network(template: PodTemplate) -> Check:
    if template.spec.host_network:
        return Check(name=HOST_NETWORK, status=Status.FAIL, detail="A pod on the host's network is never injected.")
    return Check(name=HOST_NETWORK, status=Status.PASS)


def _namespace(name: str) -> Check:
    if name in IGNORED_NAMESPACES:
        return Check(name=IGNORED, status=Status.FAIL, detail=f"Istio never injects into namespace {name}.")
    return Check(name=IGNORED, status=Status.PASS)


def _depends_on_version(template: PodTemplate, version: Version | None) -> bool:
    value, _ = inject_value(template)
    return version is None and reading(value, None) is not reading(value, Version(1, 0, ""))


def _value(template: PodTemplate, version: Version | None) -> Answer:
    value, where = inject_value(template)
    answer = reading(value, version)
    evidence = (f"{where} {INJECT}={value}",)
    if not value:
        return Check(name=VALUE, status=Status.PASS, detail="The pod says nothing of its own."), None
    if answer is None:
        detail = f'The {where} says "{value}", which this istiod passes over: only "true" and "false" count.'
        return Check(name=VALUE, status=Status.WARN, detail=detail, evidence=evidence), None
    if answer:
        return Check(name=VALUE, status=Status.PASS, detail=f"The {where} asks for injection.", evidence=evidence), True
    detail = f"The {where} refuses injection." if value == "false" else f'The {where} says "{value}", which this istiod takes for no.'
    return Check(name=VALUE, status=Status.FAIL, detail=detail, evidence=evidence), False


def _selected(name: str, usable: bool, selectors: tuple[LabelSelector, ...], labels: Mapping[str, str], *, outcome: bool) -> Answer:
    """One of the two lists. An empty or invalid selector is passed over, other than in a webhook, where an empty one matches all."""
    if not usable:
        return Check(name=name, status=Status.UNKNOWN, detail="The injector's configuration is broken."), None
    dead = tuple(
        f"{place}: {'invalid' if requirements(selector) else 'empty'}"
        for place, selector in enumerate(selectors)
        if not requirements(selector) or not is_valid(selector)
    )
    live = (selector for selector in selectors if requirements(selector) and is_valid(selector))
    if hit := next((selector for selector in live if matches(selector, labels)), None):
        evidence = (", ".join(map(format_requirement, requirements(hit))),)
        status = Status.PASS if outcome else Status.FAIL
        return Check(name=name, status=status, detail="The pod's labels match one of its selectors.", evidence=evidence), outcome
    if dead:
        return Check(name=name, status=Status.WARN, detail="Some of its selectors can never match.", evidence=dead), None
    return Check(name=name, status=Status.PASS, detail=f"None of its {len(selectors)} selectors matches."), None


def _policy(config: InjectorConfig, explicit: bool | None) -> Answer:
    evidence = (f"policy: {config.policy}",)
    if not config.usable:
        return Check(name=POLICY, status=Status.UNKNOWN, detail=" ".join(config.problems)), explicit
    match config.policy:
        case "enabled" | "disabled" if explicit is not None:
            return Check(name=POLICY, status=Status.PASS, detail="It leaves the word to the pod.", evidence=evidence), explicit
        case "enabled":
            return Check(name=POLICY, status=Status.PASS, detail="Pods that say nothing are injected.", evidence=evidence), True
        case "disabled":
            return Check(name=POLICY, status=Status.FAIL, detail="Pods that say nothing are not injected.", evidence=evidence), False
        case policy:
            detail = f'"{policy}" is no policy, so nothing is injected, whatever pods ask for.'
            return Check(name=POLICY, status=Status.FAIL, detail=detail, evidence=evidence), False


def _templates(config: InjectorConfig, annotations: Mapping[str, str]) -> Check:
    """Whether the templates a pod asks for exist; else the pod is denied (`inject.go RunTemplate`)."""
    missing = [name for name in selected_templates(config, annotations) if name not in config.templates]
    if TEMPLATES in annotations and config.templates and missing:
        detail = f"There is no template {', '.join(missing)}, so the pod is refused."
        return Check(name=TEMPLATE, status=Status.FAIL, detail=detail, evidence=tuple(sorted(config.templates)))
    return Check(name=TEMPLATE, status=Status.PASS)
