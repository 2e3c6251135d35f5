"""Kinds of which nothing is read but what their schema does not allow."""

from kubectl_meshfix.resources.meta import Object


class TrafficExtension(Object, frozen=True):
    """Code that runs in the proxies, WebAssembly or Lua (`extensions/v1alpha1/trafficextension.proto`)."""

    api_version: str = "extensions.istio.io/v1alpha1"
    kind: str = "TrafficExtension"


class ListenerSet(Object, frozen=True):
    """More listeners of a Gateway, by another team."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "ListenerSet"


class UDPRoute(Object, frozen=True):
    """A route of datagrams, which Istio does not have."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "UDPRoute"
