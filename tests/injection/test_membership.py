"""Membership: what the API server, the injector and ambient make of a workload together."""

import itertools
from typing import Any

import pytest

from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.inputs import INPUTS, WORKLOAD_INPUTS
from kubectl_meshfix.injection.membership import Membership, in_mesh, meant_for_mesh, membership
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import (
    INSTALLATIONS,
    OWN,
    TAG_DEFAULT,
    as_workload,
    config_map,
    decoded,
    deployment,
    injector,
    istiod,
    manifest,
    mesh,
    namespace,
    node,
)

INJECT = "sidecar.istio.io/inject"
ENABLED = {"istio-injection": "enabled"}
DEFAULT = (*INSTALLATIONS["default"], istiod(), injector())
PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
APP = {"name": "cart", "image": "cart:1"}


def of(workload: Object, *others: Any, space: dict[str, str] | None = None, live: bool = False) -> Membership:
    """The membership of a workload in namespace ``shop``."""
    return membership(mesh(namespace("shop", space), workload, *others, live=live), as_workload(workload))


def decided(found: Membership) -> tuple[str, bool | None, str, str]:
    """The mode, whether injected, and the stage and check that decided."""
    return found.mode.value, known(found.injected), found.decided_by.stage, found.decided_by.check


def known(value: bool | Unknown | None) -> bool | None:
    """What is known; None where nothing is."""
    return None if isinstance(value, Unknown) else value


def test_an_injected_workload_knows_its_revision_and_webhook() -> None:
    """A namespace's label leads to a webhook, that to an istiod, and its injector injects."""
    found = of(deployment(), DEFAULT, node("n", "v1.30.0"), space=ENABLED)

    assert decided(found) == ("sidecar", True, "injector", "policy")
    assert (found.revision, found.native, found.wanted, found.assumed) == ("default", False, True, ())
    assert [(name.configuration, name.webhook) for name in found.webhooks] == [(OWN, "namespace.sidecar-injector.istio.io")]
    assert found.reason == "The namespace label istio-injection=enabled selects revision default; the injector's policy is enabled."


@pytest.mark.parametrize(("kubelet", "mode"), [("v1.33.0", "native-sidecar"), ("v1.32.0", "sidecar")])
def test_native_sidecars_are_a_mode_of_their_own(kubelet: str, mode: str) -> None:
    """The nodes' kubelets turn a sidecar into a native one."""
    assert of(deployment(), DEFAULT, node("n", kubelet), space=ENABLED).mode == mode


@pytest.mark.parametrize(
    ("space", "workload", "decision"),
    [
        ({}, deployment(), ("none", False, "apiserver", "objectSelector")),
        ({"istio-injection": "disabled"}, deployment({INJECT: "true"}), ("none", False, "apiserver", "namespaceSelector")),
        (ENABLED, deployment({INJECT: "false"}), ("none", False, "apiserver", "objectSelector")),
        (ENABLED, deployment(annotations={INJECT: "false"}), ("none", False, "injector", INJECT)),
        (ENABLED, deployment(spec={"hostNetwork": True}), ("none", False, "injector", "hostNetwork")),
        ({}, deployment({INJECT: "true"}), ("sidecar", True, "injector", INJECT)),
        ({}, deployment({"istio.io/rev": "default"}), ("sidecar", True, "injector", "policy")),
        ({"istio.io/rev": "gone"}, deployment(), ("none", False, "apiserver", "namespaceSelector")),
        ({"istio.io/dataplane-mode": "ambient"}, deployment(), ("ambient", False, "kubelet", "istio.io/dataplane-mode")),
        ({"istio.io/dataplane-mode": "ambient", **ENABLED}, deployment(), ("sidecar", True, "injector", "policy")),
        (ENABLED, deployment(spec={"containers": [APP, PROXY]}), ("sidecar", True, "kubelet", "istio-proxy")),
        ({}, deployment(spec={"containers": [APP, PROXY]}), ("sidecar", True, "kubelet", "istio-proxy")),
    ],
)
def test_what_decides(space: dict[str, str], workload: Object, decision: tuple[str, bool | None, str, str]) -> None:
    """The stage and check that decided are named, for each way into the mesh and each way out of it."""
    assert decided(of(workload, DEFAULT, node("n", "v1.30.0"), space=space)) == decision


