"""Manifests on the command line: copies, namespaces, and what is passed over."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_meshfix.errors import UsageError
from tests.command import SERVICE, run

ROUTE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: door, namespace: shop}
spec: {defaultBackend: {service: {name: cart, port: {name: web}}}}
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: cart, namespace: monitoring}
spec: {namespaceSelector: {any: true}, selector: {matchLabels: {app: cart}}, endpoints: [{port: web}]}
"""
LABELLED = SERVICE.replace("labels: {", "labels: {app: cart, ")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {template: {metadata: {labels: {app: cart, version: v1}}, spec: {containers: [{name: a, image: a:1}]}}}
"""


def write(folder: Path, **texts: str) -> str:
    """Files in a folder, whose name is returned; ``__`` stands for a slash."""
    for name, text in texts.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(folder)


def read(folder: str) -> dict[str, str]:
    """All files of a folder."""
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(Path(folder).rglob("*.yaml"))}


def diagnosed(*arguments: str) -> dict[str, Any]:
    """A report."""
    document: dict[str, Any] = json.loads(run("diagnose", *arguments, "-o", "json").stdout)
    return document


def jsonschema_of(name: str, document: dict[str, Any]) -> None:
    """Raise where a document is not what its schema says."""
    schema = json.loads((Path(__file__).parents[2] / "docs" / "schema" / name).read_text())
    jsonschema.Draft202012Validator(schema).validate(document)


def refused(*arguments: str) -> UsageError:
    """The error of a command that looked at nothing."""
    result = run(*arguments)
    assert isinstance(result.exception, UsageError)
    return result.exception


def test_apply_fixes_every_copy_in_its_own_file(tmp_path: Path) -> None:
    """Each environment's file gets its fix, nothing is left for a second run, and undo restores both."""
    folder = write(tmp_path / "files", dev__cart=SERVICE, prod__cart=SERVICE, note="# nothing\n")
    before = read(folder)

    done = run("apply", "-f", folder, "-R", "--unsafe", "--yes")

    assert done.exit_code == 0
    assert "2 files changed" in done.stderr
    assert {name: text.count("http-web") for name, text in read(folder).items()} == {
        "dev/cart.yaml": 1,
        "note.yaml": 0,
        "prod/cart.yaml": 1,
    }
    assert "nothing to change" in run("apply", "-f", folder, "-R", "--unsafe", "--yes").stderr
    run_id = done.stderr.rpartition("undo ")[2].strip()
    assert run("undo", run_id, "--yes").exit_code == 0
    assert read(folder) == before


def test_programs_know_copies_by_their_files(tmp_path: Path) -> None:
    """Reports and plans name each copy as what it is, and its file; a list of names has it once, and so has a component of patches."""
    folder = write(tmp_path, dev__cart=SERVICE, prod__cart=SERVICE)
    flags = ("-f", folder, "-R", "--dry-run", "--unsafe")

    rows = diagnosed("-f", folder, "-R")["findings"]
    patches = json.loads(run("apply", *flags, "-o", "json-patch").stdout)["patches"]

    same = {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "cart"}
    assert [row["resource"] for row in (*rows, *patches)] == [same] * 4
    assert (
        [row["location"]["file"] for row in rows]
        == [row["file"] for row in patches]
        == [f"{folder}/{env}/cart.yaml" for env in ("dev", "prod")]
    )
    assert run("diagnose", "-f", folder, "-R", "-o", "name").stdout == "service/cart\n"
    assert run("apply", *flags, "-o", "kustomize").stdout.count("target:") == 1
    jsonschema_of("report.v1.json", diagnosed("-f", folder, "-R"))
    assert "#copy" not in run("diagnose", "-f", folder, "-R", "-o", "yaml").stdout


def test_one_component_holds_no_two_changes_of_one_name(tmp_path: Path) -> None:
    """Where copies need different patches, the first is in the component and the other is refused with the reason."""
    other = SERVICE.replace("name: web ", "name: data ").replace("8080", "5432")
    folder = write(tmp_path, dev__cart=SERVICE, prod__cart=other)

    result = run("apply", "-f", folder, "-R", "--unsafe", "-o", "kustomize")

    assert result.exit_code == 2
    assert "another copy of it needs another change" in result.stderr


