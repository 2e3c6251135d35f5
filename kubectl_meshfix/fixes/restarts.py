"""The commands that replace pods; nothing else brings sidecars to them or takes them away."""

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
ROLLED = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET)
"""Kinds that ``kubectl rollout restart`` restarts, by the annotation RESTARTED_AT of their template."""


def restart_namespace(namespace: str) -> str:
    """Replace the pods of a namespace."""
    return f"kubectl rollout restart {','.join(kind.singular for kind in ROLLED)} -n {namespace}"


def restart(workload: Workload) -> str:
    """Replace the pods of a workload; empty where no command does, as for Jobs and bare pods."""
    name, where = workload.name, f"-n {workload.namespace}"
    if workload.kind in ROLLED:
        return f"kubectl rollout restart {workload.kind.singular}/{name} {where}"
    if workload.kind is kinds.ROLLOUT:
        return f"kubectl argo rollouts restart {name} {where}"
    if workload.kind is kinds.DEPLOYMENT_CONFIG:
        return f"oc rollout latest dc/{name} {where}"
    if workload.runs_to_completion or workload.is_pod:
        return ""
    selector = ",".join(f"{key}={value}" for key, value in sorted(workload.labels.items()))
    return f"kubectl delete pod {where} -l {selector}"
