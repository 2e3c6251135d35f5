"""The registry knows who registers a host, and who sees it."""

import msgspec
import pytest

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.registry import Entry, Port, registry
from tests.traffic.objects import entry, mesh_config, service

HOST = "reviews.shop.svc.cluster.local"


def hosts_seen(mesh: Mesh, host: str, *namespaces: str) -> list[str]:
    """The registered hosts that answer for a host."""
    return [found.host for found in registry(mesh).visible(host, namespaces)]


def test_an_entry_says_what_its_object_says() -> None:
    """Ports carry their protocol and a numeric target; the host of a Service is its full name."""
    reviews = service("reviews", ports=[{"name": "http", "port": 80, "targetPort": 8080}])
    (found,) = registry(Mesh([reviews])).visible(HOST, ["shop"])

    assert found == Entry(
        host=HOST,
        namespace="shop",
        resource=reviews.ref,
        ports=(Port(80, Protocol.HTTP, 8080),),
        namespaces=frozenset({"*"}),
    )


@pytest.mark.parametrize(
    ("export_to", "seen_by"),
    [
        ("", {"shop", "web", "other"}),
        ("*", {"shop", "web", "other"}),
        ("~", set()),
        (".", {"shop"}),
        ("web , .", {"shop", "web"}),
        ("web", {"web"}),
        ("~,*", {"shop", "web", "other"}),
        ("~,web", set()),
    ],
)
def test_export_to_of_a_service_says_who_sees_it(export_to: str, seen_by: set[str]) -> None:
    """A star wins over all, then the tilde; a dot is the own namespace; absence means everywhere."""
    mesh = Mesh([service("reviews", export_to=export_to)])

    assert {namespace for namespace in ("shop", "web", "other") if hosts_seen(mesh, HOST, namespace)} == seen_by


def test_the_mesh_configuration_has_the_default_of_export_to() -> None:
    """``defaultServiceExportTo`` counts for Services and ServiceEntries that say nothing, and only for those."""
    settings = mesh_config("defaultServiceExportTo: ['.']")
    mesh = Mesh([settings, service("reviews"), entry("api", "shop", "api.example.com"), service("ratings", export_to="*")])

    assert hosts_seen(mesh, HOST, "shop") == [HOST]
    assert not hosts_seen(mesh, HOST, "web")
    assert not hosts_seen(mesh, "api.example.com", "web")
    assert hosts_seen(mesh, "ratings.shop.svc.cluster.local", "web")


def test_wildcard_entries_cover_hosts_they_do_not_name() -> None:
    """A wildcard answers for every host with its ending, for itself and for narrower wildcards, unless an entry of that host does."""
    mesh = Mesh([entry("eu", "shop", "*.eu.example.com"), entry("api", "shop", "api.eu.example.com")])

    assert hosts_seen(mesh, "api.eu.example.com", "shop") == ["api.eu.example.com"]
    assert hosts_seen(mesh, "www.eu.example.com", "shop") == ["*.eu.example.com"]
    assert hosts_seen(mesh, "*.de.eu.example.com", "shop") == ["*.eu.example.com"]
    assert hosts_seen(mesh, "*.eu.example.com", "shop") == ["*.eu.example.com"]
    assert not hosts_seen(mesh, "eu.example.com", "shop")


def test_a_hidden_wildcard_covers_nothing() -> None:
    """A catch-all that is private to its namespace does not answer for others."""
    mesh = Mesh([entry("all", "egress", "*", export_to=(".",))])

    assert hosts_seen(mesh, "example.com", "egress") == ["*"]
    assert not hosts_seen(mesh, "example.com", "shop")


def test_several_objects_may_register_one_host() -> None:
    """All of one namespace that are visible answer, so that their ports count together."""
    mesh = Mesh(
        [entry("one", "a", "api.example.com"), *(entry(name, "b", "api.example.com", export_to=(".",)) for name in ("two", "three"))]
    )

    assert [found.resource.name for found in registry(mesh).visible("api.example.com", ["shop"])] == ["one"]
    assert [found.resource.name for found in registry(mesh).visible("api.example.com", ["b"])] == ["three", "two"]


def test_a_view_without_the_inputs_is_refused() -> None:
    """The registry is not handed out to rules that do not declare what it reads, made before or not."""
    mesh = Mesh([service("reviews")])
    registry(mesh)

    with pytest.raises(UndeclaredInputError):
        registry(mesh.restricted_to(kinds.SERVICE))


def test_of_one_host_in_several_namespaces_proxies_use_one() -> None:
    """Their own namespace's, else a Service of Kubernetes, else the oldest; where nobody knows that, any of them."""
    copies = [entry("copy", name, HOST) for name in ("a", "b")]
    hosted = Mesh([service("reviews"), *copies])

    def namespaces(mesh: Mesh, seen_from: str) -> list[str]:
        return [found.namespace for found in registry(mesh).visible(HOST, [seen_from])]

    assert namespaces(hosted, "a") == ["a"]
    assert namespaces(hosted, "web") == ["shop"]
    assert namespaces(Mesh(copies), "web") == ["a", "b"]
    aged = [
        msgspec.structs.replace(item, metadata=msgspec.structs.replace(item.metadata, creation_timestamp=made))
        for item, made in zip(copies, ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"), strict=True)
    ]
    assert namespaces(Mesh(aged), "web") == ["b"]
