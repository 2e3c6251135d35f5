"""Rules where pods are in ambient mode, or meant to be."""

from collections.abc import Mapping

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import conflicting_injection_labels, missing_sidecar
from kubectl_meshfix.rules.rule import Finding
from tests.injection.installations import INSTALLATIONS, decoded, deployment, namespace
from tests.injection.waypoints import USE, service, waypoint
from tests.rules.asking import asked, fix

CONFLICT, MISSING = conflicting_injection_labels.RULE, missing_sidecar.RULE
DEFAULT, REVISED = INSTALLATIONS["default"], INSTALLATIONS["r1"]
REV, MODE, INJECTION = "istio.io/rev", "istio.io/dataplane-mode", "istio-injection"
AMBIENT = {MODE: "ambient"}
ENROLLED = {"ambient.istio.io/redirection": "enabled"}
Labels = Mapping[str, str]


def pod(annotations: Labels, *, name: str = "cart-1", proxy: bool = False) -> Object:
    """A pod of Deployment shop/cart that runs."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": True}
    containers = [{"name": "cart", "image": "cart:1"}, *([{"name": "istio-proxy", "image": "istio/proxyv2:1.30.0"}] if proxy else [])]
    return decoded(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": "shop",
                "labels": {"app": "cart"},
                "annotations": dict(annotations),
                "ownerReferences": [owner],
            },
            "spec": {"containers": containers},
            "status": {"phase": "Running"},
        }
    )


def conflicts(labels: Labels, *objects: Object, live: bool = False) -> list[Finding]:
    """What MF302 finds in namespace shop, beside revision r1 and no default one."""
    return asked(CONFLICT, Mesh((*REVISED, namespace("shop", {**AMBIENT, **labels}), *objects), live=live))


def changes(finding: Finding) -> dict[str, list[tuple[str, str]]]:
    """The operations of a fix that change something, by kind and name of their object."""
    return {
        f"{patch.resource.kind} {patch.resource.name}": [
            (item.op, item.path.rpartition("/")[2]) for item in patch.operations if item.op != "test"
        ]
        for patch in fix(finding).patches
    }


# ---------------------------------------------------------------- MF302


@pytest.mark.parametrize(
    ("labels", "objects"),
    [({USE: "waypoint"}, ()), ({}, (waypoint(),)), ({}, (service({USE: "waypoint"}),)), ({USE: "none"}, (waypoint(),))],
)
@pytest.mark.parametrize("live", [True, False])
def test_whoever_asks_for_a_waypoint_means_ambient(labels: Labels, objects: tuple[Object, ...], *, live: bool) -> None:
    """A label, a Service's label or a waypoint tells what was meant; the label for sidecars goes, and never as a safe fix."""
    (finding,) = conflicts({REV: "r1", **labels}, *objects, live=live)

    assert finding.path.endswith("istio.io~1rev")
    assert fix(finding).safety is Safety.UNSAFE
    assert ("remove", "istio.io~1rev") in changes(finding)["Namespace shop"]


def test_a_revision_moves_to_the_gateways_that_follow_the_namespace() -> None:
    """Gateways of Istio's classes without a revision of their own get the namespace's; others are left alone."""
    own = waypoint(name="own", labels={REV: "r1"})
    foreign = waypoint(name="foreign", class_name="nginx")
    (finding,) = conflicts({REV: "r1"}, waypoint(), own, foreign, waypoint(name="edge", class_name="istio", labels={"team": "a"}))

    assert changes(finding) == {
        "Namespace shop": [("remove", "istio.io~1rev")],
        "Gateway edge": [("add", "istio.io~1rev")],
        "Gateway waypoint": [("add", "labels")],
    }
    assert fix(finding).patches[2].operations == (Operation("add", "/metadata/labels", {REV: "r1"}),)


def test_a_label_for_the_default_revision_is_only_removed() -> None:
    """`istio-injection` says nothing to Gateways, so nothing moves."""
    objects = (*DEFAULT, namespace("shop", {**AMBIENT, INJECTION: "enabled"}), waypoint())
    (finding,) = asked(CONFLICT, Mesh(objects))

    assert changes(finding) == {"Namespace shop": [("remove", INJECTION)]}


def test_both_labels_for_sidecars_go_in_one_fix() -> None:
    """Where both give sidecars beside a waypoint, one finding removes both, and the revision stays the Gateway's."""
    objects = (*DEFAULT, namespace("shop", {**AMBIENT, INJECTION: "enabled", REV: "r1"}), waypoint())
    (finding,) = asked(CONFLICT, Mesh(objects))

    assert changes(finding)["Namespace shop"] == [("remove", INJECTION), ("remove", "istio.io~1rev")]
    assert changes(finding)["Gateway waypoint"] == [("add", "labels")]


def test_gateways_that_were_not_read_may_follow_the_namespace() -> None:
    """Files that hold no Gateway do not tell which of them would lose their revision, and the risk says so."""
    (unread,) = conflicts({REV: "r1", USE: "waypoint"})
    (read,) = conflicts({REV: "r1", USE: "waypoint"}, waypoint())

    assert "another control plane" in (fix(unread).risk or "")
    assert "another control plane" not in (fix(read).risk or "")


def test_the_pods_that_run_with_a_sidecar_are_left_to_be_replaced() -> None:
    """The command to replace pods is shown where one of them has a sidecar, and nowhere else."""
    (with_sidecar,) = conflicts({REV: "r1"}, waypoint(), deployment(), pod({}, proxy=True), live=True)
    (enrolled,) = conflicts({REV: "r1"}, waypoint(), deployment(), pod(ENROLLED), live=True)

    assert fix(with_sidecar).commands
    assert not fix(enrolled).commands


def test_a_workload_in_a_namespace_that_is_to_enter_ambient_keeps_its_label() -> None:
    """Where the namespace's label for sidecars goes, a pod's label for ambient is right."""
    findings = conflicts({REV: "r1"}, waypoint(), deployment({"app": "cart", MODE: "ambient"}))

    assert [finding.resource.kind for finding in findings] == ["Namespace"]


def test_a_workload_with_pods_in_ambient_is_left_to_a_person() -> None:
    """Without its label, pods that are in ambient today would come back with a sidecar."""
    labels = {"app": "cart", MODE: "ambient"}
    objects = (*DEFAULT, namespace("shop", {INJECTION: "enabled"}), deployment(labels), pod(ENROLLED))
    (finding,) = asked(CONFLICT, Mesh(objects, live=True))

    assert finding.resource.kind == "Deployment"
    assert fix(finding).safety is Safety.MANUAL


# ---------------------------------------------------------------- MF305


def test_a_pod_in_ambient_lacks_no_sidecar() -> None:
    """The CNI agent's annotation says that a pod is in the mesh, so that nothing restarts it; one without it does lack the sidecar."""
    space = namespace("shop", {**AMBIENT, INJECTION: "enabled"})

    assert not asked(MISSING, Mesh((*DEFAULT, space, deployment(), pod(ENROLLED)), live=True))
    (finding,) = asked(MISSING, Mesh((*DEFAULT, space, deployment(), pod(ENROLLED), pod({}, name="cart-2")), live=True))
    assert finding.message.startswith("1 of 2 pods has no sidecar")
