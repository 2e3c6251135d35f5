"""The chain: each cause that people run into, as it looks on a cluster, is named first."""

import base64
import json
from typing import Any, NamedTuple

import msgspec
import pytest

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.chain.signs import headline, why
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import OWN, R1, TAG_DEFAULT, TAG_PROD, decoded, injector, istiod, mesh, node
from tests.injection.reaching.certificates import EXPIRED, OTHER_ROOT, ROOT
from tests.injection.scenes import (
    CALL,
    DAY_AGO,
    HEALTHY,
    HOUR_AGO,
    NOW,
    backend,
    cluster,
    deployment,
    event,
    explained,
    hooks,
    pod,
    replica_set,
    space,
    template,
)

ENABLED = {"istio-injection": "enabled"}
INJECT = "sidecar.istio.io/inject"


class Scene(NamedTuple):
    """A cluster with one thing wrong: who is asked about, the stage and check that decide, words of the first line, words of the advice."""

    mesh: Mesh
    decided_by: tuple[str, str]
    words: str
    advice: str = ""
    kind: str = "Deployment"
    name: str = "cart"


def refused(message: str, *objects: Any, decided_by: tuple[str, str], words: str, advice: str = "") -> Scene:
    """A Deployment whose newest ReplicaSet cannot create its pods."""
    mesh = cluster(HEALTHY, space(ENABLED), deployment(), replica_set(message), *objects)
    return Scene(mesh, decided_by, words, advice)


def running(
    *objects: Any, decided_by: tuple[str, str], words: str, advice: str = "", kind: str = "Deployment", name: str = "cart"
) -> Scene:
    """A Deployment with its pod, in an injected namespace."""
    return Scene(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), *objects), decided_by, words, advice, kind, name)


