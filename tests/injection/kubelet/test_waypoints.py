"""What is said of the waypoints that labels name."""

import pytest

from kubectl_meshfix.chain.steps import Outcome, Step, told
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet import look_for_waypoints
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from tests.injection.scenes import cluster, deployment, space, template
from tests.injection.waypoints import FAILING, PROGRAMMED, USE, service, waypoint

NAMED = {USE: "waypoint"}


def steps(mesh: Mesh) -> tuple[Step, ...]:
    """The steps about the waypoints of Deployment shop/cart."""
    made = next(obj for obj in mesh.objects if obj.kind == "Deployment")
    return told(look_for_waypoints(mesh, subject(mesh, made))).steps


@pytest.mark.parametrize(
    ("condition", "outcome", "message"),
    [
        (PROGRAMMED, checks.WAYPOINT_USED, None),
        ({}, checks.WAYPOINT_USED, None),
        (FAILING, checks.WAYPOINT_NOT_PROGRAMMED, "Failed to assign to any addresses"),
        ({"type": "Programmed", "status": "False", "reason": "AddressNotAssigned"}, checks.WAYPOINT_NOT_PROGRAMMED, "AddressNotAssigned"),
        ({"type": "Programmed", "status": "False"}, checks.WAYPOINT_NOT_PROGRAMMED, "its status gives no reason"),
    ],
)
def test_why_a_waypoint_is_not_programmed(condition: dict[str, str], outcome: Outcome, message: str | None) -> None:
    """Its status' message, else the reason, else that there is none."""
    (found,) = steps(cluster(space(NAMED), deployment(), waypoint(condition=condition)))

    assert (found.outcome, found.args.get("message")) == (outcome, message)


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        (Coverage(reason="forbidden"), "forbidden"),
        (Coverage(namespaces=frozenset({"other"})), "no Gateways of its namespace were read"),
    ],
)
def test_why_a_waypoint_is_not_known(coverage: Coverage, reason: str) -> None:
    """The API server's reason, or that its namespace was not asked for."""
    (found,) = steps(cluster(space(NAMED), deployment(), coverage={kinds.KUBERNETES_GATEWAY: coverage}))

    assert (found.outcome, found.args["reason"]) == (checks.WAYPOINT_UNREAD, reason)


@pytest.mark.parametrize(
    ("of_service", "of_pod", "of_space", "owners"),
    [
        ({}, {}, {}, []),
        ({}, {}, NAMED, ["Namespace shop"]),
        (NAMED, {}, {}, ["Service shop/cart"]),
        (NAMED, {}, NAMED, ["Service shop/cart"]),
        ({USE: "none"}, {}, NAMED, []),
        ({}, NAMED, NAMED, ["Deployment shop/cart", "Namespace shop"]),
        (NAMED, NAMED, {}, ["Service shop/cart", "Deployment shop/cart"]),
    ],
)
def test_whose_labels_are_told(of_service: dict[str, str], of_pod: dict[str, str], of_space: dict[str, str], owners: list[str]) -> None:
    """Of Services, of the pods, and of the namespace unless each Service has a label of its own."""
    found = steps(
        cluster(space(of_space), deployment(template(of_pod)), service(of_service), waypoint(labels={"istio.io/waypoint-for": "all"}))
    )

    assert [str(step.args["owner"]) for step in found] == owners
