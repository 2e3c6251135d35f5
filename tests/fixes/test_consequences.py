"""What a plan says of pods before they are replaced: who, how many, in which steps, and what stands in the way."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.effects.consequences import of_mesh
from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from tests.fixes import objects

LABEL = Operation("add", "/spec/template/metadata/labels/app", "cart")
LABELS = {"run": "cart"}


def made(kind: str, spec: dict[str, Any], status: dict[str, Any] | None = None, api: str = "apps/v1", name: str = "cart") -> Object:
    """An object with a status."""
    return objects.made(api, kind, spec, name=name, status=status or {})


def workload(kind: str, status: dict[str, Any] | None = None, api: str = "apps/v1", **spec: Any) -> Object:
    """A workload whose pods carry LABELS."""
    return made(kind, {"template": {"metadata": {"labels": LABELS}}, **spec}, status, api)


def told(*given: Object, live: bool = True, operation: Operation = LABEL) -> Consequence:
    """The consequence of a patch of the first object."""
    (consequence,) = of_mesh(Mesh(given, live=live))(given[0].ref, [operation])
    return consequence


ROLLING: dict[str, Any] = {"strategy": {"type": "RollingUpdate"}}


@pytest.mark.parametrize(
    ("replicas", "numbers", "effect", "says"),
    [
        (3, {}, Effect.ROLLS, "its 3 pods step by step: up to 1 more at a time, and at least 3 stay"),
        (10, {}, Effect.ROLLS, "up to 3 more at a time, and at least 8 stay"),
        (1, {}, Effect.ROLLS, "the old one is deleted when the new one is available"),
        (None, {}, Effect.ROLLS, "replaces its pod;"),
        (4, {"maxSurge": 0, "maxUnavailable": "10%"}, Effect.ROLLS, "up to 0 more at a time, and at least 3 stay"),
        (1, {"maxSurge": 0, "maxUnavailable": 1}, Effect.INTERRUPTS, "for a time none may run"),
        (2, {"maxSurge": 1, "maxUnavailable": "100%"}, Effect.INTERRUPTS, "for a time none may run"),
        (2, {"maxSurge": 0, "maxUnavailable": 0}, Effect.ROLLS, "up to 0 more at a time, and at least 1 stay"),
        (2, {"maxSurge": 0, "maxUnavailable": 5}, Effect.INTERRUPTS, "replaces its 2 pods all at once"),
        (3, {"maxSurge": 2, "maxUnavailable": 0}, Effect.ROLLS, "up to 2 more at a time, and at least 3 stay"),
        (0, {}, Effect.LATER, "runs no pods now"),
    ],
)
def test_a_deployments_steps_are_the_controllers_own(replicas: int | None, numbers: dict[str, Any], effect: Effect, says: str) -> None:
    """Surplus is rounded up, lack down, one of them is never 0, and where nobody is left it is called an interruption."""
    found = told(workload("Deployment", replicas=replicas, strategy={"type": "RollingUpdate", "rollingUpdate": numbers}))

    assert found.effect is effect
    assert says in found.text
    assert found.pods == (1 if replicas is None else replicas)


def test_recreate_is_an_interruption() -> None:
    """All pods stop before the first new one starts."""
    found = told(workload("Deployment", replicas=2, strategy={"type": "Recreate"}))

    assert (found.effect, found.pods, found.strategy) == (Effect.INTERRUPTS, 2, "Recreate")


def test_a_paused_rollout_waits_and_says_for_what() -> None:
    """Nothing rolls while a Deployment is paused; the words that resume it are named, and what happens then."""
    found = told(workload("Deployment", replicas=2, paused=True, **ROLLING))

    assert (found.effect, found.pods) == (Effect.WAITS, 2)
    assert "kubectl rollout resume deployment/cart -n shop" in found.text
    assert "step by step" in found.text


@pytest.mark.parametrize(
    ("spec", "effect", "pods", "says"),
    [
        ({"replicas": 3}, Effect.ROLLS, 3, "1 at a time"),
        ({"replicas": 1}, Effect.INTERRUPTS, 1, "for a time none runs"),
        ({"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, Effect.WAITS, 3, "its 3 pods get the change when deleted"),
        ({"replicas": 5, "updateStrategy": {"rollingUpdate": {"partition": 3}}}, Effect.ROLLS, 2, "2 of its 5 pods"),
        ({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 3}}}, Effect.WAITS, 3, "none of its 3 pods"),
        ({"replicas": 4, "updateStrategy": {"rollingUpdate": {"maxUnavailable": "50%"}}}, Effect.ROLLS, 4, "2 at a time"),
        ({"replicas": 4, "updateStrategy": {"rollingUpdate": {"maxUnavailable": "10%"}}}, Effect.ROLLS, 4, "1 at a time"),
    ],
)
def test_a_stateful_set(spec: dict[str, Any], effect: Effect, pods: int, says: str) -> None:
    """From the last ordinal down to the partition, a few at a time; with OnDelete only by hand."""
    found = told(workload("StatefulSet", **spec))

    assert (found.effect, found.pods) == (effect, pods)
    assert says in found.text


def test_a_daemon_set_counts_nodes() -> None:
    """How many pods a DaemonSet has only the cluster knows; with maxSurge a node is never without."""
    status = {"desiredNumberScheduled": 7}

    assert told(workload("DaemonSet", status)).pods == 7
    assert "the node has none meanwhile" in told(workload("DaemonSet", status)).text
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}
    assert "2 nodes at a time, where each old pod stays" in told(workload("DaemonSet", status, updateStrategy=surge)).text
    assert told(workload("DaemonSet"), live=False).pods is None
    assert told(workload("DaemonSet", status, updateStrategy={"type": "OnDelete"})).effect is Effect.WAITS


@pytest.mark.parametrize(
    ("spec", "effect", "strategy"),
    [
        ({"replicas": 2}, Effect.ROLLS, "Rolling"),
        ({"replicas": 2, "strategy": {"type": "Custom"}}, Effect.ROLLS, "Custom"),
        ({"replicas": 2, "triggers": [{"type": "ImageChange"}]}, Effect.WAITS, "Rolling"),
        ({"replicas": 2, "triggers": [{"type": "ImageChange"}, {"type": "ConfigChange"}]}, Effect.ROLLS, "Rolling"),
        ({"replicas": 2, "triggers": []}, Effect.WAITS, "Rolling"),
        ({"replicas": 2, "triggers": [{"type": "ConfigChange"}], "strategy": {"type": "Recreate"}}, Effect.INTERRUPTS, "Recreate"),
        ({"replicas": 2, "paused": True}, Effect.WAITS, "Rolling"),
    ],
)
def test_a_deployment_config_needs_a_trigger(spec: dict[str, Any], effect: Effect, strategy: str) -> None:
    """OpenShift rolls out on a change of the template only where a trigger says so, which is the default."""
    found = told(workload("DeploymentConfig", api="apps.openshift.io/v1", **spec))

    assert (found.effect, found.strategy, found.pods) == (effect, strategy, 2)


def test_what_replaces_no_pods() -> None:
    """A CronJob's next run has it; a ReplicaSet's pods, a Job's and a bare pod are replaced by nobody."""
    cron = made("CronJob", {"jobTemplate": {"spec": {"template": {"metadata": {"labels": LABELS}}}}}, api="batch/v1")

    assert told(cron, operation=Operation("add", "/spec/jobTemplate/spec/template/metadata/labels/app", "a")).effect is Effect.LATER
    assert told(workload("ReplicaSet", replicas=2)).effect is Effect.WAITS
    assert told(workload("Job", api="batch/v1")).effect is Effect.WAITS
    pod = made("Pod", {}, api="v1")
    assert told(pod, operation=Operation("add", "/metadata/labels", {"app": "cart"})).effect is Effect.NOW


