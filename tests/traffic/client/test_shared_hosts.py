"""Hosts that several objects are for: ports that catch connections, ServiceEntries that hide others, Sidecars of which one is used."""

from typing import Any

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.client.catching import catching
from kubectl_meshfix.traffic.client.scoping.empty_imports import Lack, empty_imports
from kubectl_meshfix.traffic.client.scoping.overlaps import How, overlaps
from kubectl_meshfix.traffic.client.scoping.rivals import rivals
from tests.traffic.objects import deployment, make, mesh_config, routes, service

HOST = "db.example.com"


def entry(name: str, *ports: tuple[int, str], host: str = HOST, namespace: str = "shop", **rest: Any) -> ServiceEntry:
    """A ServiceEntry for one host."""
    listed = [{"number": number, "name": f"p{number}", "protocol": protocol} for number, protocol in ports]
    obj: ServiceEntry = make(ServiceEntry, name, namespace, **{"hosts": [host], "ports": listed, "resolution": "DNS", **rest})
    return obj


def caught(*objects: Object) -> list[tuple[str, str | None, bool]]:
    """The entries that catch connections, who gets them instead, and whether HTTP shares the port."""
    found = catching(Mesh(objects))
    return [(row.entry.resource.name, row.first.resource.name if row.first else None, row.http is not None) for row in found]


def test_tcp_without_an_address_catches_its_port() -> None:
    """The older of two gets everything; TLS, addresses, private entries of other namespaces and Services share nothing."""
    one, other = entry("a", (5432, "TCP"), host="a.example.com"), entry("b", (5432, "TCP"), host="b.example.com")

    assert caught(one) == [("a", None, False)]
    assert caught(one, other) == [("a", None, False), ("b", "a", False)]
    assert caught(one, entry("b", (5432, "TLS"), host="b.example.com")) == [("a", None, False)]
    assert caught(entry("a", (5432, "TCP"), addresses=["192.0.2.1"])) == []
    assert caught(entry("a", (5432, "TCP"), exportTo=["."]), entry("b", (5432, "TCP"), namespace="web", exportTo=["."])) == [
        ("a", None, False), ("b", None, False),
    ]  # fmt: skip
    assert caught(entry("a", (80, "TCP")), service("cart")) == [("a", None, True)]
    assert caught(service("db", "shop", ("tcp", 5432)), one) == [("a", None, False)]


def test_captured_dns_and_ambient_need_no_addresses() -> None:
    """Istio's own address counts where the proxies capture DNS, and not in ambient namespaces."""
    captured = mesh_config("defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}")
    istiod = [captured, Namespace(metadata=NamespaceMeta(name="istio-system"))]
    ambient = Namespace(metadata=NamespaceMeta(name="shop", labels={"istio.io/dataplane-mode": "ambient"}))

    assert caught(entry("a", (5432, "TCP")), *istiod) == []
    assert caught(entry("a", (5432, "TCP")), ambient) == []


def test_without_a_protocol_all_but_http_is_caught() -> None:
    """HTTP finds its host by its name; TLS does not, because no chain of the listener asks for a name."""
    assert caught(entry("a", (443, ""))) == [("a", None, False)]
    assert caught(entry("a", (80, "")), service("cart")) == [("a", None, False)]
    assert caught(entry("a", (443, ""), host="a.example.com"), entry("b", (443, ""), host="b.example.com")) == [
        ("a", None, False),
        ("b", "a", False),
    ]


def test_without_resolution_connections_go_where_they_are_called() -> None:
    """Such an entry catches nothing, and loses its connections to one that has a resolution."""
    alone = entry("b", (5432, "TCP"), host="b.example.com", resolution="NONE")

    assert caught(alone) == []
    assert caught(entry("a", (5432, "TCP"), host="a.example.com"), alone) == [("a", None, False), ("b", "a", False)]


def hidden(*objects: Object) -> list[tuple[How, str, str, tuple[int, ...]]]:
    """What entries hide of each other: how, who is used, who is hidden, which ports."""
    return [(row.how, row.used.resource.name, row.hidden.resource.name, row.ports) for row in overlaps(Mesh(objects))]


