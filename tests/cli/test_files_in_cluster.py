"""``-f`` and ``--context``: manifests judged as if they were applied to a cluster."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError
from tests.cli.api_server import serving
from tests.cli.test_clean import SCHEMA, deployment, space
from tests.command import SERVICE


def service(name: str, port: str = "http", **selector: str) -> dict[str, Any]:
    """A Service of namespace shop on the cluster."""
    return {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": selector or {"app": name}, "ports": [{"name": port, "port": 8080, "targetPort": 8080}]},
    }


def route(host: str, subset: str = "") -> dict[str, Any]:
    """A VirtualService of namespace shop on the cluster."""
    destination = {"host": host, **({"subset": subset} if subset else {})}
    return {
        "metadata": {"name": "old", "namespace": "shop"},
        "spec": {"hosts": [host], "http": [{"route": [{"destination": destination}]}]},
    }


WEBHOOK = {
    "name": "namespace.sidecar-injector.istio.io",
    "clientConfig": {"service": {"name": "istiod", "namespace": "istio-system", "path": "/inject"}, "caBundle": ""},
    "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
    "namespaceSelector": {"matchLabels": {"istio-injection": "enabled"}},
}

SHOP = {
    "mutatingwebhookconfigurations": [{"metadata": {"name": "injector"}, "webhooks": [WEBHOOK]}],
    "namespaces": [space("shop", **{"istio-injection": "enabled"}), space("default")],
    "services": [service("catalog")],
    "deployments": [deployment("catalog", {"app": "catalog", "version": "v1"})],
}

ROUTE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: new}}
spec:
  hosts: [catalog]
  http:
  - route:
    - destination: {{host: {host}}}
"""

CONFLICT = """\
apiVersion: v1
kind: Service
metadata: {name: inventory, namespace: shop}
spec:
  selector: {app: catalog}
  ports:
  - {name: tcp, port: 8080, targetPort: 8080}
"""


def run(kubeconfig: str, *words: str, text: str = "") -> Result:
    """One command that names the cluster."""
    return CliRunner().invoke(app, [*words, "--kubeconfig", kubeconfig, "--context", "lab"], input=text)


def complaint(result: Result) -> str:
    """The sentence and the hint that a command ends with."""
    assert isinstance(result.exception, MeshfixError), result.stdout
    return f"{result.exception.message}\n{result.exception.hint}"


def codes(result: Result) -> set[tuple[str, str]]:
    """The findings of -o json, by code and name."""
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    return {(row["code"], row["resource"]["name"]) for row in document["findings"]}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A file to be written."""
    return tmp_path / "new.yaml"


def test_the_cluster_has_what_the_files_do_not(tmp_path: Path, manifest: Path) -> None:
    """A host that only the cluster has is silent; one that neither has is an error with file and line; the summary says where it looked."""
    with serving(tmp_path, SHOP, namespace="shop") as lab:
        manifest.write_text(ROUTE.format(host="catalog"))
        good = run(lab, "diagnose", "-f", str(manifest))
        manifest.write_text(ROUTE.format(host="catalogue"))
        bad = run(lab, "diagnose", "-f", str(manifest), "-o", "short")

    assert good.stdout == "No problems in 1 object of 1 file, checked in context lab.\n"
    assert good.exit_code == 0
    assert f"{manifest}:8: ✗ MF401 VirtualService shop/new:" in bad.stdout
    assert bad.exit_code == 1


def test_objects_meet_those_of_the_cluster(tmp_path: Path, manifest: Path) -> None:
    """A Service that is right alone and contradicts a live one is found, with its file; the cluster's own faults are not repeated."""
    manifest.write_text(CONFLICT)
    with serving(tmp_path, {**SHOP, "services": [service("catalog"), service("other", port="web")]}) as lab:
        document = json.loads(run(lab, "diagnose", "-f", str(manifest), "-o", "json").stdout)

    alone = CliRunner().invoke(app, ["diagnose", "-f", str(manifest)])
    (row,) = [row for row in document["findings"] if row["code"] == "MF103"]
    assert (row["resource"]["kind"], row["cluster"], row["location"]["file"]) == ("Deployment", "lab", str(manifest))
    assert not {row["resource"]["name"] for row in document["findings"]} & {"other"}
    assert alone.exit_code == 0


