"""Twice the input takes about twice the work: counted in calls of functions, so that no clock decides."""

import cProfile
import pstats
from collections.abc import Callable

import pytest

from kubectl_meshfix.engine import diagnose
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


def calls(text: str) -> int:
    """How many functions are called to diagnose a text that was read."""
    snapshot, _ = from_texts({"a.yaml": text})
    profile = cProfile.Profile()
    profile.runcall(diagnose, snapshot, RULES)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "count", "most"), [(ports, 100, 2.3), (pods, 100, 2.3), (services, 20, 3.2)], ids=["ports", "pods", "services of one selector"]
)
def test_work_grows_with_the_input(make: Callable[[int], str], count: int, most: float) -> None:
    """Twice as many ports or pods are twice the work; Services that share a container port are each other's evidence, and no more."""
    calls(make(2))
    few, many = calls(make(count)), calls(make(2 * count))
    assert many / few < most, (few, many)
