"""MF305, MF306, MF309 and MF310: which of several objects and words decide that pods are refused, and which of them are counted."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.rule import Severity
from tests.injection.installations import decoded, injector
from tests.injection.scenes import HEALTHY, NOW, cluster, deployment, hooks, pod, replica_set, space
from tests.rules.test_new_pods import ENABLED, GONE, POLICY, created, rows, with_labels

UID_RANGE = {"openshift.io/sa.scc.uid-range": "1000680000/10000"}
LEVEL = {**ENABLED, "pod-security.kubernetes.io/enforce": "baseline"}
PSA = 'violates PodSecurity "baseline:latest": (container "istio-init" must not include "NET_ADMIN")'
PSA_OF_CART = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
SCC = "unable to validate against any security context constraint: "
SCC_OF_INIT = f'{SCC}.initContainers[0].capabilities.add: "NET_ADMIN" may not be added'
SCC_OF_CART = f"{SCC}.containers[0].containers[0].hostPort: 80 is not allowed to be used"


def changed(obj: Object, **metadata: Any) -> Object:
    """An object with other metadata."""
    raw = json.loads(msgspec.json.encode(obj))
    raw["metadata"].update(metadata)
    return decoded(raw)


@pytest.mark.parametrize(
    ("message", "severity", "words"),
    [
        ("", Severity.WARNING, []),
        (SCC_OF_INIT, Severity.ERROR, [f"the API server's words: {SCC_OF_INIT}"]),
        (SCC_OF_CART, Severity.WARNING, []),
        (PSA, Severity.WARNING, []),
        (POLICY, Severity.WARNING, []),
    ],
    ids=["nothing yet", "istio-init", "the application", "another check", "a policy"],
)
def test_the_constraints_are_sure_where_they_have_refused(message: str, severity: Severity, words: list[str]) -> None:
    """The API server's words count where they are about the constraints and about what injection adds."""
    (row,) = rows(cluster(HEALTHY, with_labels(ENABLED, UID_RANGE), deployment(), replica_set(message)), "MF306")

    assert row.severity is severity
    assert [line for line in row.evidence if line.startswith("the API server's words")] == words


@pytest.mark.parametrize(
    ("objects", "codes"),
    [
        ((HEALTHY, space(LEVEL), replica_set(PSA)), ["MF306"]),
        ((HEALTHY, space(LEVEL), replica_set(PSA_OF_CART)), ["MF306", "MF310"]),
        ((HEALTHY, space(LEVEL), replica_set(POLICY)), ["MF306", "MF310"]),
        ((HEALTHY, space(ENABLED), replica_set(PSA)), ["MF310"]),
        ((hooks(), injector(), space(ENABLED), replica_set(GONE)), ["MF309"]),
        ((hooks(), injector(), space(ENABLED), replica_set(POLICY)), ["MF309", "MF310"]),
        ((injector(), space(ENABLED), replica_set(GONE)), ["MF310"]),
        ((HEALTHY, with_labels(ENABLED, UID_RANGE), replica_set(SCC_OF_INIT)), ["MF306"]),
        ((HEALTHY, with_labels(ENABLED, UID_RANGE), replica_set(SCC_OF_CART)), ["MF306", "MF310"]),
    ],
    ids=[
        *("level", "level, and the application", "level, and a policy", "level of the server's", "call", "call, and a policy"),
        *("call of nobody here", "constraints", "constraints, and the application"),
    ],
)
def test_a_workload_has_a_finding_where_nothing_else_tells_of_the_refusal(objects: tuple[Any, ...], codes: list[str]) -> None:
    """A webhook's finding tells of its calls, a namespace's of its level; what else was refused is told of the workload."""
    assert created(cluster(*objects, deployment())) == codes


@pytest.mark.parametrize(
    ("pods", "beginning"),
    [
        ((), "No pod can be created: "),
        ((pod(injected=True),), "No further pod can be created: "),
        ((changed(pod(injected=True), deletionTimestamp=NOW),), "No pod can be created: "),
    ],
    ids=["none", "one", "one that goes"],
)
def test_pods_that_go_are_no_pods(pods: tuple[Object, ...], beginning: str) -> None:
    """Where one runs, it is said that no further one can be created."""
    (row,) = rows(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(POLICY), *pods), "MF310")

    assert row.message.startswith(beginning)


def test_a_webhook_that_has_refused_pods_is_in_use() -> None:
    """Also where no namespace's labels lead to it now; then it is not said of which namespace no pod can be created."""
    (row,) = rows(cluster(hooks(), injector(), space({}), deployment(), replica_set(GONE)), "MF309")

    assert (row.severity, row.evidence[1]) == (Severity.ERROR, "refused: pods of Deployment shop/cart")
    assert row.message.endswith(": revision default seems to be uninstalled. No pod can be created.")


# ---------------------------------------------------------------- MF305


@pytest.mark.parametrize(
    ("pods", "message"),
    [
        ((pod(),), "The only pod has no sidecar, but new pods get one. Its calls have no mTLS: STRICT servers refuse them."),
        (
            (pod(), changed(pod(), name="cart-1-y")),
            "2 of 2 pods have no sidecar, but new pods get one. Their calls have no mTLS: STRICT servers refuse them.",
        ),
        (
            (pod(), changed(pod(injected=True), name="cart-1-y")),
            "1 of 2 pods has no sidecar, but new pods get one. Its calls have no mTLS: STRICT servers refuse them.",
        ),
        (
            (pod(), changed(pod(), name="cart-1-y", deletionTimestamp=NOW)),
            "The only pod has no sidecar, but new pods get one. Its calls have no mTLS: STRICT servers refuse them.",
        ),
        ((changed(pod(), deletionTimestamp=NOW),), ""),
        ((pod(phase="Succeeded"),), ""),
        ((pod(phase="Failed"),), ""),
    ],
    ids=["one", "two", "one of two", "one goes", "all go", "done", "failed"],
)
def test_which_pods_lack_a_sidecar(pods: tuple[Object, ...], message: str) -> None:
    """Those that run and stay, and no others, are counted."""
    found = rows(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), *pods), "MF305")

    assert [row.message for row in found] == ([message] if message else [])


def test_a_bare_pod_lacks_its_own_sidecar() -> None:
    """It is nobody's, so it has to be deleted and created again."""
    (row,) = rows(cluster(HEALTHY, space(ENABLED), pod(owner=None)), "MF305")

    assert row.message == "This pod has no sidecar, but new pods get one. Its calls have no mTLS: STRICT servers refuse them."
    assert row.fix
    assert row.fix.safety is Safety.MANUAL
