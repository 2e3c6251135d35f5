"""Changes of labels that bring the sidecar, each tried before it is proposed."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.label_changes import injects, label_outside, propose_labels
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import R1, TAG_PROD, as_workload, decoded, injector, istiod, mesh
from tests.injection.scenes import HEALTHY, backend, cluster, deployment, hooks, pod, space, template

INJECT, REVISION, INJECTION = "sidecar.istio.io/inject", "istio.io/rev", "istio-injection"
ENABLED, DISABLED, ASKS = {INJECTION: "enabled"}, {INJECTION: "disabled"}, {INJECT: "true"}
R1_ONLY = (hooks(R1, "r1"), *backend(name="istiod-r1"), istiod("r1"), injector("r1"))
PROD = hooks(TAG_PROD, "r1", value="prod", tag="prod")


def proposed(here: Mesh, obj: Object) -> list[tuple[str, str | None]]:
    """What is proposed: the words, and the command."""
    return [(found.summary, found.command) for found in propose_labels(here, subject(here, obj))]


NAMESPACE = "Label the namespace istio-injection=enabled; new pods follow it."
LABEL = "kubectl label namespace shop istio-injection=enabled"
POD = 'Give the pods the label sidecar.istio.io/inject: "true", in the template.'


def patch(path: str, value: str) -> str:
    """The command that adds a label to the template."""
    return f"""kubectl patch deployment cart -n shop --type json -p '[{{"op":"add","path":"{path}","value":"{value}"}}]'"""


OWN = patch("/spec/template/metadata/labels/sidecar.istio.io~1inject", "true")


REPLACED = (
    "kubectl patch deployment cart -n shop --type json -p "
    '\'[{"op":"test","path":"/spec/template/metadata/labels/istio.io~1rev","value":"gone"},'
    '{"op":"replace","path":"/spec/template/metadata/labels/istio.io~1rev","value":"r1"}]\''
)
OF_A_POD = (
    'Give the pods the label sidecar.istio.io/inject: "true". '
    "Labels of a running pod change nothing: label the pod's template, and delete the pod."
)


@pytest.mark.parametrize(
    ("installed", "labels", "obj", "said"),
    [
        (HEALTHY, {}, deployment(), [(NAMESPACE, LABEL)]),
        (HEALTHY, {"team": "a"}, deployment(), [(NAMESPACE, LABEL)]),
        (
            HEALTHY,
            DISABLED,
            deployment(),
            [(NAMESPACE, "kubectl label --overwrite namespace shop istio-injection=enabled")],
        ),
        (
            HEALTHY,
            DISABLED,
            deployment(template(ASKS)),
            [("Remove its label istio-injection=disabled; new pods follow it.", "kubectl label namespace shop istio-injection-")],
        ),
        (
            HEALTHY,
            {REVISION: "gone"},
            deployment(),
            [
                (
                    "Label the namespace istio-injection=enabled and remove its label istio.io/rev=gone; new pods follow it.",
                    "kubectl label namespace shop istio-injection=enabled istio.io/rev-",
                )
            ],
        ),
        (HEALTHY, {}, deployment(template(annotations=ASKS)), [(POD, OWN)]),
        (HEALTHY, {}, deployment(labels=ASKS), [(POD, OWN)]),
        (HEALTHY, {}, deployment(template(containers=[{"name": "istio-proxy", "image": "auto"}])), [(POD, OWN)]),
        (
            (*R1_ONLY,),
            {},
            deployment(template({REVISION: "gone"})),
            [('Give the pods the label istio.io/rev: "r1", in the template.', REPLACED)],
        ),
        (
            (*R1_ONLY,),
            ENABLED,
            deployment(),
            [
                (
                    "Label the namespace istio.io/rev=r1 and remove its label istio-injection=enabled; new pods follow it.",
                    "kubectl label namespace shop istio.io/rev=r1 istio-injection-",
                )
            ],
        ),
        (
            (*R1_ONLY, PROD),
            {},
            deployment(),
            [("Label the namespace istio.io/rev=prod; new pods follow it.", "kubectl label namespace shop istio.io/rev=prod")],
        ),
        (
            (*R1_ONLY, hooks("istio-sidecar-injector-r2", "r2"), *backend(name="istiod-r2"), istiod("r2"), injector("r2")),
            {},
            deployment(),
            [
                (
                    "Choose the namespace's revision, one of r1, r2.",
                    "kubectl label namespace shop istio-injection- istio.io/rev=REVISION",
                )
            ],
        ),
        (
            HEALTHY,
            {},
            pod(template(annotations=ASKS), owner=None),
            [(OF_A_POD, None)],
        ),
        (HEALTHY, {}, deployment(template(hostNetwork=True)), []),
        ((), {}, deployment(), []),
    ],
)
def test_what_is_proposed(installed: tuple[Object, ...], labels: dict[str, str], obj: Object, said: list[tuple[str, str | None]]) -> None:
    """The first change that brings the sidecar: of the pod's labels where it asks for itself, else of its namespace's."""
    assert proposed(cluster(installed, space(labels), obj), obj) == said


def moved(obj: Object, namespace: str) -> Object:
    """The same in another namespace."""
    raw = json.loads(msgspec.json.encode(obj))
    raw["metadata"]["namespace"] = namespace
    return decoded(raw)


def test_where_the_namespace_is_not_there() -> None:
    """On a cluster nothing is proposed for it; in files it may be somewhere else, so that a command without a patch is."""
    cart, asking = deployment(), deployment(template(annotations=ASKS))
    files, live = mesh(HEALTHY, cart), cluster(HEALTHY, cart)

    (way,) = propose_labels(files, subject(files, cart))
    assert (way.summary, way.command, way.fix) == (NAMESPACE, LABEL, None)
    assert proposed(live, cart) == []
    assert proposed(mesh(HEALTHY, asking), asking) == [(POD, OWN)]
    assert proposed(cluster(HEALTHY, asking), asking) == []


@pytest.mark.parametrize("name", ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"])
def test_nothing_is_proposed_where_the_injector_never_injects(name: str) -> None:
    """No label brings a sidecar there, however many revisions there are to choose from."""
    cart = moved(deployment(), name)
    several = (*HEALTHY, *R1_ONLY)

    assert proposed(cluster(HEALTHY, space(name=name), cart), cart) == []
    assert proposed(cluster(several, space(name=name), cart), cart) == []


def conditional() -> Object:
    """Webhooks of which the API server evaluates an expression."""
    raw = json.loads(msgspec.json.encode(hooks()))
    for webhook in raw["webhooks"]:
        webhook["matchConditions"] = [{"name": "a", "expression": "true"}]
    return decoded(raw)


@pytest.mark.parametrize(
    ("installed", "labels", "pod_labels", "spec", "brings"),
    [
        (HEALTHY, ENABLED, {}, {}, True),
        (HEALTHY, {}, ASKS, {}, True),
        (HEALTHY, {}, {}, {}, False),
        (HEALTHY, ENABLED, {INJECT: "false"}, {}, False),
        (HEALTHY, ENABLED, {}, {"hostNetwork": True}, False),
        ((hooks(), istiod(), injector(policy="disabled")), ENABLED, {}, {}, False),
        ((hooks(), istiod(), injector(policy="disabled")), ENABLED, ASKS, {}, True),
        ((hooks(), istiod(), injector(neverInjectSelector=3)), ENABLED, {}, {}, False),
        ((conditional(), istiod(), injector()), ENABLED, {}, {}, False),
    ],
)
def test_what_a_label_would_bring(
    installed: tuple[Object, ...], labels: dict[str, str], pod_labels: dict[str, str], spec: dict[str, Any], brings: bool
) -> None:
    """A webhook takes the pod, and its injector injects it for sure."""
    found = as_workload(deployment(template(pod_labels, **spec))).template

    assert injects(cluster(installed, space()), "shop", labels, found) is brings


def cron_job(labels: dict[str, str] | None, pods: dict[str, str]) -> Object:
    """A CronJob of the shop whose Jobs have labels."""
    jobs: dict[str, Any] = {"spec": {"template": template(pods)}, **({} if labels is None else {"metadata": {"labels": labels}})}
    spec = {"schedule": "0 0 * * *", "jobTemplate": jobs}
    return decoded({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cart", "namespace": "shop"}, "spec": spec})


OF_JOBS = "/spec/jobTemplate/metadata/labels/sidecar.istio.io~1inject"


@pytest.mark.parametrize(
    ("obj", "found"),
    [
        (deployment(), None),
        (deployment(labels=ASKS), ("true", "/metadata/labels/sidecar.istio.io~1inject")),
        (deployment(template(ASKS), labels={INJECT: "false"}), None),
        (cron_job(None, {}), None),
        (cron_job({"team": "a"}, {}), None),
        (cron_job({INJECT: "false"}, {}), ("false", OF_JOBS)),
        (cron_job({INJECT: "false"}, ASKS), None),
        (pod(owner=None), None),
        (space(ASKS), None),
    ],
)
def test_a_label_where_nobody_looks_for_it(obj: Object, found: tuple[str, str] | None) -> None:
    """On the workload, or on a CronJob's Jobs, and not on the pods; what the template says itself counts."""
    assert label_outside(subject(cluster(obj), obj)) == found
