"""A pod that has its proxy: whether kubelet got it going, and whether it is the one a new pod would get."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Status, Step, Steps, Where, step
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.apiserver import is_assumed
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet.configuration import inspect_configuration
from kubectl_meshfix.injection.kubelet.controllers import events
from kubectl_meshfix.injection.kubelet.init_containers import inspect_init_containers
from kubectl_meshfix.injection.kubelet.probes import inspect_probes
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.proxy import PROXY, STATUS_ANNOTATION, image_version, injected_revision, is_running
from kubectl_meshfix.injection.proxy_ids import ISTIO_ID
from kubectl_meshfix.injection.reaching import ROOT
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Container, ContainerStatus, Pod

RULES_ABSENT = 126
"""The exit code of istio-validation where nobody redirects the pod's traffic (`tools/istio-iptables/pkg/constants`)."""

_NOT_PULLED = ("ImagePullBackOff", "ErrImagePull")
_FAILING = ("CrashLoopBackOff", *_NOT_PULLED, "CreateContainerError")
_STARTING = ("", "PodInitializing", "ContainerCreating")


def inspect_proxy(mesh: Mesh, pod: Pod, proxy: Container, expected: Membership) -> Steps[Step | None]:
    """The first thing that is wrong with a pod that has this proxy; what is in order and says nothing is left out."""
    heard = tuple(inspect_configuration(mesh, pod)) if _is_running(pod) else ()
    steps = (
        *_starting(mesh, pod),
        *inspect_init_containers(mesh, pod),
        *_living(mesh, pod),
        *heard,
        *inspect_probes(mesh, pod),
        *_shared_users(pod, proxy),
        *_identity(mesh, pod, proxy, expected),
    )
    yield from steps
    wrong = [item for item in steps if item.status is Status.FAIL]
    if wrong and wrong[0].outcome is checks.NOT_READY:  # what keeps it from being ready
        wrong = [*(item for item in heard if item.status is Status.FAIL), *wrong]
    return wrong[0] if wrong else None


def _starting(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    told, at = events(mesh, pod.ref), Where(resource=pod.ref)
    if found := next((item for item in told if item.reason == "FailedCreatePodSandBox" and "istio-cni" in item.message), None):
        yield step(checks.AGENT_FAILS, at, evidence=(found.message,))
    if found := next((item for item in told if item.reason == "FailedMount" and ROOT in item.message), None):
        yield step(checks.ROOT_MISSING, at, evidence=(found.message,), namespace=pod.namespace)
    for index, status in enumerate(pod.status.init_container_statuses):
        where = Where(resource=pod.ref, path=join("status", "initContainerStatuses", index))
        if status.name in (checks.INIT.id, checks.VALIDATION.id) and (found_step := _init(status, where)):
            yield found_step


def _init(status: ContainerStatus, at: Where) -> Step | None:
    is_validation = status.name == checks.VALIDATION.id
    ended = status.state.terminated or status.last_state.terminated
    waits = status.state.waiting.reason if status.state.waiting else ""
    if (ended is None or ended.exit_code == 0) and waits not in _FAILING:
        return step(checks.VALIDATION_DONE if is_validation else checks.INIT_DONE, at) if ended else None
    code = f"exit code {ended.exit_code}" if ended else waits
    evidence = tuple(text for text in (code, waits, ended.message if ended else "", f"{status.restart_count} restarts") if text)
    if is_validation and ended and ended.exit_code == RULES_ABSENT:
        return step(checks.RULES_ABSENT, at, evidence=evidence)
    if waits in _NOT_PULLED:
        return step(checks.VALIDATION_NOT_PULLED if is_validation else checks.INIT_NOT_PULLED, at, evidence=evidence)
    return step(checks.VALIDATION_FAILS if is_validation else checks.INIT_FAILS, at, evidence=evidence, code=code)


def _living(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    proxy = _proxy_status(pod)
    others = [status for status in pod.status.container_statuses if status.name != PROXY]
    is_native = proxy is not None and proxy not in pod.status.container_statuses
    at = Where(resource=pod.ref, path="/status/containerStatuses")
    if proxy and proxy.state.running and others and all(status.state.terminated for status in others) and not is_native:
        yield step(checks.NEVER_ENDS, at, evidence=tuple(map(_ended, others)))
    elif proxy and proxy.state.running and not proxy.ready:
        told = [event.message for event in events(mesh, pod.ref) if event.reason == "Unhealthy"]
        yield step(checks.NOT_READY, at, evidence=tuple(told[-2:]))
    elif proxy and proxy.state.waiting and proxy.state.waiting.reason not in _STARTING:
        waits = proxy.state.waiting
        yield step(checks.NOT_RUNNING, at, evidence=(waits.message,) if waits.message else (), reason=waits.reason)
    elif proxy and proxy.state.running:
        yield step(checks.IS_READY, at)


def _proxy_status(pod: Pod) -> ContainerStatus | None:
    everything = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    return next((status for status in everything if status.name == PROXY), None)


def _is_running(pod: Pod) -> bool:
    proxy = _proxy_status(pod)
    return is_running(pod) and (proxy is None or proxy.state.running is not None)


def _ended(status: ContainerStatus) -> str:
    return f"{status.name} ended with {status.state.terminated.exit_code if status.state.terminated else '?'}"


def _identity(mesh: Mesh, pod: Pod, proxy: Container, expected: Membership) -> Iterator[Step]:
    revision = injected_revision(pod)
    if expected.injected is not True or not revision or is_assumed(mesh):
        return
    wanted = expected.revision or DEFAULT_REVISION
    at = Where(resource=pod.ref, path=join("metadata", "annotations", STATUS_ANNOTATION))
    if revision != wanted:
        yield step(checks.OLD_REVISION, at, evidence=(f"{STATUS_ANNOTATION}: revision {revision}",), revision=revision, wanted=wanted)
        return
    yield step(checks.SAME_REVISION, at, revision=revision)
    plane = control_plane(mesh, wanted)
    if plane and plane.injector and "sidecar.istio.io/proxyImage" not in pod.metadata.annotations:
        found, new = image_version(proxy.image), image_version(plane.injector.values.proxy_image)
        if found and new and found != new:
            at = Where(resource=pod.ref, path="/spec/containers")
            yield step(checks.OLD_IMAGE, at, evidence=(proxy.image,), version=found, wanted=new)


def _shared_users(pod: Pod, proxy: Container) -> Iterator[Step]:
    own = proxy.security_context.run_as_user if proxy.security_context else None
    of_proxy = ISTIO_ID if own is None else own
    general = pod.spec.security_context.run_as_user if pod.spec.security_context else None
    for index, container in enumerate(pod.spec.containers):
        user = container.security_context.run_as_user if container.security_context else None
        user = general if user is None else user
        if container.name != PROXY and user == of_proxy:
            at = Where(resource=pod.ref, path=join("spec", "containers", index))
            yield step(checks.SHARED_UID, at, evidence=(f"runAsUser: {user}",), container=container.name, user=of_proxy)


def find_placeholder(pod: Pod) -> Step | None:
    """The step about a container that waits for the injector to fill in its image; gateways are made like this."""
    for index, container in enumerate(pod.spec.containers):
        if container.image == "auto":
            at = Where(resource=pod.ref, path=join("spec", "containers", index, "image"))
            return step(checks.NOT_REPLACED, at, evidence=(f"image: {container.image}",), container=container.name)
    return None
