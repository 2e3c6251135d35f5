"""The mesh's root certificates, as istiod publishes them, and when they end.

Istiod keeps them in the ConfigMap `istio-ca-root-cert` of every namespace (`pilot/pkg/bootstrap/namespacecontroller.go`). One that it made
itself it renews when a fifth of its time is left (`security/pkg/pki/ca/selfsignedcarootcertrotator.go`); one that was plugged in it does
not. What is between the root and the proxies is in a Secret, which nobody here reads.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from kubectl_meshfix.injection.reaching.trust import ROOT
from kubectl_meshfix.mesh.control_plane import control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ConfigMap

KEY = "root-cert.pem"


class Root(msgspec.Struct, frozen=True):
    """The root that is valid longest of those in a ConfigMap: its name, when it began and ends; it is one ``among`` so many."""

    config_map: ConfigMap
    name: str
    since: datetime
    until: datetime
    among: int

    @property
    def lifetime(self) -> timedelta:
        """How long it is valid altogether."""
        return self.until - self.since


def longest_roots(mesh: Mesh) -> Iterator[Root]:
    """Of each ConfigMap with other roots than those before it, first beside the istiods; what holds no root is left out."""
    places = {plane.namespace for plane in control_planes(mesh)}
    found = (obj for obj in mesh.all(ConfigMap) if obj.name == ROOT and KEY in obj.data)
    seen = set()
    for config_map in sorted(found, key=lambda obj: (obj.namespace not in places, obj.namespace)):
        text = config_map.data[KEY]
        root = None if text in seen else _longest(config_map, text)
        seen.add(text)
        if root:
            yield root


def _longest(config_map: ConfigMap, text: str) -> Root | None:
    from kubectl_meshfix.injection.reaching.certificates import bundle  # noqa: PLC0415 -- most rules need no TLS library

    authorities = bundle(text).authorities
    if not authorities:
        return None
    last = max(authorities, key=lambda item: item.not_after)
    since, until = (datetime.fromtimestamp(seconds, UTC) for seconds in (last.not_before, last.not_after))
    return Root(config_map, last.name, since, until, len(authorities))
