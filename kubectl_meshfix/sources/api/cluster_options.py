"""The connection flags, and what they change in a kubeconfig's entries."""

import msgspec

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, User


class ClusterOptions(msgspec.Struct, frozen=True, kw_only=True):
    """kubectl's connection flags under kubectl's names; empty means not given.

    ``as_user_extra`` holds "key=value" items; ``request_timeout`` is seconds or a Go duration ("5s", "1m30s"), "0" for none.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    server: str = ""
    token: str = ""
    as_user: str = ""
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: tuple[str, ...] = ()
    certificate_authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    request_timeout: str = "0"
    disable_compression: bool = False

    def __repr__(self) -> str:
        return "ClusterOptions(…)"


def timeout_seconds(text: str, flag: str = "--request-timeout") -> float | None:
    """Seconds, or None for none. ``clientcmd.ParseTimeout``: bare seconds or a Go duration. Raises UsageError."""
    if text.isdecimal():
        return float(text) or None
    duration = seconds(text)
    if duration is None:
        advice = "Give seconds or a unit: 30, 5s, 1m30s; 0 waits without limit."
        raise UsageError(f"The value '{text}' of {flag} is not a duration.", advice)
    return duration or None


def with_cluster_flags(cluster: Cluster, options: ClusterOptions) -> Cluster:
    """``getCluster``: a CA or the insecure flag replaces the whole trust; a server drops the old server's TLS name."""
    if options.insecure_skip_tls_verify or options.certificate_authority:
        cluster = msgspec.structs.replace(
            cluster,
            insecure_skip_tls_verify=options.insecure_skip_tls_verify,
            certificate_authority=options.certificate_authority,
            certificate_authority_data=b"",
        )
    if options.server or options.tls_server_name:
        cluster = msgspec.structs.replace(cluster, tls_server_name=options.tls_server_name)
    return msgspec.structs.replace(
        cluster,
        server=options.server or cluster.server,
        disable_compression=options.disable_compression or cluster.disable_compression,
    )


def with_user_flags(user: User, options: ClusterOptions) -> User:
    """``getAuthInfo``, except that --token also wins over a tokenFile and a password, which kubectl trips over."""
    if options.token:
        user = msgspec.structs.replace(user, token=options.token, token_file="", username="", password="")
    if options.client_certificate:
        user = msgspec.structs.replace(user, client_certificate=options.client_certificate, client_certificate_data=b"")
    if options.client_key:
        user = msgspec.structs.replace(user, client_key=options.client_key, client_key_data=b"")
    extra: dict[str, tuple[str, ...]] = {}
    for item in options.as_user_extra:
        key, equals, value = item.partition("=")
        if not (key and equals):
            raise UsageError(f"The value '{item}' of --as-user-extra is not a pair.", "Write --as-user-extra key=value.")
        extra[key] = (*extra.get(key, ()), value)
    return msgspec.structs.replace(
        user,
        as_user=options.as_user or user.as_user,
        as_uid=options.as_uid or user.as_uid,
        as_groups=options.as_groups or user.as_groups,
        as_user_extra={**user.as_user_extra, **extra},
    )