def test_an_objects_own_labels_roll_nothing() -> None:
    """Only what is in the template replaces pods; a test of it changes nothing either."""
    deployment = workload("Deployment", replicas=3)
    consequences = of_mesh(Mesh([deployment], live=True))

    assert consequences(deployment.ref, [Operation("add", "/metadata/labels/a", "b")]) == ()
    assert consequences(deployment.ref, [Operation("test", LABEL.path, "b")]) == ()


def autoscaler() -> Object:
    """An autoscaler of the Deployment."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"}
    return made("HorizontalPodAutoscaler", {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9}, api="autoscaling/v2")


def test_an_autoscaler_knows_better_than_a_file() -> None:
    """In files the number of pods is the autoscaler's; on a cluster it has written it into the workload."""
    assert told(workload("Deployment", replicas=5), autoscaler()).pods == 5
    found = told(workload("Deployment"), autoscaler(), live=False)
    assert found.pods is None
    assert "It has 2 to 9 pods (HorizontalPodAutoscaler shop/cart)." in found.text
    assert "up to 25% more" in found.text


def budget(selector: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **spec: Any) -> Object:
    """A disruption budget, of the pods of the workload."""
    return made("PodDisruptionBudget", {"selector": {"matchLabels": LABELS} if selector is None else selector, **spec}, status, "policy/v1")


