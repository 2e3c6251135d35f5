"""What there is of a workload's pods: which of them count, and what is known where they are not there."""

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Outcome, Told, told
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet import Observed, observe
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.reaching import CallPath
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import as_workload
from tests.injection.scenes import CALL, HEALTHY, NOW, cluster, deployment, pod, replica_set, space

ENABLED = {"istio-injection": "enabled"}
NO_SERVICE = CALL + 'service "istiod" not found'


def observed(mesh: Mesh) -> Told[Observed]:
    """What there is of the pods of Deployment shop/cart."""
    workload = as_workload(deployment())
    return told(observe(mesh, workload, membership(mesh, workload), CallPath()))


def another(name: str, *, deleted: bool = False, injected: bool = False) -> Object:
    """One more pod of it."""
    made = pod(injected=injected)
    metadata = msgspec.structs.replace(made.metadata, name=name, deletion_timestamp=NOW if deleted else None)
    return msgspec.structs.replace(made, metadata=metadata)


@pytest.mark.parametrize(
    ("kind", "coverage", "reason"),
    [
        (kinds.POD, Coverage(reason="forbidden"), "forbidden"),
        (kinds.POD, Coverage(namespaces=frozenset({"other"})), "no pods were read"),
        (kinds.EVENT, Coverage(reason="forbidden"), "forbidden"),
        (kinds.EVENT, Coverage(namespaces=frozenset({"other"})), "no events were read"),
    ],
)
def test_why_nothing_is_known_of_pods(kind: Kind, coverage: Coverage, reason: str) -> None:
    """The API server's reason, or that they lie in a namespace that was not asked for."""
    found = observed(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), coverage={kind: coverage}))

    assert [step.args["reason"] for step in found.steps] == [reason]
    assert found.value == Observed()


@pytest.mark.parametrize(
    ("others", "counted", "late"),
    [
        ((), 1, False),
        ((another("cart-1-y", injected=True),), 2, False),
        ((another("cart-1-y", deleted=True),), 1, False),
        ((another("cart-1-y", deleted=True, injected=True),), 1, False),
    ],
)
def test_a_pod_on_its_way_out_does_not_count(others: tuple[Object, ...], counted: int, late: bool) -> None:
    """It may be one of before, and nothing is wrong with the others for it."""
    found = observed(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True), *others)).value

    assert (len(found.pods), found.injected, found.late is not None) == (counted, True, late)


@pytest.mark.parametrize(
    ("pods", "injected"),
    [
        ((), False),
        ((pod(injected=True),), True),
        ((pod(),), False),
        ((pod(injected=True), another("cart-1-y")), False),
        ((pod(injected=True), another("cart-1-y", injected=True)), True),
    ],
)
def test_pods_from_before_a_refusal(pods: tuple[Object, ...], injected: bool) -> None:
    """What cannot be created any more decides; those that are there have their proxies if all of them have."""
    found = observed(cluster(HEALTHY, space(ENABLED), deployment(), replica_set("exceeded quota: small"), *pods)).value

    assert found.refused
    assert found.decider
    assert (found.decider.outcome.check.id, len(found.pods), found.injected) == ("pods", len(pods), injected)
    assert found.message == "exceeded quota: small"


@pytest.mark.parametrize(
    ("pods", "outcomes"),
    [
        ((), [checks.TRIED_AGAIN]),
        ((pod(injected=True),), [checks.ONE_POD, checks.PROXY_THERE, checks.IS_READY, checks.SAME_REVISION]),
    ],
)
def test_a_refusal_that_is_over(pods: tuple[Object, ...], outcomes: list[Outcome]) -> None:
    """The Service is there again: pods that are there are judged, and others are tried again."""
    found = observed(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(NO_SERVICE), *pods))

    assert [step.outcome for step in found.steps] == outcomes
    assert found.value.refused is None
    assert found.value.injected is (True if pods else None)


def test_a_refusal_that_is_not_over() -> None:
    """The Service is gone still."""
    found = observed(cluster(HEALTHY[0], HEALTHY[2:], space(ENABLED), deployment(), replica_set(NO_SERVICE), pod(injected=True)))

    assert found.value.refused
    assert [step.check for step in found.steps] == ["service", "pods"]