def test_a_shared_referent_keeps_the_port_of_every_copy(tmp_path: Path) -> None:
    """An Ingress above two copies leads to each by the port's name, so neither is renamed; nor is a Service beside two Ingresses."""
    shared = write(tmp_path / "one", ingress=INGRESS, dev__cart=SERVICE, prod__cart=SERVICE)
    beside = write(tmp_path / "two", cart=SERVICE, dev__ingress=INGRESS, prod__ingress=INGRESS.replace("name: web", "number: 8080"))

    for folder in (shared, beside):
        run("apply", "-f", folder, "-R", "--unsafe", "--yes")

        assert not any("http-web" in text for text in read(folder).values())
        assert "appProtocol: http" in "".join(read(folder).values())


def test_referents_of_all_surroundings_are_renamed_along(tmp_path: Path) -> None:
    """A Service above two environments is renamed together with the Ingress of each of them."""
    folder = write(tmp_path, cart=SERVICE, dev__ingress=INGRESS, prod__ingress=INGRESS)

    run("apply", "-f", folder, "-R", "--unsafe", "--yes", "--port-fix", "rename")

    assert {name: text.count("http-web") for name, text in read(folder).items()} == {
        "cart.yaml": 1,
        "dev/ingress.yaml": 1,
        "prod/ingress.yaml": 1,
    }


def test_n_touches_no_other_namespace(tmp_path: Path) -> None:
    """With -n, diagnose reports and apply changes objects of that namespace alone; all else is context."""
    reports = SERVICE.replace("namespace: shop", "namespace: reports")
    folder = write(tmp_path, shop=SERVICE, reports=reports)

    assert {row["resource"]["namespace"] for row in diagnosed("-f", folder, "-n", "reports")["findings"]} == {"reports"}
    run("apply", "-f", folder, "-n", "reports", "--unsafe", "--yes")

    assert read(folder) == {"shop.yaml": SERVICE, "reports.yaml": reports.replace("web", "http-web")}


def test_a_fix_that_goes_beyond_the_namespace_is_held_back(tmp_path: Path) -> None:
    """A rename that would change a ServiceMonitor of another namespace waits for -A."""
    folder = write(tmp_path, shop=LABELLED, monitor=MONITOR)
    before = read(folder)

    held = run("apply", "-f", folder, "-n", "shop", "--unsafe", "--yes", "--port-fix", "rename")

    assert read(folder) == before
    assert "until -A is given" in held.stderr
    run("apply", "-f", folder, "-n", "shop", "-A", "--unsafe", "--yes", "--port-fix", "rename")
    assert "http-web" in read(folder)["monitor.yaml"]


def test_n_is_the_namespace_of_documents_that_name_none(tmp_path: Path) -> None:
    """They belong to the namespace of -n, beside those that name it; the namespace's own object counts as its own."""
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: 'yes'}}\n"
    folder = write(tmp_path, cart=SERVICE.replace(", namespace: shop", ""), ns=space)

    resources = {(row["resource"]["kind"], row["resource"]["namespace"]) for row in diagnosed("-f", folder, "-n", "shop")["findings"]}

    assert resources == {("Service", "shop"), ("Namespace", None)}


@pytest.mark.parametrize("verb", ["diagnose", "apply", "explain"])
def test_a_namespace_that_nothing_has_is_an_error(verb: str, tmp_path: Path) -> None:
    """A slip in -n is no clean run; the nearest names are told."""
    error = refused(verb, "-f", write(tmp_path, cart=SERVICE), "-n", "shpo")

    assert 'nothing in namespace "shpo"' in error.message
    assert "shop" in error.hint


def test_no_namespace_is_not_printed_as_default(tmp_path: Path) -> None:
    """Nobody wrote it: JSON has null, and headings have the bare name. No command changes a cluster, of which nobody spoke."""
    undecided = SERVICE.replace(", namespace: shop", "").replace("cart", "thing").replace("8080", "12345").replace("web", "thing")
    folder = write(tmp_path, thing=undecided)

    (row,) = diagnosed("-f", folder)["findings"]

    assert row["resource"] == {"apiVersion": "v1", "kind": "Service", "namespace": None, "name": "thing"}
    assert run("diagnose", "-f", folder).stdout.startswith("Service thing  ")
    assert row["fix"]["commands"] == []
    assert "default" not in json.dumps(row)


