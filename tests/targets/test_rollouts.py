"""When a rollout is done, goes on, or is stuck, by the words of each kind."""

from typing import Any

import pytest

from kubectl_meshfix.targets.rollout_status import UNSEEN, look, template

ROLLING = {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}}
HALF = {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}


def workload(kind: str = "Deployment", spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    """A workload at its second generation."""
    metadata = {"name": "cart", "generation": 2}
    return {"kind": kind, "metadata": metadata, "spec": spec or {"replicas": 3}, "status": {"observedGeneration": 2, **status}}


def canary(*steps: dict[str, Any], **status: Any) -> dict[str, Any]:
    """An Argo Rollout with steps."""
    return workload("Rollout", {"replicas": 3, "strategy": {"canary": {"steps": list(steps)}}}, **{"observedGeneration": "2", **status})


def config(spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    """A DeploymentConfig at its second version."""
    return workload("DeploymentConfig", {"replicas": 3, **(spec or {})}, **{"latestVersion": 2, **status})


def progressing(reason: str, message: str = "") -> list[dict[str, Any]]:
    """One condition."""
    return [{"type": "Progressing", "status": "False", "reason": reason, "message": message}]


OLD = config(latestVersion=1)
NEW = [{"type": "Progressing", "status": "True", "reason": "NewReplicationControllerAvailable"}]
REFUSED = [{"type": "ReplicaFailure", "status": "True", "message": "admission webhook denied the request."}]
PROMOTED = "its rollout is paused ({}); resume it with kubectl argo rollouts promote"
PAUSED = {"phase": "Paused", "message": "CanaryPauseStep", "pauseConditions": [{"reason": "CanaryPauseStep"}]}


@pytest.mark.parametrize(
    ("document", "words", "end"),
    [
        (workload(observedGeneration=1), "has not observed", ""),
        (workload(updatedReplicas=1, replicas=4), "1 of 3 pods are new", ""),
        (workload(updatedReplicas=3, replicas=4), "1 old pod still exists", ""),
        (workload(updatedReplicas=3, replicas=3, availableReplicas=2), "2 of 3 pods are available", ""),
        (workload(updatedReplicas=3, replicas=3, availableReplicas=3), "rolled out", "done"),
        (workload(spec={"replicas": 0}), "rolled out", "done"),
        (workload(conditions=REFUSED), "0 of 3 pods are new: admission webhook denied the request", ""),
        (workload(spec={"paused": True}), "paused", "stuck"),
        (workload(spec={"paused": True}, observedGeneration=1), "has not observed", ""),
        (workload(conditions=progressing("ProgressDeadlineExceeded", "cart-1 timed out.")), "deadline: cart-1 timed out", "stuck"),
        (workload(conditions=progressing("ProgressDeadlineExceeded"), observedGeneration=1), "has not observed", ""),
        (workload("StatefulSet", ROLLING, updatedReplicas=1, readyReplicas=3), "1 of 3 pods are new", ""),
        (workload("StatefulSet", ROLLING, updatedReplicas=3, readyReplicas=2), "2 of 3 pods are ready", ""),
        (workload("StatefulSet", ROLLING, updatedReplicas=3, readyReplicas=3), "rolled out", "done"),
        (workload("StatefulSet", ROLLING, observedGeneration=0, updatedReplicas=3, readyReplicas=3), "has not observed", ""),
        (
            workload("StatefulSet", HALF, updatedReplicas=1, readyReplicas=3),
            "except for 2 pods that its partition excludes",
            "done",
        ),
        (workload("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}), "OnDelete", "stuck"),
        (workload("DaemonSet", desiredNumberScheduled=2, updatedNumberScheduled=1), "1 of 2 pods are new", ""),
        (workload("DaemonSet", desiredNumberScheduled=2, updatedNumberScheduled=2, numberAvailable=1), "1 of 2 pods are available", ""),
        (workload("DaemonSet", desiredNumberScheduled=2, updatedNumberScheduled=2, numberAvailable=2), "rolled out", "done"),
        (workload("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}), "OnDelete", "stuck"),
        (canary(observedGeneration="1", phase="Healthy"), "has not observed", ""),
        (canary(phase="Healthy"), "rolled out", "done"),
        (canary(phase="Progressing", message="more replicas need to be updated"), "more replicas", ""),
        (
            canary(phase="Degraded", message="ProgressDeadlineExceeded: too slow."),
            "has failed: ProgressDeadlineExceeded: too slow",
            "stuck",
        ),
        (canary({"pause": {}}, **PAUSED), "argo rollouts promote", "stuck"),
        (canary({"setWeight": 20}, {"pause": {"duration": "1m"}}, currentStepIndex=1, **PAUSED), "paused for a while", ""),
        (canary(phase="Paused", controllerPause=True), "goes on by itself", ""),
        (config(latestVersion=1, conditions=NEW), "has not observed", ""),
        (config(conditions=NEW), "rolled out", "done"),
        (config(conditions=progressing("RolloutCancelled", "cart-2 was cancelled")), "has failed: cart-2 was cancelled", "stuck"),
        (config(updatedReplicas=1), "1 of 3 pods are new", ""),
        (config(updatedReplicas=3, replicas=3, availableReplicas=3), "deployer has not finished", ""),
        (config({"triggers": []}), "oc rollout latest dc/cart", "stuck"),
        (config({"triggers": [{"type": "ConfigChange"}]}, conditions=NEW), "rolled out", "done"),
        (config({"paused": True}), "paused", "stuck"),
        (workload("CronJob"), "from now on", "done"),
        (workload("ReplicaSet"), "does not replace its pods", "stuck"),
    ],
)
def test_every_kind_in_its_own_words(document: dict[str, Any], words: str, end: str) -> None:
    """What goes on is waited for, what stands still is told at once with what sets it going, and done is what its own tool calls done."""
    found = look(document, OLD)

    assert words in found.words
    assert found.end == end


UNCOUNTED = {"selector": {"matchLabels": {"app": "cart"}}}
NOT_REFUSED = [{"type": "ReplicaFailure", "status": "False", "message": "denied before"}]
TOLD = "exceeded quota"
TWO_REASONS = [{"reason": "CanaryPauseStep"}, {"reason": "InconclusiveAnalysisRun"}]
WAITING = {"pause": {"duration": "1m"}}
UNCHANGING = [{"type": "ImageChange"}]


def blue_green(beside: dict[str, Any] | None = None, **strategy: Any) -> dict[str, Any]:
    """An Argo Rollout between blue and green."""
    paused = {"phase": "Paused", "message": "BlueGreenPause", "pauseConditions": [{"reason": "BlueGreenPause"}]}
    return workload("Rollout", {"strategy": {"blueGreen": strategy, **(beside or {})}}, **{**paused, "observedGeneration": "2"})


def bare(kind: str, **fields: Any) -> dict[str, Any]:
    """A workload of which the server says next to nothing."""
    return {"kind": kind, "metadata": {"name": "cart"}, **fields}


@pytest.mark.parametrize(
    ("document", "words", "end"),
    [
        (workload(spec=UNCOUNTED), "0 of 1 pods are new", ""),
        (workload("StatefulSet", UNCOUNTED), "0 of 1 pods are new", ""),
        (config({"replicas": None}) | {"spec": UNCOUNTED}, "0 of 1 pods are new", ""),
        (workload("DaemonSet", UNCOUNTED), "rolled out", "done"),
        (workload(updatedReplicas=3, replicas=5), "2 old pods still exist", ""),
        (workload(updatedReplicas=3, replicas=3), "0 of 3 pods are available", ""),
        (workload(updatedReplicas=3, availableReplicas=4), "rolled out", "done"),
        (workload(conditions=NOT_REFUSED), "0 of 3 pods are new", ""),
        (
            workload(conditions=[{"type": "ReplicaFailure", "status": "True", "message": TOLD}, *progressing("ProgressDeadlineExceeded")]),
            f"its rollout has exceeded its progress deadline: {TOLD}",
            "stuck",
        ),
        (
            workload("StatefulSet", {"replicas": 3, "updateStrategy": {"rollingUpdate": None}}, updatedReplicas=3),
            "0 of 3 pods are ready",
            "",
        ),
        (
            workload("StatefulSet", {"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 5}}}, readyReplicas=2),
            "rolled out, except for 2 pods that its partition excludes",
            "done",
        ),
        (workload("StatefulSet", ROLLING, observedGeneration=1, updatedReplicas=3, readyReplicas=3), UNSEEN.words, ""),
        (workload("DaemonSet", UNCOUNTED, observedGeneration=1), UNSEEN.words, ""),
        (workload("DaemonSet", UNCOUNTED, desiredNumberScheduled=1), "0 of 1 pods are new", ""),
        (workload("DaemonSet", UNCOUNTED, desiredNumberScheduled=1, updatedNumberScheduled=1), "0 of 1 pods are available", ""),
        (canary(), UNSEEN.words, ""),
        (canary(phase="Progressing"), "its rollout is under way", ""),
        (canary(phase="Healthy", observedGeneration="a hash of an old version"), "rolled out", "done"),
        (canary({"pause": {}}, controllerPause=True, **PAUSED), PROMOTED.format("CanaryPauseStep"), "stuck"),
        (canary(WAITING, **PAUSED), "its rollout is paused for a while (CanaryPauseStep)", ""),
        (canary(WAITING, currentStepIndex=1, **PAUSED), PROMOTED.format("CanaryPauseStep"), "stuck"),
        (canary({"setWeight": 5}, **PAUSED), PROMOTED.format("CanaryPauseStep"), "stuck"),
        (canary(WAITING, phase="Paused", message="two", pauseConditions=TWO_REASONS), PROMOTED.format("two"), "stuck"),
        (
            workload("Rollout", {"paused": True, "strategy": {"canary": {"steps": [WAITING]}}}, **{"observedGeneration": "2", **PAUSED}),
            PROMOTED.format("CanaryPauseStep"),
            "stuck",
        ),
        (blue_green(), PROMOTED.format("BlueGreenPause"), "stuck"),
        (blue_green(autoPromotionSeconds=30), "its rollout is paused for a while (BlueGreenPause)", ""),
        (
            config({"triggers": UNCHANGING}),
            "it has no ConfigChange trigger, so nothing rolls out until you run oc rollout latest dc/cart",
            "stuck",
        ),
        (config({"triggers": [*UNCHANGING, {"type": "ConfigChange"}]}, conditions=NEW), "rolled out", "done"),
        (config(observedGeneration=1, conditions=NEW), UNSEEN.words, ""),
        (config(conditions=progressing("ProgressDeadlineExceeded")), "its rollout has failed", "stuck"),
        (bare("Deployment"), "0 of 1 pods are new", ""),
        (bare("Deployment", spec=None, status=None), "0 of 1 pods are new", ""),
        (bare("StatefulSet"), UNSEEN.words, ""),
        (bare("DaemonSet"), "rolled out", "done"),
        (bare("Rollout"), UNSEEN.words, ""),
        (bare("DeploymentConfig", status={"latestVersion": 1}), UNSEEN.words, ""),
        (bare("DeploymentConfig", status={"latestVersion": 2}), "0 of 1 pods are new", ""),
        (bare("Rollout", status={**PAUSED, "pauseConditions": None}), PROMOTED.format("CanaryPauseStep"), "stuck"),
        (bare("Rollout", status=PAUSED), PROMOTED.format("CanaryPauseStep"), "stuck"),
        (blue_green({"canary": {"steps": [WAITING]}}), PROMOTED.format("BlueGreenPause"), "stuck"),
        (
            workload("Rollout", {"strategy": {"blueGreen": {"autoPromotionSeconds": 30}}}, **{**PAUSED, "observedGeneration": "2"}),
            PROMOTED.format("CanaryPauseStep"),
            "stuck",
        ),
    ],
)
def test_what_a_workload_leaves_out_is_what_its_controller_assumes(document: dict[str, Any], words: str, end: str) -> None:
    """One pod where no number is given, rolling updates, no partition; and of two reasons to stand still the lasting one is told."""
    assert look(document, OLD) == (words, end)


POD: dict[str, Any] = {"spec": {"containers": []}}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, None),
        ({"spec": None}, None),
        ({"spec": {"template": POD}}, POD),
        ({"spec": {"jobTemplate": {"spec": {"template": POD}}}}, POD),
        ({"spec": {"jobTemplate": None}}, None),
        ({"spec": {"jobTemplate": {"spec": None}, "template": POD}}, POD),
        ({"spec": {"workloadRef": {"kind": "Deployment", "name": "cart"}}}, None),
    ],
)
def test_a_template_is_where_the_kind_has_it(document: dict[str, Any], found: Any) -> None:
    """A CronJob's is its Jobs'; what takes it from elsewhere has none of its own."""
    assert template(document) == found
