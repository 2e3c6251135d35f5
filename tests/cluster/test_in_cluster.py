"""The CronJob of docs/in-cluster, its script run with its own rights against a real API server."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cluster.server import Server, assets, kubeconfig, running
from tests.cluster.test_loop import EXAMPLES

FOLDER = Path(__file__).parents[2] / "docs" / "in-cluster"

pytestmark = pytest.mark.skipif(
    assets() is None or shutil.which("bash") is None, reason="needs a kube-apiserver in KUBEBUILDER_ASSETS, and bash"
)


def definition(kind: str, plural: str, scope: str) -> dict[str, object]:
    """A CustomResourceDefinition that takes any report."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.openreports.io"},
        "spec": {
            "group": "openreports.io",
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}],
        },
    }


def run_script(server: Server, folder: Path) -> str:
    """Run what the container would, as its ServiceAccount; its standard error."""
    job = yaml.safe_load((FOLDER / "cronjob.yaml").read_text())
    container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    token = server.kubectl("create", "token", "kubectl-meshfix", "-n", "kubectl-meshfix").strip()
    config = folder / "service-account.kubeconfig"
    config.write_text(kubeconfig(server.address, str(server.folder / "certs" / "apiserver.crt"), token))
    path = os.pathsep.join([str(server.binaries.absolute()), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", *container["command"][1:], *container["args"]],
        env={**os.environ, "PATH": path, "KUBECONFIG": str(config), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def reports(server: Server) -> dict[str, dict[str, int]]:
    """The summary of each report by its namespace and name."""
    found = json.loads(server.kubectl("get", "reports.openreports.io,clusterreports.openreports.io", "-A", "-o", "json"))["items"]
    return {f"{one['metadata'].get('namespace', '')}/{one['metadata']['name']}": one.get("summary", {}) for one in found}


def test_the_cronjob_keeps_reports_true_and_needs_no_more_than_its_role(tmp_path: Path) -> None:
    """It reads all it wants to, writes a report a namespace, removes what is mended since, and nobody else's."""
    binaries = assets()
    assert binaries is not None
    with running(binaries, tmp_path) as server:
        kinds = (("Report", "reports", "Namespaced"), ("ClusterReport", "clusterreports", "Cluster"))
        server.kubectl(
            "apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": [definition(*row) for row in kinds]})
        )
        server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        server.load(EXAMPLES / "istio", EXAMPLES / "shop" / "namespaces.yaml", EXAMPLES / "shop" / "cart.yaml")
        server.kubectl("apply", "-k", str(FOLDER), "--validate=strict")
        foreign = {"apiVersion": "openreports.io/v1alpha1", "kind": "Report", "metadata": {"name": "theirs", "namespace": "default"}}
        server.kubectl("apply", "-f", "-", text=json.dumps(foreign))

        said = run_script(server, tmp_path)
        first = reports(server)
        server.kubectl("delete", "-f", str(EXAMPLES / "shop" / "cart.yaml"))
        run_script(server, tmp_path)

        assert "may not" not in said
        assert first["shop/kubectl-meshfix"]["fail"] + first["shop/kubectl-meshfix"]["warn"] > 0
        assert not any(summary.get("error") for summary in first.values())
        assert "shop/kubectl-meshfix" not in reports(server)
        assert "default/theirs" in reports(server)


def test_the_manifests_are_as_we_ask_of_others() -> None:
    """Our own diagnosis of what we give people to apply has nothing to say."""
    done = subprocess.run(
        [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()", "diagnose", "-f", str(FOLDER), "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(done.stdout)["findings"] == []