def job(pod_template: dict[str, Any] | None = None) -> Object:
    """Job shop/once."""
    spec = {"template": pod_template or template(restartPolicy="Never")}
    return decoded({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once", "namespace": "shop", "uid": "j"}, "spec": spec})


def state(**what: Any) -> dict[str, Any]:
    """A container's status."""
    return {"ready": False, "state": what}


DONE = state(terminated={"exitCode": 0, "reason": "Completed"})
GONE = CALL.replace("istiod.", "istiod-r1.") + 'service "istiod-r1" not found'
CALL_DENIED = 'admission webhook "namespace.sidecar-injector.istio.io" denied the request: '
AKS = {"key": "control-plane", "operator": "DoesNotExist"}


def enforced() -> Object:
    """Webhooks as AKS's admissions enforcer leaves them."""
    raw = json.loads(msgspec.json.encode(hooks()))
    for webhook in raw["webhooks"]:
        webhook["namespaceSelector"]["matchExpressions"].append(AKS)
    return decoded(raw)


SCENES: dict[str, Scene] = {
    # 1: labels
    "annotation instead of label": Scene(
        cluster(
            HEALTHY, space(), deployment(template(annotations={INJECT: "true"})), replica_set(), pod(template(annotations={INJECT: "true"}))
        ),
        ("apiserver", "objectSelector"),
        "annotation sidecar.istio.io/inject=true is not seen by the webhooks",
        'the label sidecar.istio.io/inject: "true"',
    ),
    "label on the Deployment instead of its template": Scene(
        cluster(HEALTHY, space(), deployment(labels={INJECT: "true"}), replica_set(), pod()),
        ("apiserver", "objectSelector"),
        "label sidecar.istio.io/inject=true is on the Deployment, not on its pod template",
        "in the template",
    ),
    "namespace disabled, pod opts in": Scene(
        cluster(
            HEALTHY,
            space({"istio-injection": "disabled"}),
            deployment(template({INJECT: "true"})),
            replica_set(),
            pod(template({INJECT: "true"})),
        ),
        ("apiserver", "namespaceSelector"),
        "istio-injection=disabled keeps every webhook away; no pod label changes that",
        "emove its label istio-injection",
    ),
    "namespace label misspelt": Scene(
        cluster(HEALTHY, space({"istio-injection": "true"}), deployment(), replica_set(), pod()),
        ("apiserver", "namespaceSelector"),
        "istio-injection=true keeps every webhook away",
        "istio-injection=enabled",
    ),
    "revision that is gone": Scene(
        cluster(HEALTHY, space({"istio.io/rev": "1-20"}), deployment(), replica_set(), pod()),
        ("apiserver", "namespaceSelector"),
        "No webhook serves revision 1-20, which the namespace asks for (served: default)",
        "istio-injection=enabled",
    ),
    "no default revision": Scene(
        cluster(
            hooks(R1, "r1"), backend(name="istiod-r1"), istiod("r1"), injector("r1"), space(ENABLED), deployment(), replica_set(), pod()
        ),
        ("apiserver", "namespaceSelector"),
        "istio-injection=enabled selects no webhook: no revision is the default one (served: r1)",
        "istio.io/rev=r1",
    ),
    "pods older than the label": Scene(
        cluster(HEALTHY, space(ENABLED, labelled=HOUR_AGO), deployment(), replica_set(), pod(made=DAY_AGO)),
        ("kubelet", "age"),
        "older than the namespace's label: it was made 23 hours before istio-injection=enabled was set",
        "Restart the pods",
    ),
    "pods older than the webhooks": Scene(
        cluster(hooks(made=HOUR_AGO), HEALTHY[1:], space(ENABLED), deployment(), replica_set(), pod(made=DAY_AGO)),
        ("kubelet", "age"),
        "older than the webhooks of istio-sidecar-injector",
        "Restart the pods",
    ),
    # 2: the way to istiod
    "firewall": refused(
        CALL + "context deadline exceeded", decided_by=("apiserver", "network"), words="does not reach istiod in time", advice="15017"
    ),
    "foreign CNI": refused(
        CALL + "Address is not allowed", decided_by=("apiserver", "network"), words="may not call istiod's address", advice="hostNetwork"
    ),
    # 3: CNI
    "CNI race": running(
        pod(
            injected=True,
            phase="Pending",
            init={
                "name": "istio-validation",
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 126, "reason": "Error"}},
            },
        ),
        decided_by=("kubelet", "istio-validation"),
        words="exit code 126: the node's CNI agent has not redirected the pod's traffic",
        advice="Delete the pod",
    ),
    "sandbox": running(
        pod(injected=True, phase="Pending"),
        event(
            "FailedCreatePodSandBox",
            'Failed to create pod sandbox: plugin type="istio-cni" name="istio-cni" failed (add): Unauthorized',
        ),
        decided_by=("kubelet", "sandbox"),
        words="CNI agent fails to set up the pod's network",
        advice="CNI agent",
    ),
    # 4: Jobs
    "Job that never completes": Scene(
        cluster(
            HEALTHY,
            space(ENABLED),
            job(),
            pod(template(restartPolicy="Never"), injected=True, owner=("Job", "once"), states={"cart": DONE}),
        ),
        ("kubelet", "completion"),
        "Every container but the proxy has ended",
        "nativeSidecar",
        "Job",
        "once",
    ),
    "deployer that never completes": running(
        pod(
            template({"openshift.io/deployer-pod-for.name": "web-3"}),
            injected=True,
            owner=("ReplicationController", "web-3"),
            states={"cart": DONE},
        ),
        decided_by=("kubelet", "completion"),
        words="the proxy, an ordinary container, keeps the pod running",
        advice="--select MF307",
        kind="Pod",
        name="cart-1-x",
    ),
    # 5: trust
    "unknown authority": refused(
        CALL + "x509: certificate signed by unknown authority",
        decided_by=("apiserver", "caBundle"),
        words="does not trust istiod's certificate",
    ),
    "expired certificate": refused(
        CALL + "x509: certificate has expired or is not yet valid: current time 2026-03-01T12:00:00Z is after 2025-01-01T00:00:00Z",
        decided_by=("apiserver", "caBundle"),
        words="has expired",
    ),
    "wrong name": refused(
        CALL + "x509: certificate is valid for istiod.istio-system.svc, not istiod-r1.istio-system.svc",
        decided_by=("apiserver", "caBundle"),
        words="a name that its certificate does not have",
    ),
    # 6: iptables
    "istio-init fails": running(
        pod(
            injected=True,
            phase="Pending",
            init={
                "name": "istio-init",
                "restartCount": 5,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 255, "message": "can't initialize iptables table `nat': Table does not exist"}},
            },
        ),
        decided_by=("kubelet", "istio-init"),
        words="istio-init fails (exit code 255)",
        advice="NET_ADMIN",
    ),
    # 7: gateways
    "image auto": Scene(
        cluster(
            HEALTHY,
            space(),
            deployment(template(containers=[{"name": "istio-proxy", "image": "auto"}])),
            replica_set(),
            pod(template(containers=[{"name": "istio-proxy", "image": "auto"}]), phase="Pending"),
        ),
        ("kubelet", "imageAuto"),
        "image auto, which only the injector replaces",
        "sidecar.istio.io/inject",
    ),
    # 8: duplicates
    "two configurations": refused(
        'Error creating: Pod "cart-1-x" is invalid: spec.initContainers[2].name: Duplicate value: "istio-proxy"',
        hooks(TAG_DEFAULT, "default", value="default", tag="default"),
        decided_by=("apiserver", "duplicates"),
        words="The pod is injected twice",
    ),
    # 9: istiod away
    "no istiod": Scene(
        cluster(
            (hooks(), *backend(ready=False), istiod(), injector()),
            (space(ENABLED), deployment(), replica_set(CALL + 'no endpoints available for service "istiod"')),
        ),
        ("apiserver", "endpoints"),
        "leads to no ready istiod",
        "Get the pods of Service istio-system/istiod ready",
    ),
    "an istiod that is back": refused(
        CALL + 'no endpoints available for service "istiod"', decided_by=("injector", "policy"), words="the injector's policy is enabled"
    ),
    "stale webhooks of a revision that is gone": Scene(
        cluster(hooks(R1, "r1"), space({"istio.io/rev": "r1"}), deployment(), replica_set()),
        ("apiserver", "service"),
        "Service istio-system/istiod-r1 does not exist, and istio-sidecar-injector-r1 calls it",
        "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector-r1",
    ),
    "tag that points to a revision that is gone": Scene(
        cluster(HEALTHY, hooks(TAG_PROD, "r1", value="prod", tag="prod"), space({"istio.io/rev": "prod"}), deployment(), replica_set(GONE)),
        ("apiserver", "service"),
        "istio-revision-tag-prod calls it: revision r1 seems to be uninstalled",
        "Set the tag prod to a revision that is there (default)",
    ),
    # 10: Pod Security, SCC
    "Pod Security": refused(
        'pods "cart-1-x" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container "istio-init" must not '
        'include "NET_ADMIN", "NET_RAW" in securityContext.capabilities.add)',
        decided_by=("kubelet", "podSecurity"),
        words="Pod Security refuses what injection adds",
        advice="CNI agent",
    ),
    "SCC": refused(
        'pods "cart-1-x" is forbidden: unable to validate against any security context constraint: [provider "restricted-v2": '
        '.initContainers[0].capabilities.add: Invalid value: "NET_ADMIN": capability may not be added]',
        decided_by=("kubelet", "securityContextConstraints"),
        words="security context constraints refuse the injected pod",
        advice="global.platform=openshift",
    ),
    # 11: native sidecars
    "another mutator strips restartPolicy": refused(
        'Pod "cart-1-x" is invalid: spec.initContainers[1].readinessProbe: Forbidden: may not be set for init containers without '
        "restartPolicy=Always",
        decided_by=("kubelet", "nativeSidecar"),
        words="removes restartPolicy from the native sidecar",
    ),
    # 12: root certificate
    "no istio-ca-root-cert": running(
        pod(injected=True, phase="Pending"),
        event("FailedMount", 'MountVolume.SetUp failed for volume "istiod-ca-cert" : configmap "istio-ca-root-cert" not found'),
        decided_by=("kubelet", "istio-ca-root-cert"),
        words="ConfigMap istio-ca-root-cert",
        advice="discoverySelectors",
    ),
    # 13: quota, LimitRange
    "quota": refused(
        'pods "cart-1-x" is forbidden: exceeded quota: compute, requested: limits.memory=1152Mi, used: limits.memory=7Gi, limited: '
        "limits.memory=8Gi",
        decided_by=("kubelet", "quota"),
        words="over the namespace's quota",
    ),
    "LimitRange": refused(
        'pods "cart-1-x" is forbidden: minimum cpu usage per Container is 100m, but request is 10m',
        decided_by=("kubelet", "limitRange"),
        words="LimitRange refuses the proxy's resources",
    ),
    # 14: order of webhooks
    "label added after the injector": Scene(
        cluster(HEALTHY, space(), deployment(), replica_set(), pod(template({INJECT: "true"}))),
        ("kubelet", "labels"),
        "a later webhook or a person added that, too late",
        "template",
        "Pod",
        "cart-1-x",
    ),
    # 15: the injector's own decision
    "host network": Scene(
        cluster(HEALTHY, space(ENABLED), deployment(template(hostNetwork=True)), replica_set(), pod(template(hostNetwork=True))),
        ("injector", "hostNetwork"),
        "a pod on the host's network is never injected",
    ),
    "policy disabled": Scene(
        cluster(HEALTHY[:4], HEALTHY[4:5], istiod(), injector(policy="disabled"), space(ENABLED), deployment(), replica_set(), pod()),
        ("injector", "policy"),
        "the injector's policy is disabled",
        'sidecar.istio.io/inject: "true"',
    ),
    # 16: readiness
    "proxy not ready": running(
        pod(injected=True, states={"istio-proxy": state(running={"startedAt": HOUR_AGO})}),
        event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
        decided_by=("kubelet", "readiness"),
        words="it has no configuration from istiod",
        advice="15012",
    ),
    # 17: proxies
    "proxy of the API server": refused(
        CALL + "Service Unavailable", decided_by=("apiserver", "proxy"), words="A proxy stands between", advice="NO_PROXY"
    ),
    # 18: templates
    "unknown template": refused(
        CALL_DENIED + 'failed to run injection template: requested template "canary" not found; have sidecar,gateway',
        decided_by=("injector", "templates"),
        words="an injection template that does not exist",
    ),
    "annotation that is refused": refused(
        CALL_DENIED + "invalid value 'x' for annotation 'sidecar.istio.io/interceptionMode': interceptionMode invalid",
        decided_by=("injector", "annotations"),
        words="refuses the value of an annotation",
    ),
    # 19: the proxy's user
    "uid 1337": running(
        pod(template(securityContext={"runAsUser": 1337}), injected=True),
        decided_by=("kubelet", "proxyUID"),
        words="runs as user 1337, which is the proxy's",
        advice="another user",
    ),
    # 20: AKS
    "AKS's enforcer": Scene(
        cluster(enforced(), HEALTHY[1:], space({**ENABLED, "control-plane": "kubeflow"}), deployment(), replica_set(), pod()),
        ("apiserver", "namespaceSelector"),
        "control-plane",
        "admissions enforcer",
    ),
    # beyond the ranking
    "call failed and was let through": Scene(
        cluster(hooks(policy="Ignore"), HEALTHY[1:], space(ENABLED), deployment(), replica_set(), pod()),
        ("kubelet", "failedOpen"),
        "lets pods through without a sidecar when its call fails",
    ),
    "somebody else's webhook": refused(
        'admission webhook "validate.kyverno.svc-fail" denied the request: image is not signed',
        decided_by=("apiserver", "otherWebhooks"),
        words="Another webhook, validate.kyverno.svc-fail, refuses the pod",
    ),
}


