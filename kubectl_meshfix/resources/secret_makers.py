"""What makes Secrets in a cluster, so that files hold these instead: Sealed Secrets, External Secrets, cert-manager."""

from kubectl_meshfix.resources.meta import Object, Struct


class SealedSecret(Object, frozen=True):
    """`bitnami.com/v1alpha1`: a Secret of its own name and namespace."""

    api_version: str = "bitnami.com/v1alpha1"
    kind: str = "SealedSecret"

    @property
    def makes(self) -> str:
        """The name of its Secret."""
        return self.name


class ExternalTarget(Struct, frozen=True):
    """The Secret; without a name it has that of its maker."""

    name: str = ""


class ExternalSecretSpec(Struct, frozen=True):
    """What is made."""

    target: ExternalTarget = ExternalTarget()


class ExternalSecret(Object, frozen=True):
    """`external-secrets.io/v1`: a Secret in its own namespace."""

    api_version: str = "external-secrets.io/v1"
    kind: str = "ExternalSecret"
    spec: ExternalSecretSpec = ExternalSecretSpec()

    @property
    def makes(self) -> str:
        """The name of its Secret."""
        return self.spec.target.name or self.name


class CertificateSpec(Struct, frozen=True):
    """Where cert-manager writes certificate and key."""

    secret_name: str = ""


class Certificate(Object, frozen=True):
    """`cert-manager.io/v1`: a Secret in its own namespace."""

    api_version: str = "cert-manager.io/v1"
    kind: str = "Certificate"
    spec: CertificateSpec = CertificateSpec()

    @property
    def makes(self) -> str:
        """The name of its Secret."""
        return self.spec.secret_name
