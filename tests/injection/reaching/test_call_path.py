"""The API server's way to the injector: what is wrong with it, by what was read of it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.apiserver.webhook import Candidate
from kubectl_meshfix.injection.reaching.call_path import CallPath, path_of
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import R1, decoded, injector, istiod, mesh
from tests.injection.scenes import backend, cluster, hooks

FORBIDDEN = Coverage(reason="forbidden")


def changed(obj: Object, **parts: Any) -> Object:
    """The object with other parts."""
    return decoded({**json.loads(msgspec.json.encode(obj)), **parts})


def way(snapshot: Mesh) -> Told[CallPath]:
    """The way of the calls of the first webhook."""
    (configuration,) = snapshot.all(MutatingWebhookConfiguration)
    return path_of(snapshot, Candidate(configuration, configuration.webhooks[0]))


def said(snapshot: Mesh) -> list[str]:
    """Check and words of every step that is not in order, of the way of the first webhook's calls."""
    return [f"{step.check}: {sentence(step)}" for step in way(snapshot).steps if step.status.name != "PASS"]


def calling(**client: Any) -> Object:
    """Webhooks that call someone else."""
    raw = json.loads(msgspec.json.encode(hooks()))
    raw["webhooks"] = [{**raw["webhooks"][0], "clientConfig": client}]
    return decoded(raw)


def at(port: int) -> Object:
    """Webhooks that call another port of istiod."""
    return calling(service={"name": "istiod", "namespace": "istio-system", "port": port})


def scaled(replicas: int | None, ready: int = 0) -> Object:
    """An istiod of so many pods."""
    raw = json.loads(msgspec.json.encode(istiod()))
    return changed(istiod(), spec={**raw["spec"], "replicas": replicas}, status={"readyReplicas": ready})


def endpoints(*ready: bool | None, of: str = "istiod") -> Object:
    """Endpoints of the Service, each ready or not, or without a word about it."""
    rows = [
        {"addresses": [f"10.0.0.{index}"], "conditions": {} if is_ready is None else {"ready": is_ready}}
        for index, is_ready in enumerate(ready)
    ]
    metadata = {"name": f"{of}-x", "namespace": "istio-system", "labels": {"kubernetes.io/service-name": of}}
    return decoded({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata, "endpoints": rows})


def istiod_pod(status: Mapping[str, Any], name: str = "istiod-a", **labels: str) -> Object:
    """A pod of istiod."""
    metadata = {"name": name, "namespace": "istio-system", "labels": {"app": "istiod", "istio.io/rev": "default", **labels}}
    return decoded({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": []}, "status": dict(status)})


SERVICE, ENDPOINTS, AUTHORITY = backend()
NAMELESS = changed(SERVICE, spec={"ports": [{"port": 15012}, {"port": 15017}]})
PORTLESS = changed(SERVICE, spec={"ports": []})
OTHER = changed(SERVICE, metadata={"name": "pilot", "namespace": "istio-system", "labels": {"app": "istiod"}})
NAMESAKE = changed(SERVICE, metadata={"name": "istiod-r1", "namespace": "istio-system"})
ELSEWHERE = changed(SERVICE, metadata={"name": "istiod-r1", "namespace": "shop"})
STRANGER = changed(SERVICE, metadata={"name": "kiali", "namespace": "istio-system", "labels": {"app": "kiali"}})


@pytest.mark.parametrize(
    ("objects", "words", "broken"),
    [
        ((hooks(), *backend(), istiod()), [], False),
        ((hooks(), *backend(), scaled(None, 2)), [], False),
        ((hooks(), SERVICE, AUTHORITY, endpoints(None), istiod()), [], False),
        ((hooks(), SERVICE, AUTHORITY, endpoints(False, True), istiod()), [], False),
        ((hooks(), istiod()), ["istio-system/istiod"], True),
        ((hooks(), NAMELESS, ENDPOINTS, AUTHORITY, istiod()), ["15012, 15017"], True),
        ((hooks(), PORTLESS, ENDPOINTS, AUTHORITY, istiod()), ["none"], True),
        ((at(15017), SERVICE, ENDPOINTS, AUTHORITY, istiod()), ["15017"], True),
        ((hooks(), SERVICE, AUTHORITY, endpoints(False, False), scaled(0)), ["2", "0"], True),
        ((hooks(), SERVICE, AUTHORITY, endpoints(), istiod()), ["leads to no pod", "No pod of"], True),
        ((hooks(), SERVICE, AUTHORITY, endpoints(True, of="kiali"), istiod()), ["leads to no pod", "No pod of"], True),
    ],
)
def test_what_is_wrong_on_the_way_is_named(objects: tuple[Object, ...], words: list[str], broken: bool) -> None:
    """On a cluster that was read: Service, port, endpoints, istiod; an endpoint that says nothing of readiness is ready."""
    told, found = said(cluster(*objects)), way(cluster(*objects)).value
    about_backend = [line for line in told if not line.startswith(("caBundle", "failurePolicy"))]

    assert len([word for word in words if any(word.lower() in line.lower() for line in told)]) == len(words), told
    assert (found.broken is not None) == broken
    assert bool(about_backend) == bool(words), told


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2019-12-31T23:59:59Z", "is not valid yet"),
        ("2020-01-01T00:00:00Z", ""),
        ("2120-01-01T00:00:00Z", ""),
        ("2120-01-01T00:00:01Z", "has expired"),
    ],
)
def test_a_root_is_valid_from_its_first_second_to_its_last(now: str, words: str) -> None:
    """Both ends of a certificate's time belong to it (`crypto/x509/verify.go isValid`)."""
    found = said(Mesh([hooks(), SERVICE, AUTHORITY, ENDPOINTS, istiod()], live=True, taken_at=now))

    assert [line for line in found if line.startswith("caBundle")] == [line for line in found if words and words in line]
    assert bool(found) is bool(words)


