"""MF901: a mesh configuration, or one of networks, that istiod refuses or ignores in part."""

from collections.abc import Iterator, Mapping, Sequence

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.corrections import near, patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.fixes.istio_installer import Form, source_of
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh.control_plane import INPUTS, ControlPlane, control_planes
from kubectl_meshfix.mesh.istio_keys.table import VERSION
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.validation import mesh_config
from kubectl_meshfix.validation.violation import Fields, Value, Violation

INVALID, REGISTRY = ("IST0106",), ("IST0126",)
GOES_ON = "istiod goes on with the last valid one, and after a restart with its default"
RISK = "The whole text is read again, and settings that istiod does not use today begin to apply to the mesh."


def check(mesh: Mesh) -> Iterator[Finding]:
    """What is wrong with the texts of each control plane's ConfigMap, a finding for what is refused and one for what is ignored."""
    for plane in control_planes(mesh):
        config_map = mesh.find(plane.mesh_config_map) if plane.mesh_config_map else None
        for key, find in (("mesh", mesh_config.mesh_config), ("meshNetworks", mesh_config.mesh_networks)):
            if not isinstance(config_map, ConfigMap) or key not in config_map.data:
                continue
            fields, problem = mapping(config_map.data[key])
            if problem:
                yield _refused(config_map, key, [Violation(path="", says=f"it cannot be read: {problem.rstrip('.')}")])
                continue
            found = list(find(fields))
            refused = [item for item in found if not item.is_warning]
            ignored = [item for item in found if item.is_warning and (item.correction or not _may_know_more(plane))]
            if refused:
                yield _refused(config_map, key, refused)
            elif ignored:
                yield _ignored(config_map, key, ignored)
            yield from _registries(plane, config_map, fields) if key == "meshNetworks" else ()


def _may_know_more(plane: ControlPlane) -> bool:
    """Whether istiod is known to be of another version than the fields that are looked up: it may have had them, or have them now."""
    return plane.version is not None and f"{plane.version.major}.{plane.version.minor}" != VERSION


def _refused(config_map: ConfigMap, key: str, found: Sequence[Violation]) -> Finding:
    more = f" (and {len(found) - 1} more)" if found[1:] else ""
    return Finding(
        resource=config_map.ref,
        path=pointer.join("data", key),
        message=f"istiod refuses {_called(key)} as a whole: {found[0].says}{more}.",
        evidence=(GOES_ON, *(f"{_place(item)}: {item.says}" for item in found if item.path)),
        fix=_fix(config_map, key, found),
        aliases=INVALID,
    )


def _ignored(config_map: ConfigMap, key: str, found: Sequence[Violation]) -> Finding:
    first, more = found[0], f" (and {len(found) - 1} more)" if found[1:] else ""
    meant = f"; {first.correction} is meant" if first.correction else ""
    return Finding(
        resource=config_map.ref,
        path=pointer.join("data", key),
        message=f"istiod does not know {_place(first)}{more} in {_called(key)}, and ignores it{meant}.",
        evidence=tuple(f"{_place(item)}: {item.says}" for item in found),
        fix=_fix(config_map, key, found),
        severity=Severity.WARNING if any(item.correction for item in found) else Severity.INFO,
        aliases=INVALID,
    )


def _registries(plane: ControlPlane, config_map: ConfigMap, fields: Fields) -> Iterator[Finding]:
    """Registries of networks that are a slip of this cluster's name; the names of others are in Secrets, which nobody reads here."""
    here = (plane.env or {}).get("CLUSTER_ID") or "Kubernetes"
    networks = fields.get("networks")
    for name, network in networks.items() if isinstance(networks, dict) else ():
        for endpoint in (network.get("endpoints") or ()) if isinstance(network, dict) else ():
            registry = endpoint.get("fromRegistry") if isinstance(endpoint, dict) else None
            if isinstance(registry, str) and registry != here and (near(registry, (here,)) or registry.lower() == here.lower()):
                yield Finding(
                    resource=config_map.ref,
                    path="/data/meshNetworks",
                    message=f"Network {name} takes endpoints from registry {registry}; this cluster is {here}. They belong to no network.",
                    fix=manual(f"Write {here}."),
                    severity=Severity.WARNING,
                    aliases=REGISTRY,
                )


def _called(key: str) -> str:
    return "the mesh configuration" if key == "mesh" else "the configuration of networks"


def _place(item: Violation) -> str:
    return ".".join(pointer.split(item.path))


def _fix(config_map: ConfigMap, key: str, found: Sequence[Violation]) -> Fix:
    """The text with what is clearly meant; by hand where that leaves something wrong, or where another text is the source."""
    summary = "Correct the mesh configuration in the Helm values or IstioOperator, and here."
    maker, before = manager(config_map), config_map.data[key]
    if maker and maker.is_maker and source_of(config_map).form is not Form.SAIL:
        return manual("Correct the mesh configuration.", why=f"{maker}; {maker.remedy}.")
    if any(item.correction is None for item in found):
        return manual(summary, f"kubectl edit configmap {config_map.name}{config_map.ref.namespace_flag}")
    fields, _ = mapping(before)
    try:
        after = splice(before, 0, [operation for item in found for operation in _corrected(fields, item)])
    except TargetError as error:
        return manual(summary, why=error.message)
    return patch(config_map.ref, replacement(pointer.join("data", key), before, after), summary, risk=RISK)


def _corrected(fields: Mapping[str, Value], item: Violation) -> tuple[Operation, ...]:
    """Another value, or another name for the same value."""
    if not item.is_warning:
        return (Operation("replace", item.path, item.correction),)
    value: Value = fields
    for part in pointer.split(item.path):
        value = value[int(part)] if isinstance(value, list) else value[part]
    parent = item.path.rpartition("/")[0]
    return Operation("remove", item.path), Operation("add", parent + pointer.join(str(item.correction)), value)


RULE = Rule(
    code="MF901",
    name="invalid-mesh-config",
    severity=Severity.ERROR,
    inputs=(kinds.CONFIG_MAP,),
    optional=INPUTS,
    about=(kinds.CONFIG_MAP,),
    aliases=(*INVALID, *REGISTRY),
    summary="istiod refuses the mesh configuration, or ignores fields of it",
    check=check,
)
