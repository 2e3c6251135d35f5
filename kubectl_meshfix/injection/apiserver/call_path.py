"""The API server's way to an injector: Service, port, endpoints, istiod, trust, and what happens when it is broken.

`k8s.io/apiserver/pkg/util/webhook/client.go`; the names and ports are the chart's (`templates/service.yaml`).
"""

from collections.abc import Iterator
from datetime import datetime

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.certificates import bundle, encoded_bundle
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_plane, serving_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, ServiceReference, Webhook
from kubectl_meshfix.resources.core import ConfigMap, Pod, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.networking import EndpointSlice
from kubectl_meshfix.resources.workloads import Deployment

SERVICE, PORT, ENDPOINTS, ISTIOD, CA_BUNDLE, FAILURE_POLICY = CHECKS = (
    "service", "servicePort", "endpoints", "istiod", "caBundle", "failurePolicy",
)  # fmt: skip

INPUTS: tuple[Kind, ...] = (kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.DEPLOYMENT, kinds.POD, kinds.CONFIG_MAP)
"""Kinds the way to the injector is read from, where the injector is."""

ROOT = "istio-ca-root-cert"
"""The ConfigMap with the mesh's root certificate that istiod keeps in every namespace."""

_SERVICE_NAME = "kubernetes.io/service-name"


def call_path(mesh: Mesh, configuration: MutatingWebhookConfiguration, webhook: Webhook) -> tuple[Check, ...]:
    """The way of a call, as far as the API shows it; firewalls and proxies between the API server and istiod it does not."""
    if not mesh.live:
        return (Check(name=SERVICE, status=Status.SKIPPED, detail="Files do not tell whether istiod answers."),)
    checks = [*_backend(mesh, configuration, webhook), _ca_bundle(mesh, configuration, webhook)]
    return (*checks, _failure_policy(webhook, is_broken=any(check.status in (Status.FAIL, Status.UNKNOWN) for check in checks)))


def first_failure(checks: tuple[Check, ...]) -> Check | None:
    """The first check of a call path that is known to make calls fail."""
    return next((check for check in checks if check.status is Status.FAIL), None)


def _backend(mesh: Mesh, configuration: MutatingWebhookConfiguration, webhook: Webhook) -> Iterator[Check]:
    reference = webhook.client_config.service
    if reference is None:
        yield Check(name=SERVICE, status=Status.PASS, detail=f"The API server calls {webhook.client_config.url}, no Service.")
        return
    service = mesh.get(Service, reference.namespace, reference.name)
    where = f"Service {reference.namespace}/{reference.name}"
    if service is None and not mesh.knows(kinds.SERVICE, reference.namespace):
        yield _unread(mesh, SERVICE, kinds.SERVICE, where)
    elif service is None:
        revision = configuration.labels.get(REVISION_LABEL, "")
        whose = f"revision {revision}" if revision else "an installation"
        detail = f"{where}, which the webhook calls, does not exist: {configuration.name} may be left of {whose} that is gone."
        yield Check(name=SERVICE, status=Status.FAIL, detail=detail)
        return
    else:
        yield Check(name=SERVICE, status=Status.PASS, detail=f"{where} exists.")
        ports = tuple(str(port.port) for port in service.spec.ports)
        if str(reference.port) not in ports:
            detail = f"{where} has no port {reference.port}, which the webhook calls; it has {', '.join(ports) or 'none'}."
            yield Check(name=PORT, status=Status.FAIL, detail=detail)
            return
        yield Check(name=PORT, status=Status.PASS, detail=f"It has port {reference.port}.")
    endpoints = _endpoints(mesh, reference, where)
    yield endpoints
    yield _istiod(mesh, configuration, webhook, reference, is_ready=endpoints.status is Status.PASS)


def _endpoints(mesh: Mesh, reference: ServiceReference, where: str) -> Check:
    slices = [item for item in mesh.within(EndpointSlice, reference.namespace) if item.labels.get(_SERVICE_NAME) == reference.name]
    if not slices and not mesh.knows(kinds.ENDPOINT_SLICE, reference.namespace):
        return _unread(mesh, ENDPOINTS, kinds.ENDPOINT_SLICE, f"Whether {where} leads anywhere")
    ready = [address for item in slices for end in item.endpoints if end.conditions.ready is not False for address in end.addresses]
    if ready:
        return Check(name=ENDPOINTS, status=Status.PASS, detail=f"It leads to {', '.join(ready[:3])}.")
    unready = sum(len(item.endpoints) for item in slices)
    detail = f"{where} leads to no ready istiod" + (
        f"; {unready} of its pods are not ready." if unready else ", not even to one that starts."
    )
    return Check(name=ENDPOINTS, status=Status.FAIL, detail=detail)


