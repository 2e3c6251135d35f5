"""What a new template does to pods, word for word, and how many of them serve meanwhile."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.effects.consequences import of_mesh
from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from tests.fixes import objects

LABELS = {"run": "cart"}
TEMPLATE = {"metadata": {"labels": LABELS}}
APIS = {"Job": "batch/v1", "Rollout": "argoproj.io/v1alpha1", "DeploymentConfig": "apps.openshift.io/v1", "ReplicationController": "v1"}


def workload(kind: str, status: dict[str, Any] | None = None, **spec: Any) -> Object:
    """Shop/cart."""
    return objects.made(APIS.get(kind, "apps/v1"), kind, {"template": TEMPLATE, **spec}, status=status or {})


def told(*given: Object, live: bool = True) -> Consequence:
    """The consequence of a label of the first object's template."""
    change = Operation("add", "/spec/template/metadata/labels/app", "cart")
    (consequence,) = of_mesh(Mesh(given, live=live))(given[0].ref, [change])
    return consequence


def rolling(**numbers: Any) -> dict[str, Any]:
    """A strategy of steps."""
    return {"type": "RollingUpdate", "rollingUpdate": numbers}


NODES = {"desiredNumberScheduled": 7}
ON_DELETE = {"type": "OnDelete"}
PAUSED = "is paused: its {} until it is resumed ({}); then it "
BEFORE = "each deleted before the new one starts"
NONE_RUNS = "old ones are deleted before new ones start, and for a time none runs"
LATEST = "until you run oc rollout latest dc/cart -n shop"
DELETED = "the change when deleted and created again"
RESUMED = "kubectl rollout resume deployment/cart -n shop"


@pytest.mark.parametrize(
    ("obj", "effect", "text", "strategy", "pods"),
    [
        (workload("Deployment", replicas=0), Effect.LATER, "runs no pods now", None, 0),
        (
            workload("Deployment", replicas=1),
            Effect.ROLLS,
            "replaces its pod; the old one is deleted when the new one is available",
            "RollingUpdate",
            1,
        ),
        (
            workload("Deployment", replicas=2),
            Effect.ROLLS,
            "replaces its 2 pods step by step: up to 1 more at a time, and at least 2 stay available",
            "RollingUpdate",
            2,
        ),
        (
            workload("Deployment", replicas=1, strategy=rolling(maxSurge=0, maxUnavailable=1)),
            Effect.INTERRUPTS,
            "replaces its pod all at once: for a time none may run",
            "RollingUpdate",
            1,
        ),
        (
            workload("Deployment", replicas=1, strategy={"type": "Recreate"}),
            Effect.INTERRUPTS,
            "stops its pod before it starts new ones: for a time none runs",
            "Recreate",
            1,
        ),
        (
            workload("Deployment", replicas=1, paused=True, strategy={"type": "Recreate"}),
            Effect.WAITS,
            PAUSED.format("pod stays as it is", RESUMED) + "stops its pod before it starts new ones: for a time none runs",
            "Recreate",
            1,
        ),
        (
            workload("Deployment", replicas=2, paused=True, strategy={"type": "Recreate"}),
            Effect.WAITS,
            PAUSED.format("2 pods stay as they are", RESUMED) + "stops its 2 pods before it starts new ones: for a time none runs",
            "Recreate",
            2,
        ),
        (
            workload("DeploymentConfig", replicas=1, triggers=[]),
            Effect.WAITS,
            f"has no ConfigChange trigger: its pod stays as it is {LATEST}",
            "Rolling",
            1,
        ),
        (
            workload("StatefulSet", replicas=3),
            Effect.ROLLS,
            f"replaces its 3 pods, 1 at a time, {BEFORE}",
            "RollingUpdate",
            3,
        ),
        (
            workload("StatefulSet", replicas=3, updateStrategy=rolling(maxUnavailable=3)),
            Effect.INTERRUPTS,
            f"replaces its 3 pods: {NONE_RUNS}",
            "RollingUpdate",
            3,
        ),
        (
            workload("StatefulSet", replicas=3, updateStrategy=rolling(maxUnavailable=3, partition=1)),
            Effect.INTERRUPTS,
            f"replaces 2 of its 3 pods: {NONE_RUNS}; the first 1 stay as they are (partition)",
            "RollingUpdate",
            2,
        ),
        (
            workload("StatefulSet", replicas=3, updateStrategy=rolling(partition=1)),
            Effect.ROLLS,
            f"replaces 2 of its 3 pods, 1 at a time, {BEFORE}; the first 1 stay as they are (partition)",
            "RollingUpdate",
            2,
        ),
        (
            workload("StatefulSet", replicas=3, updateStrategy=rolling(partition=3)),
            Effect.WAITS,
            "replaces none of its 3 pods while its partition is 3",
            "RollingUpdate",
            3,
        ),
        (
            workload("StatefulSet", replicas=1, updateStrategy=ON_DELETE),
            Effect.WAITS,
            "replaces no pods by itself (OnDelete): its pod gets the change when deleted",
            "OnDelete",
            1,
        ),
        (
            workload("DaemonSet", NODES),
            Effect.ROLLS,
            "replaces its 7 pods, 1 node at a time, and the node has none meanwhile",
            "RollingUpdate",
            7,
        ),
        (
            workload("DaemonSet", NODES, updateStrategy=ON_DELETE),
            Effect.WAITS,
            "replaces no pods by itself (OnDelete): its 7 pods get the change when deleted",
            "OnDelete",
            7,
        ),
        (workload("ReplicaSet", replicas=1), Effect.WAITS, f"replaces no pods: its pod gets {DELETED}", None, 1),
        (workload("ReplicaSet", replicas=2), Effect.WAITS, f"replaces no pods: its 2 pods get {DELETED}", None, 2),
        (workload("Job"), Effect.WAITS, "cannot be changed once it exists: delete it and create it again", None, None),
        (
            workload("Rollout", replicas=1, paused=True),
            Effect.WAITS,
            PAUSED.format("pod stays as it is", "kubectl argo rollouts resume cart -n shop") + "replaces its pod as its strategy says",
            None,
            1,
        ),
    ],
)
def test_each_kind_is_told_in_whole(obj: Object, effect: Effect, text: str, strategy: str | None, pods: int | None) -> None:
    """What happens, in which steps, to how many pods; singular and plural follow the number."""
    assert told(obj) == Consequence(resource=obj.ref, effect=effect, text=f"{obj.ref} {text}.", strategy=strategy, pods=pods)


