"""MF308: a selector in the injector's configuration that can match no pod."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.mesh.control_plane import INPUTS, control_planes
from kubectl_meshfix.mesh.openshift import OPENSHIFT_PODS
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import LabelSelector
from kubectl_meshfix.rules.injection.injector_config_edits import (
    ALWAYS,
    BUILDS_LEAVE,
    NEVER,
    edit_command,
    is_deployer_pod,
    is_openshift_pod,
    reading,
    rewrite,
)
from kubectl_meshfix.rules.injection.selector_repairs import Fault, Repair, is_dead, repaired
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

RISK = "New pods that the corrected selectors match get a sidecar where they get none today, or none where they get one."
EFFECTS = {NEVER: "Pods that it should exclude may get a sidecar.", ALWAYS: "Pods that it should select get no sidecar from it."}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each injector's configuration with such selectors."""
    for plane in control_planes(mesh):
        if plane.injector and plane.injector.usable:
            yield from _of(mesh, plane.injector)


def _of(mesh: Mesh, config: InjectorConfig) -> Iterator[Finding]:
    try:
        repair, problem = repaired(config), ""
    except TargetError as error:
        repair, problem = Repair(config.text, (), (Fault("", "A selector of the injector can match no pod"),)), error.message
    faults = (*repair.faults, *repair.by_hand, *_annotations(mesh, config))
    if faults:
        effect = faults[0].effect or EFFECTS.get(faults[0].field, "The pods it is for are treated like others.")
        yield Finding(
            resource=config.config_map,
            path="/data/config",
            message=f"{faults[0].fact}. {effect}",
            evidence=tuple(fault.fact for fault in faults),
            fix=_fix(mesh, config, repair, problem),
        )


def _annotations(mesh: Mesh, config: InjectorConfig) -> Iterator[Fault]:
    """Keys that no pod here has as a label, and some have as an annotation."""
    selectors = (*config.never_inject_selector, *config.always_inject_selector)
    keys = {requirement.key for selector in selectors for requirement in requirements(selector) if requirement.operator in ("In", "Exists")}
    for key in sorted(keys - OPENSHIFT_PODS.keys()):
        holders = [item.ref for item in mesh.workloads if key in item.annotations]
        if holders and not any(key in item.labels for item in mesh.workloads):
            yield Fault("", f"A selector asks for the label {key}, which pods have only as an annotation ({holders[0]})")


def _fix(mesh: Mesh, config: InjectorConfig, repair: Repair, problem: str) -> Fix:
    if repair.text == config.text:
        return manual("Correct the selectors in the key config of the ConfigMap.", edit_command(config), why=problem)
    summary = repair.faults[0].repair
    if repair.faults[1:]:
        summary = f"Correct {len(repair.faults)} faults in {' and '.join(dict.fromkeys(fault.field for fault in repair.faults))}"
    risk = _risk(config, reading(config, repair.text))
    fix = at_risk(rewrite(mesh, config, repair.text, summary, Safety.UNSAFE if risk else Safety.SAFE), risk)
    return msgspec.structs.replace(fix, summary=f"{fix.summary} Correct the rest by hand.") if repair.by_hand else fix


def _risk(before: InjectorConfig, after: InjectorConfig) -> str:
    """Who is treated differently; empty where no selector changes that matches a pod, or only deployer pods get no sidecar any more."""
    new = [selector for selector in _live(after.never_inject_selector) if selector not in _live(before.never_inject_selector)]
    gone = [selector for selector in _live(before.never_inject_selector) if selector not in _live(after.never_inject_selector)]
    same_always = _live(before.always_inject_selector) == _live(after.always_inject_selector)
    if not same_always or gone or not all(map(is_openshift_pod, new)):
        return RISK
    return "" if all(map(is_deployer_pod, new)) else BUILDS_LEAVE


def _live(selectors: tuple[LabelSelector, ...]) -> list[LabelSelector]:
    return [selector for selector in selectors if not is_dead(selector)]


RULE = Rule(
    code="MF308",
    name="ineffective-inject-selector",
    severity=Severity.WARNING,
    inputs=(kinds.CONFIG_MAP,),
    optional=(*INPUTS, *kinds.WORKLOADS),
    about=(kinds.CONFIG_MAP,),
    summary="A selector of the injector can match no pod",
    check=check,
)
