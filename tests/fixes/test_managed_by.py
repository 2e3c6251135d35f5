"""Who puts an object back: by the marks that Helm, GitOps tools and operators leave."""

import msgspec
import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.managed_by import manager, of_mesh
from kubectl_meshfix.fixes.plan import Plan, Proposal, make_plan
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.plan.document import plan_document
from kubectl_meshfix.render.report.summary import summary
from kubectl_meshfix.render.report.table import table
from kubectl_meshfix.render.text.machine import report_document
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Report, ReportSource
from kubectl_meshfix.resources.core import Pod, Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.meta import Meta, Object, OwnerReference, Writer
from kubectl_meshfix.resources.workloads import Deployment, ReplicaSet
from kubectl_meshfix.rules import RULES

HELM_LABEL = {"app.kubernetes.io/managed-by": "Helm"}
HELM = {"meta.helm.sh/release-name": "cart", "meta.helm.sh/release-namespace": "shop"}
FLUX = "kustomize.toolkit.fluxcd.io"
TRACKING = "argocd.argoproj.io/tracking-id"


def service(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, *owners: OwnerReference) -> Service:
    """A Service with marks."""
    return Service(
        metadata=Meta(name="cart", namespace="shop", labels=labels or {}, annotations=annotations or {}, owner_references=owners)
    )


@pytest.mark.parametrize(
    ("labels", "annotations", "name"),
    [
        (HELM_LABEL, HELM, "Helm release shop/cart"),
        (HELM_LABEL, {}, None),
        ({}, HELM, None),
        ({f"{FLUX}/name": "apps", f"{FLUX}/namespace": "flux-system"}, {}, "Flux Kustomization flux-system/apps"),
        ({f"{FLUX}/name": "apps", f"{FLUX}/namespace": "flux-system"}, {f"{FLUX}/reconcile": "disabled"}, None),
        (
            {"helm.toolkit.fluxcd.io/name": "cart", "helm.toolkit.fluxcd.io/namespace": "shop", **HELM_LABEL},
            HELM,
            "Flux HelmRelease shop/cart",
        ),
        ({}, {TRACKING: "shop:/Service:shop/cart"}, "Argo CD application shop"),
        ({}, {TRACKING: "argocd_shop:/Service:shop/cart"}, "Argo CD application argocd/shop"),
        ({}, {TRACKING: "argocd_my_shop:/Service:shop/cart"}, "Argo CD application argocd/my_shop"),
        ({}, {TRACKING: "shop:apps/Deployment:shop/cart"}, None),
        ({"app.kubernetes.io/instance": "cart"}, {}, None),
        ({"argocd.argoproj.io/instance": "cart"}, {}, "Argo CD application cart"),
        ({"olm.owner": "cart.v1", "olm.owner.kind": "OperatorGroup"}, {}, "OLM's OperatorGroup cart.v1"),
        ({"managed-by": "sail-operator"}, {"operator-sdk/primary-resource": "/default"}, "the Sail operator for default"),
        ({"operator.istio.io/managed": "Reconcile"}, {}, "istioctl"),
        ({"operator.istio.io/component": "Pilot", "install.operator.istio.io/owning-resource": "unknown"}, {}, None),
        ({"app": "cart"}, {}, None),
    ],
)
def test_marks(labels: dict[str, str], annotations: dict[str, str], name: str | None) -> None:
    """Each tool is known by what its own source writes, and by nothing that others write too."""
    found = manager(service(labels, annotations))

    assert (found.name if found else None) == name


def test_a_controller_is_named_before_the_tool_that_brought_it() -> None:
    """What a controller makes is changed through the object it makes it from."""
    owner = OwnerReference(api_version="kafka.strimzi.io/v1", kind="Kafka", name="events", controller=True)

    found = manager(service(HELM_LABEL, HELM, owner))

    assert found
    assert found.is_maker
    assert found.remedy == "make the change in Kafka events"


def test_sails_owner_needs_no_controller_flag() -> None:
    """Objects of Sail are known by their owner's group."""
    owner = OwnerReference(api_version="sailoperator.io/v1", kind="IstioRevision", name="default")

    found = manager(service({}, {}, owner))

    assert found
    assert found.is_maker
    assert found.name == "IstioRevision default"


