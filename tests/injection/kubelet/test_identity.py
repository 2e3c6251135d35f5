"""Whether a pod's proxy is the one that a new pod would get."""

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Outcome
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.membership import Membership, Mode
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import injector, istiod
from tests.injection.kubelet.test_proxy_health import DECIDED, outcomes, waiting
from tests.injection.scenes import backend, hooks, pod, template


def injecting(revision: str | None) -> Membership:
    """What becomes of a pod that a revision injects."""
    return Membership(mode=Mode.SIDECAR, injected=True, decided_by=DECIDED, because=(), revision=revision)


def tagged(tag: str) -> Object:
    """An injector that makes proxies of a version."""
    return injector(values={"global": {"tag": tag, "hub": "docker.io/istio", "proxy": {"image": "proxyv2"}}})


PLACE = "docker.io/istio/proxyv2"


@pytest.mark.parametrize(
    ("wanted", "revision", "image", "annotations", "objects", "expected"),
    [
        (None, "default", f"{PLACE}:1.31.0", {}, (istiod(), tagged("1.31.0")), [checks.SAME_REVISION]),
        (None, "default", f"{PLACE}:1.30.0", {}, (istiod(), tagged("1.31.0")), [checks.SAME_REVISION, checks.OLD_IMAGE]),
        ("", "default", f"{PLACE}:1.30.0", {}, (istiod(), tagged("1.31.0")), [checks.SAME_REVISION, checks.OLD_IMAGE]),
        ("default", "default", f"{PLACE}:1.30.0-distroless", {}, (istiod(), tagged("1.30.0")), [checks.SAME_REVISION]),
        (None, "default", PLACE, {}, (istiod(), tagged("1.31.0")), [checks.SAME_REVISION]),
        (None, "default", f"{PLACE}:1.30.0", {}, (istiod(), tagged("")), [checks.SAME_REVISION]),
        (None, "default", f"{PLACE}:1.30.0", {"sidecar.istio.io/proxyImage": "p:1"}, (istiod(), tagged("1.31.0")), [checks.SAME_REVISION]),
        (None, "default", f"{PLACE}:1.30.0", {}, (istiod(),), [checks.SAME_REVISION]),
        (None, "default", f"{PLACE}:1.30.0", {}, (), [checks.SAME_REVISION]),
        ("r1", "r1", f"{PLACE}:1.30.0", {}, (), [checks.SAME_REVISION]),
        (None, "r1", f"{PLACE}:1.30.0", {}, (), [checks.OLD_REVISION]),
        ("r1", "default", f"{PLACE}:1.30.0", {}, (istiod(), tagged("1.31.0")), [checks.OLD_REVISION]),
        (None, "", f"{PLACE}:1.30.0", {}, (istiod(), tagged("1.31.0")), []),
    ],
)
def test_a_new_pod_may_get_another_proxy(
    *, wanted: str | None, revision: str, image: str, annotations: dict[str, str], objects: tuple[Object, ...], expected: list[Outcome]
) -> None:
    """Of another revision, ``default`` where none is named, or of another version of the same, as far as both are known."""
    made = pod(template(annotations=annotations), injected=True, revision=revision, image=image, states={"istio-proxy": waiting("")})

    assert outcomes(made, hooks(), backend(), *objects, expected=injecting(wanted)) == expected


def test_who_may_not_read_the_webhooks_does_not_know_the_revision() -> None:
    """Nor is a pod held against one that would get no proxy, or perhaps none."""
    made = pod(injected=True, revision="r1", states={"istio-proxy": waiting("")})
    unread = {kinds.MUTATING_WEBHOOK_CONFIGURATION: Coverage(reason="forbidden")}
    doubtful = msgspec.structs.replace(injecting("default"), injected=Unknown(kind=UnknownKind.RUNTIME, of="it", settled_by="them"))

    assert outcomes(made, istiod(), expected=injecting("default"), coverage=unread) == []
    assert outcomes(made, hooks(), expected=msgspec.structs.replace(injecting("default"), injected=False)) == []
    assert outcomes(made, hooks(), expected=doubtful) == []
    assert outcomes(made, hooks(), expected=injecting("default")) == [checks.OLD_REVISION]
