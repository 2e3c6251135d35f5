"""MF004: an object that istiod's webhook refuses."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.rules.absence import sentence
from kubectl_meshfix.rules.input.judged import JUDGED, judged, repair
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

_IGNORED = "Istio may ignore the object, or a part of it"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each thing for which istiod's webhook refuses an object (`pkg/webhooks/validation/server/server.go validate`)."""
    for row in judged(mesh):
        is_live = mesh.is_live(row.object.ref)
        for violation in row.by_istiod:
            if not violation.is_warning:
                effect = (
                    f"istiod's webhook would refuse it now. {sentence(violation.effect or _IGNORED)}"
                    if is_live
                    else "istiod refuses the object."
                )
                yield Finding(
                    resource=row.object.ref,
                    path=violation.path,
                    message=f"{violation.says}. {effect}",
                    fix=repair(row, violation, manual("Change what istiod refuses.")),
                    aliases=violation.codes,
                )


RULE = Rule(
    code="MF004",
    name="refused-by-istiod",
    severity=Severity.ERROR,
    inputs=(),
    optional=JUDGED,
    aliases=("IST0106", "IST0165"),
    summary="istiod refuses an object",
    check=check,
)
