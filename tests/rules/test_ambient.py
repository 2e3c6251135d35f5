"""Rules where pods are in ambient mode, or meant to be."""

from collections.abc import Mapping

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.ambient import unusable_waypoint
from kubectl_meshfix.rules.injection import conflicting_injection_labels, missing_sidecar
from kubectl_meshfix.rules.rule import Finding, Severity
from tests.injection.installations import INSTALLATIONS, decoded, deployment, namespace
from tests.injection.waypoints import FAILING, PENDING, PROGRAMMED, USE, USE_NAMESPACE, service, waypoint
from tests.rules.asking import asked, findings, fix, only

CONFLICT, MISSING, WAYPOINT = conflicting_injection_labels.RULE, missing_sidecar.RULE, unusable_waypoint.RULE
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


# ---------------------------------------------------------------- MF801


def policy(target: Labels) -> Object:
    """An AuthorizationPolicy of namespace shop for one target."""
    metadata = {"name": "only-get", "namespace": "shop"}
    spec = {"action": "DENY", "targetRefs": [dict(target)]}
    return decoded({"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec})


FOR_CART = {"kind": "Service", "group": "", "name": "cart"}
FOR_WAYPOINT = {"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "waypoint"}
FOR_PODS = {"istio.io/waypoint-for": "workload"}
USING = {**AMBIENT, USE: "waypoint"}
SELECTED = {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}
ELSEWHERE = {**USING, USE_NAMESPACE: "edge"}


def test_a_waypoint_that_does_not_exist_handles_nothing() -> None:
    """On a cluster that is certain; what the label is on is named, and a waypoint of nearly that name is proposed."""
    missing = only(WAYPOINT, namespace("shop", USING))
    slip = only(WAYPOINT, namespace("shop", {**AMBIENT, USE: "waypiont"}), waypoint())

    assert missing.message.startswith("There is no waypoint shop/waypoint.")
    assert fix(missing).commands == ("istioctl waypoint apply --name waypoint -n shop",)
    assert fix(slip).safety is Safety.UNSAFE
    assert fix(slip).summary == "Replace waypiont with waypoint."


@pytest.mark.parametrize(
    "objects",
    [
        (namespace("shop", {**AMBIENT, USE: "none"}),),
        (namespace("shop", USING), waypoint()),
        (namespace("shop", USING), waypoint(class_name="my-waypoint")),
        (namespace("shop", ELSEWHERE), waypoint(namespace="edge", admits={"from": "All"})),
        (namespace("shop", {**ELSEWHERE, "team": "a"}), waypoint(namespace="edge", admits=SELECTED)),
        (namespace("shop", USING), waypoint(labels=FOR_PODS)),
        (service({USE: "waypoint"}), waypoint(labels={"istio.io/waypoint-for": "all"})),
        (deployment({"app": "cart", USE: "waypoint"}), waypoint(labels=FOR_PODS)),
        (waypoint(class_name="istio", addressed=False, condition=PENDING),),
    ],
)
def test_waypoints_that_can_be_used_are_left_alone(objects: tuple[Object, ...]) -> None:
    """Also those of another namespace that admit this one, of classes that others made, and for the traffic they are asked for."""
    assert not findings(WAYPOINT, *objects)


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ((namespace("shop", ELSEWHERE), waypoint(namespace="edge")), "does not admit this namespace"),
        ((namespace("shop", ELSEWHERE), waypoint(namespace="edge", admits=SELECTED)), "does not admit this namespace"),
        ((service({USE: "waypoint"}), waypoint(labels=FOR_PODS)), "is not for traffic to Services"),
        (
            (deployment({"app": "cart", USE: "waypoint"}), waypoint(labels={"istio.io/waypoint-for": "service"})),
            "is not for traffic to pods",
        ),
        ((deployment({"app": "cart", USE: "waypoint"}), waypoint()), "is not for traffic to pods"),
        ((waypoint(addressed=False, condition=PENDING),), "no pod of it has been ready"),
        ((waypoint(addressed=False, condition=PROGRAMMED),), "no pod of it has been ready"),
        ((waypoint(condition=FAILING),), "Requests that pass through it may fail"),
    ],
)
def test_why_a_waypoint_is_not_used(objects: tuple[Object, ...], words: str) -> None:
    """The waypoint is there, and refuses the traffic or is not ready."""
    found = only(WAYPOINT, *objects)

    assert words in found.message
    assert found.severity is None


@pytest.mark.parametrize("target", [FOR_CART, FOR_WAYPOINT])
@pytest.mark.parametrize("gateway", [(), (waypoint(addressed=False, condition=PENDING),)])
def test_a_policy_that_nobody_enforces_is_an_error(target: Labels, gateway: tuple[Object, ...]) -> None:
    """Policies for the waypoint, or for a Service whose traffic it is to handle, let everything pass."""
    found = only(WAYPOINT, namespace("shop", USING), service(), *gateway, policy(target))

    assert found.severity is Severity.ERROR
    assert found.message.endswith("AuthorizationPolicy shop/only-get is not enforced.")


def test_a_policy_for_a_service_with_a_label_of_its_own_is_not_concerned() -> None:
    """A Service that names another waypoint, or none, does not lose the namespace's."""
    found = only(WAYPOINT, namespace("shop", USING), service({USE: "none"}), policy(FOR_CART))

    assert found.severity is None


def test_files_tell_of_a_waypoint_only_what_they_show() -> None:
    """A manifest has no status; a missing Gateway is one where the files hold others of its namespace; a right that lacks tells nothing."""
    made = waypoint(addressed=False, condition={})
    unread = {kinds.KUBERNETES_GATEWAY: Coverage(reason="forbidden")}

    assert not findings(WAYPOINT, namespace("shop", USING), made, live=False)
    assert not findings(WAYPOINT, namespace("shop", USING), live=False)
    assert only(WAYPOINT, namespace("shop", USING), waypoint(name="edge"), live=False).severity is Severity.INFO
    assert not findings(WAYPOINT, namespace("shop", USING), coverage=unread)


def test_a_waypoint_of_a_revision_that_is_gone_is_deployed_by_nobody() -> None:
    """Its own label, else its namespace's, names the istiod that deploys it."""
    waiting = waypoint(addressed=False, condition=PENDING)
    objects = (*DEFAULT, namespace("shop", {**AMBIENT, REV: "gone"}), waiting)

    assert "No istiod is of revision gone" in (fix(only(WAYPOINT, *objects)).why or "")
    assert fix(only(WAYPOINT, *DEFAULT, namespace("shop", AMBIENT), waiting)).commands