def test_a_budget_is_named_where_a_rollout_passes_it_by() -> None:
    """A rollout does not ask a budget, so it is said where fewer pods stay than it wants; where enough stay it is nobody's concern."""
    stops = workload("Deployment", replicas=2, strategy={"type": "Recreate"})
    keeps = workload("Deployment", replicas=4, **ROLLING)

    assert "wants 1 available, but a rollout ignores it: only evictions respect it" in told(stops, budget(minAvailable=1)).text
    assert "wants 2 available" in told(stops, budget(minAvailable="51%")).text
    assert "wants 4 available" in told(keeps, budget(maxUnavailable=0)).text
    assert "Budget" not in told(keeps, budget(minAvailable=3)).text
    assert "Budget" not in told(keeps, budget(maxUnavailable="30%")).text
    assert "wants 1 available" in told(stops, budget(maxUnavailable="30%")).text
    assert "Budget" not in told(stops, budget(maxUnavailable="60%")).text


def test_a_budget_for_others_is_not_reckoned_with() -> None:
    """A budget that picks other pods too, or none, says nothing of these alone."""
    stops = workload("Deployment", replicas=2, strategy={"type": "Recreate"})
    beside = made("Deployment", {"template": {"metadata": {"labels": LABELS}}}, name="other")

    assert "Budget" not in told(stops, beside, budget(minAvailable=1)).text
    assert "Budget" not in told(stops, budget({"matchLabels": {"run": "other"}}, minAvailable=1)).text
    assert "Budget" not in told(stops, made("PodDisruptionBudget", {"minAvailable": 1}, api="policy/v1")).text


def test_a_budget_is_for_the_pods_of_its_namespace() -> None:
    """A workload elsewhere with the same labels is none of its business."""
    stops = workload("Deployment", replicas=2, strategy={"type": "Recreate"})
    elsewhere = objects.made("apps/v1", "Deployment", {"template": {"metadata": {"labels": LABELS}}}, namespace="web")

    assert "wants 1 available" in told(stops, elsewhere, budget(minAvailable=1)).text


def test_a_budget_lets_pods_be_evicted_by_hand() -> None:
    """With OnDelete a person replaces the pods: evictions ask the budget, deletions do not."""
    stateful = workload("StatefulSet", replicas=3, updateStrategy={"type": "OnDelete"})

    found = told(stateful, budget(maxUnavailable=1, status={"disruptionsAllowed": 1}))

    assert "allows evictions one by one, 1 now; kubectl delete pod ignores it" in found.text


def test_a_namespaces_labels_wait_for_new_pods() -> None:
    """The injection labels count for pods that are made; ambient's counts at once; others count for nobody here."""
    namespace = made("Namespace", {}, api="v1", name="shop")

    found = told(namespace, operation=Operation("add", "/metadata/labels", {"istio-injection": "enabled"}))
    assert found.effect is Effect.LATER
    assert "kubectl rollout restart deployment,statefulset,daemonset -n shop" in found.text
    assert told(namespace, operation=Operation("remove", "/metadata/labels/istio.io~1rev")).effect is Effect.LATER
    assert told(namespace, operation=Operation("remove", "/metadata/labels/istio.io~1dataplane-mode")).effect is Effect.NOW
    for silent in (
        Operation("add", "/metadata/labels/team", "a"),
        Operation("add", "/metadata/labels", {"team": "a"}),
        Operation("add", "/metadata/annotations", {"istio-injection": "enabled"}),
        Operation("remove", "/metadata/labels"),
    ):
        assert of_mesh(Mesh([namespace]))(namespace.ref, [silent]) == ()