def _istiod(
    mesh: Mesh, configuration: MutatingWebhookConfiguration, webhook: Webhook, reference: ServiceReference, *, is_ready: bool
) -> Check:
    plane = control_plane(mesh, serving_revision(configuration, webhook), reference.namespace)
    ref = plane.deployment if plane else None
    deployment = mesh.get(Deployment, reference.namespace, ref.name) if ref else None
    if deployment is None or plane is None:
        status = Status.PASS if is_ready else Status.UNKNOWN
        return Check(name=ISTIOD, status=status, detail="No Deployment of this istiod was found; it may run elsewhere.")
    if deployment.spec.replicas == 0:
        return Check(name=ISTIOD, status=Status.FAIL, detail=f"{deployment.ref} is scaled to 0.")
    if deployment.status.ready_replicas:
        version = f" ({plane.version.text})" if plane.version else ""
        return Check(name=ISTIOD, status=Status.PASS, detail=f"{deployment.status.ready_replicas} of {deployment.ref} are ready{version}.")
    if is_ready:
        return Check(name=ISTIOD, status=Status.PASS, detail=f"{deployment.ref} serves.")
    why = tuple(text for pod in _pods(mesh, deployment) for text in _troubles(pod))
    detail = f"No pod of {deployment.ref} is ready{': ' + why[0] if why else ''}."
    return Check(name=ISTIOD, status=Status.FAIL, detail=detail, evidence=why)


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


def _ca_bundle(mesh: Mesh, configuration: MutatingWebhookConfiguration, webhook: Webhook) -> Check:
    """What the API server trusts (`pkg/webhooks/webhookpatch.go` keeps it up to date where the revision's label is right)."""
    encoded = webhook.client_config.ca_bundle
    service = webhook.client_config.service
    if not encoded:
        if service is None:
            return Check(name=CA_BUNDLE, status=Status.PASS, detail="It is empty: the API server's own roots are trusted.")
        detail = f"It is empty, so the API server does not trust istiod. Istiod fills it in by the label {REVISION_LABEL} of "
        detail += f"{configuration.name}, which {_labelled(configuration)}."
        return Check(name=CA_BUNDLE, status=Status.FAIL, detail=detail)
    found = encoded_bundle(encoded)
    if found.problem:
        return Check(name=CA_BUNDLE, status=Status.FAIL, detail=f"It is no certificate: {found.problem}.")
    now = datetime.fromisoformat(mesh.taken_at).timestamp() if mesh.taken_at else None
    names = tuple(authority.name for authority in found.authorities)
    if now and found.authorities and all(authority.not_after < now for authority in found.authorities):
        return Check(name=CA_BUNDLE, status=Status.FAIL, detail=f"Its certificate has expired ({names[0]}).", evidence=names)
    if now and found.authorities and all(authority.not_before > now for authority in found.authorities):
        return Check(name=CA_BUNDLE, status=Status.FAIL, detail=f"Its certificate is not valid yet ({names[0]}).", evidence=names)
    namespace = service.namespace if service else ""
    root = mesh.get(ConfigMap, namespace, ROOT) if service else None
    if root is None:
        return Check(name=CA_BUNDLE, status=Status.PASS, detail="It is a valid certificate; the mesh's root was not read.", evidence=names)
    mesh_root = bundle(root.data.get("root-cert.pem", ""))
    if mesh_root.certificates & found.certificates:
        return Check(name=CA_BUNDLE, status=Status.PASS, detail="It holds the mesh's root certificate.", evidence=names)
    detail = f"It does not hold the mesh's root certificate (ConfigMap {root.ref.path}), so the API server does not trust istiod."
    return Check(name=CA_BUNDLE, status=Status.FAIL, detail=detail, evidence=names)


def _labelled(configuration: MutatingWebhookConfiguration) -> str:
    revision = configuration.labels.get(REVISION_LABEL)
    return f"says {revision}" if revision else "is not there"


def _failure_policy(webhook: Webhook, *, is_broken: bool) -> Check:
    evidence = (f"failurePolicy: {webhook.failure_policy}", f"timeoutSeconds: {webhook.timeout_seconds}")
    if webhook.failure_policy != "Ignore":
        detail = "If a call fails, the pod is not created: its maker reports FailedCreate."
        return Check(name=FAILURE_POLICY, status=Status.PASS, detail=detail, evidence=evidence)
    detail = "If a call fails, the pod is created without a sidecar, and no event tells of it."
    return Check(name=FAILURE_POLICY, status=Status.WARN if is_broken else Status.PASS, detail=detail, evidence=evidence)


def _unread(mesh: Mesh, name: str, kind: Kind, what: str) -> Check:
    reason = mesh.coverage(kind).reason or "it was not read"
    return Check(name=name, status=Status.UNKNOWN, detail=f"{what} is not known: {reason}.")
