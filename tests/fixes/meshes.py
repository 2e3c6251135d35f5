"""Random meshes with random mistakes: what people get wrong, in all combinations."""

from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

Manifest = dict[str, Any]

SPACES = ("shop", "bank")
NAMES = ("cart", "catalog", "cart-v2", "db")
ISTIO = "networking.istio.io/v1"

apps = st.sampled_from(["cart", "cart", "catalog", "db", "crat"])
spaces = st.sampled_from(SPACES)
port_names = st.sampled_from(["", "web", "http-web", "http", "grpc", "udp-dns", "mysql", "tcp-x", "https", "metrics", "x", "grpc-web-api"])
numbers = st.sampled_from([80, 443, 8080, 9090, 3306, 50051, 1234])
app_protocols = st.sampled_from([None, None, None, None, "http", "nonsense", "udp", "kubernetes.io/h2c"])
hosts = st.sampled_from([*NAMES, "crat", "cart.shop", "cart.bank.svc.cluster.local", "cart.shop.svc.cluster.locl", "example.com"])
versions = st.sampled_from(["v1", "v2"])
labels = st.fixed_dictionaries(
    {},
    optional={
        "app": apps,
        "version": versions,
        "app.kubernetes.io/name": apps,
        "run": apps,
        "sidecar.istio.io/inject": st.sampled_from(["true", "false", "yes"]),
    },
)
selectors = st.one_of(st.builds(lambda app: {"app": app}, apps), st.builds(lambda app: {"run": app}, apps), labels)


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value, or None as often."""
    return st.one_of(st.none(), strategy)


def _kept(**fields: Any) -> Manifest:
    return {key: value for key, value in fields.items() if value not in (None, {}, "")}


def _object(api: str, kind: str, name: str, namespace: str | None, **fields: Any) -> Manifest:
    own = fields.pop("labels", None)
    return {"apiVersion": api, "kind": kind, "metadata": _kept(name=name, namespace=namespace, labels=own), **fields}


@st.composite
def services(draw: DrawFn, name: str, space: str) -> Manifest:
    """A Service of one to three ports, some of them without a word of their protocol, or with a wrong one."""
    ports: list[Manifest] = []
    for index, number in enumerate(draw(st.lists(numbers, min_size=1, max_size=3, unique=True))):
        word = draw(port_names)
        if any(port.get("name") == word for port in ports):
            word = f"p{index}"
        target = draw(st.sampled_from([None, 8080, 9090, "web", "grpc"]))
        ports.append(_kept(name=word, port=number, targetPort=target, appProtocol=draw(app_protocols)))
    for index, port in enumerate(ports):
        if len(ports) > 1:
            port.setdefault("name", f"p{index}")
    selector = draw(selectors)
    return _object(
        "v1", "Service", name, space, spec=_kept(selector=selector, ports=ports, clusterIP=draw(st.sampled_from([None, None, "None"])))
    )


@st.composite
def templates(draw: DrawFn) -> Manifest:
    """A pod template: probed or not, with named ports or not, with a user id that may be the proxy's."""
    named = [_kept(name=name, containerPort=number) for name, number in (("web", 8080), ("grpc", 9090)) if draw(st.booleans())]
    probe = draw(st.sampled_from([None, None, {"httpGet": {"port": 8080, "path": "/"}}, {"grpc": {"port": 9090}}]))
    image = draw(st.sampled_from(["cart:1.2", "redis:7", "nginx", "mysql:8"]))
    user = draw(st.sampled_from([None, None, None, {"runAsUser": 1337}]))
    container = _kept(name="app", image=image, ports=named or None, readinessProbe=probe, securityContext=user)
    metadata = _kept(labels=draw(labels), annotations=draw(st.sampled_from([None, None, {"sidecar.istio.io/inject": "false"}])))
    return _kept(metadata=metadata, spec={"containers": [container]})


