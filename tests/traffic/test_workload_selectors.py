"""Selectors find workloads, and files tell what they miss where they can know."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, PodTemplate
from kubectl_meshfix.resources.istio_networking.hosts import WorkloadEntry, WorkloadEntrySpec
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.resources.workloads import CronJob, CronJobSpec, JobTemplate, WorkloadSpec
from kubectl_meshfix.traffic.workload_selectors import is_installed, misses, selects, selects_nothing, selects_nowhere
from tests.traffic.objects import deployment


def test_a_selector_finds_templates_pods_and_workload_entries() -> None:
    """Whatever gets the labels counts: a template deep in a CronJob, a live pod, a virtual machine."""
    template = PodTemplate(metadata=Meta(labels={"app": "report"}))
    job = CronJob(
        metadata=Meta(name="report", namespace="shop"), spec=CronJobSpec(job_template=JobTemplate(spec=WorkloadSpec(template=template)))
    )
    machine = WorkloadEntry(metadata=Meta(name="vm", namespace="shop"), spec=WorkloadEntrySpec(labels={"app": "vm"}))
    pod = Pod(metadata=Meta(name="pod", namespace="web", labels={"app": "pod"}))
    mesh = Mesh([job, machine, pod])

    assert [selects(mesh, {"app": name}, "shop") for name in ("report", "vm", "pod")] == [True, True, False]
    assert selects(mesh, {"app": "pod"})


def test_a_cluster_knows_what_its_selectors_miss() -> None:
    """Live, absence counts where every kind of workload could be read."""
    half = {kinds.CRON_JOB: Coverage(reason="forbidden")}

    assert selects_nothing(Mesh([], live=True), {"app": "cart"}, "shop")
    assert selects_nowhere(Mesh([], live=True), {"app": "cart"})
    assert not selects_nothing(Mesh([], live=True, coverage=half), {"app": "cart"}, "shop")
    assert not selects_nowhere(Mesh([], live=True, coverage=half), {"app": "cart"})


def test_files_know_what_selectors_miss_where_they_hold_workloads() -> None:
    """One workload makes a namespace known, those of two namespaces the mesh, except for what installers bring."""
    mesh = Mesh([deployment("cart", "shop", app="cart"), deployment("front", "web", app="front")])

    assert selects_nothing(mesh, {"app": "crat"}, "shop")
    assert selects_nothing(mesh, {"app": "front"}, "shop")
    assert not selects_nothing(mesh, {"app": "crat"}, "other")
    assert not selects_nothing(mesh, {"istio": "ingressgateway"}, "shop")
    assert selects_nowhere(mesh, {"app": "crat"})
    assert not selects_nowhere(Mesh([deployment("cart", "shop", app="cart")]), {"app": "crat"})


def test_files_without_a_namespace_may_be_what_a_selector_means() -> None:
    """A match among workloads without a namespace, or for a selector without one, is a match."""
    loose = deployment("cart", "default", app="cart")

    assert not selects_nothing(Mesh([loose, deployment("web", "shop", app="web")]), {"app": "cart"}, "shop")
    assert not selects_nothing(
        Mesh([deployment("cart", "shop", app="cart"), deployment("web", "default", app="web")]), {"app": "cart"}, "default"
    )


@pytest.mark.parametrize(
    ("labels", "installed"),
    [
        ({"istio": "ingressgateway"}, True),
        ({"app": "istio-eastwestgateway"}, True),
        ({"gateway.networking.k8s.io/gateway-name": "public"}, True),
        ({"istio": "public"}, False),
    ],
)
def test_labels_of_what_others_install_are_known(labels: dict[str, str], installed: bool) -> None:
    """Istio's own gateways and those made for Kubernetes Gateways are rarely in files."""
    assert is_installed(labels) is installed


def test_the_one_label_to_blame_is_named() -> None:
    """The pointer goes on to a label only where that one alone finds nothing."""
    mesh = Mesh([deployment("cart-back", "shop", app="cart", tier="back"), deployment("front-web", "shop", app="front", tier="web")])

    assert misses(mesh, {"app": "crat", "tier": "back"}, "shop") == ("app",)
    assert misses(mesh, {"app": "cart", "tier": "web"}, "shop") == ()
    assert misses(mesh, {"app": "crat", "tier": "bakc"}, "shop") == ()
