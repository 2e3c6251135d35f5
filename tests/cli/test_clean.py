"""What stands behind "no problems": what was looked at is named, and what was not is no clean report."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError
from tests.cli.api_server import serving
from tests.cli.changing_server import Answer, Asked, changing
from tests.command import SERVICE

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report.v1.json").read_text())


def service(port: str) -> dict[str, Any]:
    """A Service of namespace shop."""
    return {
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": {"selector": {"app": "cart"}, "ports": [{"name": port, "port": 80}]},
    }


def space(name: str, **labels: str) -> dict[str, Any]:
    """A namespace."""
    return {"metadata": {"name": name, "labels": labels}}


def deployment(name: str, labels: dict[str, str]) -> dict[str, Any]:
    """A Deployment of namespace shop."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "main:1"}]}}
    return {
        "metadata": {"name": name, "namespace": "shop", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


KUBERNETES = {"metadata": {"name": "kubernetes", "namespace": "default"}, "spec": {"ports": [{"name": "https", "port": 443}]}}
SHOP = {"namespaces": [space("shop", **{"istio-injection": "true"}), space("default")], "services": [service("web"), KUBERNETES]}
EMPTY = {"namespaces": [space("shop"), space("default")]}


def run(kubeconfig: str, *words: str) -> Result:
    """One command on a cluster."""
    return CliRunner().invoke(app, [*words, "--kubeconfig", kubeconfig])


def complaint(kubeconfig: str, *words: str) -> str:
    """The sentence and the hint that it ends with."""
    error = run(kubeconfig, *words).exception
    assert isinstance(error, MeshfixError), error
    return f"{error.message}\n{error.hint}"


def test_the_first_line_names_the_namespace_and_the_others(tmp_path: Path) -> None:
    """An empty report of one namespace is about that one: the line says so on standard output, and JSON has it too."""
    with serving(tmp_path, SHOP) as lab:
        table, everywhere = run(lab, "diagnose"), run(lab, "diagnose", "-A", "-o", "json")
        document = json.loads(run(lab, "diagnose", "-o", "json").stdout)

    assert table.stdout == "No problems in namespace default (4 objects of context lab). Other namespaces: -A\n"
    assert (table.stderr, table.exit_code) == ("", 0)
    assert (document["coverage"]["namespace"], document["coverage"]["context"]) == ("default", "lab")
    assert json.loads(everywhere.stdout)["coverage"]["namespace"] is None
    assert json.loads(everywhere.stdout)["findings"]
    jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["-A"], "No problems in 2 objects of context lab.\n"),
        (["-n", "shop"], "Namespace shop has nothing to check (2 objects of context lab read). Other namespaces: -A\n"),
        (["ns/shop"], "No problems with ns/shop (2 objects of context lab read).\n"),
        (["-A", "--severity", "error"], "No errors in 2 objects of context lab.\n"),
        (["svc", "-n", "shop"], "There is no Service in namespace shop (2 objects of context lab). Other namespaces: -A\n"),
        (["-l", "app=x"], "No problems with -l app=x in namespace default (2 objects of context lab read).\n"),
    ],
)
def test_the_line_says_what_was_asked(words: list[str], line: str, tmp_path: Path) -> None:
    """Everything, one object, one kind, one severity: no line claims more than was looked at."""
    with serving(tmp_path, EMPTY) as lab:
        assert run(lab, "diagnose", *words).stdout == line


