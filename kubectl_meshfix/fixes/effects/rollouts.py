"""What a new pod template does to the pods there are: who replaces them, in which steps, and what prevents it."""

import msgspec

from kubectl_meshfix.fixes.effects.availability import autoscaler, budgets, scale, scaled
from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.workloads import CronJob, DaemonSet, Deployment, DeploymentConfig, Rollout, StatefulSet

QUARTER = "25%"
"""What a Deployment's maxSurge and maxUnavailable are where they are not set."""


class _Step(msgspec.Struct, frozen=True):
    """How pods are replaced: in words that follow the workload's name, and how many of ``replaced`` serve at the worst moment."""

    effect: Effect
    text: str
    strategy: str | None = None
    replaced: int | None = None
    serving: int | None = None


def replaced(mesh: Mesh, workload: Workload) -> Consequence:
    """What happens to a workload's pods once its template has changed."""
    pods = _wanted(mesh, workload)
    step = _step(workload, pods)
    notes = (*scale(mesh, workload, pods), *budgets(mesh, workload, step.strategy, step.serving, pods))
    return Consequence(
        resource=workload.ref,
        effect=step.effect,
        text=" ".join((f"{workload.ref} {step.text}.", *notes)),
        pods=step.replaced,
        strategy=step.strategy,
    )


def _wanted(mesh: Mesh, workload: Workload) -> int | None:
    """How many pods a workload has; None where only the cluster knows."""
    obj = workload.object
    if isinstance(obj, DaemonSet):
        return obj.status.desired_number_scheduled if mesh.is_live(workload.ref) else None
    if not mesh.live and autoscaler(mesh, workload):
        return None
    replicas: int | None = getattr(getattr(obj, "spec", None), "replicas", None)
    return 1 if replicas is None else replicas


def _step(workload: Workload, pods: int | None) -> _Step:
    obj = workload.object
    if pods == 0:
        return _Step(Effect.LATER, "runs no pods now", replaced=0)
    match obj:
        case Deployment():
            return _deployment(obj, pods)
        case DeploymentConfig():
            return _deployment_config(obj, pods)
        case StatefulSet():
            return _stateful(obj, pods)
        case DaemonSet():
            return _daemons(obj, pods)
        case Rollout():
            step = _Step(Effect.ROLLS, f"replaces {_its(pods)} as its strategy says", replaced=pods)
            return _paused(step, pods, f"kubectl argo rollouts resume {obj.name}{obj.ref.namespace_flag}") if obj.spec.paused else step
        case CronJob():
            return _Step(Effect.LATER, "has the change from its next run on; running Jobs stay as they are")
    if workload.is_pod:
        return _Step(Effect.NOW, "keeps running with the sidecar that it has or lacks: that is decided when a pod is created")
    if workload.runs_to_completion:
        return _Step(Effect.WAITS, "cannot be changed once it exists: delete it and create it again")
    return _Step(Effect.WAITS, f"replaces no pods: {_its(pods)} {_get(pods)} the change when deleted and created again", replaced=pods)


def _its(pods: int | None) -> str:
    return "its pods" if pods is None else "its pod" if pods == 1 else f"its {pods} pods"


def _get(pods: int | None) -> str:
    return "gets" if pods == 1 else "get"


def _stay(pods: int | None) -> str:
    return "stays as it is" if pods == 1 else "stay as they are"


def _recreate(pods: int | None) -> _Step:
    return _Step(Effect.INTERRUPTS, f"stops {_its(pods)} before it starts new ones: for a time none runs", "Recreate", pods, 0)


def _paused(step: _Step, pods: int | None, command: str) -> _Step:
    text = f"is paused: {_its(pods)} {_stay(pods)} until it is resumed ({command}); then it {step.text}"
    return _Step(Effect.WAITS, text, step.strategy, pods)


def _by_quarters(surge: int | str | None, missing: int | str | None, pods: int | None, strategy: str = "RollingUpdate") -> _Step:
    """`pkg/controller/deployment/util/deployment_util.go ResolveFenceposts`: surplus is rounded up, lack down, and both are never 0."""
    surge, missing = QUARTER if surge is None else surge, QUARTER if missing is None else missing
    if pods is None:
        return _Step(Effect.ROLLS, f"replaces its pods step by step: up to {surge} more at a time, up to {missing} missing", strategy)
    more, fewer = scaled(surge, pods, up=True), scaled(missing, pods, up=False)
    fewer = 1 if more == fewer == 0 else min(fewer, pods)
    serving = pods - fewer
    if not serving:
        return _Step(Effect.INTERRUPTS, f"replaces {_its(pods)} all at once: for a time none may run", strategy, pods, 0)
    if pods == 1:
        return _Step(Effect.ROLLS, "replaces its pod; the old one is deleted when the new one is available", strategy, 1, 1)
    text = f"replaces {_its(pods)} step by step: up to {more} more at a time, and at least {serving} stay available"
    return _Step(Effect.ROLLS, text, strategy, pods, serving)


