"""The way out of a failing chain: whose pods are replaced and how, and what starts before the proxy."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, injector, istiod, mesh, node
from tests.injection.scenes import (
    DAY_AGO,
    HEALTHY,
    HOUR_AGO,
    backend,
    cluster,
    deployment,
    explained,
    hooks,
    pod,
    replica_set,
    space,
    template,
)

ENABLED = {"istio-injection": "enabled"}
LATE = space(ENABLED, labelled=HOUR_AGO)
DONE = {"cart": {"ready": False, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}}
ONCE = template(restartPolicy="Never")


def ways(found: Explanation) -> list[tuple[str, str | None]]:
    """What is advised: the words, and the command."""
    return [(way.summary, way.command) for way in found.advice]


def made_by(api: str, kind: str, **more: Any) -> Object:
    """Something else of the shop that makes pods, called web."""
    spec = {"template": template(), "replicas": 1, **more}
    return decoded({"apiVersion": api, "kind": kind, "metadata": {"name": "web", "namespace": "shop", "uid": "w"}, "spec": spec})


def named(seen: Object, name: str, **metadata: Any) -> Object:
    """A pod under another name."""
    raw = json.loads(msgspec.json.encode(seen))
    return decoded({**raw, "metadata": {**raw["metadata"], "name": name, "uid": name, **metadata}})


FIRST = "Restart the pods: a new pod gets the sidecar."
OLD = pod(made=DAY_AGO)


@pytest.mark.parametrize(
    ("objects", "kind", "name", "advice"),
    [
        ([deployment(), replica_set(), OLD], "Deployment", "cart", (FIRST, "kubectl rollout restart deployment/cart -n shop")),
        ([deployment(), replica_set(), OLD], "Pod", "cart-1-x", (FIRST, "kubectl rollout restart deployment/cart -n shop")),
        (
            [made_by("batch/v1", "Job", template=ONCE), pod(ONCE, made=DAY_AGO, owner=("Job", "web"))],
            "Job",
            "web",
            ("Let the running Job end, or delete the Job and start it again.", None),
        ),
        (
            [made_by("v1", "ReplicationController"), pod(made=DAY_AGO, owner=("ReplicationController", "web"))],
            "ReplicationController",
            "web",
            (FIRST, "kubectl delete pod cart-1-x -n shop"),
        ),
        ([pod(made=DAY_AGO, owner=("ReplicationController", "web"))], "Pod", "cart-1-x", (FIRST, "kubectl delete pod cart-1-x -n shop")),
        ([pod(made=DAY_AGO, owner=None)], "Pod", "cart-1-x", (FIRST, "kubectl delete pod cart-1-x -n shop  # and create it again")),
    ],
)
def test_pods_older_than_the_label_are_replaced(objects: list[Object], kind: str, name: str, advice: tuple[str, str | None]) -> None:
    """By the command for what makes them; a Job ends by itself, and nobody makes a bare pod again."""
    assert ways(explained(cluster(HEALTHY, LATE, *objects), kind, name)) == [advice]


def test_five_pods_are_named_in_a_command() -> None:
    """Of more than five the others follow when these are replaced."""
    plain = pod(made=DAY_AGO, owner=("ReplicationController", "web"))
    several = [named(plain, f"web-{index}") for index in range(7)]

    ((_, command),) = ways(
        explained(cluster(HEALTHY, LATE, made_by("v1", "ReplicationController"), several), "ReplicationController", "web")
    )

    assert command == "kubectl delete pod web-0 web-1 web-2 web-3 web-4 -n shop"


END = ("End the proxy of this pod by hand.", "kubectl exec -n shop cart-1-x -c istio-proxy -- pilot-agent request POST quitquitquit")
NATIVE = 'add the annotation sidecar.istio.io/nativeSidecar: "true"'


@pytest.mark.parametrize(
    ("objects", "kind", "name", "then", "patched"),
    [
        (
            [pod(ONCE, injected=True, owner=None, states=DONE)],
            "Pod",
            "cart-1-x",
            f"For the next one, {NATIVE}: kubelet then ends the proxy after the work.",
            False,
        ),
        (
            [
                made_by("batch/v1", "CronJob", schedule="0 0 * * *", jobTemplate={"spec": {"template": ONCE}}),
                named(
                    made_by("batch/v1", "Job", template=ONCE),
                    "web-1",
                    ownerReferences=[{"apiVersion": "batch/v1", "kind": "CronJob", "name": "web", "controller": True}],
                ),
                pod(ONCE, injected=True, owner=("Job", "web-1"), states=DONE),
            ],
            "Pod",
            "cart-1-x",
            f"For the next ones, {NATIVE} to the template: kubelet then ends the proxy after the work.",
            True,
        ),
    ],
)
def test_a_pod_that_never_ends(objects: list[Object], kind: str, name: str, then: str, patched: bool) -> None:
    """It is ended by hand; the next ones have a proxy that kubelet ends, which is a patch of whoever makes them."""
    first, second = explained(cluster(HEALTHY, space(ENABLED), *objects), kind, name).advice

    assert (first.summary, first.command) == END
    assert second.summary == then
    assert bool(second.fix and second.fix.patches) is patched


CNI = {"pilot": {"cni": {"enabled": True}}}
TEXT = {"sidecar": "{{ annotation `sidecar.istio.io/nativeSidecar` }}"}
CALLS = template(initContainers=[{"name": "first", "image": "m:1", "command": ["./manage.py", "migrate"]}])
WAITS = {"proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"}
ADD = 'Add the annotation sidecar.istio.io/nativeSidecar: "true" to the pod template.'


def installed(values: dict[str, Any] | None = None) -> tuple[Object, ...]:
    """An installation whose sidecars can be native and are not, on nodes that have native sidecars."""
    return hooks(), *backend(), istiod(), injector(values=values or {}, templates=TEXT), node("n1", "v1.31.0")


def waiting(pods: dict[str, Any]) -> dict[str, Any]:
    """The same template, whose application waits for the proxy."""
    return {**pods, "metadata": {**pods["metadata"], "annotations": WAITS}}


@pytest.mark.parametrize(
    ("values", "owner", "seen", "kind", "advice"),
    [
        (CNI, CALLS, None, "Deployment", [ADD]),
        (CNI, CALLS, template(), "Deployment", [ADD]),
        (CNI, CALLS, template(), "Pod", [ADD]),
        (CNI, template(), template(), "Pod", []),
        (None, CALLS, None, "Deployment", []),
        (None, waiting(CALLS), None, "Deployment", [ADD]),
        (None, waiting(template()), None, "Deployment", []),
    ],
)
def test_what_starts_before_the_proxy_is_told_where_all_is_as_asked(
    values: dict[str, Any] | None, owner: dict[str, Any], seen: dict[str, Any] | None, kind: str, advice: list[str]
) -> None:
    """Init containers that the next pod has and that are cut off, or that call before a proxy which the pod is to wait for."""
    pods = [] if seen is None else [replica_set(), pod(seen, injected=True)]
    found = explained(
        cluster(installed(values), space(ENABLED), deployment(owner), pods), kind, "cart" if kind == "Deployment" else "cart-1-x"
    )

    assert found.verdict.as_requested
    assert [way.summary for way in found.advice] == advice
    assert all(way.fix and [str(patch.resource) for patch in way.fix.patches] == ["Deployment shop/cart"] for way in found.advice)


def enforced() -> Object:
    """Webhooks of which AKS's admissions enforcer keeps a namespace away, before anything else."""
    raw = json.loads(msgspec.json.encode(hooks()))
    for webhook in raw["webhooks"]:
        webhook["namespaceSelector"]["matchExpressions"].insert(0, {"key": "control-plane", "operator": "DoesNotExist"})
    return decoded(raw)


