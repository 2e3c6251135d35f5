"""What keeps a new pod from coming up, and which fixes wait for that."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.injection.new_pods import LONGEST, Obstacle, find_obstacle, offered, reason
from kubectl_meshfix.injection.pod_security import Forbidden
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import as_workload, decoded, injector, istiod, mesh
from tests.injection.scenes import HEALTHY, cluster, deployment, hooks, pod, space, template

ENABLED = {"istio-injection": "enabled"}
ENFORCE = "pod-security.kubernetes.io/enforce"


def test_an_injector_that_cannot_be_called_keeps_away_only_from_those_it_injects() -> None:
    """Where the call may fail, a pod that the injector would leave alone comes up as it would otherwise; else there is none."""
    never = {"neverInjectSelector": [{"matchLabels": {"app": "cart"}}]}
    cart = deployment()

    def found(policy: str, **config: Any) -> Obstacle | None:
        return find_obstacle(cluster(hooks(policy=policy), istiod(), injector(**config), space(ENABLED), cart), as_workload(cart))

    assert [(row.is_known, row.is_refused) for row in (found("Fail"), found("Fail", **never), found("Ignore")) if row] == [
        (True, True),
        (True, True),
        (True, False),
    ]
    assert found("Ignore", **never) is None


NOT_UP, NOT_KNOWN = "Its new pods do not come up", "Whether its new pods come up is not known"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Obstacle("the quota is full"), f"{NOT_UP}: the quota is full."),
        (Obstacle("events were not read", is_known=False), f"{NOT_KNOWN}: events were not read."),
        (Obstacle("x" * (LONGEST - len(NOT_UP) - 3)), f"{NOT_UP}: {'x' * (LONGEST - len(NOT_UP) - 3)}."),
        (Obstacle("x" * (LONGEST - len(NOT_UP) - 2)), f"{NOT_UP}: see kubectl meshfix explain deployment/cart -n shop."),
        (Obstacle("x" * LONGEST, is_known=False), f"{NOT_KNOWN}: see kubectl meshfix explain deployment/cart -n shop."),
    ],
)
def test_a_reason_is_a_sentence_that_is_not_too_long(found: Obstacle, said: str) -> None:
    """Up to 160 characters it is said; of longer ones, where it is."""
    assert reason(found, as_workload(deployment())) == said


def job(*, ended: bool) -> Object:
    """A Job of the shop."""
    conditions = [{"type": "Complete", "status": "True"}] if ended else []
    spec = {"template": template(restartPolicy="Never")}
    metadata = {"name": "cart", "namespace": "shop"}
    return decoded({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec, "status": {"conditions": conditions}})


def cron_job() -> Object:
    """A CronJob of the shop."""
    spec = {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": template(restartPolicy="Never")}}}
    return decoded({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cart", "namespace": "shop"}, "spec": spec})


def changed(obj: Object, op: str = "add", path: str = "/spec/template/metadata/labels/a", value: object = "b") -> Fix:
    """A fix that changes an object."""
    return Fix("Change it.", Safety.RESTART, patches=(Patch(resource=obj.ref, operations=(Operation(op, path, value),)),))  # type: ignore[arg-type]


CART, ANNOTATED = deployment(), "/metadata/annotations/a"
BARE = pod(owner=None)


@pytest.mark.parametrize(
    ("obj", "change", "held"),
    [
        (CART, {}, True),
        (CART, {"op": "test"}, False),
        (CART, {"path": ANNOTATED}, False),
        (CART, {"path": "/spec/replicas"}, False),
        (CART, {"path": "/spec/restartAt"}, True),
        (CART, {"op": "remove", "value": None}, True),
        (job(ended=False), {}, True),
        (job(ended=True), {}, False),
        (cron_job(), {"path": "/spec/jobTemplate/spec/template/metadata/labels/a"}, False),
        (BARE, {"path": "/metadata/labels/a"}, False),
    ],
)
def test_a_fix_that_replaces_pods_waits_for_pods_that_come_up(obj: Object, change: dict[str, Any], held: bool) -> None:
    """A change of the template of pods that are replaced then; nothing waits in files, which know of no cluster."""
    fix = changed(obj, **change)
    broken = (hooks(), istiod(), injector(), space(ENABLED), obj)

    found = offered(cluster(*broken), fix)

    assert found == (fix if not held else Fix("Change it.", Safety.MANUAL, why=found.why))
    assert not held or (found.why or "").startswith("Its new pods do not come up: ")
    assert offered(mesh(*broken), fix) == fix


LABEL = "/metadata/labels/istio-injection"


@pytest.mark.parametrize(
    ("labels", "change", "held"),
    [
        ({ENFORCE: "baseline"}, {"path": LABEL, "value": "enabled"}, True),
        ({ENFORCE: "baseline"}, {"path": "/metadata/labels/istio.io~1rev", "value": "r1"}, True),
        ({ENFORCE: "baseline"}, {"path": "/metadata/labels", "value": {"istio-injection": "enabled"}}, True),
        ({ENFORCE: "baseline"}, {"path": "/metadata/labels", "value": {"istio.io/rev": "r1"}}, True),
        ({ENFORCE: "baseline"}, {"path": "/metadata/labels", "value": {"team": "a"}}, False),
        ({ENFORCE: "baseline"}, {"path": "/metadata/labels/team", "value": "a"}, False),
        ({ENFORCE: "baseline"}, {"path": LABEL, "value": "enabled", "op": "test"}, False),
        ({ENFORCE: "baseline"}, {"path": LABEL, "op": "remove", "value": None}, False),
        ({ENFORCE: "privileged"}, {"path": LABEL, "value": "enabled"}, False),
    ],
)
def test_a_label_that_asks_for_sidecars_waits_for_what_the_namespace_admits(
    labels: dict[str, str], change: dict[str, Any], held: bool
) -> None:
    """Whatever writes one of the two labels; a namespace that forbids nothing gets the fix."""
    here = space(labels)
    fix = changed(here, **change)
    why = f"Its new pods would be refused: the namespace does not admit {Forbidden.INIT_CONTAINER.value}."

    assert offered(cluster(HEALTHY, here, CART), fix) == (Fix("Change it.", Safety.MANUAL, why=why) if held else fix)


def test_webhooks_that_were_not_read_are_no_yes() -> None:
    """Nobody knows then what a label would bring."""
    here = space()
    unread = cluster(here, CART, coverage={kinds.MUTATING_WEBHOOK_CONFIGURATION: Coverage(reason="forbidden")})

    why = "Whether its new pods come up is not known: the webhooks were not read."
    assert offered(unread, changed(here, path=LABEL, value="enabled")) == Fix("Change it.", Safety.MANUAL, why=why)


@pytest.mark.parametrize(
    ("unread", "text"),
    [
        ((), None),
        ((kinds.MUTATING_WEBHOOK_CONFIGURATION,), "the webhooks were not read"),
        ((kinds.NAMESPACE,), "the labels of namespace shop were not read"),
        ((kinds.SERVICE,), "the way to the injector was not read"),
        ((kinds.EVENT,), "events of namespace shop were not read"),
        ((kinds.RESOURCE_QUOTA,), "resourcequotas of namespace shop were not read"),
        ((kinds.EVENT, kinds.RESOURCE_QUOTA), "events of namespace shop were not read"),
    ],
)
def test_what_was_not_read_is_no_obstacle_that_is_known(unread: tuple[Kind, ...], text: str | None) -> None:
    """The first thing that decides and was not read; files do not tell of what they lack."""
    objects = [obj for obj in (*HEALTHY, space(ENABLED), CART) if kinds.of_object(obj) not in unread]
    coverage = {kind: Coverage(reason="forbidden") for kind in unread}

    assert find_obstacle(cluster(objects, coverage=coverage), as_workload(CART)) == (
        None if text is None else Obstacle(text, is_known=False)
    )
    assert find_obstacle(mesh(objects), as_workload(CART)) is None
