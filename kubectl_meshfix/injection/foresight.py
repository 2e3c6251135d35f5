"""The first two stages of the chain: what would become of a pod that is made now, whatever became of others."""

from enum import StrEnum
from typing import NamedTuple

from kubectl_meshfix.injection import callpath
from kubectl_meshfix.injection.annotations import ANNOTATIONS, READ
from kubectl_meshfix.injection.apiserver import injector_verdicts, namespace_labels
from kubectl_meshfix.injection.callpath import broken, call_path
from kubectl_meshfix.injection.checks import Check, Status
from kubectl_meshfix.injection.injecting import decision_of, injecting
from kubectl_meshfix.injection.injector import TEMPLATE
from kubectl_meshfix.injection.matching import candidate, matching
from kubectl_meshfix.injection.membership import Membership, likeness, predicted
from kubectl_meshfix.injection.webhook import Verdict
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodTemplate


class Prospect(StrEnum):
    """What the API server would answer to a pod's creation now."""

    INJECTED = "injected"
    BARE = "bare"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Foresight(NamedTuple):
    """What would become of a pod made now: the checks of the first two stages, and the way to the injector."""

    made: Membership
    apiserver: tuple[Check, ...]
    path: tuple[Check, ...]
    injector: tuple[Check, ...]

    @property
    def refused_by(self) -> Check | None:
        """The injector's check that refuses the pod altogether."""
        refusing = (check for check in self.injector if check.name in (ANNOTATIONS, TEMPLATE) and check.status is Status.FAIL)
        return next(refusing, None)

    @property
    def opens(self) -> bool:
        """Whether a failing call lets the pod through as it is."""
        return any(f"{callpath.FAILURE_POLICY}: Ignore" in check.evidence for check in self.path)

    @property
    def prospect(self) -> Prospect:
        """What these checks come to."""
        if self.path and broken(self.path) and not self.opens:
            return Prospect.REFUSED
        if self.refused_by:
            return Prospect.REFUSED
        if self.made.injected is None:
            return Prospect.UNKNOWN
        return Prospect.INJECTED if self.made.injected and not broken(self.path) else Prospect.BARE


def foresee(mesh: Mesh, namespace: str, template: PodTemplate) -> Foresight:
    """The first two stages; worked out once for all pods that differ in nothing that matters."""
    memo: dict[object, Foresight] = mesh.once("foresights", lambda _: {})
    spec = template.spec
    key = (
        likeness(mesh, namespace, template),
        tuple(sorted((name, template.annotations[name]) for name in READ & template.annotations.keys())),
        tuple(container.name for container in (*spec.init_containers, None, *spec.containers) if container),
        len(spec.init_containers),
    )
    if key not in memo:
        memo[key] = _foresee(mesh, namespace, template)
    return memo[key]


def _foresee(mesh: Mesh, namespace: str, template: PodTemplate) -> Foresight:
    labels = namespace_labels(mesh, namespace)
    called = [verdict for verdict in injector_verdicts(mesh, labels, template.labels) if verdict.status is not Status.FAIL]
    injecting_ones = (verdict for verdict in reversed(called) if decision_of(mesh, verdict, namespace, template).injects)
    last = next(injecting_ones, called[-1] if called else None)
    cut = next((verdict for verdict in called if verdict.status is Status.PASS and broken(_path(mesh, verdict))), last)
    return Foresight(
        made=predicted(mesh, namespace, template),
        apiserver=matching(mesh, labels, template.labels),
        path=_path(mesh, cut) if cut else (),
        injector=injecting(mesh, last, namespace, template),
    )


def _path(mesh: Mesh, verdict: Verdict) -> tuple[Check, ...]:
    memo: dict[object, tuple[Check, ...]] = mesh.once("call paths", lambda _: {})
    found = candidate(mesh, verdict)
    key = (verdict.configuration, verdict.webhook)
    if key not in memo:
        memo[key] = call_path(mesh, *found) if found else ()
    return memo[key]
