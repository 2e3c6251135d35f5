"""A request's Host decides whose routes it gets, as istiod builds virtual hosts and Envoy looks them up."""

import pytest

from kubectl_meshfix.chain.steps import answer, told
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.route.virtual_hosts import virtual_host
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Passthrough
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import VirtualHost
from tests.traffic.route.scenes import CATALOG, caller, end_of, ends, get, hosts_of, mesh, said

OWN = "catalog.shop.svc.cluster.local:80"
PASSED = Passthrough(is_http=True)
STRICT = "{kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}'}}"


def answering(status: int, *hosts: str, name: str = "vs", namespace: str = "shop", age: int | None = None, spec: str = "") -> str:
    """A VirtualService that answers everything itself; ``age`` is the year in which it was made."""
    made = f", creationTimestamp: '{age}-01-01T00:00:00Z'" if age else ""
    return f"""
kind: VirtualService
metadata: {{name: {name}, namespace: {namespace}{made}}}
spec: {{hosts: {list(hosts) or ["catalog.shop.svc.cluster.local"]}, http: [{{directResponse: {{status: {status}}}}}]{spec}}}
"""


@pytest.mark.parametrize(
    "host",
    ["catalog.shop", "CATALOG.shop", "catalog.shop.svc", "catalog.shop.svc.cluster.local", "catalog.shop.svc.cluster.local.", "10.0.0.1"],
)
def test_a_service_has_its_names_and_its_address(host: str) -> None:
    """In any case, and with a port or a dot at the end; alone in its own namespace only."""
    meshed = mesh(CATALOG)

    assert ends(meshed, get(host)) == OWN
    assert ends(meshed, get("x", headers={"host": f"{host}:80"})) == OWN
    assert ends(meshed, get("catalog")) == PASSED
    assert ends(meshed, get("catalog"), caller("shop")) == OWN


@pytest.mark.parametrize("host", ["catalog.shop.svc.cluster", "catalog.other", "10.1.2.3", "example.com", "a.catalog.shop"])
def test_other_hosts_are_passed_through_or_blocked(host: str) -> None:
    """As the mesh says about hosts that nobody registered."""
    assert ends(mesh(CATALOG), get(host)) == PASSED
    assert ends(mesh(CATALOG, STRICT), get(host)) is Failure.BLOCKED


def test_the_pods_of_a_headless_service_have_names_below_it() -> None:
    """Its clients know no address of its own."""
    headless = CATALOG.replace("10.0.0.1", "None")

    assert ends(mesh(headless), get("catalog-0.catalog.shop.svc.cluster.local")) == OWN
    assert ends(mesh(headless), get("catalog-0.catalog.shop")) == OWN


def test_ports_that_are_not_http_have_no_virtual_host() -> None:
    """Nor has a Service that the caller does not see."""
    assert ends(mesh(CATALOG.replace("name: http", "name: tcp")), get()) == PASSED
    hidden = CATALOG.replace("namespace: shop", "namespace: shop, annotations: {networking.istio.io/exportTo: .}")
    assert ends(mesh(hidden), get()) == PASSED
    assert ends(mesh(hidden), get(), caller("shop")) == OWN


def test_the_listener_of_one_host_looks_at_no_host() -> None:
    """A port that is sniffed has a listener for its address alone."""
    meshed = mesh(CATALOG.replace("name: http", "name: web"), answering(418))
    entry = look(meshed, caller()).entry("catalog.shop.svc.cluster.local")

    assert ends(meshed, get("foo.com"), listener=HTTPListener(port=80, entry=entry)) == 418
    assert "The listener is for catalog.shop.svc.cluster.local alone, whatever the Host says." in said(
        meshed, get("foo.com"), listener=HTTPListener(port=80, entry=entry)
    )


def test_the_listener_of_a_host_without_routes_finds_none() -> None:
    """Where a Sidecar does not import the host for the port."""
    meshed = mesh(CATALOG, answering(418))
    entry = look(meshed, caller()).entry("catalog.shop.svc.cluster.local")
    (found,) = hosts_of(meshed, get(port=8080), listener=HTTPListener(port=8080, entry=entry))

    assert found.value == VirtualHost(domain="*", rules=())


