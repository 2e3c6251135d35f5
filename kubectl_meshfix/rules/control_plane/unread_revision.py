"""MF906: an object of Istio's is for a revision that no istiod has, so that nobody reads it."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence, sentence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.discovery import FILTERED, Unread, unread

PATH = join("metadata", "labels", REVISION_LABEL)
RISK = "The istiod of that revision begins to read this object, and what it says begins to apply."
_POLICIES = "security.istio.io"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each object that no istiod reads, where all istiods are known (`pkg/config/model.go LabelsInRevision`)."""
    if mesh.live and not all(map(mesh.knows, (kinds.DEPLOYMENT, kinds.MUTATING_WEBHOOK_CONFIGURATION))):
        return
    for found in unread(mesh):
        yield _finding(mesh, found)


def _finding(mesh: Mesh, found: Unread) -> Finding:
    obj, revision = found.obj, found.revision
    is_policy = obj.ref.group == _POLICIES
    effect = "this policy is not enforced" if is_policy else f"no proxy gets this {obj.kind}"
    if found.is_tag:
        message = f"{revision} is a revision tag, and istiod reads objects by its revision, never by a tag. {sentence(effect)}"
        severity = None
    else:
        message, severity = absence(f"istiod of revision {revision}", effect, is_live=mesh.live, is_slip=found.meant is not None)
    there = sorted({plane.revision for plane in control_planes(mesh)})
    named = there[0] if len(there) == 1 else f"one of {', '.join(there)}"
    otherwise = manual(f"Let the label name {named}, or remove it: then every istiod reads the object.")
    return Finding(
        resource=obj.ref,
        path=PATH,
        message=message,
        evidence=(f"{REVISION_LABEL}={revision}", f"revisions: {', '.join(there)}"),
        fix=corrected(obj.ref, PATH, revision, (found.meant,) if found.meant else (), otherwise, risk=RISK),
        severity=severity or (Severity.ERROR if is_policy else None),
    )


RULE = Rule(
    code="MF906",
    name="unread-revision",
    severity=Severity.WARNING,
    inputs=(),
    optional=(*FILTERED, *control_plane.INPUTS),
    about=FILTERED,
    words=(REVISION_LABEL,),
    summary="An object of Istio's is for a revision that no istiod has, and nobody reads it",
    check=check,
)
