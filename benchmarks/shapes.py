"""Shapes that grow in one direction: many objects of one host, selector or namespace, or one object with many parts."""

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts

Json = dict[str, Any]

ROUNDS = 3

ISTIO = "networking.istio.io/v1"
POLICY = "security.istio.io/v1"
GATEWAY_API = "gateway.networking.k8s.io/v1"


def made(api: str, kind: str, name: str, spec: Json, **metadata: Any) -> Json:
    """An object of namespace shop."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop", **metadata}, "spec": spec}


def service(name: str, ports: list[Json] | None = None, **spec: Any) -> Json:
    """A Service of the pods of one name."""
    return made("v1", "Service", name, {"selector": {"app": name}, "ports": ports or [{"name": "http", "port": 80}], **spec})


def pod(name: str, app: str) -> Json:
    """A pod that asks for a sidecar."""
    container = {"name": "c", "image": "i", "ports": [{"containerPort": 8080}]}
    return made("v1", "Pod", name, {"containers": [container]}, labels={"app": app, "sidecar.istio.io/inject": "true"})


def workload(name: str, **labels: str) -> Json:
    """A Deployment in the mesh."""
    mine = {"app": name, **labels}
    template = {"metadata": {"labels": mine}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return made("apps/v1", "Deployment", name, {"selector": {"matchLabels": {"app": name}}, "template": template})


def shop() -> Iterator[Json]:
    """A namespace in the mesh with a caller, a server, and the ingress gateway."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}}}
    yield from (service("cart"), workload("cart", version="v1"), service("web"), workload("web", version="v1"))
    yield from (service("ingress"), workload("ingress", istio="ingressgateway"))


def route(host: str = "cart", **destination: Any) -> list[Json]:
    """All requests to one host."""
    return [{"destination": {"host": host, **destination}}]


def routed(name: str, hosts: list[str], http: list[Json], **spec: Any) -> Json:
    """A VirtualService."""
    return made(ISTIO, "VirtualService", name, {"hosts": hosts, "http": http, **spec})


def gateway(name: str, hosts: list[str]) -> Json:
    """A Gateway of the ingress pods."""
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": hosts}
    return made(ISTIO, "Gateway", name, {"selector": {"istio": "ingressgateway"}, "servers": [server]})


def entry(name: str, hosts: list[str]) -> Json:
    """A ServiceEntry of hosts outside."""
    port = {"number": 443, "name": "tls", "protocol": "TLS"}
    return made(ISTIO, "ServiceEntry", name, {"hosts": hosts, "ports": [port], "resolution": "DNS", "location": "MESH_EXTERNAL"})


def routes(count: int) -> Iterator[Json]:
    """One VirtualService of so many routes."""
    yield routed("cart", ["cart"], [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "route": route()} for number in range(count)])


def subset_routes(count: int) -> Iterator[Json]:
    """One VirtualService of so many routes, each to a subset of its own."""
    http = [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "route": route(subset=f"v{number}")} for number in range(count)]
    yield routed("cart", ["cart"], http)
    yield from subsets(count)


def matches(count: int) -> Iterator[Json]:
    """One route of so many matches."""
    yield routed("cart", ["cart"], [{"match": [{"uri": {"exact": f"/a{number}"}} for number in range(count)], "route": route()}])


def weights(count: int) -> Iterator[Json]:
    """One route of so many destinations."""
    yield routed("cart", ["cart"], [{"route": [{"destination": {"host": f"s{number}"}, "weight": 1} for number in range(count)]}])
    yield from (service(f"s{number}") for number in range(count))


def route_hosts(count: int) -> Iterator[Json]:
    """One VirtualService of so many hosts."""
    yield routed("cart", [f"h{number}.example.com" for number in range(count)], [{"route": route()}], gateways=["outside"])
    yield gateway("outside", ["*"])


def mesh_route_hosts(count: int) -> Iterator[Json]:
    """One VirtualService of so many hosts, for the sidecars."""
    yield routed("cart", [f"h{number}.example.com" for number in range(count)], [{"route": route()}])


