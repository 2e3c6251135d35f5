"""What MF201 and MF202 share: a label whose value was derived from something, and the fix that adds it to the pods."""

from typing import NamedTuple

from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk
from kubectl_meshfix.fixes.pod_template import change, pods_rolled, set_label
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.newly_selecting import newly_selecting

_PICKED = "A Service, subset, policy or workload that selects this label begins to include these pods."
_UNREAD = "A Service or subset that could not be read may select this label, and begin to send requests to these pods."
_GUESSED = "Its pods are replaced, and metrics, traces and later subsets show a value that is a guess."


class Derived(NamedTuple):
    """A label's value, what it was taken from in words, and whether that is no more than a guess."""

    value: str
    source: str
    is_guess: bool = False


def add_label(mesh: Mesh, workload: Workload, key: str, derived: Derived) -> Fix:
    """The fix that gives the pods one more label; unsafe where it is a guess, or where somebody would pick the pods by it."""
    value, source, is_guess = derived
    summary = f'Add the label {key}: "{value}" to the pod template ({source}).'
    picked = newly_selecting(mesh, workload, {key: value})
    unread = [kind for kind in (kinds.SERVICE, kinds.DESTINATION_RULE) if mesh.live and not mesh.knows(kind, workload.namespace)]
    if picked:
        summary += f" By it, {' and '.join(picked)} would pick these pods, as they do not today."
    elif unread:
        summary += f" Whether one would then pick these pods is not known: {' and '.join(map(str, unread))} objects could not be read."
    safety = Safety.UNSAFE if is_guess or picked or unread else pods_rolled(workload)
    fix = change(mesh, workload, set_label(workload, key, value), summary, safety)
    return at_risk(fix, _PICKED if picked else _UNREAD if unread else _GUESSED) if safety is Safety.UNSAFE else fix
