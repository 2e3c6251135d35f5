"""Webhooks that cannot be called: whose fault is reported by whom, and the way out."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.apiserver import Candidate, injectors
from kubectl_meshfix.injection.reaching import path_of, unchecked
from kubectl_meshfix.injection.unchecked import beside, is_told_by_injector, istiod_behind, unchecked_alone
from kubectl_meshfix.injection.unreachable import remedy, reported, taken_by
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object, Ref
from tests.injection.cases import scaled
from tests.injection.installations import OWN, R1, TAG_PROD, decoded, injector, istiod, mesh
from tests.injection.reaching.certificates import EXPIRED, OTHER_ROOT, ROOT
from tests.injection.scenes import CALL, backend, cluster, deployment, encoded, hooks, replica_set, space, template

ENABLED = {"istio-injection": "enabled"}
VALIDATOR = "istiod-default-validator"
ISTIOD = Ref("apps/v1", "Deployment", "istio-system", "istiod")
SLOW = "context deadline exceeded"


def validator(service: str = "istiod", *, ca: str = ROOT, name: str = VALIDATOR, namespace: str = "istio-system", url: str = "") -> Object:
    """A validation webhook of an istiod."""
    client: dict[str, Any] = {"url": url} if url else {"service": {"name": service, "namespace": namespace, "path": "/validate"}}
    webhook = {"name": "validation.istio.io", "failurePolicy": "Fail", "clientConfig": {**client, "caBundle": encoded(ca)}}
    api = "admissionregistration.k8s.io/v1"
    return decoded({"apiVersion": api, "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name}, "webhooks": [webhook]})


def closed(*parts: Object) -> tuple[Object, ...]:
    """A backend whose Service has another port than webhooks call."""
    service, *rest = parts or backend()
    raw = json.loads(msgspec.json.encode(service))
    raw["spec"]["ports"][0]["port"] = 8443
    return decoded(raw), *rest


def ended(labels: dict[str, str]) -> Object:
    """A Job of the shop that is done, whose pods have labels."""
    metadata, done = {"name": "once", "namespace": "shop"}, {"conditions": [{"type": "Complete", "status": "True"}]}
    spec = {"template": template(labels, restartPolicy="Never")}
    return decoded({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec, "status": done})


INSTALLED = (istiod(), injector(), space(ENABLED), deployment())


@pytest.mark.parametrize(
    ("objects", "alone"),
    [
        ([hooks(), validator(), backend()], []),
        ([hooks(), validator(), closed()], []),
        ([hooks(ca=OTHER_ROOT), validator(), closed()], []),
        ([hooks(), validator("istiod-r1"), closed(), closed(*backend(name="istiod-r1"))], [VALIDATOR]),
        ([hooks(), validator("istiod-r1"), closed(), backend(name="istiod-r1")], []),
        ([hooks(ca=EXPIRED), validator(ca=EXPIRED), backend()], []),
        ([hooks(ca=EXPIRED), validator(ca=OTHER_ROOT), backend()], [VALIDATOR]),
        ([hooks(), validator(ca=EXPIRED), backend()], [VALIDATOR]),
        ([hooks(), validator(ca=EXPIRED), backend(), replica_set(CALL + SLOW)], [VALIDATOR]),
        ([hooks(), validator("istiod-1-28"), backend()], [VALIDATOR]),
        ([hooks(R1, "r1"), validator(), backend(ready=False)], []),
        ([hooks(R1, "r1"), validator(), closed(), backend(name="istiod-r1")], [VALIDATOR]),
    ],
)
def test_a_validation_webhook_says_what_nobody_else_says(objects: list[Any], alone: list[str]) -> None:
    """Not what the injector's webhook reports of the same Service, or of the same caBundle; nor that istiod's pods are not ready."""
    found = unchecked_alone(cluster(*objects, INSTALLED))

    assert [item.candidate.configuration.name for item in found] == alone


def by_url() -> Object:
    """The injector's webhooks, called by an address."""
    raw = json.loads(msgspec.json.encode(hooks()))
    for webhook in raw["webhooks"]:
        webhook["clientConfig"] = {"url": "https://istiod.example.com/inject"}
    return decoded(raw)