def test_the_injectors_configuration_waits_for_new_pods() -> None:
    """The injector's ConfigMap counts for new pods, the mesh's for every proxy at once."""
    for name, effect in (("istio-sidecar-injector-canary", Effect.LATER), ("istio", Effect.NOW)):
        config = made("ConfigMap", {}, api="v1", name=name)
        assert told(config, operation=Operation("replace", "/data/config", "")).effect is effect


def test_a_renamed_port_leaves_dns_and_variables() -> None:
    """The SRV record and, but for headless Services, the variable of new pods are named with the old name and the new."""
    ports = [{"name": "web", "port": 80}, {"name": "api-v1", "port": 81}]
    rename = Operation("replace", "/spec/ports/0/name", "http-web")
    ordinary = made("Service", {"ports": ports, "clusterIP": "10.0.0.1"}, api="v1", name="cart-db")

    text = told(ordinary, operation=rename).text
    assert "_web._tcp.cart-db.shop.svc becomes _http-web._tcp.cart-db.shop.svc" in text
    assert "CART_DB_SERVICE_PORT_WEB becomes CART_DB_SERVICE_PORT_HTTP_WEB" in text
    for spec in ({"clusterIP": "None"}, {"type": "ExternalName"}):
        without = made("Service", {"ports": ports, **spec}, api="v1")
        assert told(without, operation=rename).text == "The SRV name _web._tcp.cart.shop.svc becomes _http-web._tcp.cart.shop.svc."
    for silent in (Operation("add", "/spec/ports/0/appProtocol", "http"), Operation("remove", "/spec/ports/0/name")):
        assert of_mesh(Mesh([ordinary]))(ordinary.ref, [silent]) == ()


@pytest.mark.parametrize(
    ("replicas", "at_once", "wanted", "told_of"),
    [(3, 1, 2, False), (3, 1, 3, True), (3, "50%", 2, False), (3, "50%", 3, True), (4, "50%", 2, False), (4, "50%", 3, True)],
)
def test_a_budget_is_held_against_what_a_stateful_set_leaves(replicas: int, at_once: int | str, wanted: int, told_of: bool) -> None:
    """Of three pods two stay while one is replaced; half of three, rounded down, is one."""
    stateful = workload("StatefulSet", replicas=replicas, updateStrategy={"rollingUpdate": {"maxUnavailable": at_once}})

    assert ("Budget" in told(stateful, budget(minAvailable=wanted)).text) is told_of


@pytest.mark.parametrize(("available", "told_of"), [(5, False), (6, True)])
def test_a_budget_is_held_against_what_a_daemon_set_leaves(available: int, told_of: bool) -> None:
    """Two nodes of seven at a time leave five; with maxSurge all seven stay."""
    status = {"desiredNumberScheduled": 7}
    missing, surge = ({"type": "RollingUpdate", "rollingUpdate": numbers} for numbers in ({"maxUnavailable": 2}, {"maxSurge": 2}))

    assert ("Budget" in told(workload("DaemonSet", status, updateStrategy=missing), budget(minAvailable=available)).text) is told_of
    assert "Budget" not in told(workload("DaemonSet", status, updateStrategy=surge), budget(minAvailable=7)).text


def test_a_stateful_set_that_only_the_cluster_counts() -> None:
    """In files an autoscaler has the number; the pods are replaced one at a time all the same, and from 1 on where it has no minimum."""
    target = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "cart"}
    scaler = made("HorizontalPodAutoscaler", {"scaleTargetRef": target, "maxReplicas": 9}, api="autoscaling/v2")
    found = told(workload("StatefulSet", updateStrategy={"rollingUpdate": {"partition": 2}}), scaler, live=False)

    assert "replaces its pods, 1 at a time" in found.text
    assert "the first 2 stay as they are (partition)" in found.text
    assert "It has 1 to 9 pods" in found.text
    assert (found.pods, found.effect) == (None, Effect.ROLLS)