def test_files_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of manifests the files are what was looked at."""
    monkeypatch.chdir(tmp_path)
    clean = SERVICE.replace("web", "http")
    Path("a.yaml").write_text(clean)
    Path("b.yaml").write_text(clean.replace("cart", "till"))

    assert CliRunner().invoke(app, ["diagnose", "a.yaml", "b.yaml"]).stdout == "No problems in 2 objects of 2 files.\n"
    assert CliRunner().invoke(app, ["diagnose", "-f", "-"], input=clean).stdout == "No problems in 1 object of standard input.\n"
    document = json.loads(CliRunner().invoke(app, ["diagnose", "svc/cart", "a.yaml", "-o", "json"]).stdout)
    assert (document["coverage"]["files"], document["coverage"]["named"]) == (1, ["svc/cart"])
    jsonschema.validate(document, SCHEMA)


@pytest.mark.parametrize("words", [["ns/shop"], ["ns", "shop"], ["namespaces"], ["ns"], ["ns/shop", "-n", "default"]])
def test_namespaces_are_in_no_namespace(words: list[str], tmp_path: Path) -> None:
    """A Namespace is found whatever the context's namespace is, as kubectl finds it; nothing else comes along."""
    with serving(tmp_path, SHOP) as lab:
        rows = json.loads(run(lab, "diagnose", *words, "-o", "json").stdout)["findings"]
        plan = run(lab, "apply", *words, "--dry-run=client").stderr

    assert {(row["code"], row["resource"]["kind"], row["resource"]["name"]) for row in rows} == {("MF303", "Namespace", "shop")}
    assert "MF303 Namespace shop: " in plan
    assert "MF101" not in plan


def test_a_namespace_that_is_not_there_is_told_the_nearest(tmp_path: Path) -> None:
    """``ns/shpo`` is an error, as ``-n shpo`` is."""
    with serving(tmp_path, SHOP) as lab:
        assert 'There is no namespace "shpo" in this cluster.\nDid you mean shop?' in complaint(lab, "diagnose", "ns/shpo")


@pytest.mark.parametrize("words", [["diagnose"], ["diagnose", "-A"], ["apply", "-A", "--dry-run"], ["diagnose", "vs", "-n", "shop"]])
def test_a_cluster_without_istio_is_said_to_be_one(words: list[str], tmp_path: Path) -> None:
    """Neither an injector's webhook nor a kind of Istio's: nothing is in a mesh, which is no clean report; --scope all goes on."""
    with serving(tmp_path, SHOP, groups=()) as lab:
        said = complaint(lab, *words)
        rest = run(lab, "diagnose", "-A", "--scope", "all")

    assert "There is no Istio in context lab (no injector webhook, no istio.io kinds): nothing is in a mesh." in said
    assert "--context" in said
    assert "MF101" in rest.stdout
    assert rest.exit_code == 1


def test_an_injector_without_istios_kinds_is_an_istio(tmp_path: Path) -> None:
    """A cluster whose control plane is elsewhere has the webhook alone."""
    hook = {
        "name": "namespace.sidecar-injector.istio.io",
        "clientConfig": {"url": "https://istiod.elsewhere/inject"},
        "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    webhooks = [{"metadata": {"name": "istio-sidecar-injector"}, "webhooks": [hook]}]
    with serving(tmp_path, {**SHOP, "mutatingwebhookconfigurations": webhooks}, groups=()) as lab:
        assert run(lab, "diagnose").exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rollouts"], "rollouts.argoproj.io is not installed in context lab."),
        (["hpa"], "No rule looks at objects of kind HorizontalPodAutoscaler."),
        (["rs", "-A"], "A Deployment's ReplicaSets are checked with it"),
        (["rs/cart-1", "-n", "shop"], 'There is no ReplicaSet "cart-1" in namespace shop that stands alone.'),
    ],
)
def test_kinds_that_nobody_looks_at_are_errors(words: list[str], sentence: str, tmp_path: Path) -> None:
    """Asked for by name, a kind without a rule, or one that the cluster does not know, is not one without problems."""
    with serving(tmp_path, SHOP) as lab:
        assert sentence in complaint(lab, "diagnose", *words)


