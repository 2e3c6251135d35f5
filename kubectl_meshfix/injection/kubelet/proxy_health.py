"""A pod that has its proxy: whether kubelet got it going, and whether it is the one a new pod would get."""

import json
import re
from collections.abc import Iterator

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.webhooks import is_assumed
from kubectl_meshfix.injection.kubelet.controllers import events
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.proxy import PROXY, proxy_container
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, REVISION_LABEL, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ContainerStatus, Pod

INIT, VALIDATION = "istio-init", "istio-validation"
SANDBOX, ROOT, READINESS, COMPLETION, REVISION, IMAGE, PROXY_UID, AUTO = (
    "sandbox", "istio-ca-root-cert", "readiness", "completion", "revision", "image", "proxyUID", "imageAuto",
)  # fmt: skip

STATUS_ANNOTATION = "sidecar.istio.io/status"
RULES_ABSENT = 126
"""The exit code of istio-validation where nobody redirects the pod's traffic (`tools/istio-iptables/pkg/constants`)."""

_VARIANT = re.compile(r"-(distroless|debug)$")


def running(mesh: Mesh, pod: Pod, expected: Membership) -> tuple[Check, ...]:
    """The checks of a pod with a proxy; what is in order and says nothing is left out."""
    return (*_starting(mesh, pod), *_living(mesh, pod), *_identity(mesh, pod, expected))


def _starting(mesh: Mesh, pod: Pod) -> Iterator[Check]:
    told = events(mesh, pod.ref)
    for event in told:
        if event.reason == "FailedCreatePodSandBox" and "istio-cni" in event.message:
            detail = "The node's CNI agent fails to set up the pod's network, so no container starts."
            yield Check(name=SANDBOX, status=Status.FAIL, detail=detail, evidence=(event.message,))
            break
    for event in told:
        if event.reason == "FailedMount" and ROOT in event.message:
            detail = f"ConfigMap {ROOT}, which istiod writes into every namespace it discovers, is not in {pod.namespace}, so no container "
            detail += "starts: see meshConfig.discoverySelectors, and istiod's log."
            yield Check(name=ROOT, status=Status.FAIL, detail=detail, evidence=(event.message,))
            break
    for status in pod.status.init_container_statuses:
        if status.name in (INIT, VALIDATION) and (check := _init(status)):
            yield check


def _init(status: ContainerStatus) -> Check | None:
    ended = status.state.terminated or status.last_state.terminated
    waits = status.state.waiting.reason if status.state.waiting else ""
    if (ended is None or ended.exit_code == 0) and waits not in (
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "CreateContainerError",
    ):
        return Check(name=status.name, status=Status.PASS, detail="It did its work.") if ended else None
    code = f"exit code {ended.exit_code}" if ended else waits
    evidence = tuple(text for text in (code, waits, ended.message if ended else "", f"{status.restart_count} restarts") if text)
    if status.name == VALIDATION and ended and ended.exit_code == RULES_ABSENT:
        detail = f"{status.name} ended with exit code 126: the node's CNI agent has not redirected the pod's traffic, most likely because "
        detail += "the pod started before the agent was ready. The agent's repair deals with such pods; others have to be deleted."
    elif waits in ("ImagePullBackOff", "ErrImagePull"):
        detail = f"The image of {status.name} cannot be pulled, so the pod does not start."
    elif status.name == INIT:
        detail = (
            f"{status.name} fails ({code}), so the pod does not start: it may lack NET_ADMIN and NET_RAW, the node modules for iptables."
        )
    else:
        detail = f"{status.name} fails ({code}), so the pod does not start."
    return Check(name=status.name, status=Status.FAIL, detail=detail, evidence=evidence)