@pytest.mark.parametrize("title", SCENES)
def test_the_cause_is_named_first(title: str) -> None:
    """The verdict's first words name the cause, the check that decided is in its stage, and the way out is there."""
    scene = SCENES[title]

    found = explained(scene.mesh, scene.kind, scene.name)

    verdict = found.verdict
    assert (verdict.decided_by.stage, verdict.decided_by.check) == scene.decided_by
    assert [step for stage in found.stages for step in stage.steps if step.identity == verdict.decided_by.identity] == [verdict.decided_by]
    assert scene.words in verdict.summary
    assert scene.advice in " ".join(f"{item.summary} {item.command or ''}" for item in found.advice)
    assert verdict.as_requested is (title in ("host network", "an istiod that is back"))


def told(found: Explanation) -> dict[str, tuple[str, str]]:
    """Status and sentence of each check; of several of one name the last."""
    return {step.check: (step.status.value, sentence(step)) for stage in found.stages for step in stage.steps}


def test_a_healthy_pod_is_as_asked() -> None:
    """Where all is well, every stage passes, nothing is advised, and the exit code will be 0."""
    found = explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True)))

    assert (found.verdict.injected, found.verdict.mode.value, found.verdict.as_requested) == (True, "sidecar", True)
    assert {stage.status.value for stage in found.stages} == {"pass"}
    assert found.advice == ()
    assert [name.configuration for name in found.matched_webhooks] == [OWN]


