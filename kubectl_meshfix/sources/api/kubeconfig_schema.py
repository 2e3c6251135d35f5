"""The shape of a kubeconfig: client-go ``tools/clientcmd/api/v1/types.go``, the fields that matter to a client."""

from collections.abc import Mapping
from typing import Any

import msgspec


class _Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """Absent, null and empty are the same, as in Go."""


class Extension(_Entry, frozen=True, kw_only=True):
    """Anything a tool keeps beside a cluster; ``client.authentication.k8s.io/exec`` is meant for credential plugins."""

    name: str
    extension: Any = None


class Cluster(_Entry, frozen=True, kw_only=True):
    """Where the API server is and how to know that it is the right one. ``certificate_authority_data`` is PEM."""

    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: bytes = b""
    proxy_url: str = ""
    disable_compression: bool = False
    extensions: tuple[Extension, ...] = ()


class Variable(_Entry, frozen=True, kw_only=True):
    """One more variable in a credential plugin's environment."""

    name: str
    value: str = ""


class Exec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A credential plugin: a command that prints an ExecCredential."""

    api_version: str = ""
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


class AuthProvider(_Entry, frozen=True, kw_only=True):
    """The mechanism before credential plugins: gcp, azure, oidc, openstack."""

    name: str
    config: Mapping[str, Any] = {}


class User(_Entry, frozen=True, kw_only=True):
    """How to prove who one is, and as whom to act. The ``_data`` fields are PEM."""

    client_certificate: str = ""
    client_certificate_data: bytes = b""
    client_key: str = ""
    client_key_data: bytes = b""
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    username: str = ""
    password: str = ""
    exec: Exec | None = None
    auth_provider: AuthProvider | None = None
    as_user: str = msgspec.field(default="", name="as")
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: Mapping[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return "User(…)"


class Context(_Entry, frozen=True, kw_only=True):
    """A cluster, a user and a namespace, by name."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


class NamedCluster(_Entry, frozen=True, kw_only=True):
    """A cluster and its name."""

    name: str
    cluster: Cluster = Cluster()


class NamedUser(_Entry, frozen=True, kw_only=True):
    """A user and its name."""

    name: str
    user: User = User()


class NamedContext(_Entry, frozen=True, kw_only=True):
    """A context and its name."""

    name: str
    context: Context = Context()


class KubeconfigFile(_Entry, frozen=True, kw_only=True):
    """One file as it is written."""

    kind: str = "Config"
    current_context: str = ""
    clusters: tuple[NamedCluster, ...] = ()
    users: tuple[NamedUser, ...] = ()
    contexts: tuple[NamedContext, ...] = ()
