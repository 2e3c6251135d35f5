"""The command that replaces a workload's pods."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.restarts import RESTARTED_AT, of_namespace, of_workload
from kubectl_meshfix.mesh.workloads import workload
from tests.fixes.objects import made

POD: dict[str, Any] = {"spec": {"containers": []}}


@pytest.mark.parametrize(
    ("api", "kind", "command"),
    [
        ("apps/v1", "Deployment", "kubectl rollout restart deployment/cart -n shop"),
        ("apps/v1", "StatefulSet", "kubectl rollout restart statefulset/cart -n shop"),
        ("apps/v1", "DaemonSet", "kubectl rollout restart daemonset/cart -n shop"),
        ("argoproj.io/v1alpha1", "Rollout", "kubectl argo rollouts restart cart -n shop"),
        ("apps.openshift.io/v1", "DeploymentConfig", "oc rollout latest dc/cart -n shop"),
        ("apps/v1", "ReplicaSet", None),
        ("batch/v1", "Job", None),
    ],
)
def test_each_kind_has_its_own(api: str, kind: str, command: str | None) -> None:
    """Kubectl's, the plugin's of Argo Rollouts, OpenShift's; none where pods are replaced by nobody."""
    found = workload(made(api, kind, {"template": POD}))

    assert found
    assert of_workload(found) == command


def test_kubectl_asks_for_it_by_an_annotation() -> None:
    """And of a whole namespace by one command."""
    assert RESTARTED_AT == "kubectl.kubernetes.io/restartedAt"
    assert of_namespace("shop") == "kubectl rollout restart deployment,statefulset,daemonset -n shop"