@pytest.mark.parametrize(("image", "version"), [("pilot:1.30.0", "1.30.0"), ("pilot:latest", "unknown")])
def test_an_istiod_that_runs_is_told_with_its_version(image: str, version: str) -> None:
    """Its image says it, where it does."""
    raw = json.loads(msgspec.json.encode(istiod(image=image)))
    running = changed(istiod(image=image), spec={**raw["spec"], "replicas": 1}, status={"readyReplicas": 1})
    (told,) = [step for step in way(cluster(hooks(), SERVICE, AUTHORITY, ENDPOINTS, running)).steps if "version" in step.args]

    assert told.args["version"] == version


@pytest.mark.parametrize(
    ("objects", "unread", "broken", "known"),
    [
        ((hooks(), *backend(), istiod()), (), False, True),
        ((hooks(), AUTHORITY), (kinds.SERVICE, kinds.ENDPOINT_SLICE), False, False),
        ((hooks(), SERVICE, AUTHORITY, istiod()), (kinds.ENDPOINT_SLICE,), False, False),
        ((hooks(), SERVICE, AUTHORITY, scaled(0)), (kinds.ENDPOINT_SLICE,), True, False),
        ((hooks(), AUTHORITY, ENDPOINTS), (kinds.SERVICE,), False, False),
        ((hooks(), SERVICE, AUTHORITY, endpoints(False)), (), True, False),
    ],
)
def test_what_was_not_read_is_not_broken(objects: tuple[Object, ...], unread: tuple[kinds.Kind, ...], broken: bool, known: bool) -> None:
    """A Deployment without ready pods says nothing where others may be behind the Service; one that is scaled to nothing does."""
    found = way(cluster(*objects, coverage=dict.fromkeys(unread, FORBIDDEN))).value

    assert (found.broken is not None, found.is_known) == (broken, known)


@pytest.mark.parametrize(
    ("objects", "checks"),
    [
        ((hooks(),), []),
        ((hooks(), istiod()), []),
        ((hooks(), STRANGER), []),
        ((hooks(), ELSEWHERE), []),
        ((hooks(), NAMESAKE), ["service"]),
        ((hooks(), OTHER), ["service"]),
        ((hooks(), SERVICE), []),
        ((at(80), SERVICE), ["servicePort"]),
        ((hooks(), SERVICE, endpoints(False)), ["endpoints"]),
        ((hooks(), SERVICE, endpoints(False, True)), []),
        ((hooks(), SERVICE, scaled(0)), ["istiod"]),
        ((hooks(), SERVICE, scaled(1)), []),
        ((calling(url="https://istiod.example.com"), NAMESAKE), []),
        ((hooks(), SERVICE, *backend(root="")[2:]), []),
    ],
)
def test_files_tell_only_of_the_services_of_a_control_plane_among_them(objects: tuple[Object, ...], checks: list[str]) -> None:
    """A Service that files do not hold is missing only where they hold another injector's; they never say that one has no endpoints."""
    found = way(mesh(*objects))

    assert [step.check for step in found.steps if step.status.name == "FAIL"] == checks
    assert found.value.is_known is bool(checks)