def test_explain_tells_copies_apart(tmp_path: Path) -> None:
    """Each copy of a target is explained beside its own namespace's label, with its file."""
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: %s}}\n"
    folder = write(tmp_path, a__ns=space % "enabled", b__ns=space % "disabled", a__cart=DEPLOYMENT, b__cart=DEPLOYMENT)

    found = json.loads(run("explain", "-f", folder, "-R", "deploy/cart", "-o", "json").stdout)["explanations"]

    assert [(row["location"]["file"], row["verdict"]["injected"]) for row in found] == [
        (f"{folder}/a/cart.yaml", True),
        (f"{folder}/b/cart.yaml", False),
    ]
    assert f"{folder}/b/cart.yaml" in run("explain", "-f", folder, "-R", "deploy/cart", "-v").stdout


def test_explain_says_beside_what_a_shared_target_differs(tmp_path: Path) -> None:
    """A Deployment above two copies of its namespace has an answer for each."""
    space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: %s}}\n"
    folder = write(tmp_path, cart=DEPLOYMENT, dev__ns=space % "enabled", prod__ns=space % "disabled")

    found = json.loads(run("explain", "-f", folder, "-R", "deploy/cart", "-o", "json").stdout)["explanations"]

    assert [(Path(row["beside"]).name, row["verdict"]["injected"]) for row in found] == [("dev", True), ("prod", False)]


BROKEN = "apiVersion: v1\nkind: Service\nmetadata: {name: [cart\n"


@pytest.mark.parametrize("text", [BROKEN, "apiVersion: networking.istio.io/v1\nkind: VirtualServce\nmetadata: {name: x}\n"])
def test_what_cannot_be_read_counts_whatever_is_selected(text: str, tmp_path: Path) -> None:
    """--select chooses rules; a file that nobody could read, or a kind that Istio lacks, is an error all the same, and in coverage."""
    folder = write(tmp_path, broken=text)

    result = run("diagnose", "-f", folder, "--select", "MF101", "-o", "json")

    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(row["code"], row["severity"]) for row in document["findings"]] == [("MF001", "error")]
    assert [gap["file"] for gap in document["coverage"]["unreadable"]] == [f"{folder}/broken.yaml"]
    jsonschema_of("report.v1.json", document)


def test_an_unknown_kind_of_istio_names_the_nearest() -> None:
    """A slip in a kind of Istio's groups is an error; other groups' kinds nobody here knows."""
    slip = "apiVersion: networking.istio.io/v1\nkind: Virtualservice\nmetadata: {name: x}\n"

    assert "(did you mean VirtualService?)." in run("diagnose", "-f", "-", text=slip).stdout
    other = "apiVersion: networking.istio.io/v1\nkind: ProxyConfig\nmetadata: {name: x}\n---\n" + SERVICE
    assert "MF001" not in run("diagnose", "-f", "-", text=other).stdout


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"values": "a: 1\n"}, "There is no Kubernetes object"),
        ({"crd": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"}, "CustomResourceDefinition"),
        ({"Chart": "name: x\n", "templates__a": "apiVersion: v1\nkind: {{ .Values.kind }}\n"}, "1 Helm chart"),
        ({"a": SERVICE.replace("cart", "{{ name }}")}, "placeholders"),
    ],
)
def test_nothing_read_is_an_error_that_says_what_was_there(files: dict[str, str], words: str, tmp_path: Path) -> None:
    """An empty folder, kinds that no rule reads, a chart, templates: a run that looked at nothing is not clean."""
    assert words in refused("diagnose", "-f", write(tmp_path, **files), "-R").message


def test_data_in_folders_is_passed_over_in_silence(tmp_path: Path) -> None:
    """What never says apiVersion and kind is no manifest; the same file by its own name is an error."""
    folder = write(tmp_path, cart=SERVICE.replace("web", "http"), data="- a\n- b\n", broken="a: [1\n", both="a: 1\na: 2\n")

    assert diagnosed("-f", folder)["findings"] == []
    assert [row["code"] for row in diagnosed("-f", f"{folder}/data.yaml")["findings"]] == ["MF001"]


@pytest.mark.parametrize("name", ["node_modules", "vendor", ".git", ".terraform"])
def test_folders_of_others_are_not_entered(name: str, tmp_path: Path) -> None:
    """What was fetched is not what somebody keeps here; named by itself, it is read."""
    folder = write(tmp_path, cart=SERVICE, **{f"{name}__deep__pay": SERVICE.replace("cart", "pay")})

    assert diagnosed("-f", folder, "-R")["coverage"]["read"] == {"Service": 1}
    assert diagnosed("-f", f"{folder}/{name}", "-R")["coverage"]["read"] == {"Service": 1}


