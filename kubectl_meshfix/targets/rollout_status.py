"""How far a rollout is, from the workload's own words, as the tools of each kind read them."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Document = Mapping[str, Any]


class Look(NamedTuple):
    """The state of a rollout in words, and how it has ended if it has; ``stuck``: it will not go on by itself."""

    words: str
    end: Literal["", "done", "stuck"] = ""


DONE = Look("rolled out", "done")

UNSEEN = Look("its controller has not observed the change yet")


def template(document: Document) -> Any:
    """The pod template of a workload; None where it makes no pods, or takes the template from elsewhere."""
    spec = document.get("spec") or {}
    return ((spec.get("jobTemplate") or {}).get("spec") or spec).get("template")


def look(document: Document, before: Document) -> Look:
    """How far the rollout of a new pod template is. ``before`` is the workload before the change."""
    match document["kind"]:
        case "Deployment":
            return _deployment(document)
        case "StatefulSet":
            return _stateful_set(document)
        case "DaemonSet":
            return _daemon_set(document)
        case "Rollout":
            return _rollout(document)
        case "DeploymentConfig":
            return _deployment_config(document, before)
        case "CronJob":
            return Look("changed; the Jobs that it creates from now on have the change", "done")
        case _:
            return Look(f"a {document['kind']} does not replace its pods: delete them one after the other to get new ones", "stuck")


def _deployment(document: Document) -> Look:
    """`kubectl/pkg/polymorphichelpers/rollout_status.go DeploymentStatusViewer`, and a pause, which it would wait for."""
    spec, status = _parts(document)
    conditions = _conditions(status)
    if not _is_seen(document):
        return UNSEEN
    if spec.get("paused"):
        return Look("its rollout is paused; resume it with kubectl rollout resume", "stuck")
    if (progress := conditions.get("Progressing", {})).get("reason") == "ProgressDeadlineExceeded":
        return Look(_because("its rollout has exceeded its progress deadline", conditions.get("ReplicaFailure") or progress), "stuck")
    return _replaced(spec.get("replicas", 1), status, conditions.get("ReplicaFailure"))


def _replaced(wanted: int, status: Document, failure: Document | None = None) -> Look:
    """New pods, no old ones, and all of the new ones available."""
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return Look(_because(f"{updated} of {wanted} pods are new", failure))
    if status.get("replicas", 0) > updated:
        old = status["replicas"] - updated
        return Look(f"{old} old pod{' still exists' if old == 1 else 's still exist'}")
    return DONE if available >= updated else Look(f"{available} of {updated} pods are available")


def _stateful_set(document: Document) -> Look:
    """`rollout_status.go StatefulSetStatusViewer`."""
    spec, status = _parts(document)
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return _by_hand(strategy)
    if not status.get("observedGeneration") or not _is_seen(document):
        return UNSEEN
    replicas = spec.get("replicas", 1)
    held = min((strategy.get("rollingUpdate") or {}).get("partition") or 0, replicas)
    updated, ready = status.get("updatedReplicas", 0), status.get("readyReplicas", 0)
    if updated < replicas - held:
        return Look(f"{updated} of {replicas - held} pods are new")
    if ready < replicas:
        return Look(f"{ready} of {replicas} pods are ready")
    return Look(f"rolled out, except for {held} pods that its partition excludes", "done") if held else DONE


def _daemon_set(document: Document) -> Look:
    """`rollout_status.go DaemonSetStatusViewer`."""
    spec, status = _parts(document)
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return _by_hand(strategy)
    if not _is_seen(document):
        return UNSEEN
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if updated < wanted:
        return Look(f"{updated} of {wanted} pods are new")
    available = status.get("numberAvailable", 0)
    return DONE if available >= wanted else Look(f"{available} of {wanted} pods are available")


def _rollout(document: Document) -> Look:
    """Argo Rollouts: `utils/rollout/rolloututil.go GetRolloutPhase`; a pause that ends by itself is waited for."""
    spec, status = _parts(document)
    seen = str(status.get("observedGeneration", ""))
    if seen.isdecimal() and int(seen) < document["metadata"].get("generation", 0):
        return UNSEEN
    if status.get("controllerPause") and not status.get("pauseConditions"):
        return Look("it is in a pause and goes on by itself")
    phase, message = status.get("phase", ""), str(status.get("message") or "").rstrip(".")
    match phase:
        case "Healthy":
            return DONE
        case "Degraded":
            return Look(f"its rollout has failed: {message}", "stuck")
        case "Paused" if not _ends_by_itself(spec, status):
            return Look(f"its rollout is paused ({message}); resume it with kubectl argo rollouts promote", "stuck")
        case "Paused":
            return Look(f"its rollout is paused for a while ({message})")
        case "":
            return UNSEEN
        case _:
            return Look(message or "its rollout is under way")


def _ends_by_itself(spec: Document, status: Document) -> bool:
    """A canary step with a duration, or a blue-green rollout that is promoted after a time (`rollout/pause.go`)."""
    reasons = {row.get("reason") for row in status.get("pauseConditions") or ()}
    strategy = spec.get("strategy") or {}
    if spec.get("paused") or len(reasons) != 1:
        return False
    steps = (strategy.get("canary") or {}).get("steps") or []
    index = status.get("currentStepIndex") or 0
    if reasons == {"CanaryPauseStep"} and index < len(steps):
        return bool((steps[index].get("pause") or {}).get("duration"))
    return reasons == {"BlueGreenPause"} and bool((strategy.get("blueGreen") or {}).get("autoPromotionSeconds"))


def _deployment_config(document: Document, before: Document) -> Look:
    """OpenShift: `oc pkg/helpers/…/deploymentconfigs/status.go`, which takes the rollout before this one for its own.

    So the version has to be a later one; and without a ConfigChange trigger, which a missing list means, there never is one.
    """
    spec, status = _parts(document)
    triggers = spec.get("triggers")
    if triggers is not None and not any(row.get("type") == "ConfigChange" for row in triggers):
        name = document["metadata"]["name"]
        return Look(f"it has no ConfigChange trigger, so nothing rolls out until you run oc rollout latest dc/{name}", "stuck")
    if spec.get("paused"):
        return Look("its rollout is paused; resume it with oc rollout resume", "stuck")
    if not _is_seen(document) or status.get("latestVersion", 0) <= _parts(before)[1].get("latestVersion", 0):
        return UNSEEN
    progress = _conditions(status).get("Progressing", {})
    match progress.get("reason"):
        case "NewReplicationControllerAvailable":
            return DONE
        case "ProgressDeadlineExceeded" | "RolloutCancelled":
            return Look(_because("its rollout has failed", progress), "stuck")
        case _:
            found = _replaced(spec.get("replicas", 1), status)
            return Look("its pods are new; its deployer has not finished") if found.end else found


def _parts(document: Document) -> tuple[Document, Document]:
    return document.get("spec") or {}, document.get("status") or {}


def _is_seen(document: Document) -> bool:
    return bool(document["metadata"].get("generation", 0) <= _parts(document)[1].get("observedGeneration", 0))


def _conditions(status: Document) -> dict[str, Document]:
    """The conditions that are in force, and ``Progressing`` in any case: its reason is what counts."""
    rows = status.get("conditions") or ()
    return {row.get("type", ""): row for row in rows if row.get("status") == "True" or row.get("type") == "Progressing"}


def _because(words: str, condition: Document | None) -> str:
    message = str((condition or {}).get("message") or "").rstrip(".")
    return f"{words}: {message}" if message else words


def _by_hand(strategy: Document) -> Look:
    return Look(f"its update strategy is {strategy['type']}: it replaces a pod only after you delete it", "stuck")
