"""MF005: an object that istiod's webhook admits with a warning."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.rules.absence import sentence
from kubectl_meshfix.rules.input.judged import JUDGED, judged, repair
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each warning of istiod's webhook (`pkg/webhooks/validation/server/server.go`); information where it changes nothing."""
    for row in judged(mesh):
        for violation in row.by_istiod:
            if violation.is_warning:
                yield Finding(
                    resource=row.object.ref,
                    path=violation.path,
                    message=f"{violation.says}. {sentence(violation.effect)}" if violation.effect else f"{violation.says}.",
                    fix=repair(row, violation, manual("Say what is meant, or remove it.")),
                    severity=None if violation.effect else Severity.INFO,
                    aliases=violation.codes,
                )


RULE = Rule(
    code="MF005",
    name="admitted-with-warning",
    severity=Severity.WARNING,
    inputs=(),
    optional=JUDGED,
    aliases=("IST0133", "KIA1108"),
    summary="istiod warns of an object",
    check=check,
)
