"""Whether the API server trusts the istiod that a webhook calls (`pkg/webhooks/webhookpatch.go` keeps the caBundle up to date).

The caBundle and the ConfigMap `istio-ca-root-cert` are written from the same root (`namespacecontroller.go`, `webhookpatch.go`:
``caBundleWatcher.GetCABundle``), so they hold a certificate in common wherever both are up to date.
"""

from datetime import datetime

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.injection.apiserver import Candidate
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.meta import Ref

ROOT = "istio-ca-root-cert"
"""The ConfigMap with the mesh's root certificate that istiod keeps in every namespace."""


def check_trust(mesh: Mesh, candidate: Candidate) -> Step:
    """What the API server trusts."""
    encoded, at = candidate.webhook.client_config.ca_bundle, _place(candidate)
    if not encoded:
        return _empty(candidate, at)
    from kubectl_meshfix.injection.reaching.certificates import encoded_bundle  # noqa: PLC0415 -- rules need no TLS library

    found = encoded_bundle(encoded)
    if found.problem:
        return step(checks.NOT_A_CERTIFICATE, at, problem=found.problem)
    now = datetime.fromisoformat(mesh.taken_at).timestamp() if mesh.taken_at else None
    names = tuple(authority.name for authority in found.authorities)
    if now and found.authorities and all(authority.not_after < now for authority in found.authorities):
        return step(checks.EXPIRED, at, evidence=names, authority=names[0])
    if now and found.authorities and all(authority.not_before > now for authority in found.authorities):
        return step(checks.NOT_YET, at, evidence=names, authority=names[0])
    root = _root(mesh, candidate)
    if root is None:
        return step(checks.VALID, at, evidence=names)
    ref, certificates = root
    if certificates & found.certificates:
        return step(checks.MESH_ROOT, at, evidence=names)
    return step(checks.ANOTHER_ROOT, at, evidence=names, root=str(ref))


def differs(mesh: Mesh, candidate: Candidate) -> Step | None:
    """The step about a caBundle of another root than the mesh's, where files hold both; nothing else of it can be told from files."""
    found = check_trust(mesh, candidate)
    return found if found.outcome is checks.ANOTHER_ROOT else None


def _empty(candidate: Candidate, at: Where) -> Step:
    configuration = candidate.configuration
    if candidate.webhook.client_config.service is None:
        return step(checks.PUBLIC_ROOTS, at)
    label = configuration.labels.get(REVISION_LABEL)
    if not label:
        return step(checks.NOT_FILLED_IN, at, configuration=configuration.name, key=REVISION_LABEL)
    return step(checks.EMPTY, at, configuration=configuration.name, label=f"{REVISION_LABEL}={label}")


def _root(mesh: Mesh, candidate: Candidate) -> tuple[Ref, frozenset[bytes]] | None:
    """The mesh's root certificates beside the injector, and where they are; None where there are none to compare with."""
    from kubectl_meshfix.injection.reaching.certificates import bundle  # noqa: PLC0415 -- as above

    service = candidate.webhook.client_config.service
    config_map = mesh.get(ConfigMap, service.namespace, ROOT) if service else None
    if config_map is None:
        return None
    certificates = bundle(config_map.data.get("root-cert.pem", "")).certificates
    return (config_map.ref, certificates) if certificates else None


def _place(candidate: Candidate) -> Where:
    return Where(resource=candidate.configuration.ref, path=f"/webhooks/{candidate.place}/clientConfig/caBundle")
