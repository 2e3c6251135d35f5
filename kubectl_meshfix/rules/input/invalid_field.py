"""MF003: a field that its kind does not have, or a value that the field cannot have."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import at, join, split
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import sentence
from kubectl_meshfix.rules.input.judged import JUDGED, RISK, Judged, judged, repair
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.validation.violation import Violation


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each place of an object that the schema of its kind does not allow (`manifests/charts/base/files/crd-all.gen.yaml`)."""
    for row in judged(mesh):
        is_istio = row.object.ref.group in kinds.ISTIO
        for violation in row.by_schema:
            yield Finding(
                resource=row.object.ref,
                path=violation.path,
                message=f"{violation.says}. {sentence(violation.effect)}",
                fix=_fix(row, violation),
                severity=Severity.WARNING if violation.is_by_version else None,
                aliases=violation.codes if is_istio else (),
            )


def _fix(row: Judged, violation: Violation) -> Fix:
    ref, path = row.object.ref, violation.path
    *above, name = split(path) if path else ("",)
    if violation.is_unknown and violation.correction:
        new = join(*above, violation.correction)
        operations = (Operation("test", path, value := at(row.value, path)), Operation("add", new, value), Operation("remove", path))
        return patch(ref, operations, f"Rename {name} to {violation.correction}.", risk=RISK)
    fields = ".".join(
        [kinds.of_object(row.object).plural, *(part for part in (above if violation.is_unknown else split(path)) if not part.isdigit())]
    )
    command = f"kubectl explain {fields} --api-version={ref.api_version}"
    if violation.is_unknown:
        return manual("Use a field that there is, or remove this one.", command)
    return repair(row, violation, manual("Use a value that the schema allows.", command))


RULE = Rule(
    code="MF003",
    name="invalid-field",
    severity=Severity.ERROR,
    inputs=(),
    optional=JUDGED,
    aliases=("IST0106",),
    summary="A field does not exist, or has a value that it cannot have",
    check=check,
)
