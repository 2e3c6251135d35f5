"""The headers that every request to an API server carries (client-go `transport/round_trippers.go`)."""

from urllib.parse import quote

from kubectl_meshfix import __version__
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.kubeconfig_schema import User

_HEADER_NAME = "!#$&'*+-.^_`|~"


def common_headers(kubeconfig: Kubeconfig) -> list[tuple[str, str]]:
    """Who asks, as whom, and how the answer may be encoded; credentials are not among them."""
    encoding = "identity" if kubeconfig.cluster.disable_compression else "gzip"
    return [("User-Agent", f"kubectl-meshfix/{__version__}"), ("Accept-Encoding", encoding), *_impersonation(kubeconfig.user)]


def _impersonation(user: User) -> list[tuple[str, str]]:
    """``impersonatingRoundTripper``: a line per group and per extra value, keys escaped by headerKeyEscape's alphabet."""
    if not user.as_user:
        return []
    lines = [("Impersonate-User", user.as_user)]
    lines += [("Impersonate-Uid", user.as_uid)] if user.as_uid else []
    lines += [("Impersonate-Group", group) for group in user.as_groups]
    for key, values in user.as_user_extra.items():
        lines += [(f"Impersonate-Extra-{quote(key, safe=_HEADER_NAME)}", value) for value in values]
    # Go sends header values as UTF-8, http.client as Latin-1.
    return [(name, value.encode().decode("latin-1")) for name, value in lines]
