"""MF002: a suppression that has expired, or suppresses nothing."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each stale suppression of the settings; which they are is known once every other rule was checked."""
    for problem in mesh.problems:
        if problem.about == "suppression":
            yield Finding(
                resource=problem.resource,
                path=problem.path,
                message=problem.reason,
                evidence=problem.evidence,
                location=problem.location,
            )


RULE = Rule(
    code="MF002",
    name="stale-suppression",
    severity=Severity.INFO,
    inputs=(),
    summary="A suppression has expired or suppresses nothing",
    check=check,
)
