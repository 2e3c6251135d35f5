"""What is reported of manifests where nobody says --scope: what they themselves say of the mesh."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.command import run

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs" / "schema" / "report.v1.json").read_text())

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  selector: {app: cart}
  ports: [{name: web, port: 8080}]
"""

DEPLOYMENT = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  template:
    metadata: {labels: {app: cart}, annotations: {}}
    spec: {containers: [{name: cart, image: "cart:1.0"}]}
"""

NAMESPACE = """\
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {}}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A file with a Service and its Deployment that say nothing of a mesh."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE + DEPLOYMENT)
    return path


def report(path: Path, *flags: str) -> tuple[int, dict[str, Any]]:
    """The exit code of a diagnosis, and the report, which keeps to its schema."""
    result = run("diagnose", "-f", str(path), "-o", "json", *flags)
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    return result.exit_code, document


def codes(path: Path, *flags: str) -> list[str]:
    """The codes of what is found."""
    return sorted(row["code"] for row in report(path, *flags)[1]["findings"])


def test_files_without_a_word_of_istio_get_one_line(manifest: Path) -> None:
    """The line counts what is left out and names the flag that shows it; the exit code is 0."""
    result = run("diagnose", "-f", str(manifest))

    assert result.exit_code == 0
    assert " ".join(result.stdout.split()) == (
        "Nothing in these files (2 objects) has to do with Istio, so 2 findings about ports and workloads are left out. "
        "To see them: --scope all"
    )
    code, document = report(manifest)
    assert (code, document["findings"], document["coverage"]["speaksOfIstio"], document["coverage"]["withheld"]) == (0, [], False, 2)


def test_an_error_is_reported_all_the_same(manifest: Path) -> None:
    """A port that no mesh could serve fails the run, whether files speak of Istio or not; what is milder is counted."""
    manifest.write_text((SERVICE + DEPLOYMENT).replace("name: web", "name: udp-web"))
    code, document = report(manifest)

    assert (code, [row["code"] for row in document["findings"]], document["coverage"]["withheld"]) == (1, ["MF102"], 1)


def test_scope_all_shows_the_rest(manifest: Path) -> None:
    """What was left out is there for those who ask, in the settings too, and with its exit code."""
    code, document = report(manifest, "--scope", "all")

    assert code == 1
    assert [row["code"] for row in document["findings"]] == ["MF202", "MF101"]
    assert not {"speaksOfIstio", "withheld"} & document["coverage"].keys()
    manifest.with_name(".meshfix.yaml").write_text("scope: all\n")
    assert codes(manifest) == ["MF101", "MF202"]


def test_the_line_counts_what_the_severity_leaves(manifest: Path) -> None:
    """A finding that --severity leaves out is not promised; where nothing is left out, no flag is named."""
    assert report(manifest, "--severity", "warning")[1]["coverage"]["withheld"] == 1
    said = run("diagnose", "-f", str(manifest), "--severity", "error").stdout
    assert said == "No errors in 2 objects of 1 file. Nothing in them has to do with Istio.\n"


def test_what_cannot_be_read_always_counts(manifest: Path) -> None:
    """A file that does not parse is found whatever the files speak of."""
    manifest.write_text(SERVICE + "---\nkind: [\n")

    assert report(manifest)[0] == 1
    assert codes(manifest) == ["MF001"]
    assert "1 finding about ports and workloads is left out" in " ".join(run("diagnose", "-f", str(manifest)).stdout.split())


def test_apply_says_what_it_leaves_alone(manifest: Path) -> None:
    """Nothing is changed, and the reason is told."""
    before = manifest.read_text()

    result = run("apply", "-f", str(manifest), "--yes", "--unsafe", "--restart")

    assert result.exit_code == 0
    assert "--scope all" in result.stderr
    assert manifest.read_text() == before


@pytest.mark.parametrize(
    "words",
    [
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: b}\n",
        "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, namespace: b}\nspec: {servers: 5}\n",
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a, namespace: b}\n",
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {istio-injection: disabled}}\n",
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {istio-injecton: enabled}}\n",
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n",
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b, annotations: {networking.istio.io/exportTo: .}}\n",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {selector: {istio: public}}\n",
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec: {containers: [{name: istio-proxy, image: auto}]}\n",
    ],
)
def test_one_word_of_istio_is_enough(words: str, manifest: Path) -> None:
    """An object, a label, an annotation, a selector or a proxy anywhere in the files, and everything in them is checked."""
    manifest.write_text(SERVICE + words)

    assert "MF101" in codes(manifest)
    assert "speaksOfIstio" not in report(manifest)[1]["coverage"]


@pytest.mark.parametrize(
    ("space", "labels", "annotations", "found"),
    [
        ("istio-injection: enabled", "", "", ["MF101"]),
        ("istio-injection: enabled", 'sidecar.istio.io/inject: "false"', "", []),
        ("istio-injection: enabled", "", 'sidecar.istio.io/inject: "false"', []),
        ("istio-injection: disabled", "", "", []),
        ("istio-injection: disabled", "istio.io/dataplane-mode: ambient", "", ["MF101"]),
        ("istio.io/dataplane-mode: ambient", "", "", ["MF101"]),
        ("istio.io/dataplane-mode: ambient", 'sidecar.istio.io/inject: "false"', "", ["MF101"]),
        ("istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", []),
        ("istio.io/rev: canary", "", "", ["MF101"]),
    ],
)
def test_who_refuses_the_mesh_is_left_alone(space: str, labels: str, annotations: str, found: list[str], manifest: Path) -> None:
    """Pods and namespaces that say no are left alone, with the Services that lead to them; ambient needs no sidecar."""
    pods = DEPLOYMENT.replace("labels: {app: cart}", f"labels: {{app: cart, {labels}}}").replace(
        "annotations: {}", f"annotations: {{{annotations}}}"
    )
    manifest.write_text(SERVICE + pods + NAMESPACE.replace("labels: {}", f"labels: {{{space}}}"))

    assert [code for code in codes(manifest) if code.startswith(("MF1", "MF2"))] == found
    assert "MF101" in codes(manifest, "--scope", "all")


def test_a_service_of_two_workloads_is_one_of_the_mesh_if_either_is(manifest: Path) -> None:
    """A Service is left alone only where none of its pods is in the mesh; one without pods follows its namespace."""
    out = DEPLOYMENT.replace("name: cart,", "name: cart-old,", 1).replace("app: cart}", 'app: cart, sidecar.istio.io/inject: "false"}')

    manifest.write_text(SERVICE + DEPLOYMENT + out + NAMESPACE.replace("{}", "{istio-injection: enabled}"))
    assert "MF101" in codes(manifest)
    manifest.write_text(SERVICE + NAMESPACE.replace("{}", "{istio-injection: disabled}"))
    assert codes(manifest) == []


def test_a_version_that_nobody_needs_is_told_on_request(manifest: Path) -> None:
    """In a mesh too, MF202 is silent where nothing tells versions apart."""
    manifest.write_text(SERVICE.replace("web", "http") + DEPLOYMENT + NAMESPACE.replace("{}", "{istio-injection: enabled}"))

    assert codes(manifest) == []
    assert report(manifest)[1]["coverage"]["withheld"] == 1
    assert codes(manifest, "--scope", "mesh") == []
    assert codes(manifest, "--scope", "all") == ["MF202"]