@pytest.mark.parametrize(
    ("installation", "space", "labels", "annotations", "words"),
    [
        ("default", {}, {}, {}, "Neither the namespace nor the pod"),
        ("default", {}, {}, {INJECT: "true"}, "The annotation sidecar.istio.io/inject=true is not seen by the webhooks"),
        ("default", {"istio-injection": "disabled"}, {INJECT: "true"}, {}, "istio-injection=disabled keeps every webhook away"),
        ("default", ENABLED, {INJECT: "false"}, {}, "The pod label sidecar.istio.io/inject=false"),
        ("default", {"istio.io/rev": "canary"}, {}, {}, "revision canary, which the namespace asks for (served: default)"),
        ("default", {}, {"istio.io/rev": "canary"}, {}, "revision canary, which the pod asks for (served: default)"),
        ("default", {}, {INJECT: "yes"}, {}, 'is "yes", and only "true"'),
        ("r1", ENABLED, {}, {}, "no revision is the default one (served: r1)"),
        ("r1", {}, {INJECT: "true"}, {}, "asks for the default revision, and no webhook serves that (served: r1)"),
    ],
)
def test_the_reason_names_the_label_at_fault(
    *, installation: str, space: dict[str, str], labels: dict[str, str], annotations: dict[str, str], words: str
) -> None:
    """One sentence says which label keeps the sidecar away, or is missing, and what there is instead."""
    found = of(deployment(labels, annotations=annotations), INSTALLATIONS[installation], space=space)

    assert found.injected is False
    assert words in found.reason


