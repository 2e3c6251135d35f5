"""Rules about pods that cannot be created, and about restarts where no pod would come up."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS as INPUTS
from kubectl_meshfix.injection.unreachable import taken_by
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.report import Diagnosis, ReportSource
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.scope import FindingFilter, in_scope, parse_targets
from kubectl_meshfix.severity import Severity
from tests.injection.cases import scaled
from tests.injection.installations import R1, TAG_PROD, decoded, injector, istiod
from tests.injection.reaching.certificates import OTHER_ROOT
from tests.injection.scenes import CALL, HEALTHY, NOW, backend, cluster, deployment, event, hooks, pod, replica_set, space, template

ENABLED = {"istio-injection": "enabled"}
GONE = CALL + 'service "istiod" not found'
POLICY = 'admission webhook "check.example.com" denied the request: [no-caps] container <istio-init> adds NET_ADMIN'
FORBIDDEN = Coverage(reason="forbidden")


def rows(mesh: Mesh, *codes: str) -> list[Diagnosis]:
    """What the rules of these codes find, as the engine reports it."""
    rules = [rule for rule in RULES if rule.code in codes]
    found = diagnose(Snapshot(meshes=Meshes([mesh]), source=ReportSource(kind="cluster")), rules).findings
    return [row for row in found if row.code in codes]


def created(mesh: Mesh) -> list[str]:
    """The codes about pods that cannot be created."""
    return [row.code for row in rows(mesh, "MF306", "MF309", "MF310")]


def stateful(replicas: int = 2, there: int = 2) -> Object:
    """StatefulSet shop/queue of which so many pods are there."""
    return decoded(
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "queue", "namespace": "shop", "uid": "s"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "cart"}}, "template": template({"version": "v1"})},
            "status": {"replicas": there},
        }
    )


def quota(hard: str, used: str, name: str = "requests.cpu") -> Object:
    """A ResourceQuota of the shop."""
    status = {"hard": {name: hard}, "used": {name: used}}
    return decoded({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small", "namespace": "shop"}, "status": status})


def with_labels(labels: Mapping[str, str], annotations: Mapping[str, str] | None = None) -> Object:
    """Namespace shop with labels and annotations."""
    metadata = {"name": "shop", "labels": dict(labels), "annotations": dict(annotations or {})}
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def made_by(name: str = "queue") -> Object:
    """A running pod of the StatefulSet, without a sidecar."""
    return pod(owner=("StatefulSet", name))


RUNNING: tuple[Object, ...] = (with_labels(ENABLED), stateful(), made_by())
"""An injected namespace with a StatefulSet whose pod is older than the label."""


# ---------------------------------------------------------------- MF309


@pytest.mark.parametrize(
    ("broken", "words", "command"),
    [
        ((hooks(),), "Service istio-system/istiod does not exist", "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector"),
        ((hooks(), istiod()), "its istiod, Deployment istio-system/istiod, is there", ""),
        ((hooks(), backend()[0]), "leads to no pod", "kubectl get pods -n istio-system -l app=istiod"),
        ((hooks(), backend(ready=False)), "leads to no ready istiod", "kubectl get pods -n istio-system -l app=istiod"),
        ((hooks(ca=OTHER_ROOT), backend()), "does not hold the mesh's root certificate", "-L istio.io/rev"),
    ],
    ids=["no Service", "istiod without its Service", "no endpoints", "none is ready", "another root"],
)
def test_a_webhook_that_cannot_be_called_is_an_error(broken: Iterable[Any], words: str, command: str) -> None:
    """Each way in which the call fails is told on the webhook, with the namespaces that it concerns and what to do."""
    (row,) = rows(cluster(*broken, injector(), space(ENABLED), deployment()), "MF309", "MF310")

    assert (row.code, row.severity) == ("MF309", Severity.ERROR)
    assert row.resource.name == "istio-sidecar-injector"
    assert words in row.message
    assert row.message.endswith("No pod can be created in shop.")
    assert row.fix
    assert row.fix.safety is Safety.MANUAL
    assert command in " ".join(row.fix.commands)


def test_a_healthy_webhook_is_silent() -> None:
    """Nothing is said of a webhook that is answered, whoever uses it."""
    assert created(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True))) == []


def test_what_nobody_uses_is_no_error() -> None:
    """A webhook that takes no pods is silent, and only a tag that leads nowhere is a warning, because it waits for somebody."""
    (row,) = rows(cluster(HEALTHY, hooks(TAG_PROD, "r1", value="prod", tag="prod"), hooks(R1, "r1"), space({}), deployment()), "MF309")

    assert (row.resource.name, row.severity) == (TAG_PROD, Severity.WARNING)
    assert "No namespace uses the tag prod now." in row.message


@pytest.mark.parametrize(("number", "more"), [(1, []), (5, []), (6, ["and 1 more"]), (8, ["and 3 more"])])
def test_five_of_those_that_were_refused_are_named(number: int, more: list[str]) -> None:
    """Of more than five the others are counted."""
    refused = [replica_set(GONE, name=f"cart-{index}") for index in range(number)]
    (row,) = rows(cluster(hooks(), injector(), space(ENABLED), *refused), "MF309")

    named = [line for line in row.evidence if line.startswith("refused: pods of ")]
    assert len(named) == min(number, 5)
    assert [line for line in row.evidence if line.startswith("and ")] == more


def test_an_open_webhook_is_a_warning() -> None:
    """With failurePolicy Ignore pods are created, and without a sidecar."""
    (row,) = rows(cluster(hooks(policy="Ignore"), injector(), space(ENABLED), deployment()), "MF309")

    assert row.severity is Severity.WARNING
    assert row.message.endswith("New pods in shop get no sidecar.")


def test_what_was_not_read_is_not_missing() -> None:
    """Whoever may not read Services, endpoints or Deployments is told of no fault, and of no delete."""
    unread = {kinds.SERVICE: FORBIDDEN, kinds.ENDPOINT_SLICE: FORBIDDEN}
    assert created(cluster(hooks(), injector(), space(ENABLED), deployment(), coverage=unread)) == []

    (row,) = rows(cluster(hooks(), space(ENABLED), coverage={kinds.DEPLOYMENT: FORBIDDEN}), "MF309")
    assert row.fix
    assert row.fix.commands == ()


@pytest.mark.parametrize("missing", INPUTS)
def test_a_view_without_an_input_is_refused(missing: kinds.Kind) -> None:
    """Whether or not it was worked out before which namespaces a webhook takes."""
    whole = cluster(hooks(), injector(), space(ENABLED), deployment())
    assert taken_by(whole, "istio-sidecar-injector") == {"shop"}

    with pytest.raises(UndeclaredInputError):
        taken_by(whole.restricted_to(*(kind for kind in INPUTS if kind is not missing)), "istio-sidecar-injector")


def test_files_tell_of_a_missing_service_only_beside_another_istiod() -> None:
    """A manifest of a webhook alone says nothing about the Services of its cluster."""
    alone = [hooks(), space(ENABLED), deployment()]
    gateway = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ingress", "namespace": "istio-system"}, "spec": {}}

    assert created(Mesh(alone)) == []
    assert created(Mesh([*alone, decoded(gateway)])) == []
    assert created(Mesh([*alone, backend(name="istiod-r1")[0]])) == ["MF309"]
    assert created(Mesh([*alone, replica_set(GONE)])) == ["MF309"], "the API server's own words"


def test_a_namespace_that_goes_asks_for_nothing() -> None:
    """Labels of a namespace that is being deleted decide on nothing."""
    raw = json.loads(msgspec.json.encode(space({"istio.io/rev": "lost"})))
    raw["metadata"]["deletionTimestamp"] = NOW

    assert rows(cluster(HEALTHY, space({"istio.io/rev": "lost"})), "MF304")
    assert rows(cluster(HEALTHY, decoded(raw), deployment()), "MF304", "MF305", "MF309") == []


# ---------------------------------------------------------------- MF310


@pytest.mark.parametrize(
    ("message", "severity", "words"),
    [
        (POLICY, Severity.ERROR, "webhook check.example.com (no-caps) refuses what injection adds"),
        ("ValidatingAdmissionPolicy 'no-root' with binding 'b' denied request: istio-init", Severity.ERROR, "no-root refuses what"),
        ("exceeded quota: small, requested: cpu=2", Severity.ERROR, "with the proxy's resources"),
        ('violates PodSecurity "restricted": runAsNonRoot (container "cart")', Severity.INFO, "not for what injection adds"),
        ('admission webhook "images.example.com" denied the request: cart:1 is not signed', Severity.INFO, "images.example.com, refuses"),
    ],
)
def test_who_refuses_a_pod_decides_how_much_it_counts(message: str, severity: Severity, words: str) -> None:
    """What injection adds is Istio's business; another reason is told as information, because the mesh is where it is noticed."""
    (row,) = rows(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(message)), "MF306", "MF309", "MF310")

    assert (row.code, row.severity) == ("MF310", severity)
    assert words in row.message


