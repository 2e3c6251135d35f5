"""The pod's own init containers, which run before an ordinary sidecar does: whether they fail, and whether that is why."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.early import InitCall, init_calls, is_redirected_outbound
from kubectl_meshfix.injection.proxy import INJECTED, has_native_proxy, proxy_container
from kubectl_meshfix.injection.proxy_ids import ISTIO_ID, ProxyIds
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ContainerStatus, Pod
from kubectl_meshfix.resources.injector_config import InjectorValues

FAILING = ("CrashLoopBackOff", "Error", "RunContainerError")
_AS_ANNOTATED = InjectorValues()
"""With the CNI agent, the injector writes every setting of redirection into the pod's annotations."""


def failing_init_containers(pod: Pod) -> Iterator[tuple[int, ContainerStatus]]:
    """The pod's own init containers that end with an error again and again, or for the last time, and where their status is."""
    for index, status in enumerate(pod.status.init_container_statuses):
        ended = status.state.terminated or status.last_state.terminated
        waits = status.state.waiting.reason if status.state.waiting else ""
        has_failed = ended is not None and ended.exit_code != 0
        if status.name not in INJECTED and (waits in FAILING or (has_failed and not status.state.running)):
            yield index, status


def inspect_init_containers(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    """A step for each of them that fails; the cause is known where the container needs the network, and has none."""
    calls = _calls(mesh, pod)
    for index, status in failing_init_containers(pod):
        at = Where(resource=pod.ref, path=join("status", "initContainerStatuses", index))
        ended = status.state.terminated or status.last_state.terminated
        code = f"exit code {ended.exit_code}" if ended else status.state.waiting.reason if status.state.waiting else "no exit code"
        call = calls.get(status.name)
        outcome = checks.INIT_FAILS_OTHERWISE
        if call and not has_native_proxy(pod.spec):
            outcome = checks.INIT_CUT_OFF if is_cut_off(pod, call) else checks.INIT_REFUSED
        told = (call.says if call else "", f"{status.restart_count} restarts", ended.message.strip() if ended else "")
        yield step(outcome, at, evidence=tuple(text for text in told if text), container=status.name, code=code)


def is_cut_off(pod: Pod, call: InitCall) -> bool:
    """Whether an init container of an injected pod calls a proxy that does not run yet; istio-validation comes with the CNI agent."""
    with_agent = any(container.name == checks.VALIDATION.id for container in pod.spec.init_containers)
    proxy = proxy_container(pod.spec)
    if not proxy or not with_agent:
        return False
    own = proxy.security_context
    user = own.run_as_user if own and own.run_as_user is not None else ISTIO_ID
    group = own.run_as_group if own and own.run_as_group is not None else ISTIO_ID
    ids = ProxyIds(user, group, 0, "the pod's proxy")
    return is_redirected_outbound(call, pod.metadata.annotations, _AS_ANNOTATED, ids)


def _calls(mesh: Mesh, pod: Pod) -> dict[str, InitCall]:
    """The init containers that need the network, as the pod shows it, else its template."""
    made = mesh.workload_of(pod)
    return {call.container: call for call in (*init_calls(made.spec), *init_calls(pod.spec))}
