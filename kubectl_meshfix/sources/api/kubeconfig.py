"""Which cluster, as whom, in which namespace: the kubeconfig with the command line on top.

Mirrors client-go ``tools/clientcmd/client_config.go`` (getContext, getCluster, getAuthInfo, inClusterClientConfig) and
``merged_client_builder.go`` (the order kubeconfig, then service account).
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.resources.names import NAMESPACE_NAMES, can_name_a_namespace
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions, timeout_seconds, with_cluster_flags, with_user_flags
from kubectl_meshfix.sources.api.kubeconfig_files import Merged, kubeconfig_paths, read_kubeconfigs
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, Context, User
from kubectl_meshfix.sources.api.service_account import SERVICE_ACCOUNT, in_pod, own_namespace, service_account_entries

__all__ = ["ClusterOptions", "Kubeconfig", "choose_cluster"]


class Kubeconfig(msgspec.Struct, frozen=True, kw_only=True):
    """One way to one cluster, flags applied. ``timeout`` is in seconds, None for none.

    ``context`` is "" when flags alone name the cluster, and "in-cluster" for a pod's own service account.
    """

    context: str
    namespace: str
    cluster: Cluster
    user_name: str
    user: User
    timeout: float | None = None


def choose_cluster(options: ClusterOptions, environ: Mapping[str, str] = os.environ, service_account: Path = SERVICE_ACCOUNT) -> Kubeconfig:
    """What ``options`` and the kubeconfig make together.

    Raises UsageError for flags that make no sense, SourceError where a file, a context, a cluster or a user is missing or wrong.
    """
    merged = read_kubeconfigs(options.kubeconfig, environ)
    name, context = _context(options, merged)
    cluster_name = options.cluster or context.cluster
    user_name = options.user or context.user
    if not options.server or options.cluster:
        _must_know("cluster", cluster_name, merged.clusters, "" if options.cluster else name)
    if not (options.token or options.client_certificate) or options.user:
        _must_know("user", user_name, merged.users, "" if options.user else name)
    cluster = merged.clusters.get(cluster_name, Cluster())
    user = merged.users.get(user_name, User())
    inside = in_pod(environ, service_account)
    if inside and not cluster_name and not options.server:
        name, user_name = "in-cluster", "in-cluster"
        cluster, user = service_account_entries(environ, service_account)
    cluster, user = with_cluster_flags(cluster, options), with_user_flags(user, options)
    if not cluster.server:
        raise _no_server(name, cluster_name, merged, options, environ)
    return Kubeconfig(
        context=name,
        namespace=_namespace(options, context, own_namespace(environ, service_account) if inside else ""),
        cluster=_checked_cluster(cluster),
        user_name=user_name,
        user=_checked_user(user, options),
        timeout=timeout_seconds(options.request_timeout),
    )


def _context(options: ClusterOptions, merged: Merged) -> tuple[str, Context]:
    name = options.context or merged.current_context
    if not name:
        return "", Context()
    if name not in merged.contexts:
        which = "context" if options.context else "current context"
        raise SourceError(f"The {which} '{name}' is not in the kubeconfig.", _choices("context", name, merged.contexts, "--context"))
    return name, merged.contexts[name]


def _must_know(kind: str, name: str, known: Iterable[str], context: str) -> None:
    if name and name not in known:
        origin = f", which the context '{context}' names," if context else ""
        raise SourceError(f"The {kind} '{name}'{origin} is not in the kubeconfig.", _choices(kind, name, known, f"--{kind}"))


def _choices(kind: str, wanted: str, known: Iterable[str], flag: str) -> str:
    names = sorted(known)
    if not names:
        return f"The kubeconfig has no {kind}s; is it the right file? See --kubeconfig and $KUBECONFIG."
    shown = list(dict.fromkeys([*difflib.get_close_matches(wanted, names), *names]))
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"Choose one with {flag}: {', '.join(shown[:10])}{more}."


def _namespace(options: ClusterOptions, context: Context, own: str) -> str:
    namespace = options.namespace or context.namespace or own or "default"
    if not can_name_a_namespace(namespace):
        error = UsageError if options.namespace else SourceError
        raise error(f"'{namespace}' cannot be the name of a namespace.", NAMESPACE_NAMES)
    return namespace


def _checked_cluster(cluster: Cluster) -> Cluster:
    try:
        address = urlsplit(cluster.server if "://" in cluster.server else f"http://{cluster.server}")
        usable = address.scheme in {"http", "https"} and address.hostname and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        advice = "Write it as https://host:port in the kubeconfig or with --server."
        raise SourceError(f"The server address '{cluster.server}' is not a URL.", advice)
    if "@" in address.netloc:
        raise SourceError("The server address contains a user name.", "Move it to the user's username and password in the kubeconfig.")
    if cluster.insecure_skip_tls_verify and (cluster.certificate_authority or cluster.certificate_authority_data):
        message = "The cluster both names a certificate authority and skips verification (insecure-skip-tls-verify)."
        raise SourceError(message, "Remove one of the two, or decide with --certificate-authority or --insecure-skip-tls-verify.")
    return msgspec.structs.replace(cluster, server=address._replace(query="", fragment="").geturl().rstrip("/"))


def _checked_user(user: User, options: ClusterOptions) -> User:
    from_flags = options.as_user or options.as_uid or options.as_groups or options.as_user_extra
    error = UsageError if from_flags else SourceError
    if (user.as_uid or user.as_groups or user.as_user_extra) and not user.as_user:
        raise error("A group, UID or extra to impersonate was given without a user.", "Add --as USER.")
    extras = (value for values in user.as_user_extra.values() for value in values)
    if not all(value.isprintable() for value in (user.as_user, user.as_uid, *user.as_groups, *extras)):
        raise error("A user, group or extra to impersonate contains a line break or another control character.", "Remove it.")
    return user


def _no_server(name: str, cluster_name: str, merged: Merged, options: ClusterOptions, environ: Mapping[str, str]) -> SourceError:
    if cluster_name:
        return SourceError(f"The cluster '{cluster_name}' has no server address.", "Add one to the kubeconfig or give --server.")
    if name:
        return SourceError(f"The context '{name}' names no cluster.", "Add one to the kubeconfig or give --cluster.")
    if merged.contexts:
        advice = _choices("context", "", merged.contexts, "--context")
        return SourceError("No context is chosen: the kubeconfig has no current-context.", advice)
    looked = ", ".join(str(path) for path in kubeconfig_paths(options.kubeconfig, environ))
    found = f"The kubeconfig at {looked} names no cluster" if merged.paths else f"There is no kubeconfig at {looked}"
    advice = "Name one with --kubeconfig or $KUBECONFIG, or check manifests instead with -f FILE."
    return SourceError(f"{found}, and this is not a pod with a service account.", advice)