def plan(*objects: Service | Deployment | ReplicaSet | Pod, even_if_managed: bool = False) -> Plan:
    """The plan of one change of the last object."""
    ref = objects[-1].ref
    fix = Fix(summary="A", safety=Safety.SAFE, patches=(Patch(resource=ref, operations=(Operation("add", "/x", 1),)),))
    proposals = [Proposal(code="A", resource=ref, fix=fix)]
    return make_plan(proposals, frozenset({Safety.SAFE}), of_mesh(Mesh(objects, live=True)), even_if_managed=even_if_managed)


def test_a_managed_object_waits_for_its_flag() -> None:
    """A fix of what Helm manages is held back, and made with the flag, which does not hide the manager."""
    held = plan(service(HELM_LABEL, HELM))
    made = plan(service(HELM_LABEL, HELM), even_if_managed=True)

    assert not held.changes
    assert [(row["flag"], row["managedBy"]) for row in plan_document(held)["held"]] == [("--even-if-managed", "Helm release shop/cart")]
    assert [change.manager.name for change in made.changes if change.manager] == ["Helm release shop/cart"]


def test_what_a_controller_makes_is_never_changed() -> None:
    """No flag frees a change that would be undone at once; the reason names what to change instead."""
    owner = OwnerReference(api_version="example.com/v1", kind="Database", name="orders", controller=True)

    made = plan(service({}, {}, owner), even_if_managed=True)

    assert not made.changes
    (held,) = plan_document(made)["held"]
    assert held["flag"] is None
    assert held["reason"] == "Database orders created it and would revert the change; make the change in Database orders."


def test_a_controller_that_was_read_holds_nothing_back() -> None:
    """A ReplicaSet's Deployment is here, so a rule chose the one it meant."""
    deployment = Deployment(metadata=Meta(name="cart", namespace="shop"))
    owner = OwnerReference(api_version="apps/v1", kind="Deployment", name="cart", controller=True)
    replica_set = ReplicaSet(metadata=Meta(name="cart-1", namespace="shop", owner_references=(owner,)))

    assert plan(deployment, replica_set).changes


def test_argos_label_counts_on_what_argo_wrote() -> None:
    """Charts set app.kubernetes.io/instance too, so only where Argo CD's own field manager has been does it name an application."""
    label = {"app.kubernetes.io/instance": "shop"}

    def written_by(name: str, annotations: dict[str, str] | None = None, **more: str) -> str | None:
        labels = {**label, **{f"argocd.argoproj.io/{key}": value for key, value in more.items()}}
        metadata = Meta(name="cart", namespace="shop", labels=labels, annotations=annotations or {}, managed_fields=(Writer(manager=name),))
        found = manager(Service(metadata=metadata))
        return found.name if found else None

    assert written_by("argocd-controller") == "Argo CD application shop"
    assert written_by("argocd-application-controller") == "Argo CD application shop"
    assert written_by("argocd-controller", instance="own") == "Argo CD application own"
    assert written_by("helm") is None
    assert written_by("argocd-controller", {TRACKING: "other:/Service:shop/copied-from"}) is None


def test_knatives_service_is_named_and_not_its_revision() -> None:
    """A Revision cannot be changed, so the Service at the top is named; the label on somebody's own object says nothing."""
    owner = OwnerReference(api_version="serving.knative.dev/v1", kind="Revision", name="cart-00001", controller=True)
    label = {"serving.knative.dev/service": "cart"}

    found = manager(service(label, {}, owner))

    assert found
    assert (found.name, found.is_maker) == ("Knative Service cart", True)
    assert manager(service(label)) is None


def report(live: bool, *objects: Object) -> Report:
    """What diagnose finds on objects."""
    return diagnose(Snapshot(meshes=Meshes([Mesh(objects, live=live)]), source=ReportSource(kind="cluster")), RULES)


