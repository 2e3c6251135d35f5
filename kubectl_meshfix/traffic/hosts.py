"""Host names as Istio resolves and compares them (`pkg/config/host/name.go`, `pilot/pkg/model/config.go ResolveShortnameToFQDN`)."""

import re

CLUSTER_DOMAIN = "cluster.local"

_SERVICE_ELSEWHERE = re.compile(rf"[^.]+\.[^.]+\.(?:svc\.(?!{re.escape(CLUSTER_DOMAIN)}$).+|global)")


def fqdn(host: str, namespace: str, domain: str = CLUSTER_DOMAIN) -> str:
    """A host as the registry knows it. Only a name without any dot, ``*`` or IPv6 colon is short; ``reviews.default`` stays as it is."""
    if not host or "." in host or ":" in host or host.startswith("*"):
        return host.lower()
    return f"{host.lower()}.{namespace}.svc.{domain}"


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


def matches(one: str, other: str) -> bool:
    """Whether two hosts, wildcards or not, have a name in common (`Name.Matches`)."""
    if one.startswith("*") and other.startswith("*"):
        return one[1:].endswith(other[1:]) or other[1:].endswith(one[1:])
    if one.startswith("*"):
        return other.endswith(one[1:])
    if other.startswith("*"):
        return one.endswith(other[1:])
    return one == other