def test_a_namespace_uses_its_own_entries() -> None:
    """Its proxies do not know the ports that only another namespace's entry has; entries with the same ports hide nothing."""
    public = entry("b", (443, "TLS"), namespace="platform")

    assert hidden(entry("a", (80, "HTTP"), exportTo=["."]), public) == [(How.OWN, "a", "b", (443,))]
    assert hidden(entry("a", (80, "HTTP"), (443, "TLS"), exportTo=["."]), public) == []
    assert hidden(entry("a", (443, "TLS")), public) == []
    assert hidden(entry("a", (80, "HTTP"), exportTo=["~"]), public) == []
    assert hidden(entry("a", (80, "HTTP"), host="x.example.com"), public) == []


def test_entries_of_one_namespace_are_merged_where_they_can() -> None:
    """Other ports are added, but not of an entry that is exported or resolved in another way; of a port the older protocol counts."""
    one = entry("a", (80, "HTTP"))

    assert hidden(one, entry("b", (443, "TLS"))) == []
    assert hidden(one, entry("b", (443, "TLS"), exportTo=["."])) == [(How.APART, "a", "b", (443,))]
    assert hidden(one, entry("b", (443, "TLS"), resolution="NONE")) == [(How.APART, "a", "b", (443,))]
    assert hidden(one, entry("b", (80, "TCP"))) == [(How.PROTOCOL, "a", "b", (80,)), (How.PROTOCOL, "b", "a", (80,))]


def sidecar(name: str, *egress: str, namespace: str = "shop", labels: dict[str, str] | None = None, **selector: str) -> Sidecar:
    """A Sidecar that imports hosts."""
    chosen: dict[str, Any] = {"workloadSelector": {"labels": selector}} if selector else {}
    obj: Sidecar = make(Sidecar, name, namespace, labels=labels, egress=[{"hosts": list(egress)}], **chosen)
    return obj


def test_of_sidecars_for_the_same_pods_one_is_used() -> None:
    """Two without a selector, or two that select a pod; not one of each, other namespaces, or other revisions."""
    pods = deployment("cart", app="cart", version="v1")

    def found(*sidecars: Sidecar) -> list[tuple[str, str, int]]:
        return [(row.sidecar.name, row.older.name, len(row.workloads)) for row in rivals(Mesh([pods, *sidecars]))]

    assert found(sidecar("a"), sidecar("b"), sidecar("c")) == [("b", "a", 0), ("c", "a", 0), ("a", "c", 0)]
    assert found(sidecar("a"), sidecar("b", app="cart")) == []
    assert found(sidecar("a", version="v1"), sidecar("b", app="cart")) == [("b", "a", 1), ("a", "b", 1)]
    assert found(sidecar("a", version="v2"), sidecar("b", app="cart")) == []
    assert found(sidecar("a"), sidecar("b", namespace="web")) == []
    assert found(sidecar("a", labels={"istio.io/rev": "one"}), sidecar("b")) == []


def test_an_egress_imports_what_there_is() -> None:
    """A Service's name is no namespace, a host belongs to its own namespace, a VirtualService counts, and wildcards are not judged."""
    spaces = [Namespace(metadata=NamespaceMeta(name=name)) for name in ("shop", "platform", "web")]
    maps = entry("maps", (443, "TLS"), host="maps.example.com", namespace="platform")

    def found(written: str, *beside: Object, live: bool = True) -> list[tuple[Lack, tuple[str, ...]]]:
        own = sidecar("a", written)
        return [(row.lack, row.meant) for row in empty_imports(Mesh([service("cart"), maps, *spaces, *beside, own], live=live), own)]

    assert found("cart/*") == [(Lack.SERVICE, ("./cart.shop.svc.cluster.local",))]
    assert found("platfrom/*") == [(Lack.NAMESPACE, ("platform/*",))]
    assert found("billing/*") == [(Lack.NAMESPACE, ())]
    assert found("billing/*", live=False) == []
    assert found("./maps.example.com") == [(Lack.ELSEWHERE, ("platform/maps.example.com",))]
    assert found("./maps.example.com", routes(hosts=["maps.example.com"])) == []
    assert found("./crat.shop.svc.cluster.local") == [(Lack.HOST, ("./cart.shop.svc.cluster.local",))]
    for written in ("*/*", "./*", "~/*", "*/maps.example.com", "platform/maps.example.com", "./*.example.org", "istio-system/*"):
        assert found(written, live=False) == [], written
