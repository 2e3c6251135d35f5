"""Ports of webhooks: nobody but the API server calls them, with TLS, and it is in no mesh."""

import re

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Service, ServicePort

HTTPS = 443
"""The port of a Service that the API server calls where a webhook names none (`admissionregistration/v1/types.go ServiceReference`)."""

SERVER = 9443
"""The port on which controller-runtime serves webhooks (`controller-runtime/pkg/webhook/server.go DefaultPort`)."""

_WORD = re.compile(r"(?:^|-)webhooks?(?:-|$)")


def is_webhook(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether a Service's port is for webhooks: a configuration names it, or it is 443 and leads to a port that only those have.

    ValidatingWebhookConfigurations and conversion webhooks are not read, so that the second tells of most.
    """
    named = (webhook.client_config.service for found in mesh.all(MutatingWebhookConfiguration) for webhook in found.webhooks)
    if any(item and (item.namespace, item.name, item.port) == (service.namespace, service.name, port.port) for item in named):
        return True
    names = (port.name, port.target_port if isinstance(port.target_port, str) else "")
    return port.port == HTTPS and (port.target_port == SERVER or any(map(_WORD.search, names)))
