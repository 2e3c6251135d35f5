"""Pods that are meant to end: which they are, who ends their proxy, and which hang because nobody did."""

import re

from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod

ENDS_THE_PROXY = r"quitquitquit|pilot-agent|kill(?:(?!kill).)*envoy"
"""Words in a container's command that ends the proxy itself."""


def is_to_end(workload: Workload) -> bool:
    """Whether a workload's pods end when their work is done."""
    return workload.runs_to_completion or (workload.is_pod and workload.spec.restart_policy in ("Never", "OnFailure"))


def ends_the_proxy(workload: Workload) -> bool:
    """Whether a container ends the proxy itself, by its command or by scuttle's variable ``ISTIO_QUIT_API``."""
    words = (word for container in workload.spec.containers if container.name != PROXY for word in (*container.command, *container.args))
    wrapped = any(variable.name == "ISTIO_QUIT_API" for container in workload.spec.containers for variable in container.env)
    return wrapped or any(re.search(ENDS_THE_PROXY, word) for word in words)


def is_stuck(pod: Pod) -> bool:
    """Whether all containers of a pod have ended but the proxy."""
    others = [status for status in pod.status.container_statuses if status.name != PROXY]
    proxy = next((status for status in pod.status.container_statuses if status.name == PROXY), None)
    return bool(others) and all(status.state.terminated for status in others) and bool(proxy and proxy.state.running)
