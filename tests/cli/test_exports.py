"""Changes for the place where the truth lives: kustomize, whole manifests, values of Istio's charts."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.injection.injector import decide
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.render.plan.manifest import cleaned
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.injector_config import read_injector_config
from kubectl_meshfix.resources.meta import Meta, Ref

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
KUBECTL = shutil.which("kubectl", path=os.environ.get("KUBEBUILDER_ASSETS", "") + os.pathsep + os.environ.get("PATH", ""))
SELECTORS = "sidecarInjectorWebhook"


def meshfix(*arguments: str) -> str:
    """What one run of apply prints."""
    result = CliRunner().invoke(app, ["apply", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def objects(text: str) -> dict[tuple[str, str, str], Any]:
    """The objects of a stream, by namespace, kind and name."""
    found = [document for document in yaml.safe_load_all(text) if document]
    return {(item["metadata"].get("namespace", ""), item["kind"], item["metadata"]["name"]): item for item in found}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The example shop in a folder that kustomize can build; it takes no object twice."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for source in EXAMPLES.rglob("*.yaml"):
        if source.name not in ("broken.yaml", "expectations.yaml"):
            shutil.copy(source, folder / f"{source.parent.name}-{source.name}")
    return folder


def kustomize(folder: Path, resources: list[str], component: str) -> str:
    """What kubectl builds of a folder with a component of patches."""
    patches = folder / "meshfix"
    patches.mkdir()
    (patches / "kustomization.yaml").write_text(component)
    (folder / "kustomization.yaml").write_text(json.dumps({"resources": resources, "components": [patches.name]}))
    built = subprocess.run([str(KUBECTL), "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    shutil.rmtree(patches)
    (folder / "kustomization.yaml").unlink()
    return built.stdout


@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl")
def test_kustomize_builds_what_apply_makes(shop: Path) -> None:
    """A build with the exported component gives, object by object, what apply writes into the files."""
    resources = sorted(path.name for path in shop.glob("*.yaml"))
    built = kustomize(shop, resources, meshfix("-f", str(shop), "-o", "kustomize", "--restart", "--unsafe"))

    meshfix("-f", str(shop), "--restart", "--unsafe", "--yes")
    assert objects(built) == objects("\n---\n".join((shop / name).read_text() for name in resources))


def test_an_export_changes_nothing(shop: Path) -> None:
    """Formats for another place leave the files alone, even with --yes."""
    before = {path: path.read_bytes() for path in shop.iterdir()}

    for form in ("kustomize", "manifest", "helm-values"):
        meshfix("-f", str(shop), "-o", form, "--restart", "--unsafe", "--yes")

    assert {path: path.read_bytes() for path in shop.iterdir()} == before


def test_manifests_are_whole_and_fixed(shop: Path) -> None:
    """The objects that change come as they are in the files after apply, and no others."""
    exported = objects(meshfix("-f", str(shop), "-o", "manifest"))

    before = objects("\n---\n".join(path.read_text() for path in shop.iterdir()))
    meshfix("-f", str(shop), "--yes")
    after = objects("\n---\n".join(path.read_text() for path in shop.iterdir()))
    assert exported == {key: after[key] for key in after if after[key] != before[key]}


def test_what_a_server_owns_is_left_out() -> None:
    """Metadata of the server, the status and given addresses do not belong into a repository; a headless Service stays headless."""
    metadata = {"name": "cart", "uid": "1", "resourceVersion": "2", "managedFields": [], "creationTimestamp": "now", "generation": 3}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    service = {"kind": "Service", "metadata": {**metadata, "annotations": applied}, "status": {}}

    assert cleaned({**service, "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": []}}) == {
        "kind": "Service",
        "metadata": {"name": "cart"},
        "spec": {"ports": []},
    }
    assert cleaned({**service, "spec": {"clusterIP": "None"}})["spec"] == {"clusterIP": "None"}


def config_map(**metadata: Any) -> dict[str, Any]:
    """The injector's ConfigMap on OpenShift, with marks of who made it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "istio-sidecar-injector", "namespace": "istio-system", **metadata},
        "data": {"config": "policy: enabled\nneverInjectSelector: []\n", "values": '{"global": {"platform": "openshift"}}'},
    }


SAIL = {"apiVersion": "sailoperator.io/v1", "kind": "IstioRevision", "controller": True, "uid": "1"}