def _deployment(deployment: Deployment, pods: int | None) -> _Step:
    strategy = deployment.spec.strategy
    rolling = strategy.rolling
    step = _recreate(pods) if strategy.type == "Recreate" else _by_quarters(rolling.max_surge, rolling.max_unavailable, pods)
    resume = f"kubectl rollout resume deployment/{deployment.name}{deployment.ref.namespace_flag}"
    return _paused(step, pods, resume) if deployment.spec.paused else step


def _deployment_config(config: DeploymentConfig, pods: int | None) -> _Step:
    strategy = config.spec.strategy
    step = (
        _recreate(pods)
        if strategy.type == "Recreate"
        else _by_quarters(strategy.rolling.max_surge, strategy.rolling.max_unavailable, pods, strategy.type or "Rolling")
    )
    name = f"{config.name}{config.ref.namespace_flag}"
    if config.spec.paused:
        return _paused(step, pods, f"oc rollout resume dc/{name}")
    if config.spec.triggers is not None and all(trigger.type != "ConfigChange" for trigger in config.spec.triggers):
        text = f"has no ConfigChange trigger: {_its(pods)} {_stay(pods)} until you run oc rollout latest dc/{name}"
        return _Step(Effect.WAITS, text, step.strategy, pods)
    return step


def _stateful(stateful: StatefulSet, pods: int | None) -> _Step:
    """`pkg/controller/statefulset/stateful_set_control.go`: from the last pod down to the partition, and none while another is missing."""
    strategy = stateful.spec.update_strategy
    if strategy.type == "OnDelete":
        return _on_delete(pods)
    held = strategy.rolling.partition
    if pods is not None and held >= pods:
        return _Step(Effect.WAITS, f"replaces none of its {pods} pods while its partition is {held}", "RollingUpdate", pods)
    at_once = 1 if pods is None else max(1, scaled(strategy.rolling.max_unavailable or 1, pods, up=False))
    which = _its(pods) if not held or pods is None else f"{pods - held} of its {pods} pods"
    rest = f"; the first {held} stay as they are (partition)" if held else ""
    replaced_pods = None if pods is None else pods - held
    if pods is not None and at_once >= pods:
        text = f"replaces {which}: old ones are deleted before new ones start, and for a time none runs{rest}"
        return _Step(Effect.INTERRUPTS, text, "RollingUpdate", replaced_pods, 0)
    serving = None if pods is None else pods - at_once
    text = f"replaces {which}, {at_once} at a time, each deleted before the new one starts{rest}"
    return _Step(Effect.ROLLS, text, "RollingUpdate", replaced_pods, serving)


def _daemons(daemons: DaemonSet, pods: int | None) -> _Step:
    """`pkg/controller/daemon/update.go`: with maxSurge the new pod of a node is ready before the old one goes."""
    strategy = daemons.spec.update_strategy
    if strategy.type == "OnDelete":
        return _on_delete(pods)
    surge = strategy.rolling.max_surge
    nodes = surge or strategy.rolling.max_unavailable or 1
    at_once = nodes if pods is None else max(1, scaled(nodes, pods, up=True))
    meanwhile = "where each old pod stays until the new one is available" if surge else "and the node has none meanwhile"
    serving = None if pods is None or isinstance(at_once, str) else pods if surge else max(pods - at_once, 0)
    nodes_text = "1 node" if at_once == 1 else f"{at_once} nodes" if isinstance(at_once, int) else f"{at_once} of the nodes"
    return _Step(Effect.ROLLS, f"replaces {_its(pods)}, {nodes_text} at a time, {meanwhile}", "RollingUpdate", pods, serving)


def _on_delete(pods: int | None) -> _Step:
    text = f"replaces no pods by itself (OnDelete): {_its(pods)} {_get(pods)} the change when deleted"
    return _Step(Effect.WAITS, text, "OnDelete", pods)