def test_selectors_that_somebody_changed_are_the_reason() -> None:
    """A requirement that Istio's chart never writes is named, with the webhook it was added to."""
    text = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: MutatingWebhookConfiguration
    metadata: {name: istio-sidecar-injector}
    webhooks:
    - name: namespace.sidecar-injector.istio.io
      rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
      namespaceSelector:
        matchLabels: {istio-injection: enabled}
        matchExpressions: [{key: control-plane, operator: DoesNotExist}]
    """
    found = of(deployment(), manifest(text), space={**ENABLED, "control-plane": "kubeflow"})

    assert "selects namespaces by !control-plane" in found.reason
    assert "the namespace has control-plane=kubeflow" in found.reason


def test_the_last_of_two_injectors_has_the_last_word() -> None:
    """Where two webhooks take a pod, both are named and the revision is that of the later one."""
    r1 = (*INSTALLATIONS["r1 as default"], *INSTALLATIONS["default"])
    found = of(deployment(), r1, istiod("r1"), injector("r1"), istiod(), injector(), space=ENABLED)

    assert [name.configuration for name in found.webhooks] == [TAG_DEFAULT, OWN]
    assert found.revision == "default"


def test_of_two_injectors_one_that_declines_does_not_undo_the_other() -> None:
    """A sidecar that one injector brings stays although the next one skips the pod."""
    both = (*INSTALLATIONS["r1 as default"], *INSTALLATIONS["default"])
    found = of(deployment(), both, istiod("r1"), injector("r1"), istiod(), injector(policy="disabled"), space=ENABLED)

    assert (found.injected, found.revision) == (True, "r1")


def test_every_revision_decides_by_its_own_configuration() -> None:
    """The injector that is asked is the one behind the webhook, not the default one."""
    both = (*INSTALLATIONS["default and r1"], injector(), injector("r1", policy="disabled"), istiod(), istiod("r1"))

    assert of(deployment(), both, space={"istio.io/rev": "r1"}).injected is False
    assert of(deployment(), both, space={"istio.io/rev": "default"}).injected is True


def test_what_is_assumed_is_unread_only_where_the_cluster_refused_it() -> None:
    """Without the right to read ConfigMaps that of the injector is unread; that istiod tells no version is nothing refused."""
    workload = deployment({INJECT: "yes"})
    objects = [namespace("shop", ENABLED), workload, *INSTALLATIONS["default"], istiod(image="pilot:latest")]

    def assumed(reason: str) -> list[UnknownKind]:
        refused = Mesh(objects, live=True, coverage={kinds.CONFIG_MAP: Coverage(reason=reason)})
        return [item.kind for item in membership(refused, as_workload(workload)).assumed]

    assert assumed("forbidden") == [UnknownKind.UNREADABLE, UnknownKind.VERSION]
    assert assumed("") == [UnknownKind.VERSION]


def test_an_unknown_namespace_leaves_the_answer_open() -> None:
    """A manifest whose namespace is not among the files may or may not be injected; its own refusal is known."""
    snapshot = mesh(deployment(), DEFAULT)
    found = membership(snapshot, snapshot.workloads[0])

    assert (found.mode, known(found.injected)) == ("none", None)
    assert isinstance(found.injected, Unknown)
    assert (found.injected.kind, found.injected.settled_by) == (UnknownKind.NOT_IN_FILES, "Namespace istio-system")
    assert found.reason == "Whether a webhook takes the pod depends on the labels of namespace istio-system, which were not read."
    refusing = deployment({INJECT: "false"})
    assert membership(mesh(refusing, DEFAULT), as_workload(refusing)).injected is False


def test_cel_leaves_the_answer_open() -> None:
    """A webhook with matchConditions may or may not be called, unless its injector would decline anyway."""
    raw = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "istio-sidecar-injector"},
        "webhooks": [
            {
                "name": "sidecar-injector.istio.io",
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
                "matchConditions": [{"name": "some", "expression": "true"}],
            }
        ],
    }
    found = of(deployment(), decoded(raw))

    assert decided(found) == ("none", None, "apiserver", "matchConditions")
    assert found.webhooks == ()
    assert of(deployment(spec={"hostNetwork": True}), decoded(raw)).injected is False


def test_without_webhooks_in_the_files_the_answer_is_assumed() -> None:
    """Plain manifests are judged by what Istio's defaults would do, and the answer says so."""
    found = of(deployment(), space=ENABLED)

    assert (found.mode, found.injected, bool(found.assumed)) == ("sidecar", True, True)
    assert "assumed to be installed" in found.reason
    assert of(deployment(), space={}).assumed


def test_a_cluster_without_an_injector_injects_nothing() -> None:
    """On a cluster whose webhooks were read and are none of Istio's, labels ask in vain."""
    found = of(deployment(), live=True, space=ENABLED)

    assert decided(found) == ("none", False, "apiserver", "webhooks")
    assert (found.wanted, found.assumed) == (True, ())


def test_a_cluster_that_refuses_the_webhooks_is_judged_by_its_labels() -> None:
    """Without the right to list webhooks the answer is Istio's default, and assumed."""
    workload = deployment()
    refused = Mesh(
        [namespace("shop", ENABLED), workload],
        live=True,
        coverage={kind: Coverage(reason="forbidden") for kind in (kinds.MUTATING_WEBHOOK_CONFIGURATION, kinds.CONFIG_MAP, kinds.NODE)},
    )
    found = membership(refused, as_workload(workload))

    assert (found.injected, known(found.native), bool(found.assumed)) == (True, None, True)


def test_a_webhook_whose_configuration_was_not_read_is_assumed() -> None:
    """Webhooks alone say who is called; what the injector does with the pod then rests on the chart's policy."""
    found = of(deployment(), INSTALLATIONS["default"], space=ENABLED)

    assert (found.injected, bool(found.assumed)) == (True, True)


def test_a_broken_injector_leaves_the_answer_open() -> None:
    """A configuration that does not decode would have decided, so nobody knows."""
    broken = config_map("istio-sidecar-injector", config="policy: [", values="{}")
    found = of(deployment(), INSTALLATIONS["default"], istiod(), broken, space=ENABLED)

    assert decided(found) == ("none", None, "injector", "policy")