@pytest.mark.parametrize(
    ("metadata", "way", "name"),
    [
        ({}, (SELECTORS,), None),
        ({"annotations": {"meta.helm.sh/release-name": "mesh"}, "labels": {"app.kubernetes.io/managed-by": "Helm"}}, (SELECTORS,), "mesh"),
        ({"labels": {"operator.istio.io/managed": "Reconcile"}}, ("spec", "values", SELECTORS), "istioctl"),
        ({"ownerReferences": [{**SAIL, "name": "default"}]}, ("spec", "values", SELECTORS), "patch istio default"),
        ({"ownerReferences": [{**SAIL, "name": "prod-v1-26-0"}]}, ("spec", "values", SELECTORS), "patch istio prod"),
    ],
)
def test_each_owner_is_told_in_its_own_words(tmp_path: Path, metadata: dict[str, Any], way: tuple[str, ...], name: str | None) -> None:
    """Values, an IstioOperator, or Sail's resource; what is in it keeps out OpenShift's build and deployer pods, and no others."""
    (tmp_path / "istio.json").write_text(json.dumps(config_map(**metadata)))

    text = meshfix("-f", str(tmp_path), "-o", "helm-values", "--unsafe", "--select", "MF307")

    assert (name or "helm upgrade istiod") in text.splitlines()[1]
    told = yaml.safe_load(text)
    for key in way:
        told = told[key]
    assert set(told) == {"neverInjectSelector"}
    labels = ("openshift.io/build.name", "openshift.io/deployer-pod-for.name", "deploymentconfig", "app")
    assert [label for label in labels if not injects({"policy": "enabled", **told}, label)] == list(labels[:2])


def test_the_config_map_keeps_out_the_same_pods(tmp_path: Path) -> None:
    """The fourth place, the text that istiod reads, says the same as the other three."""
    (tmp_path / "istio.json").write_text(json.dumps(config_map()))

    text = meshfix("-f", str(tmp_path), "-o", "manifest", "--unsafe", "--select", "MF307")

    config = yaml.safe_load(yaml.safe_load(text)["data"]["config"])
    labels = ("openshift.io/build.name", "openshift.io/deployer-pod-for.name", "deploymentconfig", "app")
    assert [label for label in labels if not injects(config, label)] == list(labels[:2])


def injects(config: dict[str, Any], label: str) -> bool:
    """Whether an injector with this configuration injects a pod with a label."""
    ref = Ref("v1", "ConfigMap", "istio-system", "istio-sidecar-injector")
    plane = ControlPlane(
        revision="default", namespace="istio-system", injector=read_injector_config(ref, {"config": json.dumps(config), "values": "{}"})
    )
    return answer(decide(plane, view_pod("", PodTemplate(metadata=Meta(labels={label: "x"}))))).injects is True


def test_access_logs_are_a_value_of_the_mesh_configuration(tmp_path: Path) -> None:
    """What changes in the mesh's configuration is told as meshConfig."""
    shutil.copytree(EXAMPLES / "istio", tmp_path / "istio")

    told = yaml.safe_load(meshfix("-f", str(tmp_path), "-R", "-o", "helm-values", "--unsafe", "--select", "MF701"))

    assert told == {"meshConfig": {"accessLogFile": "/dev/stdout"}}


@pytest.mark.parametrize("output", ["kustomize", "manifest", "json-patch", "helm-values", "diff"])
@pytest.mark.parametrize(
    "metadata",
    ["", "metadata:\n", "metadata: {}\n", *(f"metadata: {{{fields}}}\n" for fields in ("generateName: a-", "name: ''", "name: null"))]
    + [f"metadata: {{name: a.b, {field}: null}}\n" for field in ("labels", "annotations", "namespace", "uid")],
)
def test_whatever_metadata_lacks(metadata: str, output: str, tmp_path: Path) -> None:
    """Metadata that charts and people leave out or leave empty stops no format; what has no name is refused where a name is needed."""
    text = f"apiVersion: v1\nkind: Service\n{metadata}spec:\n  selector: {{app: a}}\n  ports: [{{name: web, port: 80}}]\n"
    (tmp_path / "a.yaml").write_text(text)
    result = CliRunner().invoke(app, ["apply", "-f", str(tmp_path), "--scope", "all", "--unsafe", "-o", output, "--dry-run"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    is_named = "a.b" in metadata
    if output == "kustomize":
        assert ("refused" in result.stderr) is not is_named
        assert (r"name: a\.b" in result.stdout) is is_named
    elif output == "manifest":
        assert "http-web" in result.stdout