def test_gitignore_is_respected(tmp_path: Path) -> None:
    """Files and folders that git ignores are passed over, from the repository's root down; named, or with --no-ignore, they are read."""
    folder = write(
        tmp_path,
        cart=SERVICE,
        sub__kept=SERVICE.replace("cart", "kept"),
        sub__drop=SERVICE.replace("cart", "drop"),
        sub__out__made=SERVICE.replace("cart", "made"),
    )
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("out/\n*.yaml\n!cart.yaml\n")
    (tmp_path / "sub" / ".gitignore").write_text("!kept.yaml\n")

    def names(*arguments: str) -> set[str]:
        return {row["resource"]["name"] for row in diagnosed(*arguments)["findings"]}

    assert names("-f", folder, "-R") == {"cart", "kept"}
    assert names("-f", f"{folder}/sub", "-R") == {"kept"}
    assert names("-f", f"{folder}/sub/drop.yaml") == {"drop"}
    assert names("-f", folder, "-R", "--no-ignore") == {"cart", "kept", "drop", "made"}
    assert ".gitignore" in refused("diagnose", "-f", f"{folder}/sub/out").message


def test_the_next_step_keeps_no_ignore(tmp_path: Path) -> None:
    """The command that diagnose proposes reads the same files."""
    assert "--no-ignore" in run("diagnose", "-f", write(tmp_path, cart=SERVICE), "--no-ignore").stdout


def test_a_service_of_files_is_explained_by_every_copy_behind_it(tmp_path: Path) -> None:
    """`explain svc/cart` has the workload behind each copy of the Service, wherever only some of the surroundings have one."""
    folder = write(tmp_path, a__svc=SERVICE, a__cart=DEPLOYMENT, b__svc=SERVICE, b__cart=DEPLOYMENT, c__svc=SERVICE)

    found = json.loads(run("explain", "svc/cart", "-f", folder, "-R", "-o", "json").stdout)["explanations"]

    assert [row["location"]["file"] for row in found] == [f"{folder}/a/cart.yaml", f"{folder}/b/cart.yaml"]
    alone = write(tmp_path / "more", a__svc=SERVICE, a__route=ROUTE, b__route=ROUTE)
    assert "There are no pods behind Service shop/cart" in refused("explain", "svc/cart", "-f", alone, "-R").message


def test_a_clean_namespace_of_files_is_named(tmp_path: Path) -> None:
    """The first line says which namespace -n chose, and that there are others."""
    clean = SERVICE.replace("name: web", "name: http")

    assert run("diagnose", "-f", write(tmp_path, a=clean, b=ROUTE.replace("shop", "other")), "-n", "shop").stdout == (
        "No problems in namespace shop (2 objects of 2 files). Other namespaces: -A\n"
    )


def test_kinds_that_the_namespace_of_files_lacks_are_an_error(tmp_path: Path) -> None:
    """What lies in another namespace of the files is not what was asked for."""
    folder = write(tmp_path, cart=SERVICE, route=ROUTE.replace("namespace: shop", "namespace: other"))

    assert refused("diagnose", "vs", "-f", folder, "-n", "shop").message == "There is no VirtualService in namespace shop of these files."


def test_placeholders_are_something_unread(tmp_path: Path) -> None:
    """A document that was left out counts where what could not be looked at is asked to."""
    folder = write(tmp_path, cart=SERVICE.replace("name: web", "name: http"), route=ROUTE.replace("name: cart", "name: '${NAME}'"))

    assert (run("diagnose", folder).exit_code, run("diagnose", folder, "--fail-on-unread").exit_code) == (0, 1)


def test_messages_name_no_namespace_that_the_files_do_not_name(tmp_path: Path) -> None:
    """A gateway or a selector of documents without a namespace is not said to be in ``default``."""
    gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: shop}\nspec: {servers: []}\n"
    route = ROUTE.replace(", namespace: shop", "").replace("hosts: [cart],", "hosts: [cart], gateways: [shp],")
    sidecar = "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s}\nspec: {workloadSelector: {labels: {app: x}}}\n"
    folder = write(tmp_path, gateway=gateway, route=route, sidecar=sidecar, cart=DEPLOYMENT.replace(", namespace: shop", ""))

    found = {row["code"]: row["message"] for row in diagnosed("-f", folder)["findings"]}

    assert found["MF403"].startswith("These files hold no gateway shp.")
    assert found["MF405"].startswith("These files hold no workload in its namespace with the label app=x.")
