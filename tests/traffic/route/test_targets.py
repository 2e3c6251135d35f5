"""All that a VirtualService names is found, at its place."""

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.route.targets import RouteTarget, gateway_names, targets, targets_of
from tests.traffic.objects import make, routes, to


def test_destinations_and_mirrors_of_all_kinds_of_routes_are_targets() -> None:
    """HTTP, TLS and TCP routes, the older mirror and the newer mirrors; a destination without a host is no target."""
    http = {"route": [{}, {"destination": {"host": "a"}}], "mirror": {"host": "b"}, "mirrors": [{"destination": {"host": "c"}}]}
    found = list(targets(routes(http, tls=[to("d")], tcp=[to("e")])))

    assert [(target.path, target.kind, target.is_mirror) for target in found] == [
        ("/spec/http/0/route/1/destination", "http", False),
        ("/spec/http/0/mirror", "http", True),
        ("/spec/http/0/mirrors/0/destination", "http", True),
        ("/spec/tls/0/route/0/destination", "tls", False),
        ("/spec/tcp/0/route/0/destination", "tcp", False),
    ]


def test_a_target_has_its_host_in_full_and_as_written() -> None:
    """What is not chosen is absent; a port without a number is chosen all the same."""
    path = "/spec/http/0/route/0/destination"
    full = RouteTarget(path=path, host="reviews.shop.svc.cluster.local", written="reviews", kind="http")

    assert list(targets(routes(to("reviews")))) == [full]
    (chosen,) = targets(routes(to("reviews", "v1", 80)))
    assert (chosen.port, chosen.subset) == (80, "v1")
    (empty,) = targets(make(VirtualService, "vs", tcp=[{"route": [{"destination": {"host": "a", "port": {}}}]}]))
    assert empty.port == 0


def test_targets_are_worked_out_once_for_a_mesh() -> None:
    """All rules that ask for the targets of a VirtualService get the same ones, and another mesh's are its own."""
    bound, other = routes(to("reviews")), routes(to("ratings"))
    mesh = Mesh([bound])

    assert targets_of(mesh, bound) == tuple(targets(bound))
    assert targets_of(mesh.restricted_to(kinds.VIRTUAL_SERVICE), bound) is targets_of(mesh, bound)
    assert targets_of(Mesh([other]), other) == tuple(targets(other))


def test_gateways_are_named_by_the_virtual_service_and_by_its_matches() -> None:
    """A match may name gateways of its own."""
    http = {**to("reviews"), "match": [{"uri": {"prefix": "/"}}, {"gateways": ["mesh", "two"]}]}
    bound = routes(http, tcp=[{**to("db"), "match": [{"gateways": ["three"]}]}], gateways=["one"])

    assert list(gateway_names(bound)) == [
        ("/spec/gateways/0", "one"),
        ("/spec/http/0/match/1/gateways/0", "mesh"),
        ("/spec/http/0/match/1/gateways/1", "two"),
        ("/spec/tcp/0/match/0/gateways/0", "three"),
    ]
