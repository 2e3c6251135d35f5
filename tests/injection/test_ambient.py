"""Ambient in an explanation: pods that are enrolled, whatever a new one would be, and the waypoints that labels name."""

from typing import Any

import pytest

from kubectl_meshfix.injection.membership import Mode
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.scenes import HEALTHY, cluster, deployment, explained, pod, replica_set, space, template
from tests.injection.waypoints import FAILING, PENDING, USE, USE_NAMESPACE, service, waypoint

MODE = "istio.io/dataplane-mode"
AMBIENT = {MODE: "ambient"}
FOR_PODS = {"istio.io/waypoint-for": "workload"}
ENROLLED = {"ambient.istio.io/redirection": "enabled"}


def enrolled() -> Object:
    """A pod that the CNI agent has enrolled."""
    return pod(template(annotations=ENROLLED))


def told(*objects: Any, labels: dict[str, str], coverage: Any = None) -> dict[str, list[str]]:
    """The statuses of the waypoint's steps, with the names of their arguments' objects."""
    made = explained(cluster(HEALTHY, space({**AMBIENT, **labels}), deployment(), replica_set(), enrolled(), *objects, coverage=coverage))
    steps = [step for stage in made.stages for step in stage.steps if step.check == "waypoint"]
    return {str(step.args["owner"]): [str(step.status), step.outcome.sentence.split("{waypoint}")[-1].split(",")[0]] for step in steps}


def test_a_pod_that_is_enrolled_is_in_the_mesh_whatever_a_new_one_gets() -> None:
    """A pod in ambient does not lack a sidecar; that the next one gets one is told beside it, and nothing is restarted."""
    made = explained(cluster(HEALTHY, space({**AMBIENT, "istio-injection": "enabled"}), deployment(), replica_set(), enrolled()))

    assert made.verdict.mode is Mode.AMBIENT
    assert made.verdict.injected is False
    assert made.verdict.as_requested
    assert "ztunnel carries its traffic. A new pod gets a sidecar" in made.verdict.summary
    assert not made.advice


def test_a_pod_that_only_its_annotation_knows_in_ambient_is_so() -> None:
    """Without any label, the CNI agent's annotation says that it is enrolled, and that the next pod is not is told."""
    made = explained(cluster(HEALTHY, space(), deployment(), replica_set(), enrolled()))

    assert made.verdict.mode is Mode.AMBIENT
    assert "A new pod gets no sidecar" in made.verdict.summary


def test_one_of_several_pods_that_is_not_enrolled_is_the_one_that_is_judged() -> None:
    """Where new pods get a sidecar, a pod with neither is a missing sidecar, though another is in ambient."""
    labels = {**AMBIENT, "istio-injection": "enabled"}
    other = pod(template(), owner=("ReplicaSet", "cart-1"))
    made = explained(cluster(HEALTHY, space(labels), deployment(), replica_set(), other))

    assert made.verdict.mode is Mode.NONE
    assert not made.verdict.as_requested


@pytest.mark.parametrize(
    ("objects", "labels", "expected"),
    [
        ((), {}, {}),
        ((), {USE: "none"}, {}),
        ((waypoint(),), {USE: "waypoint"}, {"Namespace shop": ["pass", ""]}),
        ((), {USE: "waypoint"}, {"Namespace shop": ["warn", ""]}),
        ((waypoint(addressed=False, condition=PENDING),), {USE: "waypoint"}, {"Namespace shop": ["warn", " has never been ready"]}),
        ((waypoint(condition=FAILING), service()), {USE: "waypoint"}, {"Namespace shop": ["warn", " is not programmed"]}),
        ((waypoint(), service({USE: "none"})), {USE: "waypoint"}, {}),
        ((waypoint(), service({USE: "other"})), {USE: "waypoint"}, {"Service shop/cart": ["warn", ""]}),
        ((waypoint(labels=FOR_PODS), service({USE: "waypoint"})), {}, {"Service shop/cart": ["warn", " is not for"]}),
        ((waypoint(namespace="edge"),), {USE: "waypoint", USE_NAMESPACE: "edge"}, {"Namespace shop": ["warn", " does not admit"]}),
    ],
)  # fmt: skip
def test_the_waypoint_is_told(objects: tuple[Object, ...], labels: dict[str, str], expected: dict[str, list[str]]) -> None:
    """Whether the waypoint that a label names can be used, for the labels that count for these pods."""
    found = told(*objects, labels=labels)

    assert found.keys() == expected.keys()
    for owner, (status, words) in expected.items():
        assert found[owner][0] == status
        assert found[owner][1].startswith(words)


def test_the_label_of_the_pods_own_template_is_told_where_it_stands() -> None:
    """A workload's label counts for its pods, with a waypoint that is for them; the step leads to the template."""
    labelled = deployment(template({USE: "waypoint"}))
    made = explained(cluster(HEALTHY, space(AMBIENT), labelled, replica_set(), enrolled(), waypoint(labels=FOR_PODS)))
    (step,) = [step for stage in made.stages for step in stage.steps if step.check == "waypoint"]

    assert (str(step.status), str(step.args["owner"])) == ("pass", "Deployment shop/cart")
    assert step.at
    assert step.at.path == "/spec/template/metadata/labels/istio.io~1use-waypoint"


def test_a_waypoint_that_may_not_be_read_is_not_known() -> None:
    """Without the right to read Gateways nobody says that one is missing."""
    found = told(labels={USE: "waypoint"}, coverage={kinds.KUBERNETES_GATEWAY: Coverage(reason="forbidden")})

    assert found["Namespace shop"][0] == "unknown"


def test_sidecars_do_not_ask_for_waypoints() -> None:
    """Whatever the labels name, a pod with a sidecar uses no waypoint."""
    made = explained(cluster(HEALTHY, space({"istio-injection": "enabled", USE: "waypoint"}), deployment(), replica_set()))

    assert not [step for stage in made.stages for step in stage.steps if step.check == "waypoint"]
