"""Changes of pod templates: what may be written there, and what it does to pods."""

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import LATER, REPLACED, Patch, Safety
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources.meta import Object
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


@pytest.mark.parametrize(
    ("api", "kind", "spec", "template"),
    [
        ("apps/v1", "Deployment", {"template": POD}, "/spec/template"),
        ("batch/v1", "CronJob", {"jobTemplate": {"spec": {"template": POD}}}, "/spec/jobTemplate/spec/template"),
        ("v1", "Pod", POD["spec"], ""),
    ],
)
def test_a_label_has_a_path_whether_it_is_there_or_not(api: str, kind: str, spec: dict[str, object], template: str) -> None:
    """In the metadata of the template; a pod's is its own."""
    found = workload(made(api, kind, spec))
    assert found

    assert pod_template.label_path(found, "a/b") == f"{template}/metadata/labels/a~1b"
    assert pod_template.annotation_path(found, "a/b") == f"{template}/metadata/annotations/a~1b"
    assert pod_template.set_label(found, "a/b", "c")[0].op == "add"


def pod() -> Object:
    """A pod that nobody makes."""
    return made("v1", "Pod", POD["spec"])


JOB = {"template": POD}


@pytest.mark.parametrize(
    ("obj", "live", "path", "words"),
    [
        (made("apps/v1", "Deployment", {"template": POD}), True, "/spec/template/metadata/labels/x", ""),
        (made("batch/v1", "Job", JOB), True, "/spec/template/metadata/labels/x", "delete the Job"),
        (made("batch/v1", "Job", JOB), False, "/spec/template/metadata/labels/x", ""),
        (pod(), True, "/metadata/labels/x", ""),
        (pod(), True, "/spec/containers/0/image", "An existing pod"),
        (pod(), False, "/spec/containers/0/image", ""),
    ],
)
def test_what_cannot_be_patched_on_a_cluster(obj: Object, live: bool, path: str, words: str) -> None:
    """A Job's template, and all of a pod but its metadata; in files both can."""
    found = workload(obj)
    assert found

    why = pod_template.why_not_patchable(Mesh([obj], live=live), found, (Operation("add", path, "y"),))

    assert (words in why) if words else why == ""


@pytest.mark.parametrize(
    ("metadata", "added", "removed"),
    [
        (None, [("add", "/spec/template/metadata")], []),
        ({}, [("add", "/spec/template/metadata/annotations")], []),
        ({"annotations": {"a": "b"}}, [("add", "/spec/template/metadata/annotations/x")], []),
        (
            {"annotations": {"x": "old"}},
            [("test", "/spec/template/metadata/annotations/x"), ("replace", "/spec/template/metadata/annotations/x")],
            [("test", "/spec/template/metadata/annotations"), ("remove", "/spec/template/metadata/annotations")],
        ),
        (
            {"annotations": {"x": "old", "a": "b"}},
            [("test", "/spec/template/metadata/annotations/x"), ("replace", "/spec/template/metadata/annotations/x")],
            [("test", "/spec/template/metadata/annotations/x"), ("remove", "/spec/template/metadata/annotations/x")],
        ),
    ],
)
def test_maps_are_made_where_they_are_missing_and_go_with_their_last_key(
    metadata: dict[str, object] | None, added: list[tuple[str, str]], removed: list[tuple[str, str]]
) -> None:
    """A value that is there is tested before it is replaced or taken away."""
    template = {"spec": POD["spec"], **({} if metadata is None else {"metadata": metadata})}
    found = workload(made("apps/v1", "Deployment", {"template": template}))
    assert found

    assert [(item.op, item.path) for item in pod_template.set_annotation(found, "x", "y")] == added
    if removed:
        assert [(item.op, item.path) for item in pod_template.remove_annotation(found, "x")] == removed


OWNER = {"apiVersion": "example.com/v1", "kind": "App", "name": "web", "controller": True}
APP = "App web would undo a change of the Deployment: make the change there."
GONE = "The template of an existing Job cannot be changed: delete the Job and create it again."
ALONE = "An existing pod cannot be changed like this: delete it and create it again."


@pytest.mark.parametrize(
    ("obj", "live", "why"),
    [
        (made("apps/v1", "Deployment", {"template": POD}), True, None),
        (made("apps/v1", "Deployment", {"template": POD}, owners=[OWNER]), True, APP),
        (made("apps/v1", "Deployment", {"template": POD}, owners=[OWNER]), False, APP),
        (made("batch/v1", "Job", JOB), True, GONE),
        (made("batch/v1", "Job", JOB), False, None),
        (pod(), True, ALONE),
        (pod(), False, None),
    ],
)
def test_what_is_not_to_be_patched_is_left_to_a_person(obj: Object, live: bool, why: str | None) -> None:
    """With the reason, and without a patch."""
    found = workload(obj)
    assert found
    operations = (Operation("add", f"{found.template_path}/spec/x", "y"),)

    fix = pod_template.change(Mesh([obj], live=live), found, operations, "Add x.", Safety.UNSAFE)

    assert (fix.why, fix.safety) == (why, Safety.MANUAL if why else Safety.UNSAFE)
    assert fix.patches == (() if why else (Patch(obj.ref, operations),))
