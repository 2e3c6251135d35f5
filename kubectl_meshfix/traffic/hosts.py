"""Host names as Istio resolves and compares them (`pkg/config/host/name.go`, `pilot/pkg/model/config.go ResolveShortnameToFQDN`)."""

import re

from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.host_patterns import Hosts, is_within, matches

__all__ = ["CLUSTER_DOMAIN", "Hosts", "fqdn", "is_of_another_domain", "is_within", "matches", "of_service", "service_of", "with_domain"]

CLUSTER_DOMAIN = "cluster.local"

_SERVICE_ELSEWHERE = re.compile(rf"[^.]+\.[^.]+\.(?:svc\.(?!{re.escape(CLUSTER_DOMAIN)}$).+|global)")


def fqdn(host: str, namespace: str, domain: str = CLUSTER_DOMAIN) -> str:
    """A host in full. Only a name without any dot, ``*`` or IPv6 colon is short; ``reviews.default`` stays as it is.

    Case stays as well, and counts where hosts are compared. Only the hosts for which a VirtualService is are compared in lower case
    (`pilot/pkg/networking/core/route/route.go separateVSHostsAndServices`).
    """
    if not host or "." in host or ":" in host or host.startswith("*"):
        return host
    return f"{host}.{namespace}.svc.{domain}"


def of_service(name: str, namespace: str, domain: str = CLUSTER_DOMAIN) -> str:
    """The registry's name of a Kubernetes Service (`kube.ServiceHostname`)."""
    return f"{name}.{namespace}.svc.{domain}"


def service_of(host: str, domain: str = CLUSTER_DOMAIN) -> tuple[str, str] | None:
    """Name and namespace of the Kubernetes Service a full host names; None for other hosts."""
    suffix = f".svc.{domain}"
    if not host.endswith(suffix):
        return None
    name, _, namespace = host.removesuffix(suffix).rpartition(".")
    return (name, namespace) if name and "." not in name else None


def is_of_another_domain(host: str) -> bool:
    """Whether a host names a Service under another domain than ours: a cluster set's, another cluster's, or a renamed cluster domain."""
    return bool(_SERVICE_ELSEWHERE.fullmatch(host))


def with_domain(host: str, domain: str = CLUSTER_DOMAIN) -> str | None:
    """A host with the domain of the cluster's Services where its own is a slip of the keyboard away from that; None for other hosts."""
    name, _, rest = host.partition(".")
    namespace, _, written = rest.partition(".")
    meant = f"svc.{domain}"
    if written == meant or not nearest(written, (meant,)):
        return None
    return of_service(name, namespace, domain)
