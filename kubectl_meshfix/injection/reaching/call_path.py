"""The API server's way to an injector: Service, port, endpoints, istiod, trust, and what happens when it is broken.

`k8s.io/apiserver/pkg/util/webhook/client.go`; the names and ports are the chart's (`templates/service.yaml`).
"""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Outcome, Status, Step, Steps, Told, Where, retold, step, told
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver import Candidate, WebhookMatch, find_candidate
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.inputs import CALL_INPUTS
from kubectl_meshfix.injection.reaching.trust import check_trust, differs
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_plane, serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import ServiceReference
from kubectl_meshfix.resources.core import Pod, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.networking import EndpointSlice
from kubectl_meshfix.resources.workloads import Deployment

_EXTERNAL = "ExternalName"
_SERVICE_NAME = "kubernetes.io/service-name"


class CallPath(msgspec.Struct, frozen=True):
    """The way of a call. ``broken`` is the first check that is known to make calls fail; ``opens`` whether such pods get through.

    ``is_known`` says that all of it was read.
    """

    broken: Step | None = None
    opens: bool = False
    is_known: bool = True


def reach_injector(mesh: Mesh, match: WebhookMatch) -> Steps[CallPath]:
    """The way of a call, as far as the API shows it; firewalls and proxies between the API server and istiod it does not."""
    return (yield from retold(told_path(mesh, match)))


def told_path(mesh: Mesh, match: WebhookMatch) -> Told[CallPath]:
    """The same, worked out once a webhook."""
    candidate = find_candidate(mesh, match)
    return path_of(mesh, candidate) if candidate else Told((), CallPath(is_known=False))


def path_of(mesh: Mesh, candidate: Candidate) -> Told[CallPath]:
    """The way of a webhook's calls, worked out once."""
    mesh.require(*CALL_INPUTS)
    memo: dict[tuple[str, str, str], Told[CallPath]] = mesh.memo("call paths")
    key = (candidate.configuration.kind, candidate.configuration.name, candidate.webhook.name)
    if key not in memo:
        memo[key] = told(_call(mesh, candidate))
    return memo[key]


def _call(mesh: Mesh, candidate: Candidate) -> Steps[CallPath]:
    steps = [*_backend(mesh, candidate), check_trust(mesh, candidate)] if mesh.live else [*_seen_in_files(mesh, candidate)]
    if not steps:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of=candidate.webhook.name, settled_by=CLUSTER)
        yield step(checks.FILES_ONLY, _where(candidate, "clientConfig"), unknown=unknown)
        return CallPath(is_known=False)
    yield from steps
    broken = next((item for item in steps if item.status is Status.FAIL and not _is_guessed(item, steps)), None)
    is_open = candidate.webhook.failure_policy == "Ignore"
    at, webhook = _where(candidate, "failurePolicy"), candidate.webhook
    evidence = (f"failurePolicy: {webhook.failure_policy}", f"timeoutSeconds: {webhook.timeout_seconds}")
    is_doubtful = any(item.status in (Status.FAIL, Status.UNKNOWN) for item in steps)
    yield step(checks.CLOSED if not is_open else checks.OPEN_NOW if is_doubtful else checks.OPEN, at, evidence=evidence)
    return CallPath(broken, is_open, is_known=not any(item.status is Status.UNKNOWN for item in steps))


def _is_guessed(item: Step, steps: Sequence[Step]) -> bool:
    """Whether a Deployment without ready pods stands in for endpoints that were not read: others may be behind the Service."""
    return item.outcome is checks.NO_POD_READY and any(other.outcome is checks.ENDPOINTS_UNREAD for other in steps)


def _seen_in_files(mesh: Mesh, candidate: Candidate) -> Iterator[Step]:
    """What files prove to be wrong. They are a part of a whole, and only tell of the Services of a control plane that is among them."""
    reference = candidate.webhook.client_config.service
    service = mesh.get(Service, reference.namespace, reference.name) if reference else None
    if reference is None:
        return
    if service is None and mesh.knows(kinds.SERVICE, reference.namespace) and _has_injector(mesh, reference.namespace):
        yield _service_missing(mesh, candidate, reference)
    elif service is not None and service.spec.type != _EXTERNAL:
        ports = tuple(str(port.port) for port in service.spec.ports)
        if str(reference.port) in ports:
            yield from _rests(mesh, candidate, reference)
        else:
            at, path = Where(resource=service.ref, path="/spec/ports"), f"{reference.namespace}/{reference.name}"
            yield step(checks.PORT_MISSING, at, service=path, port=reference.port, ports=", ".join(ports) or "none")
    if found := differs(mesh, candidate):
        yield found


def _rests(mesh: Mesh, candidate: Candidate, reference: ServiceReference) -> Iterator[Step]:
    """Endpoints of which none is ready, and an istiod that is scaled to nothing."""
    if mesh.all(EndpointSlice) and (found := _endpoints(mesh, reference)).outcome is checks.NONE_READY:
        yield found
    found = _istiod(mesh, candidate, reference, is_ready=False)
    if found.outcome is checks.SCALED_DOWN:
        yield found


def _has_injector(mesh: Mesh, namespace: str) -> bool:
    """Whether files hold an istiod's Service there, so that another one would be among them too."""
    return any(service.name.startswith("istiod") or service.labels.get("app") == "istiod" for service in mesh.within(Service, namespace))