@st.composite
def workloads(draw: DrawFn, name: str, space: str) -> Manifest:
    """Something that makes pods, or a pod."""
    template = draw(templates())
    selector = {"matchLabels": template.get("metadata", {}).get("labels", {}) or {"app": name}}
    match draw(st.sampled_from(["Deployment", "Deployment", "StatefulSet", "Job", "CronJob", "Pod"])):
        case "Job":
            template["spec"]["restartPolicy"] = "Never"
            return _object("batch/v1", "Job", name, space, spec={"template": template})
        case "CronJob":
            template["spec"]["restartPolicy"] = "Never"
            return _object("batch/v1", "CronJob", name, space, spec={"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}})
        case "Pod":
            return _object("v1", "Pod", name, space, labels=template.get("metadata", {}).get("labels"), spec=template["spec"])
        case "StatefulSet":
            return _object("apps/v1", "StatefulSet", name, space, spec={"serviceName": name, "selector": selector, "template": template})
        case kind:
            return _object("apps/v1", kind, name, space, spec={"selector": selector, "template": template})


def destinations(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[Manifest]:
    """A VirtualService's destination, with or without a port and a subset."""
    return st.builds(
        lambda host, subset, port: {"destination": _kept(host=host, subset=subset, port=port and {"number": port})},
        hosts,
        sometimes(st.sampled_from(["v1", "v2", "canary", "V1"])),
        sometimes(strategy),
    )


@st.composite
def virtual_services(draw: DrawFn, space: str) -> Manifest:
    """Routes, some of which lead nowhere."""
    routes = draw(st.lists(destinations(numbers), min_size=1, max_size=2))
    gateways = draw(st.sampled_from([None, ["front"], ["frnt"], ["shop/front", "mesh"], ["bank/front"]]))
    spec = _kept(hosts=[draw(hosts)], gateways=gateways)
    spec[draw(st.sampled_from(["http", "http", "tcp"]))] = [{"route": [route]} for route in routes]
    return _object(ISTIO, "VirtualService", "routes", space, spec=spec)


@st.composite
def destination_rules(draw: DrawFn, name: str, space: str) -> Manifest:
    """Subsets, some of which find no pod."""
    subsets = [{"name": one, "labels": {"version": draw(versions)}} for one in draw(st.lists(versions, unique=True, max_size=2))]
    return _object(ISTIO, "DestinationRule", name, space, spec=_kept(host=draw(hosts), subsets=subsets or None))


@st.composite
def gateways(draw: DrawFn, space: str) -> Manifest:
    """A Gateway of one server; its selector may find nothing."""
    server = {"port": {"number": draw(numbers), "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    return _object(ISTIO, "Gateway", "front", space, spec={"selector": draw(selectors), "servers": [server]})


@st.composite
def policies(draw: DrawFn, space: str) -> Manifest:
    """An AuthorizationPolicy or a Sidecar, narrowed down to pods that may not be there."""
    if draw(st.booleans()):
        source = {"source": {"namespaces": [draw(st.sampled_from([*SPACES, "shp", "banks"]))]}}
        spec = {"selector": {"matchLabels": draw(selectors)}, "rules": [{"from": [source]}]}
        return _object("security.istio.io/v1", "AuthorizationPolicy", "callers", space, spec=spec)
    return _object(
        ISTIO, "Sidecar", "narrow", space, spec={"workloadSelector": {"labels": draw(selectors)}, "egress": [{"hosts": ["./*"]}]}
    )


@st.composite
def ingresses(draw: DrawFn, space: str) -> Manifest:
    """An Ingress that names a Service's port."""
    port = draw(st.one_of(st.builds(lambda n: {"number": n}, numbers), st.builds(lambda n: {"name": n or "web"}, port_names)))
    backend = {"service": {"name": draw(st.sampled_from(NAMES)), "port": port}}
    return _object("networking.k8s.io/v1", "Ingress", "door", space, spec={"defaultBackend": backend})


namespace_labels = st.fixed_dictionaries(
    {},
    optional={
        "istio-injection": st.sampled_from(["enabled", "enabled", "disabled", "Enabled", "true"]),
        "istio.io/rev": st.sampled_from(["default", "canary"]),
        "istio-injecton": st.just("enabled"),
    },
)


@st.composite
def meshes(draw: DrawFn) -> str:
    """Two namespaces with all that there may be in them, as plain YAML, without anchors."""
    found: list[Manifest] = [
        _object("v1", "Namespace", space, None, labels=draw(namespace_labels)) for space in SPACES if draw(st.booleans())
    ]
    for space in SPACES[: draw(st.sampled_from([1, 1, 2]))]:
        found += [draw(services(name, space)) for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))]
        found += [draw(workloads(name, space)) for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))]
        found += [draw(destination_rules(name, space)) for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))]
        found += [draw(make(space)) for make in (virtual_services, gateways, policies, ingresses) if draw(st.booleans())]
    return "---\n".join(_plain(item) for item in found)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _plain(manifest: Manifest) -> str:
    return yaml.dump(manifest, Dumper=_Plain, sort_keys=False)