def test_short_hosts_of_a_virtual_service_are_of_its_namespace() -> None:
    """A host with one dot is none of the registry's: it takes that very name from the Service, on port 80."""
    meshed = mesh(CATALOG, answering(418, "catalog"))
    assert ends(meshed, get()) == 418

    two_labels = mesh(CATALOG, answering(418, "catalog.shop"))
    assert ends(two_labels, get()) == 418
    assert ends(two_labels, get("catalog.shop.svc.cluster.local")) == OWN
    lines = said(two_labels, get("catalog.shop.svc.cluster.local"))
    assert "VirtualService shop/vs is for the Host catalog.shop alone; the request has catalog.shop.svc.cluster.local." in lines


def test_on_other_ports_a_host_must_be_registered() -> None:
    """Only port 80 has routes for hosts that nobody registered, unless the VirtualService names a registered one too."""
    eighty = CATALOG.replace("port: 80", "port: 8080")

    assert ends(mesh(eighty, answering(418, "example.com")), get("example.com", port=8080)) == PASSED
    assert ends(mesh(eighty, answering(418, "example.com", "catalog")), get("example.com", port=8080)) == 418
    assert ends(mesh(CATALOG, answering(418, "example.com")), get("example.com")) == 418


def test_the_oldest_virtual_service_takes_a_host_whole() -> None:
    """Sidecars do not merge them; the other's other hosts stay its own."""
    meshed = mesh(
        CATALOG, answering(201, name="b", age=2023), answering(202, name="a", age=2024), answering(203, "catalog", "example.com", age=2025)
    )

    assert ends(meshed, get()) == 201
    assert ends(meshed, get("example.com")) == 203
    behind = "VirtualService shop/a is for catalog.shop.svc.cluster.local too, and VirtualService shop/b comes first."
    assert f"{behind} Sidecars do not merge them." in said(meshed, get())


def test_private_ones_come_first_then_exported_ones() -> None:
    """However young they are."""
    public = answering(201, name="public", age=2020)
    exported = answering(202, name="exported", age=2021, spec=", exportTo: [web]")
    private = answering(203, name="private", namespace="web", age=2022, spec=", exportTo: [.]")

    assert ends(mesh(CATALOG, public, exported, private), get()) == 203
    assert ends(mesh(CATALOG, public, exported), get()) == 202
    assert ends(mesh(CATALOG, public, exported, private), get(), caller("other")) == 201
    assert "VirtualService shop/exported is not visible to the caller: exportTo or the caller's Sidecar leaves it out." in said(
        mesh(CATALOG, public, exported), get(), caller("other")
    )


def test_without_ages_each_may_be_the_oldest() -> None:
    """Files do not tell; what nobody doubts stays sure."""
    meshed = mesh(CATALOG, answering(201, name="a"), answering(202, name="b"), answering(203, name="c", spec=", exportTo: [web]"))
    doubtful = hosts_of(meshed, get(), caller("other"))

    assert [end_of(item.value.rules[0]) for item in doubtful if isinstance(item.value, VirtualHost)] == [201, 202]
    (so,), (not_so,) = (item.given for item in doubtful)
    assert (so.is_so, not_so.is_so, so.unknown) == (True, False, not_so.unknown)
    assert ends(meshed, get()) == 203


def test_the_most_specific_host_takes_a_service() -> None:
    """An exact host before any wildcard, and a longer wildcard before a shorter one, however old they are."""
    short = answering(201, "*.svc.cluster.local", name="short", age=2020)
    longer = answering(202, "*.shop.svc.cluster.local", name="longer", age=2021)
    exact = answering(203, name="exact", age=2022)

    assert ends(mesh(CATALOG, short, longer, exact), get()) == 203
    assert ends(mesh(CATALOG, short, longer), get()) == 202
    assert ends(mesh(CATALOG, short), get()) == 201
    lines = said(mesh(CATALOG, short, longer), get())
    assert (
        "VirtualService shop/short covers catalog.shop.svc.cluster.local, and VirtualService shop/longer has a more specific host." in lines
    )


def test_a_wildcard_that_covers_no_service_is_a_host_of_its_own() -> None:
    """And stands for at least one letter."""
    meshed = mesh(CATALOG, answering(418, "*.example.com"), answering(419, "*.a.example.com", name="longer"))

    assert ends(meshed, get("x.example.com")) == 418
    assert ends(meshed, get("x.a.example.com")) == 419
    assert ends(meshed, get("example.com")) == PASSED


