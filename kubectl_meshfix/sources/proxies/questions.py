"""Everything that a pod of the mesh is ever asked. Nothing else is sent to one: there is no way to ask but with one of these.

All of it is GET, and none of it changes anything. None of these ports is an application's.
"""

from enum import Enum

import msgspec

from kubectl_meshfix.resources.meta import Struct

MIB = 1024 * 1024


class Way(Enum):
    """How a pod's port is reached: as a resource of the API server's, or as a connection from the pod's own loopback address."""

    POD_PROXY = "pods/proxy"
    PORT_FORWARD = "pods/portforward"


class Question(Struct, frozen=True):
    """One path of one port; an answer of more than ``largest`` bytes is none, and neither is one that takes more than ``seconds``."""

    port: int
    path: str
    way: Way
    query: tuple[tuple[str, str], ...] = ()
    largest: int = 8 * MIB
    seconds: float = 10.0


METRICS = Question(port=15014, path="/metrics", way=Way.POD_PROXY, largest=32 * MIB, seconds=15.0)
"""What istiod counts, and which version it is (`pilot/pkg/bootstrap/monitoring.go`)."""

SYNC = Question(port=15014, path="/debug/syncz", way=Way.PORT_FORWARD, largest=64 * MIB, seconds=30.0)
"""Which proxies istiod serves, and how far each has come; only its own loopback is told (`pilot/pkg/xds/debug.go`)."""

_WANTED = r"update_rejected|connected_state|xds-grpc.*upstream_rq_active|istio_build|istio_requests_total"
"""Envoy's own names of the statistics that are read; Envoy leaves the others out (`source/server/admin/stats_request.cc`)."""

ENVOY_STATISTICS = Question(
    port=15090, path="/stats/prometheus", query=(("filter", _WANTED),), way=Way.POD_PROXY, largest=16 * MIB, seconds=5.0
)
"""What a proxy's Envoy counts: its own listener, which leads to its admin interface and to nothing else (`envoy_bootstrap.json`)."""

AGENT_STATISTICS = msgspec.structs.replace(ENVOY_STATISTICS, port=15020)
"""The same and what pilot-agent knows: how long the certificate is valid (`pilot/cmd/pilot-agent/status/server.go handleStats`).

Where the injector has given the agent an address of the application's metrics, in ISTIO_PROMETHEUS_ANNOTATIONS, the agent asks the
application too. Such a proxy is never asked this.
"""

CONFIG_DUMP = Question(port=15000, path="/config_dump", query=(("include_eds", ""),), way=Way.PORT_FORWARD, largest=64 * MIB, seconds=30.0)
"""A proxy's whole configuration with its endpoints (Envoy's admin interface; private keys are left out by Envoy)."""


def config_dump(names: str) -> Question:
    """A part of a proxy's configuration: the resources whose names match one regular expression (RE2), no matter of which type."""
    return msgspec.structs.replace(CONFIG_DUMP, query=(*CONFIG_DUMP.query, ("name_regex", names)))


CLUSTERS = Question(port=15000, path="/clusters", query=(("format", "json"),), way=Way.PORT_FORWARD, largest=64 * MIB, seconds=30.0)
"""A proxy's endpoints with their health."""

QUESTIONS = (METRICS, SYNC, ENVOY_STATISTICS, AGENT_STATISTICS, CONFIG_DUMP, CLUSTERS)
