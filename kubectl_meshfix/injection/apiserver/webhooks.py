"""Which webhooks the API server calls for a new pod (`k8s.io/apiserver/pkg/admission/configuration/mutating_webhook_manager.go`)."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Status, answer
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.apiserver import default_webhooks
from kubectl_meshfix.injection.apiserver.webhook import Candidate, WebhookMatch, match_webhook
from kubectl_meshfix.injection.labels import METADATA_NAME
from kubectl_meshfix.injection.views import Visible
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, REVISION_LABEL, is_injector
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook
from kubectl_meshfix.resources.meta import LabelSelector, Ref, Struct


class NamespaceLabels(msgspec.Struct, frozen=True):
    """A namespace's labels. Where its object was not read, only the implied one is there, and ``missing`` says why the others are not."""

    labels: Mapping[str, str]
    missing: Unknown | None = None


class AdmissionView(Struct, frozen=True):
    """What the injector's selectors read of a namespace and of a pod."""

    namespace_keys: tuple[str, ...]
    namespace_values: tuple[str | None, ...]
    missing: Unknown | None
    pod_keys: tuple[str, ...]
    pod_values: tuple[str | None, ...]

    @property
    def namespace(self) -> Visible:
        """The namespace's labels that may be read."""
        return Visible(self.namespace_keys, self.namespace_values)

    @property
    def pod(self) -> Visible:
        """The pod's labels that may be read."""
        return Visible(self.pod_keys, self.pod_values)


def namespace_labels(mesh: Mesh, name: str) -> NamespaceLabels:
    """A namespace's labels as the API server has them; `kubernetes.io/metadata.name` is on every namespace."""
    found = mesh.namespace(name)
    return NamespaceLabels({**(found.labels if found else {}), METADATA_NAME: name}, None if found else _unread_namespace(mesh, name))


def missing_webhooks(mesh: Mesh) -> Unknown | None:
    """Why the injector's webhooks have to be assumed: they could not be read, or are not among the files; None where they need not."""
    kind = kinds.MUTATING_WEBHOOK_CONFIGURATION
    if mesh.live and not mesh.knows(kind):
        return Unknown(kind=UnknownKind.UNREADABLE, of=kind, settled_by=CLUSTER)
    if not mesh.live and not injectors(mesh):
        return Unknown(kind=UnknownKind.NOT_IN_FILES, of=kind, settled_by=CLUSTER)
    return None


def is_assumed(mesh: Mesh) -> bool:
    """Whether the injector's webhooks have to be assumed."""
    return missing_webhooks(mesh) is not None


