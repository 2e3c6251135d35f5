"""The validation webhooks of istiods, and whether the API server's calls to them fail.

The API server calls each of them that selects an object, and needs the consent of all (`plugin/webhook/validating/dispatcher.go`). Of the
default revision's webhook the chart selects every object of Istio's, of each revision's own those with its label `istio.io/rev`.
"""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.injection.apiserver import Candidate
from kubectl_meshfix.injection.reaching.call_path import path_of
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, is_validator
from kubectl_meshfix.mesh.selectors import is_valid, matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import ValidatingWebhookConfiguration, Webhook
from kubectl_meshfix.resources.kinds import Kind

CHECKED: tuple[Kind, ...] = tuple(kind for kind in kinds.KINDS if kind.group in kinds.ISTIO and not kind.only_in_files)
"""The kinds of Istio's that are read, all of which the chart's webhooks ask for."""


class Unchecked(msgspec.Struct, frozen=True):
    """A validation webhook whose calls fail, and by which check.

    ``revisions`` are those whose objects it asks for by their label; none where it asks for every object. ``opens`` says that objects are
    stored without the check.
    """

    candidate: Candidate
    broken: Step
    opens: bool
    revisions: tuple[str, ...]


def validating_webhooks(mesh: Mesh) -> Iterator[Candidate]:
    """The validation webhooks of istiods, in the order of the configurations' names."""
    for configuration in mesh.all(ValidatingWebhookConfiguration):
        for place, webhook in enumerate(configuration.webhooks):
            if is_validator(webhook):
                yield Candidate(configuration, webhook, place)


def unchecked(mesh: Mesh) -> Iterator[Unchecked]:
    """The first failing validation webhook of each configuration."""
    told = set()
    for item in validating_webhooks(mesh):
        broken = path_of(mesh, item).value.broken
        if broken and item.configuration.name not in told:
            told.add(item.configuration.name)
            opens = item.webhook.failure_policy == "Ignore"
            yield Unchecked(item, broken, opens, _revisions(item.webhook))


def _revisions(webhook: Webhook) -> tuple[str, ...]:
    """The values of `istio.io/rev` that a webhook asks for."""
    selector = webhook.object_selector
    asked = (each.values for each in selector.match_expressions if each.key == REVISION_LABEL and each.operator == "In")
    labels = (value for key, value in selector.match_labels.items() if key == REVISION_LABEL)
    return tuple(sorted({*labels, *(value for values in asked for value in values)}))


def asks_for_any(mesh: Mesh, webhook: Webhook) -> bool:
    """Whether an object of Istio's was read that a validation webhook asks for by its label; all of them have it where it asks for all."""
    selector = webhook.object_selector
    if not is_valid(selector):
        return True
    return any(matches(selector, obj.labels) for kind in CHECKED for obj in mesh.all(kind.struct))
