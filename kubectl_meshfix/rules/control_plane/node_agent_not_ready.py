"""MF907: Istio's CNI agent or ztunnel is not ready on nodes that run pods of the mesh."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected
from kubectl_meshfix.mesh.node_agents import Lacking, is_cni, is_ztunnel, lacking
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import DaemonSet
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

_VALIDATION, _INIT = "istio-validation", "istio-init"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each of the two agents that has no ready pod on a node with pods that need it."""
    agents = [item for item in mesh.all(DaemonSet) if is_ztunnel(item) or is_cni(item)]
    pods = mesh.all(Pod) if agents else ()
    ambient = [pod for pod in pods if is_redirected(pod.metadata.annotations)]
    for agent in agents:
        needing = ambient if is_ztunnel(agent) else [*ambient, *filter(_is_validated, pods)]
        if found := lacking(mesh, agent, needing):
            yield _finding(found)
    if ambient and mesh.live and mesh.knows(kinds.DAEMON_SET) and not any(map(is_ztunnel, agents)):
        yield from (_without_ztunnel(agent, len(ambient)) for agent in agents)


def _is_validated(pod: Pod) -> bool:
    """Whether a pod has a sidecar whose redirection is left to the CNI agent (`pkg/kube/inject/webhook.go`, values.pilot.cni.enabled)."""
    names = {item.name for item in pod.spec.init_containers}
    return has_proxy(pod.spec) and _VALIDATION in names and _INIT not in names


def _without_ztunnel(cni: DaemonSet, count: int) -> Finding:
    """The CNI agent has put pods into ambient, and there is nothing that takes their traffic."""
    return Finding(
        resource=cni.ref,
        path="/spec/template/spec",
        message=f"This CNI agent redirects {_pods(count)} to ztunnel, which is not installed. They can neither send nor receive.",
        fix=manual("Install ztunnel.", f"helm upgrade --install ztunnel istio/ztunnel{cni.ref.namespace_flag}"),
        severity=Severity.ERROR,
    )


def _pods(count: int) -> str:
    return f"{count} ambient {'pod' if count == 1 else 'pods'}"


def _finding(found: Lacking) -> Finding:
    agent, nodes = found.agent, found.nodes
    count = sum(map(len, nodes.values()))
    where = f"node {few(list(nodes))}" if len(nodes) == 1 else f"nodes {few(list(nodes))}"
    if is_ztunnel(agent):
        effect = f"{_pods(count)} there can neither send nor receive."
    else:
        effect = f"New pods of the mesh do not start there; {count} {'runs' if count == 1 else 'run'} there now."
    return Finding(
        resource=agent.ref,
        path="/status/numberReady",
        message=f"{'ztunnel' if is_ztunnel(agent) else 'The CNI agent'} is not ready on {where}. {effect}",
        evidence=tuple(f"{name}: {few([pod.ref.path for pod in pods])}" for name, pods in list(nodes.items())[:5]),
        fix=manual(
            "Find out why the agent's pods are not there or not ready: taints of the nodes that it does not tolerate, images, resources.",
            f"kubectl describe daemonset {agent.name}{agent.ref.namespace_flag}",
            f"kubectl get pods{agent.ref.namespace_flag} -o wide",
        ),
        severity=Severity.ERROR if is_ztunnel(agent) else None,
    )


RULE = Rule(
    code="MF907",
    name="node-agent-not-ready",
    severity=Severity.WARNING,
    inputs=(kinds.DAEMON_SET, kinds.POD),
    optional=kinds.WORKLOADS,
    about=(kinds.DAEMON_SET,),
    needs=(kinds.DAEMON_SET, kinds.POD),
    summary="Istio's CNI agent or ztunnel is not ready on nodes that run pods of the mesh",
    check=check,
)
