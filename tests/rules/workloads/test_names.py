"""MF201 to MF203: which labels and Services say the name, the version and the Service of a workload."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.rules.workloads.app_names import application
from kubectl_meshfix.rules.workloads.version_needs import why_needed
from tests.rules.test_workloads import SERVICE, VERSION, Json, deployment, findings, mesh_of, namespace, obj, service

WEB = {"tier": "web"}


def selecting(name: str, *ports: str) -> Json:
    """A Service with ports of these names."""
    listed = [{"name": port, "port": 80 + index} for index, port in enumerate(ports)]
    return obj("v1", "Service", name, spec={"selector": WEB, "ports": listed, "clusterIP": "None"})


def derived(*objects: Json) -> str:
    """The name that is found for the first of them."""
    mesh = mesh_of(*objects)
    (workload,) = (item for item in mesh.workloads if item.name == objects[0]["metadata"]["name"])
    return application(mesh, workload).value


@pytest.mark.parametrize(
    ("objects", "name"),
    [
        ((deployment("cart-v2", WEB), selecting("basket", "http")), "basket"),
        ((deployment("cart-v2", WEB), selecting("basket")), "basket"),
        ((deployment("cart-v2", WEB), selecting("basket", "http", "metrics")), "basket"),
        ((deployment("cart-v2", WEB), selecting("basket", "http-metrics", "probes")), "cart"),
        ((deployment("cart-v2", WEB), selecting("basket", "metrics")), "cart"),
        ((deployment("cart-v2", WEB), selecting("basket-headless", "http")), "cart"),
        ((deployment("cart-v2", WEB), selecting("basket-metrics", "http")), "cart"),
        ((deployment("cart-v2", WEB), selecting("basket", "http"), selecting("shop", "http")), "cart"),
        ((deployment("cart-v2", {"name": "basket"}),), "basket"),
        ((deployment("cart-v2", {"name": "my basket"}),), "cart"),
        ((deployment("cart-v2", {"name": "my basket", "run": "basket"}),), "basket"),
        ((deployment("cart-v2", {"name": "-basket"}),), "cart"),
        ((deployment("cart-v2", {"name": "b" * 63}),), "b" * 63),
        ((deployment("cart-v2", {"name": "b" * 64}),), "cart"),
        ((deployment("cart-v2", {"name": "Deployment"}),), "cart"),
        ((deployment("cart-v2", {"name": "shop"}), deployment("cart-v1", {"name": "shop"})), "shop"),
        ((deployment("cart-v2", {"name": "shop"}), deployment("till", {"name": "shop"})), "cart"),
        ((deployment("cart-v2", {"name": "shop"}), deployment("till", {"app": "shop"})), "cart"),
        ((deployment("cart-v2", {"name": "shop"}), deployment("till", {"name": "till"})), "shop"),
        (
            (
                deployment("cart-v2", {"name": "shop"}),
                deployment("till", {"name": "shop"}),
                service("a", {"name": "shop"}),
            ),
            "shop",
        ),
        (
            (deployment("cart-v2", {"name": "shop"}), deployment("till", {"name": "shop"}), service("a", {"name": "x"})),
            "cart",
        ),
    ],
)
def test_what_says_the_name_of_an_application(objects: tuple[Json, ...], name: str) -> None:
    """A label that is one and that no other application has, then the only Service that is called as its application is."""
    assert derived(*objects) == name


# ---------------------------------------------------------------- MF202


def rule(*subsets: Json, host: str = "cart") -> Json:
    """A DestinationRule with subsets of these labels."""
    listed = [{"name": f"s{index}", "labels": labels} for index, labels in enumerate(subsets)]
    return obj("networking.istio.io/v1", "DestinationRule", "cart", spec={"host": host, "subsets": listed})


def first(*objects: Json) -> tuple[Any, Workload]:
    """A mesh and the workload cart."""
    mesh = mesh_of(*objects)
    return mesh, next(item for item in mesh.workloads if item.name == "cart")


CART = {"app": "cart"}


@pytest.mark.parametrize(
    ("subsets", "chosen"),
    [
        (({"version": "v1"},), ("v1",)),
        (({"version": "v2"}, {"version": "v1"}), ("v1", "v2")),
        (({"version": "v1", "team": "web"},), ("v1",)),
        (({"app.kubernetes.io/version": "1.0"}, {"service.istio.io/canonical-revision": "a"}), ("1.0", "a")),
        (({"team": "web"},), None),
        ((), None),
    ],
)
def test_which_versions_subsets_choose(subsets: tuple[Json, ...], chosen: tuple[str, ...] | None) -> None:
    """By the labels of a version alone; other labels of a subset choose no version."""
    need = why_needed(*first(deployment("cart", CART), service("cart", CART), rule(*subsets)))

    assert (need.chosen if need else None) == chosen


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ((service("cart", CART),), ""),
        ((service("cart", CART), deployment("till", CART)), "Service shop/cart also selects the pods of Deployment shop/till"),
        ((service("other", {"app": "other"}), deployment("till", {"app": "other"})), ""),
        ((deployment("cart-v2", {"app": "cart"}),), "Deployment shop/cart-v2 has the same name but for the version"),
        ((deployment("cart-v2", {"app": "cart-v2"}),), ""),
        ((deployment("till", CART),), ""),
        ((deployment("till-v2", CART),), "Deployment shop/till-v2 has the same application name"),
    ],
)
def test_whose_pods_a_version_tells_apart(objects: tuple[Json, ...], reason: str) -> None:
    """Others of the same Service, of the same name but for a version, or of the same application where one is a version."""
    need = why_needed(*first(deployment("cart", CART), *objects))

    assert (need.reason if need else "") == reason
    told = [item.on_request for item in findings(VERSION, deployment("cart", CART), *objects) if item.resource.name == "cart"]
    assert told == [not reason]


# ---------------------------------------------------------------- MF203


def entry(labels: Json | None) -> Json:
    """A ServiceEntry that selects workloads."""
    spec = {
        "hosts": ["cart.example.com"],
        "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}],
        "workloadSelector": {"labels": labels},
    }
    return obj("networking.istio.io/v1", "ServiceEntry", "cart", spec=spec if labels is not None else {**spec, "workloadSelector": {}})


def offering(*ports: Json, name: str = "main") -> Json:
    """Deployment cart with ports."""
    containers = [{"name": "main", "image": "app:1.0"}] if name != "main" else []
    return deployment("cart", CART, containers=[*containers, {"name": name, "image": "app:1.0", "ports": list(ports)}])


HTTP = {"name": "http", "containerPort": 8080}


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        ((offering(HTTP),), True),
        ((offering({**HTTP, "protocol": "UDP"}),), False),
        ((offering({**HTTP, "name": "http-metrics"}),), False),
        ((offering(HTTP, name="istio-proxy"),), False),
        ((offering(HTTP), entry(CART)), False),
        ((offering(HTTP), entry({"app": "till"})), True),
        ((offering(HTTP), entry({})), True),
        ((offering(HTTP), entry(None)), True),
        ((offering(HTTP), service("cart", CART)), False),
        ((offering(HTTP), service("cart", {})), True),
    ],
)
def test_who_selects_pods_that_serve_clients(objects: tuple[Json, ...], *, is_found: bool) -> None:
    """A Service or a ServiceEntry by labels; one without selects nobody. What the proxy's container offers is not the application's."""
    assert bool(findings(SERVICE, namespace(), *objects, service("other", {"app": "other"}), live=True)) is is_found


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ({"component": "basket"}, ["Service shop/cart selects no pods, and nearly these: component=basket"]),
        ({"app": "carts"}, ["Service shop/cart selects no pods, and nearly these: app=carts"]),
        ({"app": "till"}, []),
        ({}, []),
    ],
)
def test_a_service_that_selects_nothing_was_meant(selector: Json, meant: list[str]) -> None:
    """One of the same name; where it selects others' pods, or no pods by labels at all, it was not."""
    objects = (offering(HTTP), deployment("till", {"app": "till"}), service("cart", selector))
    (found,) = findings(SERVICE, namespace(), *objects)

    assert [line for line in found.evidence if "nearly these" in line] == meant