def test_what_files_break_on_the_cluster_is_told(tmp_path: Path, manifest: Path) -> None:
    """A live object that is right as the cluster is, and would not be with the files, is found under the cluster's name."""
    rule = {
        "metadata": {"name": "catalog", "namespace": "shop"},
        "spec": {"host": "catalog", "subsets": [{"name": "v1", "labels": {"version": "v1"}}]},
    }
    manifest.write_text(
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: catalog, namespace: shop}\n"
        "spec: {host: catalog, subsets: []}\n"
    )
    live = {**SHOP, "destinationrules": [rule], "virtualservices": [route("catalog", subset="v1")]}
    with serving(tmp_path, live) as lab:
        result = run(lab, "diagnose", "-f", str(manifest), "-o", "json")
        as_it_is = run(lab, "diagnose", "-A", "-o", "json")

    (row,) = [row for row in json.loads(result.stdout)["findings"] if row["code"] == "MF402"]
    jsonschema.validate(json.loads(result.stdout), SCHEMA)
    assert (row["resource"]["name"], row["cluster"], row["location"]["file"]) == ("old", "lab", str(manifest))
    assert {patch["resource"]["name"] for patch in row["fix"]["patches"]} == {"catalog"}
    assert not [code for code, _ in codes(as_it_is) if code == "MF402"]


def test_the_context_gives_the_namespace(tmp_path: Path, manifest: Path) -> None:
    """Documents that name no namespace are judged in that of -n, else in that of the context, as kubectl would apply them."""
    manifest.write_text(ROUTE.format(host="catalogue"))
    with serving(tmp_path, SHOP, namespace="shop") as lab:
        by_context = json.loads(run(lab, "diagnose", "-f", str(manifest), "-o", "json").stdout)
        by_flag = json.loads(run(lab, "diagnose", "-f", str(manifest), "-n", "default", "-o", "json").stdout)

    assert {row["resource"]["namespace"] for row in by_context["findings"]} == {"shop"}
    assert {row["resource"]["namespace"] for row in by_flag["findings"]} == {"default"}


def test_both_sources_are_named(tmp_path: Path, manifest: Path) -> None:
    """JSON says which files and which cluster were read, and how many objects of each."""
    manifest.write_text(ROUTE.format(host="catalog"))
    with serving(tmp_path, SHOP, namespace="shop") as lab:
        document = json.loads(run(lab, "diagnose", "-f", str(manifest), "-o", "json").stdout)

    jsonschema.validate(document, SCHEMA)
    assert document["source"]["kind"] == "files"
    assert (document["source"]["files"], document["source"]["context"]) == ([str(manifest)], "lab")
    assert document["coverage"] | {"unreadable": [], "skippedRules": []} == {
        "files": 1,
        "context": "lab",
        "namespace": None,
        "read": {"VirtualService": 1},
        "beside": {"Deployment": 1, "MutatingWebhookConfiguration": 1, "Namespace": 2, "Service": 1},
        "unreadable": [],
        "skippedRules": [],
    }


def test_a_namespace_keeps_the_labels_that_others_gave_it(tmp_path: Path, manifest: Path) -> None:
    """A Namespace of a file takes no label away that nobody has applied, as kubectl apply does not; what was applied goes."""
    manifest.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n---\n" + SERVICE)
    kept = space("shop", **{"istio-injection": "enabled"})
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"metadata": {"labels": {"istio-injection": "enabled"}}})}
    gone = {"metadata": {**kept["metadata"], "annotations": applied}}
    found = []
    for live in (kept, gone):
        with serving(tmp_path, {"namespaces": [live]}) as lab:
            found.append(codes(run(lab, "diagnose", "-f", str(manifest), "-o", "json")))

    assert ("MF101", "cart") in found[0]
    assert ("MF101", "cart") not in found[1]


def test_copies_meet_the_same_cluster(tmp_path: Path) -> None:
    """Each environment's copy is judged in the cluster by itself, and what only one of them breaks is found by its file."""
    for folder, port in (("dev", "tcp"), ("prod", "http")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "svc.yaml").write_text(CONFLICT.replace("name: tcp", f"name: {port}"))
    with serving(tmp_path, SHOP) as lab:
        document = json.loads(run(lab, "diagnose", "-R", "-f", str(tmp_path), "-o", "json").stdout)

    places = {Path(row["location"]["file"]).parent.name for row in document["findings"] if row["code"] == "MF103" and row["location"]}
    assert places == {"dev"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("diagnose", "-f", "{file}", "--context", "labb"),
            "The context 'labb' is not in the kubeconfig.\nChoose one with --context: lab.",
        ),
        (("diagnose", "-f", "{file}.missing"), "does not exist"),
        (("diagnose", "-f", "{file}", "-n", "shopp"), 'There is no namespace "shopp" in this cluster.\nDid you mean shop?'),
        (("diagnose", "deploy/catalog", "-f", "{file}"), 'There is no Deployment "catalog"'),
        (("apply", "-f", "{file}"), "With -f and a cluster, apply only shows the changes.\nAdd --dry-run."),
        (("apply", "-f", "{file}", "--dry-run=server"), "--dry-run=server tries changes of a cluster"),
        (("explain", "-f", "{file}", "--contexts", "a,b"), "--contexts and -f cannot be used together."),
    ],
)
def test_what_cannot_be_meant_is_an_error(tmp_path: Path, manifest: Path, words: tuple[str, ...], sentence: str) -> None:
    """A wrong context, file, name or flag ends the run before anything is judged."""
    manifest.write_text(ROUTE.format(host="catalog"))
    with serving(tmp_path, SHOP) as lab:
        result = CliRunner().invoke(app, [word.format(file=manifest) for word in words] + ["--kubeconfig", lab])

    assert sentence in complaint(result)


