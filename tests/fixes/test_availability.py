"""How many pods a share of them is, and which budgets let none of them go."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.effects.availability import forbids_evictions, scaled
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources.disruption import PodDisruptionBudget
from kubectl_meshfix.resources.meta import Object
from tests.fixes.objects import made


@pytest.mark.parametrize(
    ("value", "total", "more", "fewer"),
    [
        (3, 10, 3, 3),
        (0, 10, 0, 0),
        ("25%", 10, 3, 2),
        ("50%", 10, 5, 5),
        ("1%", 10, 1, 0),
        ("0%", 10, 0, 0),
        ("100%", 3, 3, 3),
        ("150%", 2, 3, 3),
        ("most", 10, 0, 0),
        ("%", 10, 0, 0),
        ("-5%", 10, 0, 0),
        ("\u00b2%", 10, 0, 0),
    ],
)
def test_a_share_is_rounded_up_or_down(value: int | str, total: int, more: int, fewer: int) -> None:
    """A number stands for itself, and what is no percentage for nothing."""
    assert (scaled(value, total, up=True), scaled(value, total, up=False)) == (more, fewer)


LABELS = {"run": "cart"}


def deployment(name: str = "cart", namespace: str = "shop", labels: dict[str, str] | None = None) -> Object:
    """A workload with labels."""
    return made("apps/v1", "Deployment", {"template": {"metadata": {"labels": labels or LABELS}}}, name=name, namespace=namespace)


SELECTED = {"selector": {"matchLabels": LABELS}}


@pytest.mark.parametrize(
    ("spec", "pods", "forbids"),
    [
        ({**SELECTED, "minAvailable": 2}, 2, True),
        ({**SELECTED, "minAvailable": 3}, 2, True),
        ({**SELECTED, "minAvailable": 1}, 2, False),
        ({**SELECTED, "minAvailable": "51%"}, 2, True),
        ({**SELECTED, "minAvailable": "50%"}, 2, False),
        ({**SELECTED, "maxUnavailable": 0}, 2, True),
        ({**SELECTED, "maxUnavailable": 1}, 2, False),
        ({**SELECTED, "maxUnavailable": "0%"}, 1, True),
        ({**SELECTED, "maxUnavailable": "1%"}, 1, False),
        ({**SELECTED, "maxUnavailable": 1, "minAvailable": 2}, 2, False),
        ({**SELECTED}, 2, False),
        ({**SELECTED}, 1, False),
        ({**SELECTED, "minAvailable": 0}, 0, False),
        ({**SELECTED, "minAvailable": 1}, 1, True),
        ({"selector": {}, "minAvailable": 2}, 2, True),
        ({"selector": {"matchLabels": {"run": "till"}}, "minAvailable": 2}, 2, False),
        ({"minAvailable": 2}, 2, False),
    ],
)
def test_a_budget_that_wants_all_pods_lets_none_go(spec: dict[str, Any], pods: int, forbids: bool) -> None:
    """Shares are rounded up, without a limit nothing is wanted, and there have to be pods that it selects."""
    item, budget = workload(deployment()), made("policy/v1", "PodDisruptionBudget", spec)
    assert item
    assert isinstance(budget, PodDisruptionBudget)

    assert forbids_evictions(Mesh([item.object, budget]), budget, item, pods) is forbids


@pytest.mark.parametrize(
    ("other", "forbids"),
    [
        (deployment("till"), False),
        (deployment("till", labels={"run": "till"}), True),
        (deployment("cart", "bank"), True),
        (made("apps/v1", "StatefulSet", {"template": {"metadata": {"labels": LABELS}}}), False),
    ],
)
def test_a_budget_for_others_too_may_let_theirs_go(other: Object, forbids: bool) -> None:
    """Whatever selects the pods of two workloads of its namespace says nothing of either alone."""
    item, budget = workload(deployment()), made("policy/v1", "PodDisruptionBudget", {**SELECTED, "minAvailable": 2})
    assert item
    assert isinstance(budget, PodDisruptionBudget)

    assert forbids_evictions(Mesh([item.object, budget, other]), budget, item, 2) is forbids