@pytest.mark.parametrize(
    ("ours", "theirs", "named"),
    [
        (hooks(), validator(ca=EXPIRED), [VALIDATOR]),
        (hooks(), validator(), []),
        (hooks(), validator("istiod-r1", ca=EXPIRED), []),
        (hooks(), validator(ca=EXPIRED, namespace="istio-other"), []),
        (by_url(), validator(ca=EXPIRED, url="https://istiod.example.com/validate"), []),
    ],
)
def test_what_calls_the_same_service(ours: Object, theirs: Object, named: list[str]) -> None:
    """The failing validation webhooks beside the injector's; addresses are no Service."""
    here = cluster(ours, theirs, backend(), backend(name="istiod-r1"), backend(namespace="istio-other"), INSTALLED)

    assert [item.candidate.configuration.name for item in beside(here, injectors(here)[0])] == named


@pytest.mark.parametrize(
    ("theirs", "behind"),
    [
        (validator(ca=EXPIRED), ISTIOD),
        (validator(ca=EXPIRED, namespace="istio-other"), None),
        (validator("istiod-r1", ca=EXPIRED), None),
        (validator(ca=EXPIRED, url="https://istiod.example.com"), None),
    ],
)
def test_the_istiod_behind_a_webhook(theirs: Object, behind: Ref | None) -> None:
    """The Deployment of its revision in the namespace of its Service."""
    here = cluster(theirs, backend(), backend(name="istiod-r1"), backend(namespace="istio-other"), INSTALLED)
    (found,) = unchecked(here)

    assert istiod_behind(here, found.candidate) == behind


@pytest.mark.parametrize(
    ("parts", "of_istiod", "of_another"),
    [(backend(), False, False), (backend(ready=False), True, False), (closed(), False, False), (backend()[1:], False, False)],
)
def test_the_injector_tells_of_an_istiod_that_serves_nobody(parts: tuple[Object, ...], of_istiod: bool, of_another: bool) -> None:
    """And not that a port or the Service is missing, which is no fault of its pods."""
    here = cluster(hooks(), parts, INSTALLED, istiod("r1"))
    another = Ref("apps/v1", "Deployment", "istio-system", "istiod-r1")

    assert (is_told_by_injector(here, ISTIOD), is_told_by_injector(here, another)) == (of_istiod, of_another)


