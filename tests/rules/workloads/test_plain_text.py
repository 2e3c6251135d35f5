"""MF207 and MF208: what else is in a pod, or of a StatefulSet's Service, decides on what is said and how it is corrected."""

from collections.abc import Sequence
from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Severity
from tests.rules.test_before_the_proxy import HTTP, OFF, OWNER, PEERS, PROBES, PROXY, STRICT, headless, probed, replicas
from tests.rules.test_workloads import Json, findings, fix_of, namespace, obj, pod

MAIN = {"name": "main", "image": "app:1.0"}

# ---------------------------------------------------------------- MF207


@pytest.mark.parametrize(
    ("containers", "status", "severity"),
    [
        ([PROXY], {"restartCount": 2}, Severity.ERROR),
        ([MAIN], {"restartCount": 2}, None),
        ([PROXY], {"restartCount": 2, "name": "other"}, None),
    ],
)
def test_pods_without_a_proxy_fail_for_another_reason(containers: list[Json], status: Json, severity: Severity | None) -> None:
    """Only a pod with the proxy shows that it refuses the probe."""
    statuses = {"phase": "Running", "containerStatuses": [{"name": "main", **status}]}
    live = pod("cart-1", {"app": "cart"}, statuses, OWNER, containers=containers)
    (found,) = findings(PROBES, namespace(), probed(OFF, livenessProbe=HTTP), live, STRICT, live=True)

    assert found.severity is severity


def bare(annotations: Json, *containers: Json) -> Json:
    """A pod that nobody makes, with a probe."""
    made = pod("cart", {"app": "cart"}, containers=[{**MAIN, "livenessProbe": HTTP}, *containers])
    made["metadata"]["annotations"] = annotations
    return made


def test_the_probes_of_a_pod_that_runs_stay() -> None:
    """In a file its annotation is changed; on a cluster it has to be created again."""
    in_file = fix_of(PROBES, namespace(), bare(OFF), STRICT)
    running = fix_of(PROBES, namespace(), bare(OFF), STRICT, live=True)

    assert (in_file.safety, in_file.why) == (Safety.RESTART, None)
    assert (running.safety, running.why) == (Safety.MANUAL, "A running pod keeps its probes: delete it and create it again.")


def test_probes_beside_a_proxy_of_the_template_are_what_they_are() -> None:
    """Nobody injects such a template, so no annotation moves its probes."""
    made = probed(OFF, livenessProbe=HTTP)
    assert findings(PROBES, namespace(), made, STRICT)
    made["spec"]["template"]["spec"]["containers"].append(PROXY)
    assert not findings(PROBES, namespace(), made, STRICT)


# ---------------------------------------------------------------- MF208


def governing(selector: Json, ip: str = "None") -> Json:
    """The Service that the StatefulSet names, without the port."""
    return obj("v1", "Service", "ring", spec={"clusterIP": ip, "selector": selector, "ports": [{"name": "http", "port": 80}]})


RING = {"app": "ring"}
ADDED = 'Add port 7946 "gossip" to the headless Service shop/ring.'
BY_HAND = 'Add a headless Service (clusterIP: None) that selects these pods, with port 7946 "gossip".'


@pytest.mark.parametrize(
    ("service", "summary"),
    [
        (governing(RING), ADDED),
        (governing(RING, "10.0.0.1"), BY_HAND),
        (governing({}), BY_HAND),
        (governing({"app": "other"}), BY_HAND),
        (governing({**RING, "tier": "web"}), BY_HAND),
    ],
)
def test_a_port_is_added_to_a_headless_service_of_these_pods(service: Json, summary: str) -> None:
    """One whose whole selector picks them; any other is not about these replicas alone."""
    assert fix_of(PEERS, namespace(), replicas(), service, STRICT).summary == summary


def with_proxy() -> Json:
    """The replicas with a proxy in their template."""
    made = replicas()
    made["spec"]["template"]["spec"]["containers"].append(PROXY)
    return made


@pytest.mark.parametrize(
    ("objects", "unread", "is_found"),
    [
        ((replicas(), headless(80)), (), True),
        ((with_proxy(), headless(80)), (), False),
        ((replicas(), headless(80)), (kinds.SERVICE,), False),
    ],
    ids=["read", "proxy in the template", "Services unread"],
)
def test_a_port_is_missing_where_all_services_are_known(objects: Sequence[Any], unread: tuple[kinds.Kind, ...], *, is_found: bool) -> None:
    """Another headless Service may have it, and a proxy of the template's own is nobody's to configure."""
    assert bool(findings(PEERS, namespace(), *objects, STRICT, live=True, unread=unread)) is is_found