def test_without_a_route_left_a_virtual_service_does_not_exist() -> None:
    """The next one takes the host, or the default route; but a wildcard stays behind the one that is gone."""
    gone = """
kind: VirtualService
metadata: {name: gone, creationTimestamp: "2020-01-01T00:00:00Z"}
spec:
  hosts: [catalog]
  http: [{match: [{sourceLabels: {app: other}}], directResponse: {status: 201}}]
"""
    assert ends(mesh(CATALOG, gone), get()) == OWN
    assert ends(mesh(CATALOG, gone), get(), caller(app="other")) == 201
    assert ends(mesh(CATALOG, gone, answering(202, age=2021)), get()) == 202
    assert ends(mesh(CATALOG, gone, answering(202, "*.svc.cluster.local", age=2021)), get()) == OWN
    lines = said(mesh(CATALOG, gone), get())
    assert "VirtualService shop/gone http[0].match[0] is for callers with the labels app=other alone." in lines
    assert "VirtualService shop/gone has no route for this caller on port 80." in lines


def test_what_is_bound_to_gateways_is_not_for_sidecars() -> None:
    """Unless the mesh is one of them."""
    assert ends(mesh(CATALOG, answering(418, spec=", gateways: [public]")), get()) == OWN
    assert ends(mesh(CATALOG, answering(418, spec=", gateways: [public, mesh]")), get()) == 418
    assert "VirtualService shop/vs is for gateways public alone, not for sidecars." in said(
        mesh(CATALOG, answering(418, spec=", gateways: [public]")), get()
    )


ALIAS = """
kind: Service
metadata: {name: old, namespace: web}
spec: {type: ExternalName, externalName: EXTERNAL, ports: [{name: http, port: 80}]}
"""


def test_an_alias_is_another_name_of_its_service() -> None:
    """Over another alias too; one of an outside host has a virtual host only where a VirtualService names it."""
    inside = ALIAS.replace("EXTERNAL", "catalog.shop.svc.cluster.local")
    again = ALIAS.replace("EXTERNAL", "old.web.svc.cluster.local").replace("name: old", "name: older")
    meshed = mesh(CATALOG, inside, again, answering(418))

    assert [ends(meshed, get(host)) for host in ("old.web", "old", "older.web.svc.cluster.local")] == [418, 418, 418]
    outside = ALIAS.replace("EXTERNAL", "example.com")
    assert ends(mesh(CATALOG, outside), get("old.web")) == PASSED
    assert ends(mesh(CATALOG, outside, answering(418, "old", namespace="web")), get("old")) == 418
    loop = ALIAS.replace("EXTERNAL", "old.web.svc.cluster.local")
    assert ends(mesh(CATALOG, loop), get("old.web")) == PASSED


def test_a_service_entry_has_its_hosts_and_addresses() -> None:
    """Not a range, and no short names."""
    entry = """
kind: ServiceEntry
metadata: {name: api}
spec:
  hosts: [api.example.com, "*.wild.example.com"]
  addresses: [192.0.2.1, 192.0.3.0/24]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP}]
"""
    meshed = mesh(entry)

    assert ends(meshed, get("api.example.com")) == "api.example.com:80"
    assert ends(meshed, get("x.wild.example.com")) == "*.wild.example.com:80"
    assert ends(meshed, get("192.0.2.1")) in ("api.example.com:80", "*.wild.example.com:80")
    assert ends(meshed, get("192.0.3.7")) == PASSED


def test_proxies_that_are_alike_share_their_answers() -> None:
    """Of their labels only those count that some VirtualService asks for."""
    meshed = mesh(CATALOG, answering(418))
    for name in ("a", "b"):
        assert ends(meshed, get(), caller(app=name)) == 418

    assert len(meshed.memo("virtual hosts")) == 1


def test_each_step_has_a_place_of_its_own() -> None:
    """Stage, check and place tell all steps of a host apart."""
    texts = [answering(200 + i, name=f"vs{i}", age=2020 + i) for i in range(3)] + [
        answering(418, "*.shop.svc.cluster.local", name="wild", age=2019)
    ]
    party: Party = caller()
    meshed = mesh(CATALOG, *texts)
    steps = told(virtual_host(meshed, look(meshed, party), HTTPListener(port=80), get())).steps

    assert len({step.identity for step in steps}) == len(steps) == 5
    assert answer(virtual_host(meshed, look(meshed, party), HTTPListener(port=80), get()))
