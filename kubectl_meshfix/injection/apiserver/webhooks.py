"""Which webhooks the API server calls for a new pod (`k8s.io/apiserver/pkg/admission/configuration/mutating_webhook_manager.go`)."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.chain.checks import Status
from kubectl_meshfix.injection.apiserver import default_webhooks
from kubectl_meshfix.injection.apiserver.webhook import NamespaceLabels, Verdict, evaluate
from kubectl_meshfix.injection.labels import METADATA_NAME
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, REVISION_LABEL, is_injector
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = (*control_plane.INPUTS, kinds.NAMESPACE)
"""Kinds that decide which webhooks are called. Any of them may be missing or unreadable."""

Candidate = tuple[MutatingWebhookConfiguration, Webhook]


def namespace_labels(mesh: Mesh, name: str) -> NamespaceLabels:
    """A namespace's labels as the API server has them; `kubernetes.io/metadata.name` is on every namespace."""
    found = mesh.namespace(name)
    return NamespaceLabels({**(found.labels if found else {}), METADATA_NAME: name}, known=found is not None)


def is_assumed(mesh: Mesh) -> bool:
    """Whether the injector's webhooks have to be assumed: they could not be read, or are not among the files."""
    return not mesh.knows(kinds.MUTATING_WEBHOOK_CONFIGURATION) if mesh.live else not _injectors(mesh)


def matched(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[Verdict, ...]:
    """The injector's webhooks that the API server calls, or may call, for a pod, in the order of the calls."""
    return tuple(verdict for verdict in injector_verdicts(mesh, namespace, pod_labels) if verdict.status is not Status.FAIL)


def injector_verdicts(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[Verdict, ...]:
    """What becomes of each of the injector's webhooks; worked out once for the labels that their selectors mention."""
    mesh.require(kinds.MUTATING_WEBHOOK_CONFIGURATION)
    memo: dict[object, tuple[Verdict, ...]] = mesh.memo("injector verdicts")
    namespace_keys, pod_keys = mesh.cached("namespace label keys", _namespace_keys), pod_label_keys(mesh)
    key = (namespace.known, tuple(map(namespace.labels.get, namespace_keys)), tuple(map(pod_labels.get, pod_keys)))
    if key not in memo:
        assumed = is_assumed(mesh)
        candidates = _assumed(mesh, namespace.labels, pod_labels) if assumed else _injectors(mesh)
        memo[key] = tuple(evaluate(*candidate, namespace, pod_labels, assumed=assumed) for candidate in candidates)
    return memo[key]


def verdicts(mesh: Mesh, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> tuple[Verdict, ...]:
    """What becomes of every mutating webhook, whoever's it is, in the order the API server goes through them.

    Labels that an earlier webhook would add are not foreseen; neither are webhooks that an API server reads from its own disk.
    """
    others = (candidate for candidate in _registered(mesh) if not is_injector(candidate[1]))
    rest = (evaluate(*candidate, namespace, pod_labels) for candidate in others)
    everything = (*injector_verdicts(mesh, namespace, pod_labels), *rest)
    place = {(configuration.name, webhook.name): place for place, (configuration, webhook) in enumerate(_registered(mesh))}
    return tuple(sorted(everything, key=lambda verdict: (verdict.configuration, place.get((verdict.configuration, verdict.webhook), 0))))


def pod_label_keys(mesh: Mesh) -> tuple[str, ...]:
    """The pod labels that the injector's webhooks go by."""
    return mesh.cached("pod label keys", _pod_keys)


def served_revisions(mesh: Mesh) -> tuple[str, ...]:
    """The revisions and tags that the injector's webhooks answer to."""
    return mesh.cached("served revisions", _served)


def only_revision(mesh: Mesh, answers: Callable[[str], bool]) -> str | None:
    """The label value for the only revision that ``answers``, preferably a tag of it; None where several do, or none."""
    served = [value for value in served_revisions(mesh) if answers(value)]
    known = control_plane.tags(mesh)
    return min(served, key=lambda value: (value not in known, value)) if len({known.get(value, value) for value in served}) == 1 else None


def _served(mesh: Mesh) -> tuple[str, ...]:
    wanted = (requirement for _, webhook in _injectors(mesh) for requirement in requirements(webhook.namespace_selector))
    return tuple(
        sorted(
            {
                value
                for requirement in wanted
                if (requirement.key, requirement.operator) == (REVISION_LABEL, "In")
                for value in requirement.values
            }
        )
    )


def _registered(mesh: Mesh) -> tuple[Candidate, ...]:
    """Every webhook, in the order of the configurations' names and of each list (`mutating_webhook_manager.go`)."""
    configurations = mesh.all(MutatingWebhookConfiguration)
    return tuple((configuration, webhook) for configuration in configurations for webhook in configuration.webhooks)


def _injectors(mesh: Mesh) -> tuple[Candidate, ...]:
    return mesh.cached("injector webhooks", lambda view: tuple(candidate for candidate in _registered(view) if is_injector(candidate[1])))


def _assumed(mesh: Mesh, namespace: Mapping[str, str], pod: Mapping[str, str]) -> tuple[Candidate, ...]:
    """An installation that owns the default revision, and one for each revision that these labels name."""
    plane = control_plane.control_plane(mesh, DEFAULT_REVISION)
    everywhere = bool(plane and plane.injector and plane.injector.values.enable_namespaces_by_default)
    named = sorted({DEFAULT_REVISION, namespace.get(REVISION_LABEL) or DEFAULT_REVISION, pod.get(REVISION_LABEL) or DEFAULT_REVISION})
    configurations = (default_webhooks.configuration(name, every_namespace=everywhere) for name in named)
    return tuple((configuration, webhook) for configuration in configurations for webhook in configuration.webhooks)


def _selecting(mesh: Mesh) -> list[Webhook]:
    """The webhooks that are asked, or one of each that may be assumed."""
    return [webhook for _, webhook in _injectors(mesh)] or [
        *default_webhooks.configuration(DEFAULT_REVISION, every_namespace=True).webhooks
    ]


def _namespace_keys(mesh: Mesh) -> tuple[str, ...]:
    selectors = (webhook.namespace_selector for webhook in _selecting(mesh))
    return tuple(sorted({requirement.key for selector in selectors for requirement in requirements(selector)}))


def _pod_keys(mesh: Mesh) -> tuple[str, ...]:
    selectors = (webhook.object_selector for webhook in _selecting(mesh))
    return tuple(sorted({requirement.key for selector in selectors for requirement in requirements(selector)}))
