"""What people say of a port, and how they want it declared."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.port_protocols.evidence import infer
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.sources.manifest_meshes import from_texts

SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart", "istio.io/use-waypoint": "none"}},
    "spec": {"ports": [{"name": "web", "port": 8080}]},
}
INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "edge", "namespace": "shop"},
    "spec": {"defaultBackend": {"service": {"name": "cart", "port": {"name": "web"}}}},
}
ROUTE = {
    "apiVersion": "route.openshift.io/v1",
    "kind": "Route",
    "metadata": {"name": "edge", "namespace": "shop"},
    "spec": {"to": {"kind": "Service", "name": "cart"}, "port": {"targetPort": "web"}},
}
MONITOR = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {"selector": {"matchLabels": {"app": "cart"}}, "endpoints": [{"port": "metrics"}, {"port": "web"}]},
}
SLICE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": "cart-1", "namespace": "shop", "labels": {"kubernetes.io/service-name": "cart"}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["10.1.2.3"]}],
    "ports": [{"name": "web", "port": 8080}],
}
ENDPOINTS = {
    "apiVersion": "v1",
    "kind": "Endpoints",
    "metadata": {"name": "cart", "namespace": "shop"},
    "subsets": [{"addresses": [{"ip": "10.1.2.3"}], "ports": [{"name": "web", "port": 8080}]}],
}
ROUTED = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {"rules": [{"backendRefs": [{"name": "cart", "port": 8080}]}]},
}


def applied(folder: Path, objects: list[dict[str, Any]], *arguments: str) -> list[dict[str, Any]]:
    """The objects after apply."""
    (folder / "all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=2))
    words = ["apply", "-f", str(folder), "--yes", "--unsafe", "--select", "MF101,MF102", *arguments]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    items: list[dict[str, Any]] = json.loads((folder / "all.json").read_text())["items"]
    return items


def selecting(**port: Any) -> dict[str, Any]:
    """The Service with a selector and another port."""
    return {**SERVICE, "spec": {"selector": {"app": "cart"}, "ports": [{"port": 8080, "name": "web", **port}]}}


def test_a_rename_takes_everything_along(tmp_path: Path) -> None:
    """Ingress, Route, ServiceMonitor and hand-written endpoints name the new port; all else is as it was."""
    before = [SERVICE, INGRESS, ROUTE, MONITOR, SLICE, ENDPOINTS, ROUTED]

    after = applied(tmp_path, before, "--port-fix", "rename")

    assert json.dumps(after) == json.dumps(before).replace('"web"', '"http-web"')


def test_auto_leaves_a_name_that_is_used(tmp_path: Path) -> None:
    """Where something refers to the name, appProtocol says it, and nothing else changes."""
    before = [SERVICE, INGRESS, ROUTE, MONITOR, SLICE, ROUTED]

    service, *rest = applied(tmp_path, before)

    assert service["spec"]["ports"] == [{"name": "web", "port": 8080, "appProtocol": "http"}]
    assert rest == before[1:]


def test_app_protocol_can_be_preferred(tmp_path: Path) -> None:
    """Nobody has to have ports renamed."""
    (service,) = applied(tmp_path, [selecting()], "--port-fix", "app-protocol", "--protocol", "cart/web=grpc")

    assert service["spec"]["ports"] == [{"port": 8080, "name": "web", "appProtocol": "grpc"}]


def test_a_name_that_is_shared_stays(tmp_path: Path) -> None:
    """A ServiceMonitor that scrapes two Services by one name would lose the other one."""
    other = {**selecting(), "metadata": {"name": "other", "namespace": "shop", "labels": {"app": "cart"}}}
    before = [selecting(), other, MONITOR]

    after = applied(tmp_path, before, "--port-fix", "rename", "--protocol", "cart/8080=http")

    assert after[0]["spec"]["ports"][0] == {"port": 8080, "name": "web", "appProtocol": "http"}
    assert after[2] == MONITOR


@pytest.mark.parametrize(
    ("port", "said", "name"),
    [
        ({}, "cart/8080=http", "http-web"),
        ({}, "shop/cart/web=tcp", "tcp-web"),
        ({"name": "udp-web"}, "cart/8080=grpc", "grpc-8080"),
        ({"name": "redis-cache", "port": 8080}, "cart/8080=redis", "redis-cache"),
        ({"name": "mysqlx", "port": 33060}, "cart/33060=mysql", "mysql-mysqlx"),
    ],
)
def test_people_know_better(tmp_path: Path, port: dict[str, Any], said: str, name: str) -> None:
    """--protocol outweighs all evidence, and touches nothing that is declared already."""
    (service,) = applied(tmp_path, [selecting(**port)], "--protocol", said)

    assert service["spec"]["ports"][0]["name"] == name


def test_what_people_say_is_the_evidence(tmp_path: Path) -> None:
    """The finding names it; what it does to clients nobody has said, so the fix waits for --unsafe all the same."""
    (tmp_path / "cart.yaml").write_text(yaml.safe_dump(selecting()))

    result = CliRunner().invoke(app, ["diagnose", "-f", str(tmp_path), "-o", "json", "--protocol", "cart/8080=http"])

    finding = next(row for row in json.loads(result.stdout)["findings"] if row["code"] == "MF101")
    assert finding["fix"]["safety"] == "unsafe"
    assert "get 426" in finding["fix"]["risk"]
    assert finding["evidence"] == ["--protocol: http (explicit)"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("cart=http", "cannot be read"),
        ("cart/8080", "cannot be read"),
        ("a/b/c/d=http", "cannot be read"),
        ("cart/8080=postgres", "not a protocol that Istio knows"),
        ("cart/8080=udp", "not a protocol that Istio knows"),
        ("cart/9999=http", "no such port"),
        ("other/cart/8080=http", "no such port"),
        ("catalog/8080=http", "in namespaces a and b"),
    ],
)
def test_words_that_mean_nothing_are_refused(tmp_path: Path, said: str, message: str) -> None:
    """A slip does not go unnoticed as a preference that nothing has."""
    twice = [{**selecting(), "metadata": {"name": "catalog", "namespace": namespace}} for namespace in ("a", "b")]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all([selecting(), *twice]))

    with pytest.raises(UsageError, match=message):
        CliRunner().invoke(app, ["diagnose", "-f", str(tmp_path), "--protocol", said], catch_exceptions=False)


def test_a_file_is_outweighed_by_flags_and_may_speak_of_more(tmp_path: Path) -> None:
    """A file that is kept covers many runs, so what it says of ports that were not read is no slip; evidence names it."""
    kept = {"cart/8080": "grpc", "shop/cart/web": "tcp", "elsewhere/cart/8080": "http"}
    meshes = from_texts({"a.json": json.dumps(selecting())})[0].meshes
    (cart,) = meshes.first.all(Service)

    alone = with_overrides(meshes, overrides(RuleFlags(), kept, ".meshfix.yaml")).first
    outweighed = with_overrides(meshes, overrides(RuleFlags(protocol=["cart/8080=http"]), kept, ".meshfix.yaml")).first

    assert infer(alone, cart, cart.spec.ports[0]).evidence == (".meshfix.yaml: tcp (explicit)",)
    assert infer(outweighed, cart, cart.spec.ports[0]).evidence == ("--protocol: http (explicit)",)


@pytest.mark.parametrize(("place", "name"), [("cart", "http"), ("cart/8080", "postgres"), ("a/b/c/d", "http"), ("cart/8080", "")])
def test_a_slip_in_a_file_names_the_file(place: str, name: str) -> None:
    """People know which line to mend."""
    with pytest.raises(UsageError, match=f".meshfix.yaml: {place}: {name}"):
        overrides(RuleFlags(), {place: name}, ".meshfix.yaml")
