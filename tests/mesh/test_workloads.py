"""Whatever makes pods, seen through its template."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.workloads import workload
from tests.injection.installations import decoded


def made(api: str, kind: str, **fields: Any) -> Any:
    """An object as a workload."""
    return workload(decoded({"apiVersion": api, "kind": kind, "metadata": {"name": "cart", "namespace": "shop"}, **fields}))


def job(*conditions: tuple[str, str]) -> Any:
    """A Job of conditions and their status."""
    return made("batch/v1", "Job", status={"conditions": [{"type": kind, "status": status} for kind, status in conditions]})


@pytest.mark.parametrize(
    ("item", "has_ended"),
    [
        (job(), False),
        (job(("Complete", "True")), True),
        (job(("Failed", "True")), True),
        (job(("Complete", "False")), False),
        (job(("Suspended", "True")), False),
        (job(("Suspended", "True"), ("Complete", "False")), False),
        (job(("Suspended", "False"), ("Failed", "True")), True),
        (made("v1", "Pod", status={"phase": "Running"}), False),
        (made("v1", "Pod", status={"phase": "Succeeded"}), True),
        (made("v1", "Pod", status={"phase": "Failed"}), True),
        (made("apps/v1", "Deployment"), False),
    ],
)
def test_jobs_and_pods_have_an_end(item: Any, has_ended: bool) -> None:
    """A Job by a condition that holds, a pod by its phase; anything else goes on."""
    assert item.has_ended is has_ended


@pytest.mark.parametrize(
    ("api", "kind", "path", "is_pod", "ends"),
    [
        ("v1", "Pod", "", True, False),
        ("apps/v1", "Deployment", "/spec/template", False, False),
        ("batch/v1", "Job", "/spec/template", False, True),
        ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template", False, True),
    ],
)
def test_a_template_is_where_the_kind_has_it(api: str, kind: str, path: str, is_pod: bool, ends: bool) -> None:
    """A pod is its own, a CronJob's is its Jobs'."""
    item = made(api, kind)

    assert (item.template_path, item.is_pod, item.runs_to_completion) == (path, is_pod, ends)