def test_what_could_not_be_read_counts_where_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is passed over with a word leaves the exit code at 0, and makes it 1 with --fail-on-unread, unless it is suppressed."""
    monkeypatch.chdir(tmp_path)
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("name: x\n")
    (chart / "templates" / "a.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: {{ x }}}\n")
    (tmp_path / "cart.yaml").write_text(SERVICE.replace("web", "http"))
    files = ["diagnose", ".", "-R", "--fail-on", "error"]

    assert CliRunner().invoke(app, files).exit_code == 0
    assert CliRunner().invoke(app, [*files, "--fail-on-unread"]).exit_code == 1
    assert CliRunner().invoke(app, [*files, "--fail-on-unread", "--fail-on", "never", "-o", "json"]).exit_code == 1
    assert CliRunner().invoke(app, ["diagnose", "cart.yaml", "--fail-on-unread"]).exit_code == 0
    Path(".meshfix.yaml").write_text("suppressions:\n- {code: MF001, resource: File *, reason: checked elsewhere}\n")
    assert CliRunner().invoke(app, [*files, "--fail-on-unread"]).exit_code == 0


def test_a_service_leads_to_what_made_its_pods(tmp_path: Path) -> None:
    """``explain svc/x`` reads the pods that the Service selects and their owners; without pods, the workloads that may make some."""
    pods = [
        {
            "metadata": {
                "name": f"cart-{number}",
                "namespace": "shop",
                "labels": {"app": "cart"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-1", "controller": True, "uid": "1"}],
            },
            "spec": {"containers": [{"name": "main", "image": "main:1"}]},
        }
        for number in (1, 2)
    ]
    replica_set = deployment("cart-1", {"app": "cart"})
    replica_set["metadata"]["uid"] = "1"
    replica_set["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": True, "uid": "2"}
    ]
    owner = deployment("cart", {"app": "cart"})
    owner["metadata"]["uid"] = "2"
    objects = {**EMPTY, "services": [service("http")], "pods": pods, "replicasets": [replica_set], "deployments": [owner]}

    for cluster in (objects, {**objects, "pods": [], "replicasets": []}):
        with serving(tmp_path, cluster) as lab:
            document = json.loads(run(lab, "explain", "svc/cart", "-n", "shop", "-o", "json").stdout)
        assert [(row["target"]["kind"], row["target"]["name"]) for row in document["explanations"]] == [("Deployment", "cart")]
    with serving(tmp_path, {**EMPTY, "services": [service("http")]}) as lab:
        assert "no workload here has the labels app=cart" in complaint(lab, "explain", "svc/cart", "-n", "shop")
        assert run(lab, "explain", "pods", "-A").stdout == "No pods.\n"


def test_a_name_is_looked_for_in_all_namespaces(tmp_path: Path) -> None:
    """``explain deploy/x -A`` finds it wherever it is, and nothing else; a Namespace is in none."""
    elsewhere = [deployment("cart", {"app": "cart"}), deployment("pay", {"app": "pay"}), deployment("cart", {"app": "cart"})]
    elsewhere[2]["metadata"]["namespace"] = "web"

    with serving(tmp_path, {"namespaces": [space("shop"), space("web")], "deployments": elsewhere}) as lab:
        found = json.loads(run(lab, "explain", "deploy/cart", "-A", "-o", "json").stdout)["explanations"]
        of_a_namespace = json.loads(run(lab, "explain", "ns/shop", "-A", "-o", "json").stdout)["explanations"]

    assert [(row["target"]["namespace"], row["target"]["name"]) for row in found] == [("shop", "cart"), ("web", "cart")]
    assert [(row["target"]["kind"], row["target"]["name"]) for row in of_a_namespace] == [("Namespace", "shop")]


@pytest.mark.parametrize(("number", "lists"), [(20, False), (21, True)])
def test_few_namespaces_are_read_by_name(number: int, lists: bool, tmp_path: Path) -> None:
    """Up to twenty each by itself, which a user with rights on these alone may do; more of them as a list."""
    names = [f"n{index}" for index in range(number)]
    owners = [deployment("cart", {"app": "cart"}) for _ in names]
    for name, owner in zip(names, owners, strict=True):
        owner["metadata"]["namespace"] = name
    paths: set[str] = set()

    def noted(asked: Asked, answer: Answer) -> Answer:
        paths.add(asked.path)
        return answer

    with changing(tmp_path, {"namespaces": [space(name) for name in names], "deployments": owners}) as lab:
        lab.begin(noted)
        run(lab.kubeconfig, "explain", "deployments", "-A")

    assert ("/api/v1/namespaces" in paths) is lists
    assert ("/api/v1/namespaces/n0" in paths) is not lists


def test_what_may_not_be_read_is_not_none(tmp_path: Path) -> None:
    """Forbidden kinds are no empty ones: not for explain, not in the line of an empty report, and not for --fail-on-unread."""
    with serving(tmp_path, EMPTY, forbidden=["pods", "virtualservices"]) as lab:
        assert "You may not list pods: " in complaint(lab, "explain", "pods", "-n", "shop")
        report = run(lab, "diagnose", "-A")
        strict = run(lab, "diagnose", "-A", "--fail-on-unread", "-o", "json")

    assert report.stdout.startswith("No problems in 2 objects of context lab, as far as they could be read.\nNot checked: pods: ")
    assert (report.exit_code, strict.exit_code) == (0, 1)


def test_the_versions_of_a_cluster(tmp_path: Path) -> None:
    """Ours, Kubernetes', and that of each istiod; what cannot be reached leaves ours."""
    istiod = deployment("istiod", {"app": "istiod"})
    istiod["metadata"]["namespace"] = "istio-system"
    istiod["spec"]["template"]["spec"]["containers"] = [{"name": "discovery", "image": "docker.io/istio/pilot:1.27.3"}]
    with serving(tmp_path, {"deployments": [istiod]}) as lab:
        lines = run(lab, "version").stdout.splitlines()
        document = json.loads(run(lab, "version", "-o", "json").stdout)
        alone = run(lab, "version", "--client").stdout.splitlines()

    assert lines[1:] == ["Kubernetes: v1.33.1 (context lab)", "Istio: 1.27.3 (revision default in istio-system)"]
    assert document["istio"] == [{"revision": "default", "namespace": "istio-system", "version": "1.27.3"}]
    assert document["kubernetes"] == "v1.33.1"
    assert alone == lines[:1]
    away = run(lab, "version")
    assert (away.stdout.splitlines(), away.exit_code) == (lines[:1], 0)
    assert "cannot be reached" in away.stderr