def test_what_is_not_in_the_mesh_is_nobodys_business() -> None:
    """A workload that nothing brings into the mesh has no finding, whoever refuses its pods."""
    assert created(cluster(HEALTHY, space({}), deployment(), replica_set(POLICY))) == []


def test_the_cure_for_istio_init_is_the_agent() -> None:
    """A policy that names istio-init is answered by the CNI agent, with the commands."""
    (row,) = rows(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(POLICY)), "MF310")

    assert row.fix
    assert row.fix.summary.startswith("Install Istio's CNI agent")
    assert any("istio-cni" in command for command in row.fix.commands)


def test_one_fault_has_one_finding() -> None:
    """A failing call is the webhook's, Pod Security's level is the namespace's, and the workloads have none of their own for that."""
    psa = 'violates PodSecurity "baseline:latest": (container "istio-init" must not include "NET_ADMIN")'
    level = {**ENABLED, "pod-security.kubernetes.io/enforce": "baseline"}

    assert created(cluster(hooks(), injector(), space(ENABLED), deployment(), replica_set(GONE))) == ["MF309"]
    assert created(cluster(HEALTHY, space(level), deployment(), replica_set(psa))) == ["MF306"]
    assert created(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(psa))) == ["MF310"], "a level of the server's own"


def test_events_tell_of_workloads_without_conditions() -> None:
    """A StatefulSet says it by an event, unless it has all of its pods."""
    told = event("FailedCreate", f"create Pod queue-1 in StatefulSet queue failed error: {POLICY}", "StatefulSet", "queue")

    assert created(cluster(HEALTHY, space(ENABLED), stateful(there=1), told)) == ["MF310"]
    assert created(cluster(HEALTHY, space(ENABLED), stateful(there=2), told)) == []


