"""How many of several things findings name, and how they count the rest."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, deployment, injector, istiod, manifest, namespace
from tests.injection.scenes import HEALTHY, cluster, pod, replica_set, space
from tests.injection.scenes import deployment as made
from tests.rules.test_injection import DEFAULT, ENABLED, FORBIDDEN, ON_OPENSHIFT, OPENSHIFT, OUTSIDE, found
from tests.rules.test_new_pods import rows
from tests.traffic.objects import make

BASELINE = {**ENABLED, "pod-security.kubernetes.io/enforce": "baseline"}
COUNTS = pytest.mark.parametrize(("number", "more"), [(1, []), (5, []), (6, ["and 1 more"]), (8, ["and 3 more"])])


def named(obj: Object, name: str, **metadata: Any) -> Object:
    """An object by another name."""
    raw = json.loads(msgspec.json.encode(obj))
    raw["metadata"] |= {"name": name, **metadata}
    return decoded(raw)


@COUNTS
def test_five_workloads_that_a_level_refuses_are_named(number: int, more: list[str]) -> None:
    """Of more than five the others are counted."""
    workloads = [named(deployment(), f"cart-{index}") for index in range(number)]
    (finding,) = found(FORBIDDEN, DEFAULT, injector(), namespace("shop", BASELINE), workloads)

    assert [line for line in finding.evidence if line.startswith("refused: pods of ")] == [
        f"refused: pods of Deployment shop/cart-{index}" for index in range(min(number, 5))
    ]
    assert [line for line in finding.evidence if line.startswith("and ")] == more


@COUNTS
def test_five_pods_without_a_sidecar_are_named(number: int, more: list[str]) -> None:
    """Of more than five the others are counted."""
    pods = [named(pod(), f"cart-{index}") for index in range(number)]
    (row,) = rows(cluster(HEALTHY, space(ENABLED), made(), replica_set(), *pods), "MF305")

    assert row.evidence[: min(number, 5)] == tuple(f"cart-{index}" for index in range(min(number, 5)))
    assert [line for line in row.evidence if line.startswith("and ")] == more


IMAGES = ("istio/proxyv2:1.10.0", "istio/proxyv2:1.11.0", "istio/proxyv2:1.12.0")


@pytest.mark.parametrize(
    ("pods", "told"),
    [
        ([IMAGES[0]], "The only pod has another proxy than new pods get: 1.10.0 instead of 1.30.0."),
        ([IMAGES[0], IMAGES[1]], "2 of 2 pods have another proxy than new pods get: 1.10.0 instead of 1.30.0, 1.11.0 instead of 1.30.0."),
        (
            [IMAGES[0], IMAGES[1], IMAGES[1], IMAGES[2], IMAGES[2]],
            "5 of 5 pods have another proxy than new pods get: 1.11.0 instead of 1.30.0, 1.12.0 instead of 1.30.0.",
        ),
    ],
)
def test_the_two_most_common_differences_are_named(pods: list[str], told: str) -> None:
    """A workload whose pods have more than two other proxies is told of by the most common ones."""
    given = [named(pod(injected=True, image=image), f"cart-{index}") for index, image in enumerate(pods)]
    tagged = injector(values={"global": {"hub": "istio", "tag": "1.30.0"}})
    (row,) = rows(cluster(HEALTHY, tagged, space(ENABLED), made(), replica_set(), *given), "MF305")

    assert row.message.startswith(told)


@pytest.mark.parametrize(("number", "count"), [(1, 1), (5, 5), (6, 5)])
def test_five_rollouts_are_named(number: int, count: int) -> None:
    """Of more than five the others are left out."""
    kind = "apiVersion: apps.openshift.io/v1, kind: DeploymentConfig"
    configs = [manifest(f"{{{kind}, metadata: {{name: cart-{index}, namespace: shop}}, spec: {{}}}}") for index in range(number)]
    objects = (injector(values=ON_OPENSHIFT), istiod(image="istio/pilot:1.26.0"), namespace("shop", ENABLED))
    (finding,) = found(OPENSHIFT, DEFAULT, *objects, configs)

    assert sum(line.endswith("is rolled out in a namespace with injection") for line in finding.evidence) == count


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "AuthorizationPolicy shop/own-0 has no effect on them."),
        (2, "AuthorizationPolicy shop/own-0 and 1 more have no effect on them."),
        (3, "AuthorizationPolicy shop/own-0 and 2 more have no effect on them."),
    ],
)
def test_the_first_object_without_effect_is_named(number: int, told: str) -> None:
    """The others are counted."""
    policies = [make(AuthorizationPolicy, f"own-{index}") for index in range(number)]
    (finding,) = found(OUTSIDE, DEFAULT, namespace("shop"), deployment({"app": "cart"}), policies)

    assert finding.message == f"Pods of this namespace get no sidecar, so {told}"