def test_istiod_is_looked_for_once(tmp_path: Path) -> None:
    """Whoever may list the Deployments of all namespaces is not asked for those of istio-system again."""
    paths: list[str] = []

    def noted(asked: Asked, answer: Answer) -> Answer:
        paths.append(asked.path)
        return answer

    with changing(tmp_path, {"deployments": [deployment("istiod", {"app": "istiod"})]}) as lab:
        lab.begin(noted)
        assert run(lab.kubeconfig, "version").exit_code == 0

    assert [path for path in paths if path.endswith("/deployments")] == ["/apis/apps/v1/deployments"]


def test_a_revision_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    """A misspelt --revision would leave out every workload, and the report would be clean; a known one is taken."""
    istiod = deployment("istiod", {"app": "istiod"})
    istiod["metadata"]["namespace"] = "istio-system"
    istiod["spec"]["template"]["spec"]["containers"] = [{"name": "discovery", "image": "docker.io/istio/pilot:1.27.3"}]
    with serving(tmp_path, {"deployments": [istiod]}) as lab:
        said = complaint(lab, "diagnose", "-A", "--scope", "all", "--revision", "canary")
        known = run(lab, "diagnose", "-A", "--scope", "all", "--revision", "default")

    assert said == 'There is no control plane of revision "canary".\nThe revisions of this cluster: default.'
    assert known.exit_code in (0, 1)