def test_a_cluster_without_istio_is_told(tmp_path: Path, manifest: Path) -> None:
    """Where nothing can be in a mesh, nothing is called good: the wrong context is the likely reason."""
    manifest.write_text(SERVICE)
    with serving(tmp_path, {**SHOP, "mutatingwebhookconfigurations": []}, groups=()) as lab:
        result = run(lab, "diagnose", "-f", str(manifest))
        anyway = run(lab, "diagnose", "-f", str(manifest), "--scope", "all")

    assert complaint(result).startswith("There is no Istio in context lab (")
    assert "MF101" in anyway.stdout


def test_what_may_not_be_read_is_said(tmp_path: Path, manifest: Path) -> None:
    """A kind that is forbidden is named, and nothing is missing because of it; where all is forbidden, nothing is judged."""
    manifest.write_text(ROUTE.format(host="catalogue"))
    with serving(tmp_path, SHOP, forbidden=("services",), namespace="shop") as lab:
        some = run(lab, "diagnose", "-f", str(manifest), "--select", "MF401")
    with serving(tmp_path, SHOP, forbidden=("virtualservices",), namespace="shop") as lab:
        part = run(lab, "diagnose", "-f", str(manifest))
    with serving(tmp_path, SHOP, forbidden=("api", "apis"), namespace="shop") as lab:
        nothing = run(lab, "diagnose", "-f", str(manifest))

    assert "Not checked: services: not for you" in some.stdout
    assert "Rules skipped: MF401." in some.stdout
    assert "MF401 unknown-destination-host" in part.stdout
    assert "Not checked: virtualservices.networking.istio.io" in part.stdout
    assert complaint(nothing).startswith("You may not read anything in lab")


def test_fixes_are_shown_as_changes_of_the_files(tmp_path: Path, manifest: Path) -> None:
    """The dry run is a diff of the file and writes nothing; a fix that would change a live object too is left to a person."""
    manifest.write_text(SERVICE)
    with serving(tmp_path, SHOP) as lab:
        result = run(lab, "apply", "-f", str(manifest), "--dry-run")

    assert re.search(r"^--- .*new\.yaml", result.stdout, re.MULTILINE)
    assert result.exit_code == 1
    assert manifest.read_text() == SERVICE


def test_the_next_command_names_the_cluster(tmp_path: Path, manifest: Path) -> None:
    """What is printed as the next command shows the fixes of this very report."""
    manifest.write_text(SERVICE)
    with serving(tmp_path, SHOP) as lab:
        result = run(lab, "diagnose", "-f", str(manifest))

    assert f"Next: kubectl meshfix apply -f {manifest} --context lab --kubeconfig {lab} --dry-run" in result.stdout


def test_a_missing_namespace_is_told(tmp_path: Path, manifest: Path) -> None:
    """Objects of a namespace that neither the cluster nor the files have could not be applied; a Namespace among the files is one."""
    manifest.write_text(SERVICE.replace("namespace: shop", "namespace: stock"))
    made = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: stock}\n"
    with serving(tmp_path, SHOP) as lab:
        alone = run(lab, "diagnose", "-f", str(manifest))
        manifest.write_text(manifest.read_text() + made)
        together = run(lab, "diagnose", "-f", str(manifest))

    assert "Namespace stock is neither in context lab nor in these files." in alone.stderr
    assert "neither" not in together.stderr


def test_manifests_are_explained_in_the_cluster(tmp_path: Path, manifest: Path) -> None:
    """The namespace's labels and the webhooks are the cluster's; a document without a namespace is in the context's."""
    manifest.write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: new}\nspec:\n  selector: {matchLabels: {app: new}}\n"
        "  template:\n    metadata: {labels: {app: new}}\n    spec: {containers: [{name: main, image: main:1}]}\n"
    )
    with serving(tmp_path, SHOP, namespace="shop") as lab:
        result = run(lab, "explain", "-f", str(manifest), "-o", "json")
    alone = CliRunner().invoke(app, ["explain", "-f", str(manifest), "-o", "json"])

    (there,), (here,) = (json.loads(item.stdout)["explanations"] for item in (result, alone))
    assert there["target"]["namespace"] == "shop"
    assert there["matchedWebhooks"]
    assert not here["matchedWebhooks"]