def gateway_hosts(count: int) -> Iterator[Json]:
    """One Gateway of so many hosts, and a route for each."""
    hosts = [f"h{number}.example.com" for number in range(count)]
    yield gateway("outside", hosts)
    yield routed("cart", hosts, [{"route": route()}], gateways=["outside"])


def gateway_servers(count: int) -> Iterator[Json]:
    """One Gateway of so many servers, one host each."""
    port = {"number": 443, "name": "https", "protocol": "HTTPS"}
    servers = [
        {
            "port": {**port, "name": f"https-{number}"},
            "hosts": [f"h{number}.example.com"],
            "tls": {"mode": "SIMPLE", "credentialName": f"c{number}"},
        }
        for number in range(count)
    ]
    yield made(ISTIO, "Gateway", "outside", {"selector": {"istio": "ingressgateway"}, "servers": servers})


def served_routes(count: int) -> Iterator[Json]:
    """One Gateway of so many servers, some for HTTP, some for TLS, and a VirtualService for each."""
    servers = []
    for number in range(count):
        host = f"h{number}.example.com"
        is_tls = number % 2
        port = {"number": 443, "name": f"tls-{number}", "protocol": "TLS"} if is_tls else {"number": 80, "name": "http", "protocol": "HTTP"}
        servers.append({"port": port, "hosts": [host], **({"tls": {"mode": "PASSTHROUGH"}} if is_tls else {})})
        tls = [{"match": [{"sniHosts": [host]}], "route": route()}]
        spec = {"hosts": [host], "gateways": ["outside"], **({"tls": tls} if is_tls else {"http": [{"route": route()}]})}
        yield made(ISTIO, "VirtualService", f"r{number}", spec)
    yield made(ISTIO, "Gateway", "outside", {"selector": {"istio": "ingressgateway"}, "servers": servers})


def served_hosts(count: int) -> Iterator[Json]:
    """One Gateway of so many servers, and one VirtualService of all their hosts."""
    yield from gateway_servers(count)
    yield routed("cart", [f"h{number}.example.com" for number in range(count)], [{"route": route()}], gateways=["outside"])


def entry_hosts(count: int) -> Iterator[Json]:
    """One ServiceEntry of so many hosts."""
    yield entry("outside", [f"h{number}.example.com" for number in range(count)])


def entry_endpoints(count: int) -> Iterator[Json]:
    """One ServiceEntry of so many endpoints."""
    spec = entry("outside", ["api.example.com"])["spec"]
    endpoints = [{"address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"} for number in range(count)]
    yield made(ISTIO, "ServiceEntry", "outside", {**spec, "resolution": "STATIC", "endpoints": endpoints})


def subsets(count: int) -> Iterator[Json]:
    """One DestinationRule of so many subsets."""
    rows = [{"name": f"v{number}", "labels": {"version": f"v{number}"}} for number in range(count)]
    yield made(ISTIO, "DestinationRule", "cart", {"host": "cart", "subsets": rows})


def subset_ports(count: int) -> Iterator[Json]:
    """One DestinationRule of so many port settings."""
    rows = [{"port": {"number": number + 1}, "tls": {"mode": "ISTIO_MUTUAL"}} for number in range(count)]
    yield made(ISTIO, "DestinationRule", "cart", {"host": "cart", "trafficPolicy": {"portLevelSettings": rows}})


def destination_rules(count: int) -> Iterator[Json]:
    """So many DestinationRules of one host."""
    for number in range(count):
        rows = [{"name": f"v{number}", "labels": {"version": "v1"}}]
        yield made(ISTIO, "DestinationRule", f"d{number}", {"host": "cart", "subsets": rows})


def destination_policies(count: int) -> Iterator[Json]:
    """So many DestinationRules of one host, each with a policy for all of it."""
    for number in range(count):
        policy = {"connectionPool": {"tcp": {"maxConnections": number + 1}}, "tls": {"mode": "DISABLE"}}
        yield made(ISTIO, "DestinationRule", f"d{number}", {"host": "cart.shop.svc.cluster.local", "trafficPolicy": policy})


def merged_subsets(count: int) -> Iterator[Json]:
    """So many DestinationRules of one host, and a route to the subset of each."""
    yield from destination_rules(count)
    http = [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "route": route(subset=f"v{number}")} for number in range(count)]
    yield routed("cart", ["cart"], http)