def matched(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[WebhookMatch, ...]:
    """The injector's webhooks that the API server calls, or may call, for a pod, in the order of the calls."""
    return tuple(match for match in match_injectors(mesh, namespace, pod_labels) if match.status is not Status.FAIL)


def match_injectors(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[WebhookMatch, ...]:
    """What becomes of each of the injector's webhooks; worked out once for all that their selectors do not tell apart."""
    mesh.require(kinds.MUTATING_WEBHOOK_CONFIGURATION)
    memo: dict[AdmissionView, tuple[WebhookMatch, ...]] = mesh.memo("injector matches")
    namespace_keys, pod_keys = mesh.cached("namespace label keys", _namespace_keys), pod_label_keys(mesh)
    view = AdmissionView(
        namespace_keys=namespace_keys,
        namespace_values=tuple(map(namespace.labels.get, namespace_keys)),
        missing=namespace.missing,
        pod_keys=pod_keys,
        pod_values=tuple(map(pod_labels.get, pod_keys)),
    )
    if view not in memo:
        missing = missing_webhooks(mesh)
        candidates = _assumed(mesh, view, missing) if missing is not None else injectors(mesh)
        memo[view] = tuple(answer(match_webhook(item, view.namespace, view.pod, view.missing)) for item in candidates)
    return memo[view]


def match_all(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[WebhookMatch, ...]:
    """What becomes of every mutating webhook, whoever's it is, in the order the API server goes through them.

    Labels that an earlier webhook would add are not foreseen; neither are webhooks that an API server reads from its own disk.
    """
    others = (candidate for candidate in _registered(mesh) if not is_injector(candidate.webhook))
    rest = (answer(match_webhook(candidate, namespace.labels, pod_labels, namespace.missing)) for candidate in others)
    everything = (*match_injectors(mesh, namespace, pod_labels), *rest)
    place = {(item.configuration.name, item.webhook.name): place for place, item in enumerate(_registered(mesh))}
    return tuple(sorted(everything, key=lambda match: (match.configuration, place.get((match.configuration, match.webhook), 0))))


def find_candidate(mesh: Mesh, match: WebhookMatch) -> Candidate | None:
    """The webhook of a match as it was read; None where it was assumed."""
    return next(
        (item for item in _registered(mesh) if (item.configuration.name, item.webhook.name) == (match.configuration, match.webhook)), None
    )


def called_by_name(mesh: Mesh, webhook: str, host: str) -> tuple[Candidate, ...]:
    """The injector's webhooks of a name that call a host, ``istiod.istio-system.svc``."""
    return tuple(item for item in injectors(mesh) if item.webhook.name == webhook and _host(item) == host)


def _host(candidate: Candidate) -> str:
    service = candidate.webhook.client_config.service
    return f"{service.name}.{service.namespace}.svc" if service else ""


def pod_label_keys(mesh: Mesh) -> tuple[str, ...]:
    """The pod labels that the injector's webhooks go by."""
    return mesh.cached("pod label keys", lambda view: _keys((webhook.object_selector for webhook in _selecting(view)), REVISION_LABEL))


def all_pod_label_keys(mesh: Mesh) -> tuple[str, ...]:
    """The pod labels that any webhook goes by, whoever's it is."""
    return mesh.cached(
        "label keys of all webhooks",
        lambda view: _keys((item.webhook.object_selector for item in _registered(view)), *pod_label_keys(view)),
    )


def _unread_namespace(mesh: Mesh, name: str) -> Unknown:
    kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
    return Unknown(kind=kind, of=Ref("v1", "Namespace", None, name), settled_by=f"Namespace {name}")


def _registered(mesh: Mesh) -> tuple[Candidate, ...]:
    """Every webhook, in the order of the configurations' names and of each list (`mutating_webhook_manager.go`)."""
    return mesh.cached("webhooks", lambda view: tuple(_candidates(view.all(MutatingWebhookConfiguration))))


def _candidates(configurations: Iterable[MutatingWebhookConfiguration], assumed: Unknown | None = None) -> Iterator[Candidate]:
    for configuration in configurations:
        for index, webhook in enumerate(configuration.webhooks):
            yield Candidate(configuration, webhook, index, assumed)


def injectors(mesh: Mesh) -> tuple[Candidate, ...]:
    """The injector's webhooks that were read, in the order they are called."""
    mesh.require(kinds.MUTATING_WEBHOOK_CONFIGURATION)
    return mesh.cached("injector webhooks", lambda view: tuple(item for item in _registered(view) if is_injector(item.webhook)))


def _assumed(mesh: Mesh, view: AdmissionView, missing: Unknown) -> Iterator[Candidate]:
    """An installation that owns the default revision, and one for each revision that these labels name."""
    everywhere = _is_for_every_namespace(mesh)
    named = {DEFAULT_REVISION, *(labels.get(REVISION_LABEL) or DEFAULT_REVISION for labels in (view.namespace, view.pod))}
    return _candidates((default_webhooks.configuration(name, every_namespace=everywhere) for name in sorted(named)), missing)


def _is_for_every_namespace(mesh: Mesh) -> bool:
    """Whether the default revision's injector is known to be asked for namespaces without labels."""
    plane = control_plane.control_plane(mesh, DEFAULT_REVISION)
    return bool(plane and plane.injector and plane.injector.values.enable_namespaces_by_default)


def _selecting(mesh: Mesh) -> list[Webhook]:
    """The webhooks that are asked, or one of each that is assumed."""
    assumed = default_webhooks.configuration(DEFAULT_REVISION, every_namespace=_is_for_every_namespace(mesh)).webhooks
    return [item.webhook for item in injectors(mesh)] or [*assumed]


def _namespace_keys(mesh: Mesh) -> tuple[str, ...]:
    return _keys((webhook.namespace_selector for webhook in _selecting(mesh)), REVISION_LABEL)


def _keys(selectors: Iterable[LabelSelector], *others: str) -> tuple[str, ...]:
    return tuple(sorted({*others, *(requirement.key for selector in selectors for requirement in requirements(selector))}))