def test_an_autoscaler_of_another_is_none_of_this_one() -> None:
    """By kind, by name and by namespace."""
    for kind, name in (("Deployment", "till"), ("StatefulSet", "cart")):
        target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
        scaler = made("HorizontalPodAutoscaler", {"scaleTargetRef": target, "maxReplicas": 9}, api="autoscaling/v2")
        assert told(workload("Deployment", replicas=5), scaler, live=False).pods == 5


def test_a_rollout_is_replaced_as_its_strategy_says() -> None:
    """What says nothing of a pause is not paused; one that is waits for its own command."""
    running = workload("Rollout", api="argoproj.io/v1alpha1", replicas=2)
    paused = workload("Rollout", api="argoproj.io/v1alpha1", replicas=2, paused=True)

    assert told(running).effect is Effect.ROLLS
    assert told(running).text.startswith("Rollout shop/cart replaces its 2 pods as its strategy says.")
    assert told(paused).effect is Effect.WAITS
    assert "(kubectl argo rollouts resume cart -n shop)" in told(paused).text


def test_a_deployment_that_only_the_cluster_counts_has_no_number() -> None:
    """Singular and plural follow the number."""
    one, two = (workload("StatefulSet", replicas=number, updateStrategy={"type": "OnDelete"}) for number in (1, 2))

    assert "its pod gets the change when deleted" in told(one).text
    assert "its 2 pods get the change when deleted" in told(two).text


@pytest.mark.parametrize(("count", "which"), [(0, "Running pods"), (1, "Running pods"), (2, "The 2 running pods")])
def test_the_running_pods_of_a_namespace_are_counted(count: int, which: str) -> None:
    """On a cluster, those of its own workloads; files have none, whatever they hold."""
    namespace = made("Namespace", {}, api="v1", name="shop")
    pods = [made("Pod", {}, api="v1", name=f"cart-{number}") for number in range(count)]
    pods.append(objects.made("v1", "Pod", {}, name="till", namespace="other", status={}))
    label = Operation("add", "/metadata/labels/istio-injection", "enabled")

    assert told(namespace, *pods, operation=label).text.startswith(f"{which} of shop stay as they are")
    assert told(namespace, *pods, operation=label).pods == (count or None)
    assert told(namespace, *pods, operation=label, live=False).text.startswith("Running pods of shop")


def test_several_renamed_ports_are_counted() -> None:
    """One is named, the others are counted; a port without a name has no record to lose."""
    ports = [{"name": "web", "port": 80}, {"name": "api", "port": 81}, {"port": 82}]
    service = made("Service", {"ports": ports, "clusterIP": "10.0.0.1"}, api="v1")
    renames = [Operation("replace", f"/spec/ports/{index}/name", f"http-{index}") for index in range(3)]
    consequences = of_mesh(Mesh([service], live=True))

    (one,), (two,) = consequences(service.ref, renames[:1]), consequences(service.ref, renames)
    assert "more)" not in one.text
    assert two.text.startswith("The SRV name _web._tcp.cart.shop.svc becomes _http-0._tcp.cart.shop.svc (and 1 more); in new pods ")
    assert consequences(service.ref, renames[2:]) == ()


@pytest.mark.parametrize(("missing", "nodes"), [("30%", "3 nodes"), ("10%", "1 node"), ("0%", "1 node"), (None, "1 node"), (2, "2 nodes")])
def test_a_share_of_nodes_is_rounded_up(missing: int | str | None, nodes: str) -> None:
    """Of seven nodes 30 % are three; one at least is replaced at a time, which is also what is done where nothing is said."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": missing}}
    found = told(workload("DaemonSet", {"desiredNumberScheduled": 7}, updateStrategy=strategy))

    assert f"{nodes} at a time" in found.text


def test_in_files_a_share_of_nodes_has_no_number() -> None:
    """Nobody has counted the nodes."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "30%"}}

    assert "30% of the nodes at a time" in told(workload("DaemonSet", updateStrategy=strategy), live=False).text