def unknown_hosts(count: int) -> Iterator[Json]:
    """So many Services, and as many routes to hosts that are not among them."""
    for number in range(count):
        yield service(f"s{letters(number)}")
        yield routed(f"r{number}", [f"s{letters(number)}"], [{"route": route(f"t{letters(number)}x")}])


def letters(number: int) -> str:
    """A name without digits: names that differ in digits alone are no slips of the keyboard."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")


def virtual_services(count: int) -> Iterator[Json]:
    """So many VirtualServices of one host that are bound to one Gateway."""
    yield gateway("outside", ["shop.example.com"])
    for number in range(count):
        http = [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "route": route()}]
        yield routed(f"r{number}", ["shop.example.com"], http, gateways=["outside"])


def mesh_virtual_services(count: int) -> Iterator[Json]:
    """So many VirtualServices of one host for the sidecars."""
    for number in range(count):
        yield routed(f"r{number}", ["cart"], [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "route": route()}])


def delegates(count: int) -> Iterator[Json]:
    """One VirtualService that delegates to so many."""
    root = [{"match": [{"uri": {"prefix": f"/a{number}/"}}], "delegate": {"name": f"d{number}"}} for number in range(count)]
    yield routed("root", ["shop.example.com"], root, gateways=["outside"])
    yield gateway("outside", ["shop.example.com"])
    for number in range(count):
        yield made(ISTIO, "VirtualService", f"d{number}", {"http": [{"route": route()}]})


def services_of_one_selector(count: int) -> Iterator[Json]:
    """So many Services, and twice as many pods that all of them select."""
    for number in range(count):
        port = {"name": "web", "port": number + 80, "targetPort": 8080}
        yield made("v1", "Service", f"s{number}", {"selector": {"app": "a"}, "ports": [port]})
    yield from (pod(f"p{number}", "a") for number in range(2 * count))


def routed_services_of_one_selector(count: int) -> Iterator[Json]:
    """So many Services of the same pods, each with routes and settings of its own."""
    yield from (pod(f"p{number}", "a") for number in range(2 * count))
    for number in range(count):
        name = f"s{number}"
        port = {"name": "http", "port": 80, "targetPort": 8080}
        yield made("v1", "Service", name, {"selector": {"app": "a"}, "ports": [port]})
        yield routed(name, [name], [{"route": route(name, subset="v1")}])
        yield made(ISTIO, "DestinationRule", name, {"host": name, "subsets": [{"name": "v1", "labels": {"app": "a"}}]})


def disproved_services(count: int) -> Iterator[Json]:
    """So many Services of the same pods, whose probes say something else than the Services' ports."""
    for number in range(count):
        port = {"name": "tcp", "port": number + 80, "targetPort": 8080}
        yield made("v1", "Service", f"s{number}", {"selector": {"app": "a"}, "ports": [port]})
    probe = {"httpGet": {"path": "/", "port": 8080}}
    for number in range(2 * count):
        asked = pod(f"p{number}", "a")
        asked["spec"]["containers"][0]["readinessProbe"] = probe
        yield asked


def ports(count: int) -> Iterator[Json]:
    """One Service of so many ports."""
    yield service("wide", [{"name": f"web-{number}", "port": number + 1} for number in range(count)])
    yield workload("wide")


def gateways(count: int) -> Iterator[Json]:
    """So many Gateways of one selector and port."""
    yield from (gateway(f"g{number}", [f"h{number}.example.com"]) for number in range(count))


def gateways_of_one_host(count: int) -> Iterator[Json]:
    """So many Gateways of one selector, port and host."""
    yield from (gateway(f"g{number}", ["shop.example.com"]) for number in range(count))


def bound_gateways(count: int) -> Iterator[Json]:
    """So many Gateways of one selector and port, each with a route."""
    for number in range(count):
        yield gateway(f"g{number}", [f"h{number}.example.com"])
        yield routed(f"r{number}", [f"h{number}.example.com"], [{"route": route()}], gateways=[f"g{number}"])


