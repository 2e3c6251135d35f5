"""From a kubeconfig's user to what goes over the wire.

Mirrors client-go ``tools/clientcmd/client_config.go`` (getUserIdentificationPartialConfig) and ``transport/round_trippers.go``:
a token comes before a password, and either of them, or a certificate, before a plugin.
"""

import base64
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.api import NOT_JSON
from kubectl_meshfix.sources.api.exec_plugin import issue
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.kubeconfig_schema import AuthProvider, User
from kubectl_meshfix.sources.api.tls import file_content

_SUCCESSORS = {
    "gcp": "Install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials` again.",
    "azure": "Install kubelogin and run `kubelogin convert-kubeconfig`.",
    "oidc": "Let `kubectl get --raw /version` renew the token, or move to `kubectl oidc-login` (int128/kubelogin).",
    "openstack": "Install client-keystone-auth and configure it as a credential plugin.",
}


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """``authorization`` is a whole header value, ``certificate`` and ``key`` are PEM; each may be empty.

    ``renewable`` says that asking once more may give others: a plugin or a token file is behind them.
    """

    authorization: str = ""
    certificate: bytes = b""
    key: bytes = b""
    expires: datetime | None = None
    renewable: bool = False

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def expired(self) -> bool:
        """Is the time a plugin gave them over?"""
        return self.expires is not None and datetime.now(UTC) > self.expires


def obtain(kubeconfig: Kubeconfig, environ: Mapping[str, str] = os.environ) -> Credentials:
    """The credentials of ``kubeconfig.user``, running its plugin or reading its token file if it has one.

    None over plain http, as in kubectl: a secret is not sent where anyone can read it. Raises SourceError.
    """
    user = kubeconfig.user
    if not kubeconfig.cluster.server.startswith("https:"):
        return Credentials()
    certificate, key = _certificate(user, kubeconfig.user_name)
    if user.token or user.token_file:
        header = _bearer(_file_token(user) or user.token)
        return Credentials(authorization=header, certificate=certificate, key=key, renewable=bool(user.token_file))
    if user.username:
        secret = base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
        return Credentials(authorization=f"Basic {secret}", certificate=certificate, key=key)
    if certificate:
        return Credentials(certificate=certificate, key=key)
    if user.exec is not None:
        issued = issue(user.exec, kubeconfig.cluster, environ)
        return Credentials(
            authorization=_bearer(issued.token) if issued.token else "",
            certificate=issued.client_certificate_data.encode(),
            key=issued.client_key_data.encode(),
            expires=issued.expiration_timestamp,
            renewable=True,
        )
    if user.auth_provider is not None:
        return Credentials(authorization=_bearer(_legacy_token(user.auth_provider)))
    return Credentials()


def _bearer(token: str) -> str:
    token = token.strip()
    if not (token.isascii() and token.isprintable()):
        raise SourceError(
            "The bearer token is damaged: it contains a line break or another character that no HTTP header can hold.", "Log in again."
        )
    return f"Bearer {token}"


def _certificate(user: User, name: str) -> tuple[bytes, bytes]:
    certificate = user.client_certificate_data or file_content(user.client_certificate, "client certificate")
    key = user.client_key_data or file_content(user.client_key, "client key")
    if certificate and not key:
        raise SourceError(
            f"The user '{name}' has a client certificate but no key.", "Add client-key to the kubeconfig, or give --client-key."
        )
    return (certificate, key) if certificate else (b"", b"")


def _file_token(user: User) -> str:
    """A token file's content wins over a token beside it (``NewBearerAuthWithRefreshRoundTripper``), unless it cannot be read."""
    if not user.token_file:
        return ""
    try:
        token = file_content(user.token_file, "token file").decode().strip()
    except UnicodeDecodeError:
        raise SourceError(f"The token file {user.token_file} is not text.", "Log in again with the tool that writes it.") from None
    except SourceError:
        if user.token:
            return ""
        raise
    if not token and not user.token:
        raise SourceError(f"The token file {user.token_file} is empty.", "Log in again with the tool that writes it.")
    return token


def _legacy_token(provider: AuthProvider) -> str:
    """The oidc provider's token while it is valid; the rest of these mechanisms left kubectl in 1.26."""
    token = str(provider.config.get("id-token", "")) if provider.name == "oidc" else ""
    if _jwt_expiry(token) > time.time():
        return token
    why = "holds a token that has expired" if token else "is not supported any more"
    raise SourceError(
        f"The auth-provider '{provider.name}' in the kubeconfig {why}.",
        _SUCCESSORS.get(provider.name, "Replace it by a credential plugin (`exec`) in the kubeconfig."),
    )


def _jwt_expiry(token: str) -> float:
    try:
        payload = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, *NOT_JSON):
        return 0.0
