"""Who manages an object and would revert a change of it: Helm, GitOps, operators."""

from collections.abc import Callable, Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object, Ref, Struct


class Manager(Struct, frozen=True):
    """A tool that writes an object. ``name`` stands in a sentence; ``undoes`` says when a change is reverted, ``remedy`` where it lasts.

    ``is_maker`` marks controllers that make the object from another one, so that no change of it can last.
    """

    name: str
    undoes: str
    remedy: str
    is_maker: bool = False

    @property
    def relation(self) -> str:
        """What the manager is to the object, in two or three words."""
        return f"created by {self.name}" if self.is_maker else f"managed by {self.name}"

    def __str__(self) -> str:
        return f"{self.name} {self.undoes}"


Managers = Callable[[Ref], Manager | None]
"""Who manages an object, None where nobody does or nobody knows."""


def nobody(_ref: Ref) -> Manager | None:
    """For manifests: they are the source."""
    return None


def of_mesh(mesh: Mesh) -> Managers:
    """Who manages each object of a cluster."""

    def manager_of(ref: Ref) -> Manager | None:
        obj = mesh.find(ref)
        return manager(obj, is_topmost=mesh.owner(obj) is obj) if obj else None

    return manager_of


def manager(obj: Object, *, is_topmost: bool = True) -> Manager | None:
    """The one nearest to the source, of all whose marks an object bears; ``is_topmost`` says that its controller, if any, was not read."""
    return next(_marks(obj, is_topmost=is_topmost), None)


def _marks(obj: Object, *, is_topmost: bool) -> Iterator[Manager]:
    yield from sail(obj)
    yield from _gateway(obj)
    yield from _knative(obj)
    if obj.metadata.controller and is_topmost:
        made_by = obj.metadata.controller
        yield Manager(
            name=f"{made_by.kind} {made_by.name}",
            undoes="created it and would revert the change",
            remedy=f"make the change in {made_by.kind} {made_by.name}",
            is_maker=True,
        )
    yield from _flux(obj)
    yield from _argo_cd(obj)
    yield from _olm(obj)
    yield from _helm(obj)
    yield from _istioctl(obj)


def sail(obj: Object) -> Iterator[Manager]:
    """`sail-operator` `pkg/helm/postrenderer.go`: a label on everything, and an owner or, for other namespaces, an annotation."""
    owners = [f"{owner.kind} {owner.name}" for owner in obj.metadata.owner_references if owner.api_version.startswith("sailoperator.io/")]
    if owners or obj.labels.get("managed-by") == "sail-operator":
        primary = obj.metadata.annotations.get("operator-sdk/primary-resource", "").rpartition("/")[2]
        name = owners[0] if owners else f"the Sail operator{f' for {primary}' if primary else ''}"
        yield Manager(
            name=name,
            undoes="created it and would revert the change at once",
            remedy="make the change in spec.values of the Istio resource",
            is_maker=True,
        )


def _gateway(obj: Object) -> Iterator[Manager]:
    """`pilot/pkg/config/kube/gateway/deploymentcontroller.go`: what istiod writes for a Gateway has no controlling owner, but a label."""
    gateway = obj.labels.get("gateway.networking.k8s.io/gateway-name")
    if gateway and "gateway.istio.io/managed" in obj.labels:
        yield Manager(
            name="istiod",
            undoes=f"created it for Gateway {gateway} and would revert the change",
            remedy=f"make the change in Gateway {gateway} or in the ConfigMap of its parametersRef",
            is_maker=True,
        )


def _knative(obj: Object) -> Iterator[Manager]:
    """`knative/serving` `pkg/apis/serving/register.go`: the Service at the top; a Revision in between cannot be changed."""
    service = obj.labels.get("serving.knative.dev/service")
    if service and obj.metadata.controller and ".knative.dev/" in obj.metadata.controller.api_version:
        yield Manager(
            name=f"Knative Service {service}",
            undoes="created it and would revert the change",
            remedy=f"make the change in Service {service} of serving.knative.dev",
            is_maker=True,
        )


def _flux(obj: Object) -> Iterator[Manager]:
    """`fluxcd/pkg` `ssa/manager.go SetOwnerLabels`: ``<group>/name`` and ``<group>/namespace``."""
    for group, kind in (("kustomize.toolkit.fluxcd.io", "Kustomization"), ("helm.toolkit.fluxcd.io", "HelmRelease")):
        name, namespace = (obj.labels.get(f"{group}/{key}", "") for key in ("name", "namespace"))
        is_off = obj.metadata.annotations.get(f"{group}/reconcile") == "disabled"
        if name and not is_off:
            yield Manager(
                name=f"Flux {kind} {namespace}/{name}".replace(" /", " "),
                undoes="reverts the change with its next reconciliation",
                remedy="make the change in its repository",
            )


_ARGO_CD = frozenset({"argocd-controller", "argocd-application-controller"})


def _argo_cd(obj: Object) -> Iterator[Manager]:
    """`argo-cd` `util/argo/resource_tracking.go`: ``application:group/kind:namespace/name``, void on a copy of what it was written for.

    With trackingMethod label the mark is ``app.kubernetes.io/instance``, which most charts set too: it counts only on what Argo's
    own field manager wrote (`common/common.go ArgoCDSSAManager`), which every sync leaves. ``argocd.argoproj.io/instance`` is Argo's.
    """
    application, _, thing = obj.metadata.annotations.get("argocd.argoproj.io/tracking-id", "").partition(":")
    what, _, where = thing.partition(":")
    is_own = what == f"{obj.ref.group}/{obj.kind}" and where.rpartition("/")[2] == obj.name
    by_label = obj.labels.get("argocd.argoproj.io/instance", "")
    if not application and any(field.manager in _ARGO_CD for field in obj.metadata.managed_fields):
        by_label = by_label or obj.labels.get("app.kubernetes.io/instance", "")
    name = application.replace("_", "/", 1) if application and is_own else by_label
    if name:
        yield Manager(
            name=f"Argo CD application {name}",
            undoes="marks it OutOfSync and reverts the change with the next sync, at once with selfHeal",
            remedy="make the change in its repository",
        )


def _olm(obj: Object) -> Iterator[Manager]:
    """`operator-lifecycle-manager` `pkg/lib/ownerutil/util.go OwnerLabel`."""
    owner = obj.labels.get("olm.owner")
    if owner:
        kind = obj.labels.get("olm.owner.kind", "ClusterServiceVersion")
        yield Manager(
            name=f"OLM's {kind} {owner}",
            undoes="reverts the change",
            remedy="make the change in spec.config of the operator's Subscription, or ask the operator's vendor",
        )


def _helm(obj: Object) -> Iterator[Manager]:
    """`helm` `pkg/action/validate.go setMetadataVisitor`. The label alone is in charts too."""
    release = obj.metadata.annotations.get("meta.helm.sh/release-name")
    if release and obj.labels.get("app.kubernetes.io/managed-by") == "Helm":
        namespace = obj.metadata.annotations.get("meta.helm.sh/release-namespace") or obj.namespace
        yield Manager(
            name=f"Helm release {namespace}/{release}",
            undoes="reverts the change with its next upgrade",
            remedy="make the change in the chart's values",
        )


def _istioctl(obj: Object) -> Iterator[Manager]:
    """`istio` `operator/pkg/install/install.go getOwnerLabels`; the charts alone do not set it."""
    if "operator.istio.io/managed" in obj.labels:
        yield Manager(
            name="istioctl",
            undoes="reverts the change with its next install or upgrade",
            remedy="make the change in the IstioOperator file",
        )