def entries(count: int) -> Iterator[Json]:
    """So many ServiceEntries of one host."""
    yield from (entry(f"e{number}", ["api.example.com"]) for number in range(count))


def entries_of_many(count: int) -> Iterator[Json]:
    """So many ServiceEntries of a host each, with routes and settings."""
    for number in range(count):
        host = f"h{number}.example.com"
        yield entry(f"e{number}", [host])
        yield routed(f"r{number}", [host], [{"route": route(host)}])
        yield made(ISTIO, "DestinationRule", f"d{number}", {"host": host, "trafficPolicy": {"tls": {"mode": "SIMPLE"}}})


def wildcards(count: int) -> Iterator[Json]:
    """So many ServiceEntries of wildcard hosts, and DestinationRules for them."""
    for number in range(count):
        yield entry(f"e{number}", [f"*.h{number}.example.com"])
        policy = {"tls": {"mode": "SIMPLE"}}
        yield made(ISTIO, "DestinationRule", f"d{number}", {"host": f"*.h{number}.example.com", "trafficPolicy": policy})


def policies(count: int) -> Iterator[Json]:
    """So many AuthorizationPolicies of one namespace."""
    for number in range(count):
        rule = {"from": [{"source": {"namespaces": ["shop"]}}], "to": [{"operation": {"paths": [f"/a{number}"], "methods": ["GET"]}}]}
        yield made(POLICY, "AuthorizationPolicy", f"p{number}", {"rules": [rule]})


def denials(count: int) -> Iterator[Json]:
    """So many policies of one workload, each of one action in turn."""
    for number in range(count):
        rule = {"to": [{"operation": {"paths": [f"/a{number}"], "ports": ["80"]}}]}
        spec = {"action": ("ALLOW", "DENY", "AUDIT")[number % 3], "selector": {"matchLabels": {"app": "cart"}}, "rules": [rule]}
        yield made(POLICY, "AuthorizationPolicy", f"p{number}", spec)


def policy_rules(count: int) -> Iterator[Json]:
    """One AuthorizationPolicy of so many rules."""
    rules = [{"to": [{"operation": {"paths": [f"/a{number}"]}}]} for number in range(count)]
    yield made(POLICY, "AuthorizationPolicy", "p", {"rules": rules})


def policy_values(count: int) -> Iterator[Json]:
    """One rule of so many values."""
    principals = [f"cluster.local/ns/shop/sa/a{number}" for number in range(count)]
    paths, spaces = [f"/a{number}" for number in range(count)], [f"team-{number}" for number in range(count)]
    sources = [{"source": {"principals": principals}}, {"source": {"namespaces": spaces}}]
    rule = {"from": sources, "to": [{"operation": {"paths": paths, "hosts": [f"h{number}.example.com" for number in range(count)]}}]}
    yield made(POLICY, "AuthorizationPolicy", "p", {"rules": [rule]})


def authentications(count: int) -> Iterator[Json]:
    """So many PeerAuthentications and RequestAuthentications of one workload."""
    chosen = {"selector": {"matchLabels": {"app": "cart"}}}
    for number in range(count):
        yield made(POLICY, "PeerAuthentication", f"p{number}", {**chosen, "mtls": {"mode": "STRICT"}})
        rules = [{"issuer": f"https://h{number}.example.com", "jwksUri": f"https://h{number}.example.com/jwks"}]
        yield made(POLICY, "RequestAuthentication", f"r{number}", {**chosen, "jwtRules": rules})


def sidecars(count: int) -> Iterator[Json]:
    """So many Sidecars of one namespace, each for a workload of its own."""
    for number in range(count):
        yield workload(f"a{number}")
        spec = {"workloadSelector": {"labels": {"app": f"a{number}"}}, "egress": [{"hosts": ["./*"]}]}
        yield made(ISTIO, "Sidecar", f"a{number}", spec)


def sidecars_of_one(count: int) -> Iterator[Json]:
    """So many Sidecars of one workload, and as many of the namespace."""
    for number in range(count):
        spec = {"workloadSelector": {"labels": {"app": "cart"}}, "egress": [{"hosts": ["./*"]}]}
        yield made(ISTIO, "Sidecar", f"a{number}", spec)
        yield made(ISTIO, "Sidecar", f"b{number}", {"egress": [{"hosts": ["./*"]}]})


