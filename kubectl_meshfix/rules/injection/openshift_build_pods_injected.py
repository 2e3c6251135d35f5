"""MF307: OpenShift's build and deployer pods get a sidecar, and never complete."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection.injector import choose_sidecar, decide
from kubectl_meshfix.injection.inputs import INPUTS
from kubectl_meshfix.injection.membership import predicted
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_planes
from kubectl_meshfix.mesh.openshift import DEPLOYER_POD, OPENSHIFT_PODS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.resources.networking import Route
from kubectl_meshfix.resources.workloads import DeploymentConfig
from kubectl_meshfix.rules.injection.injector_config_edits import (
    BUILDS_LEAVE,
    NEVER,
    edit_command,
    exists,
    items_of,
    key_of,
    reading,
    rewrite,
)
from kubectl_meshfix.rules.injection.selector_repairs import repaired
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each injector on OpenShift that injects those pods, unless its sidecars are native ones, which end with the pod."""
    for plane in control_planes(mesh):
        config = plane.injector
        platform = _openshift(mesh, config) if config and config.usable else ""
        kind = answer(choose_sidecar(mesh, plane, view_pod("", PodTemplate())))
        if config and platform and kind.native is not True and not _is_hidden(kind.native):
            caught = _caught(plane, config)
            if caught and _caught(plane, _without_faults(config)):
                yield _finding(mesh, config, caught, (platform, kind.reason), is_sure=kind.native is False)


def _is_hidden(native: bool | Unknown) -> bool:
    """Whether Nodes that may not be read keep from us that the sidecars are native ones."""
    return isinstance(native, Unknown) and native.kind is UnknownKind.UNREADABLE


def _openshift(mesh: Mesh, config: InjectorConfig) -> str:
    """What shows that this is OpenShift; empty where nothing does."""
    if config.values.platform == "openshift":
        return "the injector's values say global.platform: openshift"
    found = next((obj for struct in (DeploymentConfig, Route) for obj in mesh.all(struct)), None)
    return f"there is {found.ref}" if found else ""


def _caught(plane: ControlPlane, config: InjectorConfig) -> tuple[str, ...]:
    """The labels of the pods that the injector would inject."""
    found = msgspec.structs.replace(plane, injector=config)
    return tuple(key for key in OPENSHIFT_PODS if answer(decide(found, view_pod("", _pod(key)))).injects is True)


def _pod(key: str) -> PodTemplate:
    return PodTemplate(metadata=Meta(labels={key: "name"}))


def _without_faults(config: InjectorConfig) -> InjectorConfig:
    """The configuration with its ineffective selectors corrected; those are for MF308."""
    try:
        return reading(config, repaired(config).text)
    except TargetError:
        return config


def _finding(mesh: Mesh, config: InjectorConfig, caught: tuple[str, ...], evidence: tuple[str, ...], *, is_sure: bool) -> Finding:
    rolled = [
        str(item.ref)
        for item in mesh.all(DeploymentConfig)
        if DEPLOYER_POD in caught and predicted(mesh, item.namespace, _pod(DEPLOYER_POD)).injected is True
    ]
    pods = " and ".join(OPENSHIFT_PODS[key] for key in caught)
    ends = " and ".join({"build": "builds", "deployer": "rollouts"}[OPENSHIFT_PODS[key]] for key in caught)
    effect = f" that keeps running when they are done. {ends.capitalize()}" if is_sure else f". Unless it is a native one, {ends}"
    return Finding(
        resource=config.config_map,
        path="/data/config",
        message=f"In injected namespaces, OpenShift's {pods} pods get a sidecar{effect} never complete.",
        evidence=(*evidence, *(f"{name} is rolled out in a namespace with injection" for name in rolled[:5])),
        fix=_fix(mesh, config, caught),
        severity=None if is_sure else Severity.INFO,
    )


def _fix(mesh: Mesh, config: InjectorConfig, caught: tuple[str, ...]) -> Fix:
    summary = f"Add {' and '.join(caught)} to {NEVER}"
    key, items = key_of(config.text, NEVER), items_of(config.text, NEVER)
    selectors = [exists(label) for label in caught]
    operations = [Operation("add", join(key, "-"), selector) for selector in selectors]
    if not items:
        operations = [Operation("add", join(key), selectors)]
    try:
        text = splice(config.text, 0, operations)
    except TargetError as error:
        return manual(f"{summary}.", edit_command(config), why=error.message)
    are_deployers = set(caught) == {DEPLOYER_POD}
    return at_risk(rewrite(mesh, config, text, summary, Safety.SAFE if are_deployers else Safety.UNSAFE), BUILDS_LEAVE)


RULE = Rule(
    code="MF307",
    name="openshift-build-pods-injected",
    severity=Severity.WARNING,
    inputs=(kinds.CONFIG_MAP,),
    optional=(*INPUTS, kinds.DEPLOYMENT_CONFIG, kinds.ROUTE),
    about=(kinds.CONFIG_MAP,),
    summary="OpenShift's build and deployer pods get a sidecar, and never complete",
    check=check,
)