@pytest.mark.parametrize(
    ("webhook", "others", "check", "words"),
    [
        (hooks(ca=""), backend(), "caBundle", "The caBundle is empty"),
        (hooks(ca=EXPIRED), backend(), "caBundle", "has expired"),
        (hooks(ca=OTHER_ROOT), backend(), "caBundle", "does not hold the mesh's root"),
        (hooks(ca="no certificate"), backend(), "caBundle", "The caBundle holds no certificate"),
        (hooks(), backend()[1:], "service", "does not exist"),
        (hooks(), backend(ready=False), "endpoints", "leads to no ready istiod"),
    ],
)
def test_a_broken_way_to_istiod_is_found_before_the_first_pod_fails(
    webhook: Object, others: tuple[Object, ...], check: str, words: str
) -> None:
    """With nothing but the configuration to go by, the chain says that no pod can be created, and why."""
    found = explained(cluster(webhook, others, istiod(), injector(), space(ENABLED), deployment(), replica_set()))

    assert (found.verdict.injected, found.verdict.decided_by.stage, found.verdict.decided_by.check) == (False, "apiserver", check)
    assert found.verdict.summary.startswith("No pod can be created. ")
    assert words in found.verdict.summary
    assert found.advice


def test_a_living_pod_does_not_hide_a_broken_way() -> None:
    """Pods that have their sidecar are told to have it, and that the next one will not."""
    found = explained(cluster(hooks(ca=EXPIRED), HEALTHY[1:], space(ENABLED), deployment(), replica_set(), pod(injected=True)))

    assert (found.verdict.injected, found.verdict.as_requested) == (True, False)
    assert "But the next pod cannot be injected. The certificate in the caBundle has expired" in found.verdict.summary