def test_a_call_that_failed_and_succeeds_now_is_over() -> None:
    """What the API server said while istiod had no endpoints is not held against one that has them."""
    assert created(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(CALL + "no endpoints available"))) == []


# ---------------------------------------------------------------- MF306 on OpenShift


def test_openshift_refuses_istio_init() -> None:
    """Without the CNI agent the SCC refuses what injection adds: a warning, an error once it was refused, silent where a pod runs so."""
    here = with_labels(ENABLED, {"openshift.io/sa.scc.uid-range": "1000680000/10000"})
    scc = 'unable to validate against any security context constraint: .initContainers[0].capabilities.add: "NET_ADMIN" may not be added'

    (predicted,) = rows(cluster(HEALTHY, here, deployment()), "MF306", "MF310")
    (refused,) = rows(cluster(HEALTHY, here, deployment(), replica_set(scc)), "MF306", "MF310")

    assert (predicted.code, predicted.severity) == ("MF306", Severity.WARNING)
    assert (refused.code, refused.severity) == ("MF306", Severity.ERROR)
    assert created(cluster(HEALTHY, here, deployment(), replica_set(), pod(injected=True))) == []


# ---------------------------------------------------------------- restarts


def restarted(*objects: Any, coverage: Any = None) -> Diagnosis:
    """MF305 of the StatefulSet."""
    (row,) = rows(cluster(*objects, coverage=coverage), "MF305")
    return row


def test_a_restart_is_offered_where_a_new_pod_comes_up() -> None:
    """The call path is whole, nothing was refused, there is room: the restart is a patch."""
    row = restarted(HEALTHY, RUNNING, quota("2", "100m"))

    assert "but new pods get one" in row.message
    assert row.fix
    assert row.fix.safety is Safety.RESTART


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ((hooks(), injector(), RUNNING), "Service istio-system/istiod does not exist"),
        ((HEALTHY, RUNNING[:1], stateful(there=1), made_by(), event("FailedCreate", POLICY, "StatefulSet", "queue")), "check.example.com"),
        ((HEALTHY, with_labels({**ENABLED, "pod-security.kubernetes.io/enforce": "baseline"}), RUNNING[1:]), "istio-init"),
        ((HEALTHY, RUNNING, quota("150m", "100m")), "ResourceQuota shop/small has no room"),
    ],
    ids=["webhook", "refused lately", "Pod Security", "quota"],
)
def test_no_restart_is_offered_where_none_comes_up(objects: Iterable[Any], why: str) -> None:
    """Where a new pod is refused, nobody is told that it would get a sidecar, and nothing is patched."""
    row = restarted(*objects)

    assert "and no new pod can be created now" in row.message
    assert row.fix
    assert (row.fix.safety, row.fix.patches, row.fix.commands) == (Safety.MANUAL, (), ())
    assert why in (row.fix.why or "")


