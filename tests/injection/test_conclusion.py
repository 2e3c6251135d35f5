"""The verdict of a chain: what became of the pods, and which of several faults it names."""

import json

import msgspec
import pytest

from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import OWN, TAG_DEFAULT, decoded
from tests.injection.reaching.certificates import EXPIRED
from tests.injection.scenes import CALL, HEALTHY, cluster, deployment, explained, hooks, pod, replica_set, space

ENABLED = {"istio-injection": "enabled"}


def named(seen: Object, name: str) -> Object:
    """A pod under another name."""
    raw = json.loads(msgspec.json.encode(seen))
    return decoded({**raw, "metadata": {**raw["metadata"], "name": name, "uid": name}})


def test_one_native_sidecar_among_the_pods_is_enough() -> None:
    """Pods of one ReplicaSet may differ after an upgrade of the nodes."""
    pods = [pod(injected=True), named(pod(injected=True, native=True), "cart-1-y")]

    found = explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pods))

    assert (found.verdict.injected, found.verdict.mode.value) == (True, "native-sidecar")


QUOTA = 'pods "cart-1-x" is forbidden: exceeded quota: compute, requested: limits.memory=1152Mi, used: limits.memory=7Gi, limited: 8Gi'
BROKEN = (hooks(ca=EXPIRED), *HEALTHY[1:])


@pytest.mark.parametrize(
    ("message", "decided_by", "words"),
    [
        (QUOTA, "quota", "No pod can be created. With the proxy's resources, the pod goes over the namespace's quota."),
        (
            CALL + "x509: certificate signed by unknown authority",
            "caBundle",
            "No pod can be created. The certificate in the caBundle has expired",
        ),
    ],
)
def test_what_refused_the_pod_is_told_and_not_another_fault(message: str, decided_by: str, words: str) -> None:
    """Where the API server's words and its objects tell of the same fault, the objects are more exact."""
    found = explained(cluster(BROKEN, space(ENABLED), deployment(), replica_set(message)))

    assert found.verdict.decided_by.check == decided_by
    assert found.verdict.summary.startswith(words)


def test_one_webhook_of_two_that_cannot_be_called_is_enough() -> None:
    """The API server needs the consent of both, whichever of them injects last."""
    other = hooks(TAG_DEFAULT, "r1", value="default", tag="default")

    found = explained(cluster(HEALTHY, other, space(ENABLED), deployment()))

    assert (found.verdict.injected, found.verdict.decided_by.check) == (False, "service")
    assert "istio-system/istiod-r1" in found.verdict.summary
    assert [name.configuration for name in found.matched_webhooks] == [TAG_DEFAULT, OWN]