def rows(here: Mesh) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What is reported: the configuration, the namespaces it takes pods of, and who was refused."""
    return [(item.candidate.configuration.name, item.namespaces, tuple(map(str, item.refused))) for item in reported(here)]


BY_REVISION = CALL.replace("namespace.", "rev.namespace.", 1) + SLOW
CART = ("ReplicaSet shop/cart-1",)


@pytest.mark.parametrize(
    ("labels", "message", "said"),
    [
        (ENABLED, CALL + SLOW, [(OWN, ("shop",), CART)]),
        ({}, CALL + SLOW, [(OWN, (), CART)]),
        ({"istio.io/rev": "default"}, BY_REVISION, [(OWN, ("shop",), CART)]),
        ({"istio.io/rev": "prod"}, BY_REVISION, [(TAG_PROD, ("shop",), CART)]),
        ({}, BY_REVISION, [(TAG_PROD, (), CART)]),
        (ENABLED, CALL.replace("namespace.", "object.", 1) + SLOW, [(OWN, (), CART)]),
        (ENABLED, "exceeded quota: small", []),
        ({}, "", []),
    ],
)
def test_a_refused_pod_tells_which_webhook_could_not_be_called(
    labels: dict[str, str], message: str, said: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> None:
    """Of several of one name the one that takes the pod, else the first; who was refused is enough for a finding."""
    tag = hooks(TAG_PROD, "default", value="prod", tag="prod")

    assert rows(cluster(hooks(), tag, backend(), istiod(), injector(), space(labels), replica_set(message))) == said


def test_whose_pods_a_webhook_takes() -> None:
    """By the labels of a namespace or of a workload; a Job that is done, and pods that have their proxy, ask for nothing."""
    asks = {"sidecar.istio.io/inject": "true"}
    proxied = template(asks, containers=[{"name": "istio-proxy", "image": "proxyv2:1"}])
    both = (hooks(), hooks(R1, "r1"), space({"istio.io/rev": "r1"}, name="bank"))

    assert taken_by(cluster(both), R1) == {"bank"}
    assert taken_by(cluster(both), OWN) == frozenset()
    assert taken_by(cluster(both, space(ENABLED)), OWN) == {"shop"}
    assert taken_by(cluster(both, space(), deployment(template(asks))), OWN) == {"shop"}
    assert taken_by(cluster(both, space(), ended(asks)), OWN) == frozenset()
    assert taken_by(cluster(both, space(), deployment(proxied)), OWN) == frozenset()


def test_an_istiod_that_is_scaled_to_nothing_is_scaled_up() -> None:
    """Files show it by the replicas of its Deployment; one of several is enough."""
    here = mesh(hooks(), backend()[0], scaled(0), injector(), space(ENABLED))
    way = way_out(here, injectors(here)[0])

    assert way == (
        "Scale Deployment istio-system/istiod up again.",
        ("kubectl scale deployment/istiod -n istio-system --replicas 1",),
    )


def way_out(here: Mesh, candidate: Candidate) -> tuple[str, tuple[str, ...]]:
    """What is to be done about a call that fails."""
    broken = path_of(here, candidate).value.broken
    assert broken
    fix = remedy(here, candidate, broken)
    return fix.summary, fix.commands


PORT = '[{"op": "add", "path": "/spec/ports/-", "value": {"name": "https-webhook", "port": 443, "targetPort": 15017}}]'
LIST = "kubectl get mutatingwebhookconfiguration istio-sidecar-injector -L istio.io/rev"
HELP = "If that does not help, see what else writes istio-sidecar-injector (GitOps), and its istio.io/rev."
LEFT = "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector"


@pytest.mark.parametrize(
    ("objects", "summary", "commands"),
    [
        (
            [hooks(), closed(), istiod()],
            "Give Service istio-system/istiod the port 443 again, with the targetPort 15017.",
            (f"kubectl patch service istiod -n istio-system --type json -p '{PORT}'",),
        ),
        (
            [hooks(), backend(ready=False), istiod()],
            "Get the pods of Service istio-system/istiod ready.",
            ("kubectl get pods -n istio-system -l app=istiod",),
        ),
        ([hooks(ca=EXPIRED), backend(), istiod()], f"Restart istiod, which writes the caBundle. {HELP}", (LIST,)),
        (
            [hooks(), istiod()],
            "Restore Service istio-system/istiod by the tool that installed Istio: its istiod, Deployment istio-system/istiod, is there.",
            (),
        ),
        (
            [hooks()],
            "Delete istio-sidecar-injector, which is left over. If revision default is still wanted, install it again instead.",
            (LEFT,),
        ),
        (
            [hooks(TAG_PROD, "r2", value="prod", tag="prod"), hooks(R1, "r1"), hooks(), backend(), istiod()],
            "Set the tag prod to a revision that is there (default), or delete the leftover istio-revision-tag-prod.",
            (
                "istioctl tag set prod --revision REVISION --overwrite",
                "kubectl delete mutatingwebhookconfiguration istio-revision-tag-prod",
            ),
        ),
        (
            [hooks(TAG_PROD, "r2", value="prod", tag="prod"), hooks(R1, "r1")],
            "Delete istio-revision-tag-prod, which is left over. If revision r2 is still wanted, install it again instead.",
            ("kubectl delete mutatingwebhookconfiguration istio-revision-tag-prod",),
        ),
    ],
)
def test_the_way_out(objects: list[Any], summary: str, commands: tuple[str, ...]) -> None:
    """By the first check that fails on the way."""
    here = cluster(*objects, injector(), space(ENABLED))

    assert way_out(here, injectors(here)[0]) == (summary, commands)
