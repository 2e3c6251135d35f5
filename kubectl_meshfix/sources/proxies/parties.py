"""Whom to ask: the proxies of a mesh, a sample of them, and its istiods."""

from collections import Counter
from collections.abc import Sequence

from kubectl_meshfix.injection.proxy import is_gateway, proxy_container
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.sources.proxies.questions import AGENT_STATISTICS, ENVOY_STATISTICS, Question

APP_METRICS = "ISTIO_PROMETHEUS_ANNOTATIONS"
"""Where the injector tells pilot-agent to fetch the application's metrics too (`pkg/kube/inject/webhook.go applyPrometheusMerge`)."""

STATUS_PORT = "status.sidecar.istio.io/port"


def sample(mesh: Mesh, pods: Sequence[Pod], largest: int) -> tuple[Pod, ...]:
    """At most ``largest`` of the pods: gateways first, then one of each workload, namespace by namespace, then a second of each.

    The same pods give the same sample, whatever their order.
    """
    pods_of: Counter[object] = Counter()
    workloads_of: dict[str, dict[object, int]] = {}
    order = {}
    for pod in sorted(pods, key=lambda pod: (pod.namespace, pod.name)):
        owner = mesh.workload_of(pod)
        ranks = workloads_of.setdefault(pod.namespace, {})
        rank = ranks.setdefault(owner.ref.key, len(ranks))
        order[pod.ref.key] = (not is_gateway(owner), pods_of[owner.ref.key], rank, pod.namespace, pod.name)
        pods_of[owner.ref.key] += 1
    return tuple(sorted(pods, key=lambda pod: order[pod.ref.key])[:largest])


def question_for(pod: Pod) -> Question:
    """What to ask a proxy so that nothing reaches its application."""
    container = proxy_container(pod.spec)
    merges = container is None or any(var.name == APP_METRICS for var in container.env)
    has_usual_port = pod.metadata.annotations.get(STATUS_PORT, "15020") == "15020"
    return AGENT_STATISTICS if has_usual_port and not merges else ENVOY_STATISTICS


def is_istiod(pod: Pod) -> bool:
    """Whether a pod is an istiod: by its label and its container, as the chart has them (`manifests/charts/istio-control`)."""
    return pod.labels.get("app") == "istiod" and any(container.name == "discovery" for container in pod.spec.containers)