def sidecar_hosts(count: int) -> Iterator[Json]:
    """One Sidecar of so many hosts."""
    yield made(ISTIO, "Sidecar", "default", {"egress": [{"hosts": [f"./s{number}.shop.svc.cluster.local" for number in range(count)]}]})
    yield from (service(f"s{number}") for number in range(count))


def http_routes(count: int) -> Iterator[Json]:
    """So many HTTPRoutes of one Gateway."""
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}]
    yield made(GATEWAY_API, "Gateway", "outside", {"gatewayClassName": "istio", "listeners": listeners})
    for number in range(count):
        rules = [{"matches": [{"path": {"type": "PathPrefix", "value": f"/a{number}"}}], "backendRefs": [{"name": "cart", "port": 80}]}]
        spec = {"parentRefs": [{"name": "outside"}], "hostnames": ["shop.example.com"], "rules": rules}
        yield made(GATEWAY_API, "HTTPRoute", f"r{number}", spec)


def refused_routes(count: int) -> Iterator[Json]:
    """So many HTTPRoutes that a Gateway of another namespace does not take."""
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP"}]
    spec = {"gatewayClassName": "istio", "listeners": listeners}
    yield made(GATEWAY_API, "Gateway", "outside", spec, namespace="elsewhere")
    for number in range(count):
        rules = [{"backendRefs": [{"name": "cart", "port": 80}]}]
        parents = [{"name": "outside", "namespace": "elsewhere"}]
        yield made(GATEWAY_API, "HTTPRoute", f"r{number}", {"parentRefs": parents, "hostnames": [f"h{number}.example.com"], "rules": rules})


def http_route_rules(count: int) -> Iterator[Json]:
    """One HTTPRoute of so many rules."""
    rows = [{"matches": [{"path": {"value": f"/a{number}"}}], "backendRefs": [{"name": "cart", "port": 80}]} for number in range(count)]
    yield made(GATEWAY_API, "HTTPRoute", "r", {"parentRefs": [{"name": "cart", "kind": "Service", "group": ""}], "rules": rows})


def listeners(count: int) -> Iterator[Json]:
    """One Gateway of so many listeners, each with a route."""
    rows = [{"name": f"l{number}", "port": 80, "protocol": "HTTP", "hostname": f"h{number}.example.com"} for number in range(count)]
    yield made(GATEWAY_API, "Gateway", "outside", {"gatewayClassName": "istio", "listeners": rows})
    for number in range(count):
        rules = [{"backendRefs": [{"name": "cart", "port": 80}]}]
        spec = {"parentRefs": [{"name": "outside", "sectionName": f"l{number}"}], "hostnames": [f"h{number}.example.com"], "rules": rules}
        yield made(GATEWAY_API, "HTTPRoute", f"r{number}", spec)


