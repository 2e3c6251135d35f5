"""Native sidecars: by templates, annotation, istiod's setting and the nodes."""

import pytest

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.injector.native_sidecar import NativeSidecar, choose_sidecar
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_planes
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodSpec, PodTemplate
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import Meta, Ref
from tests.injection.installations import injector, istiod, mesh, node

NEW, OLD = ("v1.33.1-gke.100", "v1.34.0"), ("v1.33.0", "v1.32.9")
NATIVE, TEMPLATES = "sidecar.istio.io/nativeSidecar", "inject.istio.io/templates"


def cluster(*kubelets: str, version: str = "1.30.0", setting: str | None = None) -> tuple[Mesh, ControlPlane]:
    """A mesh with nodes, and its control plane."""
    env = {} if setting is None else {"ENABLE_NATIVE_SIDECARS": setting}
    nodes = [node(f"n{place}", kubelet) for place, kubelet in enumerate(kubelets)]
    snapshot = mesh(istiod(image=f"docker.io/istio/pilot:{version}", **env), injector(), nodes)
    return snapshot, control_planes(snapshot)[0]


def native_sidecar(snapshot: Mesh, plane: ControlPlane | None, made: PodTemplate) -> NativeSidecar:
    """What kind of sidecar a pod gets."""
    return answer(choose_sidecar(snapshot, plane, view_pod("shop", made)))


def template(node_name: str = "", **annotations: str) -> PodTemplate:
    """A pod's template."""
    return PodTemplate(metadata=Meta(annotations=annotations), spec=PodSpec(node_name=node_name))


@pytest.mark.parametrize(
    ("version", "setting", "kubelets", "native"),
    [
        ("1.30.0", None, NEW, True),
        ("1.30.0", "auto", NEW, True),
        ("1.30.0", None, OLD, False),
        ("1.30.0", "true", OLD, True),
        ("1.30.0", "false", NEW, False),
        ("1.30.0", "yes", NEW, False),
        ("1.30.0", "", NEW, False),
        ("1.27.0", None, NEW, True),
        ("1.30.0", None, (*NEW, "weird"), False),
        ("1.26.5", None, NEW, False),
        ("1.26.5", "auto", NEW, False),
        ("1.26.5", "true", OLD, True),
        ("1.26.5", "1", OLD, True),
        ("1.18.2", "true", NEW, False),
        ("latest", None, NEW, True),
        ("latest", None, OLD, False),
    ],
)
def test_setting_version_and_nodes(version: str, setting: str | None, kubelets: tuple[str, ...], native: bool) -> None:
    """Off by default until 1.26; since 1.27 on where every kubelet is 1.33 or newer, unless istiod is told otherwise."""
    snapshot, plane = cluster(*kubelets, version=version, setting=setting)

    assert native_sidecar(snapshot, plane, template()).native is native


@pytest.mark.parametrize(
    ("version", "annotation", "native"),
    [("1.30.0", "true", True), ("1.30.0", "false", False), ("1.30.0", "no", True), ("1.30.0", "", False), ("1.23.0", "true", False)],
)
def test_the_annotation_overrules_istiod(version: str, annotation: str, native: bool) -> None:
    """Any word but "false" makes the template's sidecar native; istiod knows the annotation since 1.24."""
    snapshot, plane = cluster(*NEW, version=version, setting="false")

    assert native_sidecar(snapshot, plane, template(**{NATIVE: annotation})).native is native


@pytest.mark.parametrize(
    ("templates", "native"), [("sidecar", True), ("sidecar,mine", True), ("gateway", False), ("grpc-agent", False), ("mine", None)]
)
def test_templates_that_are_not_the_sidecars(templates: str, native: bool | None) -> None:
    """Istio's other templates make ordinary containers; nobody knows what a template of one's own makes."""
    snapshot, plane = cluster(*NEW)

    found = native_sidecar(snapshot, plane, template(**{TEMPLATES: templates})).native

    assert isinstance(found, Unknown) if native is None else found is native


def test_no_template_is_one_that_nobody_knows() -> None:
    """An injector without default templates says nothing of its sidecars."""
    config = InjectorConfig(config_map=Ref("v1", "ConfigMap", "istio-system", "c"), default_templates=())
    plane = ControlPlane(revision="default", namespace="istio-system", injector=config)

    found = native_sidecar(mesh(), plane, template())

    assert isinstance(found.native, Unknown)
    assert found.reason == "Whether the templates none make a native sidecar is not known."


def test_nodes_that_were_not_read_leave_it_open() -> None:
    """Without nodes, in files or for lack of rights, the automatic mode cannot be told."""
    forbidden = Mesh([], live=True, coverage={kinds.NODE: Coverage(reason="forbidden")})

    assert isinstance(native_sidecar(mesh(), None, template()).native, Unknown)
    assert isinstance(native_sidecar(forbidden, None, template()).native, Unknown)


def test_a_pod_bound_to_a_node_goes_by_that_node() -> None:
    """Only the pod's own node counts; on a live cluster it was not bound yet when istiod decided."""
    nodes = [node("new", "v1.33.0"), node("old", "v1.30.0")]

    assert native_sidecar(mesh(nodes), None, template(node_name="new")).native is True
    assert native_sidecar(mesh(nodes), None, template(node_name="gone")).native is False
    assert native_sidecar(mesh(nodes, live=True), None, template(node_name="new")).native is False


def test_the_reason_names_the_node() -> None:
    """One old node turns native sidecars off everywhere, so it is named."""
    snapshot, plane = cluster(*OLD)
    found = native_sidecar(snapshot, plane, template())

    assert (found.decided_by, found.reason) == (
        "kubelet",
        "Node n1 runs kubelet 1.32, older than 1.33, so the sidecar is an ordinary container.",
    )