def test_a_report_says_who_would_put_a_fix_back() -> None:
    """On a cluster each finding with a fix that apply would hold back names the manager, once for an object; in files nobody is named."""
    port = (ServicePort(name="web-http", port=80),)
    managed = Service(
        metadata=Meta(name="cart", namespace="shop", labels=HELM_LABEL, annotations=HELM),
        spec=ServiceSpec(selector={"app": "cart"}, ports=port),
    )
    ours = Service(metadata=Meta(name="ours", namespace="shop"), spec=ServiceSpec(selector={"app": "ours"}, ports=port))

    found = report(True, managed, ours)
    rows = [row for row in found.active if row.code == "MF101"]
    assert [row.managed_by.name if row.managed_by else None for row in rows] == ["Helm release shop/cart", None]
    text = table(found, Screen())
    assert text.count("managed by Helm release shop/cart") == 1
    assert "1 of these is for an object that another tool manages" in summary(found, Screen())
    assert [row["managedBy"] for row in report_document(found)["findings"] if row["code"] == "MF101"] == ["Helm release shop/cart", None]
    assert not any(row.managed_by for row in report(False, managed, ours).findings)


def owned(api: str, **labels: str) -> Service:
    """A Service with labels that a controller of an API owns."""
    owner = OwnerReference(api_version=api, kind="Revision", name="cart-1", controller=True)
    return service({key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}, {}, owner)


@pytest.mark.parametrize(
    ("obj", "name", "is_maker"),
    [
        (owned("serving.knative.dev/v1", serving_knative_dev__service="cart"), "Knative Service cart", True),
        (owned("apps/v1", serving_knative_dev__service="cart"), "Revision cart-1", True),
        (owned("serving.knative.dev/v1"), "Revision cart-1", True),
        (service({"serving.knative.dev/service": "cart"}), None, None),
        (service({"gateway.networking.k8s.io/gateway-name": "edge", "gateway.istio.io/managed": "x"}), "istiod", True),
        (service({"gateway.networking.k8s.io/gateway-name": "edge"}), None, None),
        (service({"gateway.istio.io/managed": "x"}), None, None),
        (service({"managed-by": "sail-operator"}), "the Sail operator", True),
        (service({"managed-by": "other"}), None, None),
        (owned("sailoperator.io/v1"), "Revision cart-1", True),
        (service({"olm.owner": "a"}), "OLM's ClusterServiceVersion a", False),
        (service({f"{FLUX}/name": "apps"}), "Flux Kustomization apps", False),
        (service(HELM_LABEL, {"meta.helm.sh/release-name": "x"}), "Helm release shop/x", False),
        (service({"argocd.argoproj.io/instance": "a"}, {TRACKING: "shop:/Service:shop/cart"}), "Argo CD application shop", False),
        (service({"argocd.argoproj.io/instance": "a"}, {TRACKING: "shop:/Service:shop/other"}), "Argo CD application a", False),
        (service({"argocd.argoproj.io/instance": "a"}, {TRACKING: ":/Service:shop/cart"}), "Argo CD application a", False),
        (service(HELM_LABEL, {**HELM, "meta.helm.sh/release-namespace": "tools"}), "Helm release tools/cart", False),
        (service(HELM_LABEL, {**HELM, "meta.helm.sh/release-namespace": ""}), "Helm release shop/cart", False),
    ],
)
def test_who_made_an_object_and_who_only_writes_it(obj: Service, name: str | None, is_maker: bool | None) -> None:
    """What a controller makes cannot be changed for good; what others manage can be until they write it again."""
    found = manager(obj)

    assert (found.name if found else None) == name
    assert (found.is_maker if found else None) is is_maker
    if found:
        assert found.relation == f"{'created' if is_maker else 'managed'} by {name}"


def test_sail_is_named_by_the_resource_or_the_owner() -> None:
    """What has an owner names it; in another namespace an annotation does."""
    sail = service({"managed-by": "sail-operator"}, {"operator-sdk/primary-resource": "mesh/prod"})

    assert "for prod" in str(manager(sail))
    owner = OwnerReference(api_version="sailoperator.io/v1", kind="IstioRevision", name="default")
    other = OwnerReference(api_version="apps/v1", kind="Deployment", name="x")
    assert getattr(manager(service({}, {}, other, owner)), "name", None) == "IstioRevision default"
    assert getattr(manager(service({}, {}, owner, msgspec.structs.replace(owner, name="old"))), "name", None) == "IstioRevision default"
    assert manager(service({}, {}, other)) is None
