"""From the bytes of `/config_dump` to what is asked of them (`envoy/admin/v3/config_dump.proto`, `config_dump_shared.proto`)."""

from collections.abc import Iterable

import msgspec

from kubectl_meshfix.traffic.observed.envoy import (
    Assignment,
    Cluster,
    Config,
    Listener,
    Part,
    Refusal,
    Resource,
    RouteConfiguration,
    joined,
)

ADMIN = "type.googleapis.com/envoy.admin.v3."


class _State(Part, frozen=True):
    listener: Listener | None = None
    last_updated: str = ""


class _DynamicListener(Part, frozen=True):
    name: str = ""
    active_state: _State | None = None
    error_state: Refusal | None = None


class _Listeners(Part, frozen=True):
    dynamic_listeners: tuple[_DynamicListener, ...] = ()


class _DynamicRoutes(Part, frozen=True):
    route_config: RouteConfiguration = RouteConfiguration()
    last_updated: str = ""
    error_state: Refusal | None = None


class _Routes(Part, frozen=True):
    dynamic_route_configs: tuple[_DynamicRoutes, ...] = ()


class _DynamicCluster(Part, frozen=True):
    cluster: Cluster = Cluster()
    last_updated: str = ""
    error_state: Refusal | None = None


class _Clusters(Part, frozen=True):
    static_clusters: tuple[_DynamicCluster, ...] = ()
    dynamic_active_clusters: tuple[_DynamicCluster, ...] = ()


class _DynamicEndpoints(Part, frozen=True):
    endpoint_config: Assignment = Assignment()


class _Endpoints(Part, frozen=True):
    dynamic_endpoint_configs: tuple[_DynamicEndpoints, ...] = ()
    static_endpoint_configs: tuple[_DynamicEndpoints, ...] = ()


class _NodeMetadata(Part, frozen=True):
    ISTIO_VERSION: str = ""


class _Node(Part, frozen=True):
    metadata: _NodeMetadata = _NodeMetadata()


class _BootstrapNode(Part, frozen=True):
    node: _Node = _Node()


class _Bootstrap(Part, frozen=True):
    bootstrap: _BootstrapNode = _BootstrapNode()


class _Typed(Part, frozen=True):
    type: str = msgspec.field(default="", name="@type")


class _Dump(Part, frozen=True):
    configs: tuple[msgspec.Raw, ...]


_OUTER, _TYPE = msgspec.json.Decoder(_Dump), msgspec.json.Decoder(_Typed)


def config(body: bytes) -> Config:
    """What a dump says. Raises ValueError, whose text is half a sentence, for what is no dump or not one of an Envoy that is known."""
    try:
        parts = [_part(raw) for raw in _OUTER.decode(body).configs]
    except msgspec.ValidationError as error:
        raise ValueError(f"its configuration has another form: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("its answer is not JSON") from error
    found = Config()
    for part in parts:
        found = joined(found, part)
    return found


def _part(raw: msgspec.Raw) -> Config:
    match _TYPE.decode(raw).type.removeprefix(ADMIN):
        case "BootstrapConfigDump":
            return Config(version=msgspec.json.decode(raw, type=_Bootstrap).bootstrap.node.metadata.ISTIO_VERSION)
        case "ListenersConfigDump":
            return _listeners(msgspec.json.decode(raw, type=_Listeners).dynamic_listeners)
        case "RoutesConfigDump":
            routes = msgspec.json.decode(raw, type=_Routes).dynamic_route_configs
            return Config(
                routes={item.route_config.name: item.route_config for item in routes},
                taken={item.route_config.name: _resource(item.last_updated, item.error_state) for item in routes},
            )
        case "ClustersConfigDump":
            both = msgspec.json.decode(raw, type=_Clusters)
            clusters = (*both.static_clusters, *both.dynamic_active_clusters)
            return Config(
                clusters={item.cluster.name: item.cluster for item in clusters},
                taken={item.cluster.name: _resource(item.last_updated, item.error_state) for item in clusters},
            )
        case "EndpointsConfigDump":
            ends = msgspec.json.decode(raw, type=_Endpoints)
            found = (item.endpoint_config for item in (*ends.static_endpoint_configs, *ends.dynamic_endpoint_configs))
            return Config(endpoints={item.cluster_name: item for item in found})
        case _:
            return Config()


def _listeners(found: Iterable[_DynamicListener]) -> Config:
    """The listeners in force; of one that Envoy never took, what it said."""
    kept = [(item, item.active_state) for item in found]
    return Config(
        listeners={item.name: state.listener for item, state in kept if state and state.listener},
        taken={item.name: _resource(state.last_updated if state else "", item.error_state) for item, state in kept},
    )


def _resource(updated: str, refusal: Refusal | None) -> Resource:
    return Resource(updated=updated, refusal=refusal.details if refusal else "")