def _living(mesh: Mesh, pod: Pod) -> Iterator[Check]:
    everything = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    proxy = next((status for status in everything if status.name == PROXY), None)
    others = [status for status in pod.status.container_statuses if status.name != PROXY]
    is_native = proxy is not None and proxy not in pod.status.container_statuses
    if proxy and proxy.state.running and others and all(status.state.terminated for status in others) and not is_native:
        detail = "Every container but the proxy has ended; the proxy, an ordinary container, keeps the pod running for good."
        yield Check(name=COMPLETION, status=Status.FAIL, detail=detail, evidence=tuple(map(_ended, others)))
    elif proxy and proxy.state.running and not proxy.ready:
        told = [event.message for event in events(mesh, pod.ref) if event.reason == "Unhealthy"]
        detail = "The proxy runs and is not ready: it has got no configuration from istiod. Port 15012 may be closed, istiod down, or the "
        detail += "pod's token or root certificate wrong; its log says which."
        yield Check(name=READINESS, status=Status.FAIL, detail=detail, evidence=tuple(told[-2:]))
    elif proxy and proxy.state.waiting and proxy.state.waiting.reason not in ("", "PodInitializing", "ContainerCreating"):
        waits = proxy.state.waiting
        detail = f"The proxy does not run: {waits.reason}."
        yield Check(name=READINESS, status=Status.FAIL, detail=detail, evidence=(waits.message,) if waits.message else ())
    elif proxy and proxy.state.running:
        yield Check(name=READINESS, status=Status.PASS, detail="The proxy is ready.")


def _ended(status: ContainerStatus) -> str:
    return f"{status.name} ended with {status.state.terminated.exit_code if status.state.terminated else '?'}"


def _identity(mesh: Mesh, pod: Pod, expected: Membership) -> Iterator[Check]:
    yield from _uid(pod)
    revision = injected_revision(pod)
    if not expected.injected or not revision or is_assumed(mesh):
        return
    wanted = expected.revision or DEFAULT_REVISION
    if revision != wanted:
        detail = f"The proxy is of revision {revision}; a pod made now gets one of {wanted}."
        yield Check(name=REVISION, status=Status.WARN, detail=detail, evidence=(f"{STATUS_ANNOTATION}: revision {revision}",))
        return
    yield Check(name=REVISION, status=Status.PASS, detail=f"The proxy is of revision {revision}, as a new one would be.")
    plane, container = control_plane(mesh, wanted), proxy_container(pod.spec)
    if plane and plane.injector and container and "sidecar.istio.io/proxyImage" not in pod.metadata.annotations:
        found, new = image_version(container.image), image_version(plane.injector.values.proxy_image)
        if found and new and found != new:
            detail = f"The proxy's version is {found}; a pod made now gets {new}."
            yield Check(name=IMAGE, status=Status.WARN, detail=detail, evidence=(container.image,))


def _uid(pod: Pod) -> Iterator[Check]:
    proxy = proxy_container(pod.spec)
    own = proxy.security_context.run_as_user if proxy and proxy.security_context else None
    general = pod.spec.security_context.run_as_user if pod.spec.security_context else None
    for container in pod.spec.containers:
        user = container.security_context.run_as_user if container.security_context else None
        user = general if user is None else user
        if container.name != PROXY and user is not None and user == (1337 if own is None else own):
            detail = f"Container {container.name} runs as user {user}, which is the proxy's: its traffic goes past the proxy."
            yield Check(name=PROXY_UID, status=Status.FAIL, detail=detail, evidence=(f"runAsUser: {user}",))


def injected_revision(pod: Pod) -> str:
    """The revision that injected a pod, never a tag (`pkg/kube/inject/webhook.go SidecarInjectionStatus`)."""
    try:
        status = json.loads(pod.metadata.annotations.get(STATUS_ANNOTATION, "{}"))
    except ValueError:
        status = {}
    revision = status.get("revision") if isinstance(status, dict) else None
    return str(revision or pod.metadata.annotations.get(REVISION_LABEL, ""))


def image_auto(pod: Pod) -> Check | None:
    """A container that waits for the injector to fill in its image; gateways are made like this."""
    waiting = next((container for container in pod.spec.containers if container.image == "auto"), None)
    if waiting is None:
        return None
    detail = f"Container {waiting.name} has the image auto, which only the injector replaces, and it did not: the pod cannot start."
    return Check(name=AUTO, status=Status.FAIL, detail=detail, evidence=(f"image: {waiting.image}",))


def image_version(image: str) -> str:
    """An image's tag without the variant (``-distroless``, ``-debug``); empty where it has none."""
    return _VARIANT.sub("", image.partition("@")[0].rpartition("/")[2].partition(":")[2])
