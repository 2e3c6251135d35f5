"""The names that a pod's resolver tries for one name (`pkg/kubelet/network/dns/dns.go`, `resolv.conf(5)`), and what they can be."""

import ipaddress
import re

from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.traffic.hosts import CLUSTER_DOMAIN

_NDOTS = 5
_PUBLIC = frozenset({"com", "org", "net", "io", "dev", "app", "edu", "gov", "info", "biz", "cloud", "co", "ai", "me", "tech"})
_DASHED = r"\d{1,3}(?:-\d{1,3}){3}"


def candidates(name: str, namespace: str, spec: PodSpec, domain: str = CLUSTER_DOMAIN) -> tuple[str, ...]:
    """The full names that are tried, in order, without their last dot. A name that ends in a dot is tried as it is."""
    if name.endswith("."):
        return (name.removesuffix("."),)
    config = spec.dns_config
    own = tuple(item.rstrip(".") for item in config.searches) if config else ()
    search = own if spec.dns_policy == "None" else (f"{namespace}.svc.{domain}", f"svc.{domain}", domain, *own)
    written = next((item.value for item in config.options if item.name == "ndots"), "") if config else ""
    ndots = int(written) if written.isdecimal() else 1 if spec.dns_policy == "None" else _NDOTS
    searched = tuple(f"{name}.{suffix}" for suffix in search)
    return (name, *searched) if name.count(".") >= ndots else (*searched, name)


def below_services(full: str, domain: str = CLUSTER_DOMAIN) -> tuple[str, ...]:
    """The labels of a full name below ``svc``: those of a Service and its namespace, with those of a pod before them; else none."""
    suffix = f".svc.{domain}"
    return tuple(full.removesuffix(suffix).split(".")) if full.endswith(suffix) else ()


def address_in(full: str, domain: str = CLUSTER_DOMAIN) -> str:
    """The IP address that a pod's name spells, as in ``10-1-0-7.shop.pod.cluster.local``; else empty."""
    first, _, rest = full.partition(".")
    is_pods = rest.endswith((f".pod.{domain}", f".svc.{domain}"))
    return first.replace("-", ".") if is_pods and re.fullmatch(_DASHED, first) else ""


def is_of_cluster(full: str, domain: str = CLUSTER_DOMAIN) -> bool:
    """Whether only the cluster's DNS can know a name: it is in its domain, ends in ``.svc``, or has no dot."""
    return "." not in full or full.endswith((f".{domain}", ".svc"))


def may_be_public(full: str) -> bool:
    """Whether a name of two words is more likely a public one than a Service and a namespace that nobody knows."""
    last = full.rpartition(".")[2]
    return full.count(".") > 1 or last in _PUBLIC or len(last) == 2


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