def test_a_pod_of_an_older_revision_is_to_be_restarted() -> None:
    """A restart is advised where the new pod would come out different, and only there."""
    stale = explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True, revision="1-20")))
    fresh = explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True)))

    assert told(stale)["revision"][0] == "warn"
    assert [item.command for item in stale.advice] == ["kubectl rollout restart deployment/cart -n shop"]
    assert fresh.advice == ()


def test_a_restart_is_not_advised_where_it_would_change_nothing() -> None:
    """A pod older than the label stays as it is while istiod cannot be reached: the new one could not even be made."""
    mesh = cluster(
        hooks(),
        backend(ready=False),
        istiod(),
        injector(),
        space(ENABLED, labelled=HOUR_AGO),
        deployment(),
        replica_set(),
        pod(made=DAY_AGO),
    )

    found = explained(mesh)

    assert not any("restart" in (item.command or "") and "cart" in (item.command or "") for item in found.advice)
    assert found.advice


def test_events_speak_where_no_condition_does() -> None:
    """A StatefulSet has no condition for it: the event of its last failure counts, unless a pod was made after it."""
    raw = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "cart", "namespace": "shop", "uid": "s"},
        "spec": {"replicas": 1, "template": template()},
    }
    failed = event(
        "FailedCreate",
        f"create Pod cart-0 in StatefulSet cart failed error: {CALL}context deadline exceeded",
        kind="StatefulSet",
        name="cart",
        seen=HOUR_AGO,
    )
    before = explained(cluster(HEALTHY, space(ENABLED), decoded(raw), failed), "StatefulSet")
    after = explained(
        cluster(HEALTHY, space(ENABLED), decoded(raw), failed, pod(injected=True, owner=("StatefulSet", "cart"), made=NOW)), "StatefulSet"
    )

    assert before.verdict.decided_by.check == "network"
    assert after.verdict.as_requested is True


def test_only_the_newest_generation_counts() -> None:
    """While the new ReplicaSet fails, the old one's pods go on serving; the explanation is about the new one."""
    failing = replica_set(CALL + "context deadline exceeded", revision=2, name="cart-2")

    found = explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), failing, pod()))

    assert (found.verdict.injected, found.verdict.decided_by.check) == (False, "network")


