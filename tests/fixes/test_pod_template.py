"""Changes of pod templates: what may be written there, and what it does to pods."""

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import LATER, REPLACED, Safety
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from tests.fixes.objects import made

POD = {"spec": {"containers": [{"name": "cart", "image": "cart:v1"}]}}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("a" * 63, True), ("a" * 64, False), ("", True), ("v1.2_3-x", True), ("-v1", False), ("v1.", False), ("a b", False)],
)
def test_a_label_value_has_at_most_63_characters(value: str, is_one: bool) -> None:
    """Of 63 characters it is one, of 64 none; it begins and ends with a letter or digit, or is empty."""
    assert pod_template.is_label_value(value) is is_one


@pytest.mark.parametrize(
    ("api", "kind", "spec", "risk"),
    [
        ("apps/v1", "Deployment", {"template": POD}, REPLACED),
        ("batch/v1", "CronJob", {"jobTemplate": {"spec": {"template": POD}}}, LATER),
    ],
)
def test_the_plain_risk_says_what_becomes_of_pods(api: str, kind: str, spec: dict[str, object], risk: str) -> None:
    """A rollout replaces them; a CronJob has the change from its next run on."""
    found = workload(made(api, kind, spec))
    assert found
    operations = (Operation("add", pod_template.label_path(found, "x"), "y"),)

    assert pod_template.change(Mesh([found.object]), found, operations, "Add x.", Safety.RESTART).risk == risk
    assert pod_template.change(Mesh([found.object]), found, operations, "Add x.", Safety.SAFE).risk is None
