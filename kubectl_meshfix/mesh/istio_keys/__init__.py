"""What Istio knows of annotations and labels: their names, which objects may have them, and how mature they are."""

from collections.abc import Iterable, Mapping

import msgspec

from kubectl_meshfix.mesh.istio_keys import table
from kubectl_meshfix.mesh.typos import nearest

__all__ = ["ANNOTATIONS", "KNOWN_TO", "LABELS", "Key", "is_istio_name", "is_listed_domain", "meant"]

KNOWN_TO = f"Istio {table.VERSION}"
"""The Istio whose annotations and labels these are."""


class Key(msgspec.Struct, frozen=True):
    """An annotation or a label: the kinds that may have it (``Any`` for all of them), and ``alpha``, ``beta`` or ``stable``.

    What a pod may have stands on a pod template too, and ``Gateway`` is the one of Gateway API.
    """

    name: str
    kinds: frozenset[str]
    maturity: str
    is_deprecated: bool


def _keys(rows: Iterable[table.Row]) -> Mapping[str, Key]:
    return {name: Key(name, frozenset(kinds.split()), maturity.rstrip("!"), maturity.endswith("!")) for name, kinds, maturity in rows}


ANNOTATIONS, LABELS = _keys(table.ANNOTATIONS), _keys(table.LABELS)

_UNLISTED = frozenset(
    {
        "ambient.istio.io/xfcc-include-client-identity",
        "envoyfilter.istio.io/referenced-services",
        "experimental.istio.io/disable-gateway-port-translation",
        "gateway.istio.io/agentgatewayImage",
        "gateway.istio.io/defaults-for-class",
        "istio.io/connect-strategy",
        "istio.io/ignore-policy-attachment",
        "istio.io/persistent-session",
        "istio.io/persistent-session-header",
        "networking.istio.io/address-type",
        "networking.istio.io/tunnel",
        "prometheus.istio.io/scrape-targets",
        "prometheus.istio.io/secure-port",
        "proxy.istio.io/health-checks-enabled",
    }
)
"""Names that istiod, its proxies and its templates read, and istio.io/api does not list."""

_INTERNAL = frozenset({"internal.istio.io", "install.istio.io", "install.operator.istio.io", "leader.istio.io", "operator.istio.io"})
"""Domains of names that Istio's own programs write for each other."""

_DOMAINS = frozenset(name.partition("/")[0] for name in (*ANNOTATIONS, *LABELS))


def is_istio_name(name: str) -> bool:
    """Whether a name is of Istio's domains, known or not, and none that only its own programs write; ``notistio.io`` is another domain."""
    domain, slash, _ = name.partition("/")
    return bool(slash) and f".{domain}".endswith(".istio.io") and domain not in _INTERNAL and name not in _UNLISTED


def is_listed_domain(name: str) -> bool:
    """Whether Istio has annotations or labels of this domain, so that another one of it may be thought to be Istio's too."""
    return name.partition("/")[0] in _DOMAINS


def meant(name: str, known: Iterable[str]) -> str | None:
    """The one of some known names that another is a slip away from: a letter, upper and lower case, hyphens, or the domain."""
    names = tuple(known)
    if found := nearest(name, names):
        return found
    alike = [item for item in names if _plain(item) == _plain(name)]
    if not alike:
        last = _plain(name.partition("/")[2])
        alike = [item for item in names if len(last) > 8 and _plain(item.partition("/")[2]) == last]
    return alike[0] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