@pytest.mark.parametrize(
    ("objects", "evidence"),
    [
        (
            (istiod_pod({"containerStatuses": [{"name": "discovery", "state": {"waiting": {"reason": "ErrImagePull"}}}]}),),
            ["istiod-a: discovery waits, ErrImagePull"],
        ),
        ((istiod_pod({"containerStatuses": [{"name": "discovery", "state": {"waiting": {}}}]}),), []),
        (
            (istiod_pod({"containerStatuses": [{"name": "discovery", "state": {"running": {}}}]}),),
            ["istiod-a: discovery runs and is not ready"],
        ),
        ((istiod_pod({"containerStatuses": [{"name": "discovery", "ready": True, "state": {"running": {}}}]}),), []),
        (
            (istiod_pod({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}),),
            ["istiod-a: Unschedulable"],
        ),
        (
            (istiod_pod({"conditions": [{"type": "PodScheduled", "status": "False", "message": "no nodes", "reason": "Unschedulable"}]}),),
            ["istiod-a: no nodes"],
        ),
        (
            (
                istiod_pod(
                    {
                        "conditions": [
                            {"type": "PodScheduled", "status": "True", "reason": "Done"},
                            {"type": "Ready", "status": "False", "reason": "No"},
                        ]
                    }
                ),
            ),
            [],
        ),
        (
            (
                istiod_pod(
                    {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}, **{"istio.io/rev": "r1"}
                ),
            ),
            [],
        ),
    ],
)
def test_why_no_pod_of_istiod_is_ready(objects: tuple[Object, ...], evidence: list[str]) -> None:
    """Each container that waits, or runs without being ready, and what the scheduler says, of the pods of this istiod alone."""
    found = way(cluster(hooks(), SERVICE, AUTHORITY, endpoints(False), istiod(), *objects))

    assert list(next(step for step in found.steps if step.check == "istiod").evidence) == evidence


@pytest.mark.parametrize(
    ("policy", "objects", "words"),
    [
        ("Fail", (*backend(), istiod()), "is not created"),
        ("Fail", (istiod(),), "is not created"),
        ("Ignore", (*backend(), istiod()), "without"),
        ("Ignore", (istiod(),), "without"),
    ],
)
def test_what_a_failed_call_does_is_told(policy: str, objects: tuple[Object, ...], words: str) -> None:
    """By the webhook's failurePolicy; that pods go without a sidecar right now is a warning."""
    found = way(cluster(hooks(policy=policy), *objects, injector()))
    last = found.steps[-1]

    assert words in sentence(last)
    assert found.value.opens is (policy == "Ignore")
    assert list(last.evidence) == [f"failurePolicy: {policy}", "timeoutSeconds: 10"]
    assert (last.status.name == "WARN") == (policy == "Ignore" and found.value.broken is not None)


@pytest.mark.parametrize(("client", "words"), [({"url": "https://istiod.example.com"}, "https://istiod.example.com"), ({}, "no address")])
def test_a_webhook_without_service_calls_an_address(client: dict[str, str], words: str) -> None:
    """What is behind it cannot be looked at, and is not called broken."""
    found = way(cluster(calling(**client), AUTHORITY))

    assert words in sentence(found.steps[0])
    assert found.value.broken is None


@pytest.mark.parametrize(
    ("objects", "check", "at"),
    [
        ((hooks(), istiod()), "service", "/webhooks/0/clientConfig"),
        ((hooks(), NAMELESS, ENDPOINTS, AUTHORITY, istiod()), "servicePort", "/spec/ports"),
        ((hooks(), *backend(), istiod()), "servicePort", "/spec/ports"),
        ((hooks(), SERVICE, AUTHORITY, endpoints(False), scaled(0)), "istiod", "/spec/replicas"),
        ((hooks(), *backend(), istiod()), "istiod", ""),
        ((hooks(), *backend(), istiod()), "failurePolicy", "/webhooks/0/failurePolicy"),
        ((calling(), AUTHORITY), "service", "/webhooks/0/clientConfig"),
    ],
)
def test_each_step_points_at_what_it_read(objects: tuple[Object, ...], check: str, at: str) -> None:
    """The webhook's field, the Service's ports, the number of istiod's pods."""
    (step,) = (step for step in way(cluster(*objects)).steps if step.check == check)

    assert step.at
    assert step.at.path == at


def test_a_service_that_is_gone_names_what_is_left() -> None:
    """The Deployment where it is there still, else the revision that the configuration is of."""
    gone = said(cluster(hooks(R1, "r1"), istiod("r1")))[0]
    uninstalled = said(cluster(hooks(R1, "r1")))[0]

    assert "istio-system/istiod-r1" in gone
    assert "Deployment" in gone
    assert "r1" in uninstalled
    assert "Deployment" not in uninstalled