def test_an_open_webhook_makes_bare_pods() -> None:
    """With failurePolicy Ignore a restart would end in the same pods."""
    row = restarted(hooks(policy="Ignore"), injector(), RUNNING)

    assert "and new pods get none while the injector cannot be called" in row.message
    assert row.fix
    assert row.fix.safety is Safety.MANUAL


@pytest.mark.parametrize("kind", [kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.EVENT, kinds.RESOURCE_QUOTA, kinds.NAMESPACE])
def test_what_was_not_read_is_no_yes(kind: kinds.Kind) -> None:
    """Where something that decides could not be read, it is said, and no restart is offered."""
    objects = [obj for obj in cluster(HEALTHY, RUNNING, scaled(1, ready=1)).objects if kinds.of_object(obj) is not kind]
    found = rows(Mesh(objects, live=True, taken_at=NOW, coverage={kind: FORBIDDEN}), "MF305")

    assert [row.fix.safety for row in found if row.fix] == [Safety.MANUAL for _ in found]
    assert all("is not known" in (row.fix.why or "") for row in found if row.fix)
    assert found or kind is kinds.NAMESPACE


def test_other_fixes_that_replace_pods_wait_too() -> None:
    """A label of the template rolls the workload as a restart does; the same fix is offered where pods come up."""
    versions = deployment(template({"app": "cart"}))
    service = decoded(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"}, "spec": {"selector": {"app": "cart"}}}
    )
    objects = (with_labels(ENABLED), versions, service)

    def safety(*more: Any) -> list[Safety]:
        return [row.fix.safety for row in rows(cluster(*more, objects), "MF202") if row.fix and row.resource.name == "cart"]

    assert safety(HEALTHY) == [Safety.RESTART]
    assert safety(hooks(), injector()) == [Safety.MANUAL]


def test_a_label_that_has_all_new_pods_refused_is_left_to_a_person() -> None:
    """Whoever labels a namespace whose level forbids istio-init has no pod any more: the agent comes first."""
    wrong = {"istio-injection": "true"}
    level = {**wrong, "pod-security.kubernetes.io/enforce": "baseline"}

    (open_,), (closed,) = (rows(cluster(HEALTHY, space(labels), deployment()), "MF303") for labels in (wrong, level))

    assert open_.fix
    assert open_.fix.safety is Safety.UNSAFE
    assert closed.fix
    assert closed.fix.safety is Safety.MANUAL
    assert "does not admit istio-init" in (closed.fix.why or "")


# ---------------------------------------------------------------- revisions


def test_only_an_istiod_that_is_there_is_recommended() -> None:
    """Of two revisions only the one whose istiod can be called is set, and the other is named as one that cannot."""
    (row,) = rows(cluster(HEALTHY, hooks(R1, "r1"), space({"istio.io/rev": "old"})), "MF304")

    assert row.fix
    assert "istio.io/rev=default, the only revision" in row.fix.summary
    assert "their istiod cannot be called: r1" in row.evidence


@pytest.mark.parametrize(
    ("question", "is_shown"),
    [
        (FindingFilter(namespace="shop"), True),
        (FindingFilter(namespace="bank"), False),
        (FindingFilter(targets=parse_targets(["deploy/cart"]), namespace="shop"), True),
        (FindingFilter(targets=parse_targets(["deploy/vault"]), namespace="bank"), False),
    ],
    ids=["its namespace", "another", "a workload of it", "a workload of another"],
)
def test_a_webhook_belongs_to_those_whose_pods_it_takes(question: FindingFilter, *, is_shown: bool) -> None:
    """Whoever asks about a namespace or a workload is told of the webhook that keeps its pods from being created, and nobody else is."""
    vault = json.loads(msgspec.json.encode(deployment()))
    vault["metadata"] |= {"name": "vault", "namespace": "bank"}
    mesh = cluster(hooks(), injector(), space(ENABLED), space({}, name="bank"), deployment(), decoded(vault))
    meshes = Meshes([mesh])
    rule = next(rule for rule in RULES if rule.code == "MF309")

    found = diagnose(Snapshot(meshes=meshes, source=ReportSource(kind="cluster")), [rule], in_scope(meshes, question)).findings

    assert [row.code for row in found] == (["MF309"] if is_shown else [])
