"""What is read by name: the ConfigMaps of each istiod, and the endpoints of the Services that istiod's webhooks call."""

from collections.abc import Iterable, Iterator, Sequence

from kubectl_meshfix.errors import ForbiddenError
from kubectl_meshfix.injection.reaching import ROOT
from kubectl_meshfix.mesh.control_plane import (
    DEFAULT_REVISION,
    SYSTEM_NAMESPACE,
    config_map_name,
    is_injector,
    is_validator,
    serving_revision,
)
from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import WebhookConfiguration
from kubectl_meshfix.resources.api import decode_object
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.object_lists import list_objects, no_progress

Found = tuple[list[Object], Coverage]
"""Objects of a kind, and how much of it they are."""


def config_map_names(configurations: Iterable[WebhookConfiguration]) -> Iterator[tuple[str, str]]:
    """Namespace and name of the ConfigMaps that the istiods behind these webhooks read, and of the root certificate beside them.

    Those of a plain install are read in any case.
    """
    places = {(SYSTEM_NAMESPACE, DEFAULT_REVISION)}
    roots = {namespace for namespace, _ in backends(configurations)}
    for configuration in configurations:
        for webhook in filter(is_injector, configuration.webhooks):
            service = webhook.client_config.service
            places.add((service.namespace if service else SYSTEM_NAMESPACE, serving_revision(configuration, webhook)))
    for namespace, revision in sorted(places):
        for name in ("istio", "istio-sidecar-injector"):
            yield namespace, config_map_name(name, revision)
    yield from ((namespace, ROOT) for namespace in sorted(roots))


def backends(configurations: Iterable[WebhookConfiguration]) -> tuple[tuple[str, str], ...]:
    """Namespace and name of the Services that istiod's webhooks call."""
    webhooks = (webhook for item in configurations for webhook in item.webhooks if is_injector(webhook) or is_validator(webhook))
    return tuple(sorted({(found.namespace, found.name) for webhook in webhooks if (found := webhook.client_config.service)}))


def read_config_maps(connection: Connection, configurations: Sequence[WebhookConfiguration]) -> Found:
    """The mesh's and the injector's ConfigMaps of each revision; no others are asked for."""
    found: list[Object] = []
    refused: list[Refused] = []
    names = tuple(config_map_names(configurations))
    for namespace, name in names:
        try:
            answer = connection.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        except ForbiddenError as error:
            refused.append(Refused(namespace, name, error.message.rstrip(".")))
            continue
        if not answer.missing:
            decoded = decode(decode_object(answer.body, "ConfigMap", name), ConfigMap)
            if not isinstance(decoded, Misfit):
                found.append(decoded)
    return found, Coverage(reason=refused[0].reason) if len(refused) == len(names) else Coverage(refused=tuple(refused))


def read_endpoints(connection: Connection, configurations: Sequence[WebhookConfiguration]) -> Found:
    """The EndpointSlices of the Services that istiod's webhooks call, which is known of their namespaces then."""
    found: list[Object] = []
    read: set[str] = set()
    refusal = ""
    for namespace, name in backends(configurations):
        try:
            label = f"kubernetes.io/service-name={name}"
            found += list_objects(connection, kinds.ENDPOINT_SLICE, "v1", namespace, no_progress, labels=label)[0]
            read.add(namespace)
        except ForbiddenError as error:
            refusal = error.message.rstrip(".")
    return found, Coverage(reason=refusal) if refusal and not read else Coverage(namespaces=frozenset(read))
