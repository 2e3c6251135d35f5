"""Pods that are refused now: what their makers report, unless what refused them was corrected since."""

import msgspec

from kubectl_meshfix.chain.steps import Status, Where
from kubectl_meshfix.injection.apiserver import called_by_name
from kubectl_meshfix.injection.checks import apiserver
from kubectl_meshfix.injection.kubelet.admission_errors import Refused, read_refusal
from kubectl_meshfix.injection.kubelet.controllers import Failure, find_failure
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.reaching import path_of
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload

_OF_BACKEND = frozenset({apiserver.SERVICE, apiserver.PORT, apiserver.ENDPOINTS})
"""Checks that the API server answers from the same objects as we do: where they are in order now, they are in order for it."""


class CurrentRefusal(msgspec.Struct, frozen=True):
    """A pod that could not be created, and is still to be: what its maker reports, and what that means."""

    failure: Failure
    refused: Refused


def find_refusal_now(mesh: Mesh, workload: Workload, made: Membership) -> CurrentRefusal | None:
    """Why the workload's newest pod is refused; None where nothing was refused, or that is over. ``made`` is the workload's membership."""
    failure = find_failure(mesh, workload)
    if failure is None or not failure.current:
        return None
    refused = read_failure(failure, made)
    return None if is_over(mesh, refused) else CurrentRefusal(failure, refused)


def read_failure(failure: Failure, made: Membership) -> Refused:
    """What a failure's words mean."""
    at = Where(resource=failure.at, path="/status/conditions" if failure.at.kind != "Event" else "/message")
    return read_refusal(failure.message, at, (failure.message, failure.source), is_injected=made.injected is not False)


def is_over(mesh: Mesh, refused: Refused) -> bool:
    """Whether the injector could not be called then, and what was wrong with the way to it is in order now."""
    if not mesh.live or refused.step.outcome.check not in _OF_BACKEND:
        return False
    ways = [path_of(mesh, item).steps for item in called_by_name(mesh, refused.webhook, refused.host)]
    return bool(ways) and all(any(item.check == refused.step.check and item.status is Status.PASS for item in way) for way in ways)
