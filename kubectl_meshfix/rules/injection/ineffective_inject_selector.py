"""MF308: a selector of the injector's that can never do what it is there for."""

from collections.abc import Iterator

from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.mesh.control_plane import INPUTS, control_planes
from kubectl_meshfix.mesh.openshift import OPENSHIFT_PODS
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import LabelSelector
from kubectl_meshfix.rules.injection.injector_config_edits import is_openshift_pod, reading, rewrite
from kubectl_meshfix.rules.injection.selector_repairs import Repair, is_dead, repaired
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

RISK = "Pods that the corrected selectors match are injected, or left alone, other than today when they are next made."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each injector's configuration with such selectors."""
    for plane in control_planes(mesh):
        if plane.injector and plane.injector.usable:
            yield from _of(mesh, plane.injector)


def _of(mesh: Mesh, config: InjectorConfig) -> Iterator[Finding]:
    try:
        repair, problem = repaired(config), ""
    except TargetError as error:
        repair, problem = Repair(config.text, (), ("some of its selectors are not written as the injector reads them",)), error.message
    annotated = tuple(_annotated(mesh, config))
    faults = (*repair.faults, *repair.by_hand, *annotated)
    if faults:
        more = f", and there are {len(faults) - 1} more like it" if faults[1:] else ""
        yield Finding(
            resource=config.config_map,
            path="/data/config",
            message=f"A selector for injection never does what it is there for: {faults[0]}{more}. The injector says nothing of it, and "
            "the pods it was written for are treated like all others.",
            evidence=faults,
            fix=_fix(mesh, config, repair, problem),
        )


def _annotated(mesh: Mesh, config: InjectorConfig) -> Iterator[str]:
    """Keys that no pod here has as a label, and some have as an annotation."""
    selectors = (*config.never_inject_selector, *config.always_inject_selector)
    keys = {requirement.key for selector in selectors for requirement in requirements(selector) if requirement.operator in ("In", "Exists")}
    for key in sorted(keys - OPENSHIFT_PODS.keys()):
        holders = [item.ref for item in mesh.workloads if key in item.annotations]
        if holders and not any(key in item.labels for item in mesh.workloads):
            yield f"{key} is only ever an annotation ({holders[0]} has it), and selectors see labels alone"


def _fix(mesh: Mesh, config: InjectorConfig, repair: Repair, problem: str) -> Fix:
    if repair.text == config.text:
        command = f"kubectl edit configmap {config.config_map.name}{config.config_map.namespace_flag}"
        return manual("Put the selectors right in the key config.", command, why=problem)
    summary = "Put the selectors right in the injector's configuration."
    if repair.by_hand:
        summary += " What is left has to be decided by a person."
    return at_risk(rewrite(mesh, config, repair.text, summary, _safety(config, reading(config, repair.text))), RISK)


def _safety(before: InjectorConfig, after: InjectorConfig) -> Safety:
    """Safe where all that changes is that OpenShift's build and deployer pods, which never end with a sidecar, get none."""
    new = [selector for selector in _live(after.never_inject_selector) if selector not in _live(before.never_inject_selector)]
    gone = [selector for selector in _live(before.never_inject_selector) if selector not in _live(after.never_inject_selector)]
    same_always = _live(before.always_inject_selector) == _live(after.always_inject_selector)
    return Safety.SAFE if same_always and not gone and all(map(is_openshift_pod, new)) else Safety.UNSAFE


def _live(selectors: tuple[LabelSelector, ...]) -> list[LabelSelector]:
    return [selector for selector in selectors if not is_dead(selector)]


RULE = Rule(
    code="MF308",
    name="ineffective-inject-selector",
    severity=Severity.WARNING,
    inputs=(kinds.CONFIG_MAP,),
    optional=(*INPUTS, *kinds.WORKLOADS),
    summary="A selector for injection can never do what it is there for",
    check=check,
)
