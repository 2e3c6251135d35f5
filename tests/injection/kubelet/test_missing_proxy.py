"""Why a pod has no sidecar that a pod made now would get."""

from typing import Any

import pytest

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, injector, istiod, node
from tests.injection.scenes import (
    DAY_AGO,
    HEALTHY,
    HOUR_AGO,
    MONTH_AGO,
    NOW,
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


def causes(*objects: Any) -> list[str]:
    """The steps about a pod that lacks its proxy, by their checks."""
    found = explained(cluster(*objects, deployment(), replica_set()))
    wanted = ("template", "age", "failedOpen", "istio-proxy")
    return [
        f"{step.check}: {sentence(step)}"
        for stage in found.stages
        if stage.stage == "kubelet"
        for step in stage.steps
        if step.check in wanted
    ]


@pytest.mark.parametrize(
    ("made", "hooked", "labelled", "words"),
    [
        (DAY_AGO, MONTH_AGO, HOUR_AGO, "older than the namespace's label"),
        (HOUR_AGO, MONTH_AGO, HOUR_AGO, ""),
        (NOW, MONTH_AGO, HOUR_AGO, ""),
        (DAY_AGO, HOUR_AGO, MONTH_AGO, "older than the webhooks"),
        (HOUR_AGO, HOUR_AGO, MONTH_AGO, ""),
        (DAY_AGO, HOUR_AGO, HOUR_AGO, "older than the webhooks"),
    ],
)
def test_a_pod_of_the_very_second_is_not_older(made: str, hooked: str, labelled: str, words: str) -> None:
    """What was there when the pod was made is no cause; of webhooks and label the webhooks are told."""
    said = causes(hooks(made=hooked), *HEALTHY[1:], space(ENABLED, labelled=labelled), pod(made=made))
    aged = [line for line in said if line.startswith("age: ")]

    assert len(aged) == (1 if words else 0)
    assert all(words in line for line in aged)


@pytest.mark.parametrize(
    ("made", "span"),
    [
        ("2026-03-01T11:59:59Z", "1 seconds"),
        ("2026-03-01T11:58:01Z", "119 seconds"),
        ("2026-03-01T11:58:00Z", "2 minutes"),
        ("2026-03-01T10:00:01Z", "120 minutes"),
        ("2026-03-01T10:00:00Z", "2 hours"),
        ("2026-02-27T12:00:01Z", "48 hours"),
        ("2026-02-27T12:00:00Z", "2 days"),
    ],
)
def test_a_span_has_the_unit_of_which_it_has_two(made: str, span: str) -> None:
    """From two minutes on minutes, from two hours on hours, from two days on days."""
    (line,) = (text for text in causes(*HEALTHY, space(ENABLED, labelled=NOW), pod(made=made)) if text.startswith("age: "))

    assert f"made {span} before" in line


def managed(*rows: tuple[str, str]) -> Object:
    """The namespace, with who set which label when."""
    fields = [{"manager": "m", "time": time, "fieldsV1": {"f:metadata": {"f:labels": {f"f:{key}": {}}}}} for key, time in rows]
    labels = {**ENABLED, "istio.io/rev": "default"}
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels, "managedFields": fields}})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("istio-injection", HOUR_AGO)], True),
        ([("istio.io/rev", HOUR_AGO)], True),
        ([("team", HOUR_AGO)], False),
        ([("istio-injection", MONTH_AGO), ("istio.io/rev", HOUR_AGO)], True),
        ([("istio-injection", MONTH_AGO), ("team", HOUR_AGO)], False),
        ([], False),
    ],
)
def test_the_last_label_of_injection_counts(rows: list[tuple[str, str]], told: bool) -> None:
    """Labels for other things, and what nobody is noted to have set, tell no age."""
    assert bool([line for line in causes(*HEALTHY, managed(*rows), pod(made=DAY_AGO)) if line.startswith("age: ")]) is told


@pytest.mark.parametrize(("policy", "ready", "told"), [("Ignore", True, True), ("Ignore", False, True), ("Fail", True, False)])
def test_a_webhook_that_fails_open_is_a_cause(policy: str, ready: bool, told: bool) -> None:
    """Whether its calls fail now or not; one that fails closed lets no pod through."""
    found = explained(
        cluster(hooks(policy=policy), *backend(ready=ready), istiod(), injector(), space(ENABLED), deployment(), replica_set(), pod())
    )
    evidence = [
        step.evidence
        for stage in found.stages
        for step in stage.steps
        if "failurePolicy: Ignore" in step.evidence and stage.stage == "kubelet"
    ]

    assert bool(evidence) is told


@pytest.mark.parametrize(("image", "wanted", "outdated"), [("1.30.0", "1.31.0", True), ("1.31.0", "1.31.0", False)])
def test_a_proxy_of_an_old_image_is_replaced(image: str, wanted: str, outdated: bool) -> None:
    """The advice is a restart, to bring the pods up to date; a proxy of today's version needs none."""
    tagged = injector(values={"global": {"tag": wanted, "hub": "docker.io/istio", "proxy": {"image": "proxyv2"}}})
    made = pod(template(), injected=True, image=f"docker.io/istio/proxyv2:{image}")
    found = explained(
        cluster(hooks(), backend(), istiod(), tagged, node("n", "v1.32.0"), space(ENABLED), deployment(), replica_set(), made)
    )
    advice = [item.command for item in found.advice if item.summary == "Restart the pods to bring them up to date."]

    assert advice == (["kubectl rollout restart deployment/cart -n shop"] if outdated else [])
