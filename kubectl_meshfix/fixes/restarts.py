"""How pods are replaced: the commands, and the fields by which kubectl asks for it."""

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds

ROLLED = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET)
"""Kinds that ``kubectl rollout restart`` restarts (`kubectl/pkg/polymorphichelpers/objectrestarter.go`)."""

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""The annotation of the template by which it does so: the time, which makes the template another one."""


def of_namespace(namespace: str) -> str:
    """The command that replaces the pods of a namespace; nothing else adds or removes sidecars."""
    return f"kubectl rollout restart deployment,statefulset,daemonset -n {namespace}"


def of_workload(workload: Workload) -> str | None:
    """The command that replaces a workload's pods; None where its kind has none."""
    name, where = workload.name, workload.ref.namespace_flag
    if workload.kind in ROLLED:
        return f"kubectl rollout restart {workload.kind.singular}/{name}{where}"
    if workload.kind is kinds.ROLLOUT:
        return f"kubectl argo rollouts restart {name}{where}"
    if workload.kind is kinds.DEPLOYMENT_CONFIG:
        return f"oc rollout latest dc/{name}{where}"
    return None