def test_a_failure_of_an_older_generation_does_not_count() -> None:
    """A Deployment copies the condition of any ReplicaSet; that of the newest is the one that matters."""
    message = CALL + "context deadline exceeded"
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    new = replica_set(revision=2, name="cart-2")

    found = explained(
        cluster(
            HEALTHY,
            space(ENABLED),
            deployment(conditions=[condition]),
            replica_set(message),
            new,
            pod(injected=True, owner=("ReplicaSet", "cart-2")),
        )
    )

    assert found.verdict.as_requested is True


@pytest.mark.parametrize(
    ("space_labels", "pod_template", "mode"),
    [
        ({"istio.io/dataplane-mode": "ambient"}, template(), "ambient"),
        ({}, template({INJECT: "false"}, containers=[{"name": "istio-proxy", "image": "proxyv2:1"}]), "sidecar"),
    ],
)
def test_ambient_and_gateways_are_answers(space_labels: dict[str, str], pod_template: dict[str, Any], mode: str) -> None:
    """Who is in the mesh in another way than by injection has what it asked for."""
    found = explained(cluster(HEALTHY, space(space_labels), deployment(pod_template), replica_set(), pod(pod_template)))

    assert (found.verdict.mode.value, found.verdict.as_requested) == (mode, True)


def test_scaled_to_nothing_is_no_failure() -> None:
    """A Deployment without replicas has no pods, and says why."""
    raw = json.loads(msgspec.json.encode(deployment()))
    raw["spec"]["replicas"] = 0

    found = explained(cluster(HEALTHY, space(ENABLED), decoded(raw), replica_set()))

    assert found.verdict.as_requested is True
    assert told(found)["pods"] == ("skipped", "There are no pods: Deployment shop/cart is scaled to 0.")


def test_ca_bundles_are_told_from_their_bytes() -> None:
    """The mesh's root among others in a bundle is enough."""
    both = hooks(ca=OTHER_ROOT + ROOT)

    found = explained(cluster(both, HEALTHY[1:], space(ENABLED), deployment(), replica_set(), pod(injected=True)))

    assert told(found)["caBundle"] == ("pass", "The caBundle holds the mesh's root certificate.")
    assert base64.b64decode(both.webhooks[0].client_config.ca_bundle)  # type: ignore[attr-defined]


def test_init_containers_without_network_are_told_of() -> None:
    """With the CNI agent and an ordinary sidecar, a pod's own init containers cannot reach anything."""
    with_cni = injector(values={"pilot": {"cni": {"enabled": True}}})
    own = template(initContainers=[{"name": "migrate", "image": "m:1"}])

    found = explained(cluster(hooks(), backend(), istiod(), with_cni, node("n", "v1.32.0"), space(ENABLED), deployment(own), replica_set()))

    assert told(found)["cni"][0] == "warn"
    assert "these init containers have no network: migrate" in told(found)["cni"][1]


def test_a_verdict_names_the_labels_that_are_ignored() -> None:
    """What asks for another revision, or for ambient, beside what decides is no reason for a cross, and is said all the same."""
    labels = {**ENABLED, "istio.io/rev": "canary", "istio.io/dataplane-mode": "ambient"}
    found = explained(cluster(HEALTHY, space(labels), deployment()))

    assert found.verdict.as_requested
    assert "istio.io/rev=canary is ignored: the namespace label istio-injection=enabled takes precedence" in headline(found)
    assert why(found).endswith("istio.io/rev=canary is ignored. istio.io/dataplane-mode=ambient is ignored.")


def test_a_revision_that_comes_all_the_same_is_not_ignored() -> None:
    """The label names the revision that is chosen anyway; and a pod that refuses the mesh has nothing to do with it."""
    same = explained(cluster(HEALTHY, space({**ENABLED, "istio.io/rev": "default"}), deployment()))
    refusing = template({"sidecar.istio.io/inject": "false"})
    out = explained(cluster(HEALTHY, space({**ENABLED, "istio.io/rev": "canary"}), deployment(refusing)))

    assert same.verdict.ignored == out.verdict.ignored == ()


