"""The API server's way to an injector: Service, port, endpoints, istiod, trust, and what happens when it is broken.

`k8s.io/apiserver/pkg/util/webhook/client.go`; the names and ports are the chart's (`templates/service.yaml`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Outcome, Status, Step, Steps, Told, Where, retold, step, told
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver.webhook import Candidate, WebhookMatch
from kubectl_meshfix.injection.apiserver.webhooks import find_candidate
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_plane, serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import ServiceReference
from kubectl_meshfix.resources.core import ConfigMap, Pod, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.networking import EndpointSlice
from kubectl_meshfix.resources.workloads import Deployment

INPUTS: tuple[Kind, ...] = (kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.DEPLOYMENT, kinds.POD, kinds.CONFIG_MAP)
"""Kinds the way to the injector is read from, where the injector is."""

ROOT = "istio-ca-root-cert"
"""The ConfigMap with the mesh's root certificate that istiod keeps in every namespace."""

_SERVICE_NAME = "kubernetes.io/service-name"


class CallPath(NamedTuple):
    """The way of a call. ``broken`` is the first check that is known to make calls fail; ``opens`` whether such pods get through."""

    broken: Step | None = None
    opens: bool = False


def reach_injector(mesh: Mesh, match: WebhookMatch) -> Steps[CallPath]:
    """The way of a call, as far as the API shows it; firewalls and proxies between the API server and istiod it does not."""
    return (yield from retold(told_path(mesh, match)))


def told_path(mesh: Mesh, match: WebhookMatch) -> Told[CallPath]:
    """The same, worked out once a webhook."""
    memo: dict[tuple[str, str], Told[CallPath]] = mesh.memo("call paths")
    key = (match.configuration, match.webhook)
    if key not in memo:
        candidate = find_candidate(mesh, match)
        memo[key] = told(_call(mesh, candidate)) if candidate else Told((), CallPath())
    return memo[key]


def _call(mesh: Mesh, candidate: Candidate) -> Steps[CallPath]:
    if not mesh.live:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of=candidate.webhook.name, settled_by=CLUSTER)
        yield step(checks.FILES_ONLY, _where(candidate, "clientConfig"), unknown=unknown)
        return CallPath()
    steps = [*_backend(mesh, candidate), _ca_bundle(mesh, candidate)]
    yield from steps
    broken = next((item for item in steps if item.status is Status.FAIL), None)
    is_open = candidate.webhook.failure_policy == "Ignore"
    at, webhook = _where(candidate, "failurePolicy"), candidate.webhook
    evidence = (f"failurePolicy: {webhook.failure_policy}", f"timeoutSeconds: {webhook.timeout_seconds}")
    is_doubtful = any(item.status in (Status.FAIL, Status.UNKNOWN) for item in steps)
    yield step(checks.CLOSED if not is_open else checks.OPEN_NOW if is_doubtful else checks.OPEN, at, evidence=evidence)
    return CallPath(broken, is_open)


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
        revision = candidate.configuration.labels.get(REVISION_LABEL, "") or serving_revision(candidate.configuration, candidate.webhook)
        yield step(checks.SERVICE_MISSING, at, service=path, configuration=candidate.configuration.name, revision=revision)
        return
    else:
        yield step(checks.SERVICE_THERE, at, service=path)
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


def _ca_bundle(mesh: Mesh, candidate: Candidate) -> Step:
    """What the API server trusts (`pkg/webhooks/webhookpatch.go` keeps it up to date where the revision's label is right)."""
    from kubectl_meshfix.injection.apiserver.certificates import bundle, encoded_bundle  # noqa: PLC0415 -- rules need no TLS library

    configuration, service = candidate.configuration, candidate.webhook.client_config.service
    encoded, at = candidate.webhook.client_config.ca_bundle, _where(candidate, "clientConfig/caBundle")
    if not encoded and service is None:
        return step(checks.PUBLIC_ROOTS, at)
    if not encoded:
        label = configuration.labels.get(REVISION_LABEL)
        if not label:
            return step(checks.NOT_FILLED_IN, at, configuration=configuration.name, key=REVISION_LABEL)
        return step(checks.EMPTY, at, configuration=configuration.name, label=f"{REVISION_LABEL}={label}")
    found = encoded_bundle(encoded)
    if found.problem:
        return step(checks.NOT_A_CERTIFICATE, at, problem=found.problem)
    now = datetime.fromisoformat(mesh.taken_at).timestamp() if mesh.taken_at else None
    names = tuple(authority.name for authority in found.authorities)
    if now and found.authorities and all(authority.not_after < now for authority in found.authorities):
        return step(checks.EXPIRED, at, evidence=names, authority=names[0])
    if now and found.authorities and all(authority.not_before > now for authority in found.authorities):
        return step(checks.NOT_YET, at, evidence=names, authority=names[0])
    root = mesh.get(ConfigMap, service.namespace, ROOT) if service else None
    if root is None:
        return step(checks.VALID, at, evidence=names)
    if bundle(root.data.get("root-cert.pem", "")).certificates & found.certificates:
        return step(checks.MESH_ROOT, at, evidence=names)
    return step(checks.ANOTHER_ROOT, at, evidence=names, root=str(root.ref))


def _unread(mesh: Mesh, outcome: Outcome, kind: Kind, at: Where, service: str) -> Step:
    reason = mesh.coverage(kind).reason or "no such object was read"
    unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kind, settled_by=f"the right to read {kind.plural}")
    return step(outcome, at, unknown=unknown, service=service, reason=reason)


def _where(candidate: Candidate, field: str) -> Where:
    return Where(resource=candidate.configuration.ref, path=f"/webhooks/{candidate.place}/{field}")