AKS = (
    "Disable AKS's admissions enforcer for Istio's webhooks, or remove the label control-plane from the namespace.",
    "kubectl annotate mutatingwebhookconfiguration istio-sidecar-injector admissions.enforcer/disabled=true",
)


def test_an_enforcer_is_blamed_only_where_it_keeps_webhooks_away() -> None:
    """Not where nobody knows whether the namespace has the label."""
    off = (enforced(), *backend(), istiod(), injector(policy="disabled"))

    assert ways(explained(cluster(off, space({**ENABLED, "control-plane": "a"}), deployment()))) == [AKS]
    assert ways(explained(cluster(off, deployment()))) == []


IN_FILES = "Add to the files what decides, or explain the manifests as if applied to a cluster."
ON_CLUSTER = "What was not read decides. Ask for the rights of docs/rbac.md, or let the API server decide."


def test_what_settles_an_answer_that_is_not_known() -> None:
    """Files want more files; on a cluster a dry run of the API server's is offered."""
    cart = deployment()
    live, files = explained(cluster(HEALTHY, cart)), explained(mesh(HEALTHY, cart))

    assert ways(files) == [(IN_FILES, None)]
    assert ways(live) == [(ON_CLUSTER, None)]
    assert [way.settles for way in files.advice] == [None]
    assert [way.settles.of for way in live.advice if way.settles is not None] == [cart.ref]


def test_nothing_is_advised_where_nothing_is_asked_for() -> None:
    """A namespace that every pod is injected in without a word has what its installation gives it."""
    everywhere = (hooks(every_namespace=True), *HEALTHY[1:])

    found = explained(cluster(everywhere, space(), deployment()))

    assert (found.verdict.injected, found.verdict.requested, found.verdict.as_requested) == (True, None, True)
    assert ways(found) == []