def envoy_filters(count: int) -> Iterator[Json]:
    """So many EnvoyFilters of one workload."""
    for number in range(count):
        where = {
            "context": "SIDECAR_INBOUND",
            "listener": {"filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}},
        }
        value = {"name": f"f{number}", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"}}
        change = {"applyTo": "HTTP_FILTER", "match": where, "patch": {"operation": "INSERT_BEFORE", "value": value}}
        yield made(ISTIO, "EnvoyFilter", f"f{number}", {"workloadSelector": {"labels": {"app": "cart"}}, "configPatches": [change]})


def extensions(count: int) -> Iterator[Json]:
    """So many WasmPlugins and Telemetries of one workload."""
    chosen = {"selector": {"matchLabels": {"app": "cart"}}}
    for number in range(count):
        yield made("extensions.istio.io/v1alpha1", "WasmPlugin", f"w{number}", {**chosen, "url": f"oci://example.com/w{number}:1"})
        yield made("telemetry.istio.io/v1", "Telemetry", f"t{number}", {**chosen, "accessLogging": [{"disabled": True}]})
        yield made("telemetry.istio.io/v1", "Telemetry", f"n{number}", {"accessLogging": [{"disabled": True}]})


def workload_entries(count: int) -> Iterator[Json]:
    """So many WorkloadEntries of one ServiceEntry and one Service."""
    spec = entry("vm", ["vm.example.com"])["spec"]
    yield made(ISTIO, "ServiceEntry", "vm", {**spec, "resolution": "STATIC", "workloadSelector": {"labels": {"app": "vm"}}})
    yield service("vm")
    for number in range(count):
        yield made(ISTIO, "WorkloadEntry", f"w{number}", {"address": f"10.0.{number >> 8}.{number & 255}", "labels": {"app": "vm"}})


def plain_services(count: int) -> Iterator[Json]:
    """So many Services of nothing else."""
    yield from (service(f"s{number}") for number in range(count))


def workloads(count: int) -> Iterator[Json]:
    """So many Deployments, each with its Service."""
    for number in range(count):
        yield from (service(f"a{number}"), workload(f"a{number}", version="v1"))


def workloads_of_one_service(count: int) -> Iterator[Json]:
    """So many Deployments behind one Service."""
    yield made("v1", "Service", "all", {"selector": {"part": "all"}, "ports": [{"name": "http", "port": 80}]})
    yield from (workload(f"a{number}", part="all") for number in range(count))


Shape = Callable[[int], Iterator[Json]]

SHAPES: dict[Shape, int] = {
    routes: 5_000,
    subset_routes: 2_000,
    matches: 5_000,
    weights: 2_000,
    route_hosts: 5_000,
    mesh_route_hosts: 5_000,
    gateway_hosts: 5_000,
    gateway_servers: 2_000,
    served_routes: 1_000,
    served_hosts: 1_000,
    entry_hosts: 10_000,
    entry_endpoints: 5_000,
    subsets: 10_000,
    subset_ports: 5_000,
    destination_rules: 2_000,
    destination_policies: 2_000,
    merged_subsets: 1_000,
    unknown_hosts: 1_000,
    virtual_services: 2_000,
    mesh_virtual_services: 2_000,
    delegates: 2_000,
    services_of_one_selector: 500,
    routed_services_of_one_selector: 500,
    disproved_services: 500,
    ports: 5_000,
    gateways: 2_000,
    gateways_of_one_host: 2_000,
    bound_gateways: 1_000,
    entries: 2_000,
    entries_of_many: 1_000,
    wildcards: 1_000,
    policies: 2_000,
    denials: 2_000,
    policy_rules: 5_000,
    policy_values: 5_000,
    authentications: 1_000,
    sidecars: 1_000,
    sidecars_of_one: 1_000,
    sidecar_hosts: 2_000,
    http_routes: 2_000,
    refused_routes: 1_000,
    http_route_rules: 5_000,
    listeners: 1_000,
    envoy_filters: 2_000,
    extensions: 2_000,
    workload_entries: 1_000,
    plain_services: 10_000,
    workloads: 2_000,
    workloads_of_one_service: 2_000,
}
"""How many parts or objects of each shape must cost seconds."""


def snapshot(shape: Shape, count: int) -> Snapshot:
    """What is read of a shape and the shop around it; of two objects of one name the shape's is there."""
    own = list(shape(count))
    taken = {(item["kind"], item["metadata"]["name"]) for item in own}
    around = [item for item in shop() if (item["kind"], item["metadata"]["name"]) not in taken]
    return from_texts({"a.yaml": "\n---\n".join(map(json.dumps, (*around, *own)))})[0]


def seconds(shape: Shape, count: int) -> float:
    """CPU seconds to diagnose a shape that was read."""
    read = snapshot(shape, count)
    started = time.process_time()
    diagnose(read, RULES)
    return time.process_time() - started


def shapes() -> None:
    """What each shape costs, against half of it; reading it is not counted."""
    gc.disable()  # as in a run of the command
    for shape, count in SHAPES.items():
        seconds(shape, 5)  # what is worked out once for the program
        half, whole = (statistics.median(seconds(shape, number) for _ in range(ROUNDS)) for number in (count // 2, count))
        gc.collect()
        sys.stdout.write(f"{shape.__name__.replace('_', ' '):<34} {count:>6,} {whole:7.2f} s CPU {whole / half:5.2f} x half of it\n")
        sys.stdout.flush()
