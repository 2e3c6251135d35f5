"""MF311: an annotation with a value that the injector refuses, that stops the proxy, or that Istio ignores."""

from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.pointer import split
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.redirection import PROXY_CONFIG
from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS
from kubectl_meshfix.mesh.istio_keys.values import VALID
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.rules.injection import INPUTS
from kubectl_meshfix.rules.injection.annotated_objects import READ, Annotated, Entry, annotated_objects, entries, refused_values
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each value that is not valid where its annotation is read."""
    for found in annotated_objects(mesh):
        refused = {name: (wanted, is_new) for name, wanted, is_new in refused_values(found.annotations)} if found.of_pods else {}
        for entry in entries(found, "annotations"):
            if entry.name in refused:
                wanted, is_new = refused[entry.name]
                yield _finding(entry, wanted, *_refused(mesh, found, is_new=is_new))
            elif entry.name == PROXY_CONFIG and found.of_pods:
                yield from _proxy_config(mesh, entry)
            valid = VALID.get(entry.name)
            if valid and found.may_bear(ANNOTATIONS[entry.name].kinds) and not valid.holds(entry.value):
                severity = Severity.ERROR if valid.stops_proxy and _injected(mesh, found) is True else Severity.WARNING
                yield _finding(entry, valid.wanted, valid.effect, severity)


def _finding(entry: Entry, wanted: str, effect: str, severity: Severity) -> Finding:
    value = entry.value
    shown = f'"{value}", not' if len(value) <= 30 and "\n" not in value else "not"
    return Finding(
        resource=entry.at.obj.ref,
        path=entry.path,
        message=f"{entry.name} is {shown} {wanted}. {effect}",
        fix=manual(f"Set it to {wanted}, or remove it."),
        severity=severity,
    )


def _proxy_config(mesh: Mesh, entry: Entry) -> Iterator[Finding]:
    """What is wrong inside of the annotation, all of one kind together: a value that is refused, or fields that are ignored."""
    from kubectl_meshfix.validation.mesh_config import proxy_config  # noqa: PLC0415 -- few objects have this annotation

    found = tuple(proxy_config(mapping(entry.value)[0]))
    refused = [item for item in found if not item.is_warning]
    if not found:
        return
    first, more = (refused or found)[0], f" (and {len(refused or found) - 1} more)" if (refused or found)[1:] else ""
    effect, severity = _refused(mesh, entry.at, is_new=False)
    if not refused:
        effect, severity = "Istio ignores it.", Severity.WARNING if first.correction else Severity.INFO
    yield Finding(
        resource=entry.at.obj.ref,
        path=entry.path,
        message=f"{PROXY_CONFIG}: {first.says}{more}. {effect}",
        evidence=tuple(f"{'.'.join(split(item.path))}: {item.says}" for item in refused or found),
        fix=manual(f"Correct {'.'.join(split(first.path))} in the annotation."),
        severity=severity,
    )


def _refused(mesh: Mesh, found: Annotated, *, is_new: bool) -> tuple[str, Severity]:
    """What follows from a value that the injector refuses: a pod that is there was created without a sidecar."""
    injected = _injected(mesh, found)
    if injected is False or (found.obj.kind == "Pod" and mesh.is_live(found.obj.ref)):
        return "Pods with it cannot get a sidecar.", Severity.INFO
    if is_new or isinstance(injected, Unknown):
        return "New pods may be refused.", Severity.WARNING
    return "No new pod is created.", Severity.ERROR


def _injected(mesh: Mesh, found: Annotated) -> bool | Unknown:
    return membership(mesh, found.workload).surely_injected if found.workload else False


RULE = Rule(
    code="MF311",
    name="invalid-annotation",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=(*INPUTS, kinds.NAMESPACE, *READ),
    about=(kinds.NAMESPACE, *READ, *kinds.WORKLOADS),
    words=("annotations",),
    aliases=("IST0125",),
    summary="An annotation of Istio's has a value that is refused or ignored",
    check=check,
)