def pod(name: str, owner: str = "", **metadata: Any) -> Object:
    """A live pod with the proxy, of a Deployment's ReplicaSet where ``owner`` names one."""
    owners = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "controller": True}] if owner else []
    meta = {"name": name, "namespace": "shop", "ownerReferences": owners, **metadata}
    return decoded({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [APP, PROXY]}})


def test_a_live_pod_with_the_proxy_is_in_the_mesh() -> None:
    """A workload whose next pods will not be injected is in the mesh as long as one of today's has the proxy."""
    workload = deployment()

    assert not in_mesh(mesh(namespace("shop"), workload, DEFAULT), as_workload(workload))
    assert in_mesh(mesh(namespace("shop"), workload, DEFAULT, pod("cart-1", "cart")), as_workload(workload))


def test_a_pod_that_was_injected_names_its_revision() -> None:
    """The injector's annotation tells the control plane of a pod, whatever the labels say today."""
    live = pod("solo", annotations={"istio.io/rev": "r1"})
    found = of(live, DEFAULT)

    assert (found.mode, found.revision, found.injected) == ("sidecar", "r1", True)


@pytest.mark.parametrize(
    ("space", "labels", "meant"),
    [
        ({}, {}, False),
        (ENABLED, {}, True),
        (ENABLED, {INJECT: "false"}, True),
        ({"istio.io/rev": "gone"}, {}, True),
        ({"istio.io/dataplane-mode": "ambient"}, {}, True),
        ({"istio-injection": "disabled"}, {}, False),
        ({"istio-injection": "disabled"}, {INJECT: "true"}, True),
        ({}, {INJECT: "true"}, True),
    ],
)
def test_a_namespace_is_meant_for_the_mesh(space: dict[str, str], labels: dict[str, str], meant: bool) -> None:
    """Its own labels or those of one of its workloads ask for it, heard or not."""
    assert meant_for_mesh(mesh(namespace("shop", space), namespace("other"), deployment(labels), DEFAULT), "shop") is meant


def test_a_namespace_is_meant_for_the_mesh_when_every_namespace_is() -> None:
    """Without any label, an injector for every namespace brings its workloads into the mesh."""
    snapshot = mesh(namespace("shop"), namespace("empty"), deployment(), INSTALLATIONS["default everywhere"], injector())

    assert meant_for_mesh(snapshot, "shop")
    assert not meant_for_mesh(snapshot, "empty")


@pytest.mark.parametrize("missing", INPUTS)
def test_a_view_without_an_input_is_refused_even_when_the_answer_is_known(missing: kinds.Kind) -> None:
    """A rule that forgets to declare what membership reads learns of it every time, not only when it runs first."""
    whole = mesh(namespace("shop", ENABLED), deployment(), DEFAULT)
    workload: Workload = whole.workloads[0]
    membership(whole, workload)
    view = whole.restricted_to(*(kind for kind in WORKLOAD_INPUTS if kind is not missing))

    with pytest.raises(UndeclaredInputError):
        membership(view, workload)


def test_answers_that_are_remembered_are_the_answers() -> None:
    """Asking about one template never changes the answer about another, whatever they have in common."""
    parts = {
        INJECT: (None, "true", "false"),
        "istio.io/rev": (None, "default", "r1"),
        "app": ("a", "b"),
        "istio.io/dataplane-mode": (None, "ambient"),
    }
    labels = [{key: value for key, value in zip(parts, row, strict=True) if value} for row in itertools.product(*parts.values())]
    rules = injector(neverInjectSelector=[{"matchLabels": {"app": "b"}}])
    shared = mesh(namespace("shop"), INSTALLATIONS["default"], istiod(), rules)
    for found in labels:
        workload = as_workload(deployment(found))
        fresh = mesh(namespace("shop"), INSTALLATIONS["default"], istiod(), rules)

        assert membership(shared, workload) == membership(fresh, workload)
