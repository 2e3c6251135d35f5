"""MF313: an annotation or label with a name of Istio's that Istio does not know."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS, KNOWN_TO, LABELS, Key, is_istio_name, is_listed_domain, meant
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.injection import INPUTS
from kubectl_meshfix.rules.injection.annotated_objects import (
    READ,
    Entry,
    annotated_objects,
    entries,
    is_about_injection,
    refused_values,
    renamed,
)
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each name of Istio's domains that is not in its tables. A label of such a name is reported only where it is clear what was meant."""
    for found in annotated_objects(mesh):
        for entry in (*entries(found, "annotations"), *entries(found, "labels")):
            name, is_annotation = entry.name, entry.field == "annotations"
            if name in ANNOTATIONS or name in LABELS or not is_istio_name(name) or is_about_injection(name):
                continue
            if right := _meant(entry, ANNOTATIONS if is_annotation else LABELS):
                yield Finding(
                    resource=found.obj.ref,
                    path=entry.path,
                    message=f"Istio has no {entry.word} {name}; {right} is meant. It has no effect.",
                    fix=_fix(mesh, entry, right),
                    aliases=RULE.aliases if is_annotation else (),
                )
            elif is_annotation:
                yield Finding(
                    resource=found.obj.ref,
                    path=entry.path,
                    message=f"{KNOWN_TO} has no annotation {name}. It has no effect, unless another program reads it.",
                    fix=manual("Correct its name, or remove it."),
                    severity=Severity.INFO,
                    on_request=not is_listed_domain(name),
                )


def _meant(entry: Entry, known: Mapping[str, Key]) -> str | None:
    """The one of the names that may stand there which was meant; around a pod template, of those for pods."""
    is_around = entry.is_around_template
    return meant(entry.name, (key.name for key in known.values() if entry.at.may_bear(key.kinds) or (is_around and "Pod" in key.kinds)))


def _fix(mesh: Mesh, entry: Entry, right: str) -> Fix:
    if entry.is_around_template:
        return manual(f"Remove it, and write {right} on the pod template.")
    if right in entry.values:
        return manual(f"Remove it: {right} is set too.")
    if any(refused_values({right: entry.value})):
        return manual(f"Write {right}, with a value that Istio takes.")
    return renamed(mesh, entry, right)


RULE = Rule(
    code="MF313",
    name="unknown-annotation",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=(*INPUTS, kinds.NAMESPACE, *READ),
    about=(kinds.NAMESPACE, *READ, *kinds.WORKLOADS),
    aliases=("IST0108",),
    summary="An annotation or label with a name of Istio's is not known to Istio",
    check=check,
)