def test_in_files_nodes_are_not_counted() -> None:
    """One at a time, where nothing else is said."""
    found = told(workload("DaemonSet"), live=False)

    assert found.text == "DaemonSet shop/cart replaces its pods, 1 node at a time, and the node has none meanwhile."
    assert (found.pods, found.strategy) == (None, "RollingUpdate")


@pytest.mark.parametrize(
    ("obj", "serving"),
    [
        (workload("Deployment", replicas=2, strategy={"type": "Recreate"}), 0),
        (workload("Deployment", replicas=2, strategy=rolling(maxSurge=0, maxUnavailable=2)), 0),
        (workload("Deployment", replicas=1), 1),
        (workload("Deployment", replicas=4, strategy=rolling(maxUnavailable=1)), 3),
        (workload("StatefulSet", replicas=2, updateStrategy=rolling(maxUnavailable=2)), 0),
        (workload("StatefulSet", replicas=3), 2),
        (workload("DaemonSet", NODES, updateStrategy=rolling(maxUnavailable=2)), 5),
        (workload("DaemonSet", NODES, updateStrategy=rolling(maxUnavailable=9)), 0),
        (workload("DaemonSet", NODES, updateStrategy=rolling(maxSurge=2)), 7),
    ],
)
def test_a_budget_is_named_from_one_pod_more_on_than_serve(obj: Object, serving: int) -> None:
    """Of those that serve at the worst moment a budget may want all."""

    def named(wanted: int) -> bool:
        spec = {"selector": {"matchLabels": LABELS}, "minAvailable": wanted}
        return "PodDisruptionBudget" in told(obj, objects.made("policy/v1", "PodDisruptionBudget", spec)).text

    assert [named(wanted) for wanted in (serving, serving + 1)] == [False, True]