def _service_missing(mesh: Mesh, candidate: Candidate, reference: ServiceReference) -> Step:
    revision = candidate.configuration.labels.get(REVISION_LABEL, "") or serving_revision(candidate.configuration, candidate.webhook)
    plane = control_plane(mesh, serving_revision(candidate.configuration, candidate.webhook), reference.namespace)
    path, name, at = f"{reference.namespace}/{reference.name}", candidate.configuration.name, _where(candidate, "clientConfig")
    if plane and plane.deployment:
        return step(checks.SERVICE_DELETED, at, service=path, configuration=name, deployment=str(plane.deployment))
    return step(checks.SERVICE_MISSING, at, service=path, configuration=name, revision=revision)


def _backend(mesh: Mesh, candidate: Candidate) -> Iterator[Step]:
    reference = candidate.webhook.client_config.service
    at = _where(candidate, "clientConfig")
    if reference is None:
        yield step(checks.NO_SERVICE, at, url=candidate.webhook.client_config.url or "no address")
        return
    service = mesh.get(Service, reference.namespace, reference.name)
    path = f"{reference.namespace}/{reference.name}"
    if service is None and not mesh.knows(kinds.SERVICE, reference.namespace):
        yield _unread(mesh, checks.SERVICE_UNREAD, kinds.SERVICE, at, path)
    elif service is None:
        yield _service_missing(mesh, candidate, reference)
        return
    else:
        yield step(checks.SERVICE_THERE, at, service=path)
        if service.spec.type == _EXTERNAL:  # its name is called, at the webhook's port (`pkg/util/proxy/proxy.go ResolveCluster`)
            yield _istiod(mesh, candidate, reference, is_ready=False)
            return
        ports = tuple(str(port.port) for port in service.spec.ports)
        at_ports = Where(resource=service.ref, path="/spec/ports")
        if str(reference.port) not in ports:
            yield step(checks.PORT_MISSING, at_ports, service=path, port=reference.port, ports=", ".join(ports) or "none")
            return
        yield step(checks.PORT_THERE, at_ports, service=path, port=reference.port)
    endpoints = _endpoints(mesh, reference)
    yield endpoints
    yield _istiod(mesh, candidate, reference, is_ready=endpoints.status is Status.PASS)


def _endpoints(mesh: Mesh, reference: ServiceReference) -> Step:
    slices = [item for item in mesh.within(EndpointSlice, reference.namespace) if item.labels.get(_SERVICE_NAME) == reference.name]
    path = f"{reference.namespace}/{reference.name}"
    at = Where(resource=Ref("v1", "Service", reference.namespace, reference.name))
    if not slices and not mesh.knows(kinds.ENDPOINT_SLICE, reference.namespace):
        return _unread(mesh, checks.ENDPOINTS_UNREAD, kinds.ENDPOINT_SLICE, at, path)
    ready = [address for item in slices for end in item.endpoints if end.conditions.ready is not False for address in end.addresses]
    if ready:
        return step(checks.READY, at, service=path, addresses=", ".join(ready[:3]))
    unready = sum(len(item.endpoints) for item in slices)
    return step(checks.NONE_READY, at, service=path, count=unready) if unready else step(checks.NO_ENDPOINTS, at, service=path)


def _istiod(mesh: Mesh, candidate: Candidate, reference: ServiceReference, *, is_ready: bool) -> Step:
    plane = control_plane(mesh, serving_revision(candidate.configuration, candidate.webhook), reference.namespace)
    ref = plane.deployment if plane else None
    deployment = mesh.get(Deployment, reference.namespace, ref.name) if ref else None
    if deployment is None or plane is None:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of=f"{reference.namespace}/{reference.name}", settled_by=CLUSTER)
        return step(checks.ELSEWHERE) if is_ready else step(checks.NOT_SEEN, unknown=unknown)
    at, name = Where(resource=deployment.ref), str(deployment.ref)
    if deployment.spec.replicas == 0:
        return step(checks.SCALED_DOWN, Where(resource=deployment.ref, path="/spec/replicas"), deployment=name)
    if ready := deployment.status.ready_replicas:
        return step(checks.RUNS, at, deployment=name, ready=ready, version=plane.version.text if plane.version else "unknown")
    if is_ready:
        return step(checks.SERVES, at, deployment=name)
    why = tuple(text for pod in _pods(mesh, deployment) for text in _troubles(pod))
    return step(checks.NO_POD_READY, at, evidence=why, deployment=name)


def _pods(mesh: Mesh, deployment: Deployment) -> tuple[Pod, ...]:
    labels = deployment.spec.selector.match_labels if deployment.spec.selector else deployment.spec.template.labels
    return mesh.pods_selected(labels, deployment.namespace) if labels else ()


def _troubles(pod: Pod) -> Iterator[str]:
    for status in pod.status.container_statuses:
        if status.state.waiting and status.state.waiting.reason:
            yield f"{pod.name}: {status.name} waits, {status.state.waiting.reason}"
        elif status.state.running and not status.ready:
            yield f"{pod.name}: {status.name} runs and is not ready"
    for condition in pod.status.conditions:
        if condition.type == "PodScheduled" and condition.status == "False":
            yield f"{pod.name}: {condition.message or condition.reason}"


def _unread(mesh: Mesh, outcome: Outcome, kind: Kind, at: Where, service: str) -> Step:
    reason = mesh.coverage(kind).reason or "no such object was read"
    unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kind, settled_by=f"the right to read {kind.plural}")
    return step(outcome, at, unknown=unknown, service=service, reason=reason)


def _where(candidate: Candidate, field: str) -> Where:
    return Where(resource=candidate.configuration.ref, path=f"/webhooks/{candidate.place}/{field}")