def test_a_label_on_the_jobs_of_a_cron_job_is_in_the_wrong_place() -> None:
    """It is on jobTemplate, and pods are labelled by the template below it; where it belongs is the way out."""
    spec = {"jobTemplate": {"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}, "spec": {"template": template()}}}
    made = decoded({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cart", "namespace": "shop"}, "spec": spec})
    found = explained(cluster(HEALTHY, space(ENABLED), made), "CronJob")

    assert not found.verdict.as_requested
    assert "on the CronJob's jobTemplate" in found.verdict.summary
    assert "to the pod template" in found.advice[0].summary


def test_files_that_show_pods_are_a_picture_of_a_cluster() -> None:
    """The target need not show it itself: its pod or its ReplicaSet does. Without any there is nothing to see."""
    manifest = decoded({**json.loads(msgspec.json.encode(deployment())), "metadata": {"name": "cart", "namespace": "shop"}})
    failing = {"name": "migrate", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    own = template(initContainers=[{"name": "migrate", "image": "m:1"}])
    dumped = mesh(hooks(), space(ENABLED), manifest, replica_set(), pod(own, injected=True, phase="Pending", init=failing))
    refused = mesh(hooks(), space(ENABLED), manifest, replica_set(CALL + "context deadline exceeded"))

    shown = {name: told(explained(seen))["pods"] for name, seen in (("dumped", dumped), ("refused", refused))}

    assert shown["dumped"][0] == "pass"
    assert told(explained(dumped))["initContainers"][0] == "fail"
    assert shown["refused"][0] == "fail"
    assert told(explained(mesh(hooks(), space(ENABLED), manifest)))["pods"] == ("skipped", "Manifests do not show what became of the pods.")


def test_a_failing_init_container_that_has_no_network_decides() -> None:
    """The verdict names it, and the advice is the proxy that starts first; one that calls nobody is only told of."""
    sidecar = {"sidecar": "{{ annotation `sidecar.istio.io/nativeSidecar` }}"}
    agent = injector(values={"pilot": {"cni": {"enabled": True}}}, templates=sidecar)
    plain = (hooks(), backend(), istiod(), agent, node("n", "v1.31.0"), space(ENABLED))
    for command, status in ((["./manage.py", "migrate"], "fail"), (["cp", "a", "b"], "warn")):
        own = {"name": "first", "image": "m:1", "command": command}
        made = template(initContainers=[{"name": "istio-validation", "image": "p:1"}, own])
        failing = {"name": "first", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
        seen = pod(made, injected=True, phase="Pending", init=failing)
        found = explained(cluster(*plain, deployment(template(initContainers=[own])), replica_set(), seen))

        assert told(found)["initContainers"][0] == status
        assert found.verdict.as_requested is (status == "warn")
        assert bool(found.advice) is (status == "fail")
        assert all(way.fix and way.fix.patches for way in found.advice)


def test_a_failing_init_container_whose_calls_are_plain_text_decides() -> None:
    """Without the CNI agent it has the network, and the pod does not start all the same: the verdict says so, as MF206 does."""
    plain = (hooks(), backend(), istiod(), injector(), node("n", "v1.27.0"), space(ENABLED))
    for command, status in ((["./manage.py", "migrate"], "fail"), (["cp", "a", "b"], "warn")):
        own = template(initContainers=[{"name": "first", "image": "m:1", "command": command}])
        failing = {"name": "first", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
        seen = pod(own, injected=True, phase="Pending", init=failing)
        found = explained(cluster(*plain, deployment(own), replica_set(), seen))

        assert told(found)["initContainers"][0] == status
        assert found.verdict.as_requested is (status == "warn")
        assert ("so the pod does not start; its calls are plain text" in found.verdict.summary) is (status == "fail")
        assert [way.command for way in found.advice] == (["kubectl logs -n shop cart-1-x -c first"] if status == "fail" else [])


def test_a_config_map_that_may_not_be_read_is_neither_missing_nor_broken() -> None:
    """The injector's is forbidden beside the mesh's, which is read: the chart's configuration is assumed, and the reason is said."""
    name = "istio-sidecar-injector"
    beside = Coverage(namespaces=frozenset({"istio-system"}), refused=(Refused("istio-system", name, f"{name} is forbidden"),))
    parts = (hooks(), backend(), istiod(), space(ENABLED), deployment())

    unread = told(explained(cluster(*parts, coverage={kinds.CONFIG_MAP: beside})))["configMap"]
    absent = told(explained(cluster(*parts, coverage={kinds.CONFIG_MAP: Coverage(namespaces=frozenset({"istio-system"}))})))["configMap"]

    assert (unread[0], f"({name} is forbidden)" in unread[1]) == ("unknown", True)
    assert absent[0] == "warn"
