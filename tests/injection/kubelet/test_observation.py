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
from tests.injection.scenes import CALL, DAY_AGO, HEALTHY, HOUR_AGO, NOW, cluster, deployment, pod, replica_set, space

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


def test_many_pods_are_told_by_one_of_them() -> None:
    """Of those that are as they should be, the oldest; ten are named, and it is counted how many have their proxies."""
    others = [another(f"cart-1-{place:02}", injected=place > 1) for place in range(11)]
    (overview, *_) = observed(cluster(HEALTHY, space({}), deployment(), replica_set(), *others)).steps

    assert overview.outcome is checks.SEVERAL_PODS
    assert (overview.args["having"], overview.args["count"]) == (9, 11)
    assert overview.evidence == tuple(f"cart-1-{place:02}" for place in range(10))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("b", "Running", HOUR_AGO), ("a", "Running", HOUR_AGO)], "a"),
        ([("a", "Running", HOUR_AGO), ("b", "Running", DAY_AGO)], "b"),
        ([("a", "Running", DAY_AGO), ("b", "CrashLoopBackOff", HOUR_AGO)], "b"),
        ([("a", "Running", HOUR_AGO), ("b", "Running", None)], "b"),
    ],
)
def test_which_pod_is_told_of(rows: list[tuple[str, str, str | None]], told: str) -> None:
    """One that fails goes before one that is well, an older one before a younger, and then the names decide."""
    found = observed(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), *(in_state(*row) for row in rows)))

    assert found.steps[0].args["pod"] == told


def in_state(name: str, state: str, made: str | None) -> Object:
    """A pod with a proxy that runs, or waits for a reason."""
    waits = {"istio-proxy": {"ready": False, "state": {"waiting": {"reason": state}}}}
    found = pod(injected=True, states=None if state == "Running" else waits)
    return msgspec.structs.replace(found, metadata=msgspec.structs.replace(found.metadata, name=name, creation_timestamp=made))


@pytest.mark.parametrize(("phase", "told"), [("Pending", "Pending"), ("", "in no known phase")])
def test_the_phase_of_a_pod_is_told(phase: str, told: str) -> None:
    """Where it has one."""
    assert observed(cluster(HEALTHY, space({}), deployment(), replica_set(), pod(phase=phase))).steps[0].args["phase"] == told
