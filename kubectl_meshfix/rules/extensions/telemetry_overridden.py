"""MF708: a Telemetry beside another one for the same proxies."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.telemetry.merging import METRICS, Overridden, Shared, overridden, shared


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Telemetry that counts less than it says, because of another (`pilot/pkg/model/telemetry.go applicableTelemetries`)."""
    yield from (_ignored(found) for found in overridden(mesh) if mesh.are_together(found.telemetry.ref, found.other.ref))
    yield from (_replaced(found) for found in shared(mesh) if mesh.are_together(found.telemetry.ref, found.other.ref))


def _ignored(found: Overridden) -> Finding:
    namespace = found.telemetry.namespace
    message = f"{found.other.ref} is older and for all of namespace {namespace} too. This one is ignored."
    if not found.is_known:
        message = f"{found.other.ref} is for the whole namespace too. istiod uses the older one, and ignores the other."
    return Finding(
        resource=found.telemetry.ref,
        path="/spec",
        message=message,
        fix=manual("Write both into one object, or select workloads."),
        severity=None if found.is_known else Severity.INFO,
        aliases=("IST0160",),
    )


def _replaced(found: Shared) -> Finding:
    both = f"{found.other.ref} also sets {' and '.join(found.fields)} for {found.workload.ref}"
    rest = " and is younger: it replaces this one where they differ." if found.is_known else ". Where they differ, the younger one counts."
    return Finding(
        resource=found.telemetry.ref,
        path="/spec/selector",
        message=both + rest,
        fix=manual("Write both into one object, or select different workloads."),
        severity=None if found.is_known and found.fields != (METRICS,) else Severity.INFO,
        aliases=("IST0159",),
    )


RULE = Rule(
    code="MF708",
    name="telemetry-overridden",
    severity=Severity.WARNING,
    inputs=(kinds.TELEMETRY,),
    optional=kinds.WORKLOADS,
    about=(kinds.TELEMETRY,),
    aliases=("IST0159", "IST0160"),
    summary="A Telemetry is ignored, or replaced in part, because of another",
    check=check,
)
