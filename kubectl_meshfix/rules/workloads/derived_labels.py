"""What MF201 and MF202 share: pods without a label that Istio reads, a derived value for it, and the fix that adds it."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Safety, at_risk
from kubectl_meshfix.fixes.pod_template import change, label_path, pods_rolled, set_label
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding
from kubectl_meshfix.traffic.newly_selecting import newly_selecting

_SELECTED = "A Service, subset, policy or workload that selects this label then includes these pods."
_UNREAD = "An object that could not be read, such as a Service or a policy, may select this label, and then these pods."
_GUESSED = "Its pods are replaced, and metrics, traces and later subsets show a guessed value."


_TREATING = (
    kinds.SERVICE,
    kinds.VIRTUAL_SERVICE,
    kinds.DESTINATION_RULE,
    kinds.NETWORK_POLICY,
    kinds.PEER_AUTHENTICATION,
    kinds.REQUEST_AUTHENTICATION,
    kinds.AUTHORIZATION_POLICY,
)
"""Kinds that, selecting pods, treat requests to them in another way."""


class Derived(msgspec.Struct, frozen=True):
    """A label's value, what it was taken from in words, and whether that is no more than a guess."""

    value: str
    source: str
    is_guess: bool = False


def missing_label(mesh: Mesh, workload: Workload, labels: Sequence[str], derived: Derived, message: str) -> Finding:
    """The finding that pods have none of ``labels``, and the fix that adds the last of them.

    The fix is unsafe where the value is a guess, or where something would select the pods by it.
    """
    key, value = labels[-1], derived.value
    summary = f'Add the label {key}: "{value}" to the pod template ({derived.source})'
    selecting = newly_selecting(mesh, workload, {key: value})
    unread = [str(kind) for kind in _TREATING if mesh.live and not mesh.knows(kind, workload.namespace)]
    if selecting:
        summary += f"; {few(selecting)} would then select these pods"
    elif unread:
        summary += f"; {few(unread)} objects could not be read, and may select it"
    safety = Safety.UNSAFE if derived.is_guess or selecting or unread else pods_rolled(workload)
    fix = change(mesh, workload, set_label(workload, key, value), f"{summary}.", safety)
    return Finding(
        resource=workload.ref,
        path=label_path(workload, key),
        message=message,
        evidence=(
            f"none of {', '.join(labels)} on the pod template",
            f'"{value}": {derived.source}',
            *(f'{text} selects {key}="{value}"' for text in selecting),
        ),
        fix=at_risk(fix, _SELECTED if selecting else _UNREAD if unread else _GUESSED) if safety is Safety.UNSAFE else fix,
    )
