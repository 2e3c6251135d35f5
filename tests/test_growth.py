"""Twice the input takes about twice the work: counted in calls of functions, so that no clock decides."""

import cProfile
import pstats
from collections.abc import Callable

import pytest

from benchmarks import shapes
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: p{0}, namespace: shop, labels: {{app: a, sidecar.istio.io/inject: "true"}}}}
spec: {{containers: [{{name: c, image: i, ports: [{{containerPort: 8080}}]}}]}}
"""


def service(name: str, ports: str) -> str:
    """A Service of the same pods as all others."""
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{app: a}}\n  ports: [{ports}]\n"
    )


def services(count: int) -> str:
    """So many Services of one container port, and twice as many pods that all of them select."""
    rows = [service(f"s{number}", f"{{name: web, port: {number + 80}, targetPort: 8080}}") for number in range(count)]
    return "---\n".join([*rows, *(POD.format(number) for number in range(2 * count))])


def ports(count: int) -> str:
    """One Service with so many ports, and its pod."""
    return "---\n".join([service("s", ", ".join(f"{{name: web-{number}, port: {number + 1}}}" for number in range(count))), POD.format(0)])


def pods(count: int) -> str:
    """Three Services, and so many pods that all of them select."""
    return "---\n".join([*(service(name, "{name: web, port: 80}") for name in "abc"), *(POD.format(number) for number in range(count))])


TEAM = """\
apiVersion: v1
kind: Namespace
metadata: {{name: t{0}, labels: {{istio-injection: enabled}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: s, namespace: t{0}}}
spec: {{selector: {{app: a}}, ports: [{{name: http, port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: a, namespace: t{0}}}
spec:
  selector: {{matchLabels: {{app: a}}}}
  template: {{metadata: {{labels: {{app: a}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {{name: default, namespace: t{0}}}
spec: {{egress: [{{hosts: ["./*"]}}]}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: e, namespace: t{0}}}
spec:
  hosts: [api.example.com]
  exportTo: ["."]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{{number: 443, name: tls, protocol: TLS}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: e, namespace: t{0}}}
spec: {{host: api.example.com, exportTo: ["."], trafficPolicy: {{tls: {{mode: SIMPLE}}}}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: s, namespace: t{0}}}
spec: {{host: s, trafficPolicy: {{tls: {{mode: DISABLE}}}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: s, namespace: t{0}}}
spec: {{hosts: [s], http: [{{route: [{{destination: {{host: s, port: {{number: 80}}}}}}]}}]}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: p, namespace: t{0}}}
spec: {{rules: [{{to: [{{operation: {{methods: [GET]}}}}]}}]}}
"""

POLICY = """\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: p{0}, namespace: t0}}
spec:
  selector: {{matchLabels: {{app: a}}}}
  rules: [{{from: [{{source: {{namespaces: [t0]}}}}], to: [{{operation: {{methods: [GET]}}}}]}}]
"""


def teams(count: int) -> str:
    """So many namespaces, each with a workload, a Sidecar, and settings of its own for a host that all of them call."""
    return "---\n".join(TEAM.format(number) for number in range(count))


def policies(count: int) -> str:
    """So many policies for the same pods."""
    return "---\n".join([TEAM.format(0), *(POLICY.format(number) for number in range(count))])


def calls(snapshot: Snapshot) -> int:
    """How many functions are called to diagnose what was read."""
    profile = cProfile.Profile()
    profile.runcall(diagnose, snapshot, RULES)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def read(text: str) -> Snapshot:
    """What is read of a text."""
    return from_texts({"a.yaml": text})[0]


@pytest.mark.parametrize(
    ("make", "count", "most"),
    [(ports, 100, 2.3), (pods, 100, 2.3), (services, 20, 3.2), (teams, 25, 2.3), (policies, 50, 2.3)],
    ids=["ports", "pods", "services of one selector", "namespaces", "policies for one selector"],
)
def test_work_grows_with_the_input(make: Callable[[int], str], count: int, most: float) -> None:
    """Twice as many ports or pods are twice the work; Services that share a container port are each other's evidence, and no more."""
    calls(read(make(2)))
    few, many = calls(read(make(count))), calls(read(make(2 * count)))
    assert many / few < most, (few, many)


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        (shapes.gateway_hosts, 100),
        (shapes.mesh_route_hosts, 100),
        (shapes.subsets, 100),
        (shapes.subset_routes, 60),
        (shapes.subset_ports, 100),
        (shapes.weights, 60),
        (shapes.extensions, 40),
        (shapes.services_of_one_selector, 40),
        (shapes.routed_services_of_one_selector, 40),
        (shapes.disproved_services, 40),
        (shapes.served_routes, 60),
        (shapes.served_hosts, 60),
        (shapes.merged_subsets, 60),
        (shapes.refused_routes, 60),
        (shapes.listeners, 60),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_work_grows_with_each_shape(shape: shapes.Shape, count: int) -> None:
    """Twice as many parts of one object, or objects of one host or selector, are twice the work: none is held against each other one."""
    calls(shapes.snapshot(shape, 2))
    few, many = calls(shapes.snapshot(shape, count)), calls(shapes.snapshot(shape, 2 * count))
    assert many / few < 2.3, (few, many)
