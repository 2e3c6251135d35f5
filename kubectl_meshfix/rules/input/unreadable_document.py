"""MF001: a document, or a field of one, that cannot be read."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each problem that came up while the source was read."""
    for problem in mesh.problems:
        if problem.about != "document":
            continue
        yield Finding(
            resource=problem.resource,
            path=problem.path,
            message=_message(problem),
            evidence=problem.evidence,
            severity=Severity(problem.level),
            aliases=("IST0106",) if problem.path and problem.resource.group in kinds.ISTIO else (),
            location=problem.location,
            fix=manual(problem.advice, *filter(None, [problem.command])) if problem.advice else None,
        )


def _message(problem: Problem) -> str:
    reason = problem.reason.rstrip(".")
    sentence = (reason if problem.path else f"{reason[:1].upper()}{reason[1:]}") + ("" if reason.endswith("?") else ".")
    return f"{sentence} The API server refuses it." if problem.level == "error" else sentence


RULE = Rule(
    code="MF001",
    name="unreadable-document",
    severity=Severity.ERROR,
    inputs=(),
    aliases=("IST0106",),
    summary="The API server would refuse a document",
    check=check,
)
