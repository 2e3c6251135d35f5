"""``test``: sources, formats, exit codes, bad input, and the first file."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
import yaml

from kubectl_meshfix.errors import MeshfixError, UsageError
from tests.cli.api_server import serving
from tests.command import run
from tests.expectations.scenes import GETS_ALONE, ROUTES, SHOP

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs" / "schema" / "test-report.v1.json").read_text())

GOOD = """\
namespace: shop
tests:
- {from: deploy/cart, request: GET http://catalog.shop/new, expect: {subset: v2}}
- {workload: deploy/cart, injected: true}
"""

BAD = """\
namespace: shop
tests:
- {name: "new goes to v1, 100%", from: deploy/cart, request: GET http://catalog.shop/new, expect: {subset: v1}}
- {from: deploy/cart, request: GET http://catalog.shop/, expect: {arrives: true}}
"""

MISSING = "tests: [{name: nobody, from: deploy/crat, namespace: shop, request: GET http://catalog.shop/, expect: {arrives: true}}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a shop, and expectations that hold and that do not; no kubeconfig."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    (tmp_path / ".git").mkdir()
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "shop.yaml").write_text(f"{SHOP}---\n{ROUTES}")
    (tmp_path / "deploy" / "policy.yaml").write_text(GETS_ALONE)
    (tmp_path / "tests").mkdir()
    for name, text in (("good", GOOD), ("bad", BAD), ("missing", MISSING)):
        (tmp_path / "tests" / f"{name}.yaml").write_text(text)
    return tmp_path


def refused(*words: str) -> tuple[str, str]:
    """The sentence and the hint that a command's words are refused with."""
    result = run("test", *words)
    assert isinstance(result.exception, MeshfixError), result.output
    return result.exception.message, result.exception.hint


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["tests/good.yaml"], 0),
        (["tests/bad.yaml"], 1),
        (["tests/good.yaml", "tests/bad.yaml"], 1),
        (["tests/missing.yaml"], 2),
        (["tests"], 2),
    ],
)
@pytest.mark.parametrize("output", ["table", "json", "junit", "github", "markdown"])
def test_exit_codes(files: list[str], code: int, output: str) -> None:
    """0 where all hold, 1 where one does not, 2 where one could not be checked: in every format."""
    assert run("test", *files, "-f", "deploy", "-o", output).exit_code == code


def test_for_people() -> None:
    """What does not hold comes first, with the verdict and the object that decided; then counts, and what is not tested."""
    result = run("test", "tests/bad.yaml", "-f", "deploy")

    assert result.stdout == (
        "✗ new goes to v1, 100%\n"
        "    Expected subset v1, but it is v2.\n"
        "    It arrives at port 80 of Deployment shop/catalog-v2 over mutual TLS.\n"
        "    Decided by VirtualService shop/catalog http[0].match[0]\n"
        "    GET http://catalog.shop/new from deploy/cart, tests/bad.yaml:3\n"
        "✓ deploy/cart: GET http://catalog.shop/\n"
        "\n"
        "2 expectations: 1 holds, 1 fails.\n"
        "Tested: 2 of 5 routes, 2 of 2 policies.\n"
        "  not tested: VirtualService shop/catalog http[1]\n"
        "  not tested: VirtualService shop/catalog http[2]\n"
        "  not tested: VirtualService shop/catalog http[3]\n"
    )
    assert run("test", "tests/good.yaml", "-f", "deploy", "-q").stdout.count("\n") == 2


def test_for_programs() -> None:
    """JSON and YAML say the same, by the published schema: results in the order of the files, reasons, places, coverage."""
    files = ("tests/good.yaml", "tests/bad.yaml", "tests/missing.yaml")
    document = json.loads(run("test", *files, "-f", "deploy", "-o", "json").stdout)

    jsonschema.validate(document, SCHEMA)
    assert yaml.safe_load(run("test", *files, "-f", "deploy", "-o", "yaml").stdout) == document
    assert [row["result"] for row in document["tests"]] == ["holds", "holds", "fails", "holds", "error"]
    assert document["summary"] == {"error": 1, "fails": 1, "unknown": 0, "holds": 3}
    failed = document["tests"][2]
    assert (failed["file"], failed["line"]) == ("tests/bad.yaml", 3)
    assert failed["complaints"] == [{"field": "subset", "expected": "v1", "got": "v2", "settledBy": []}]
    assert "Did you mean cart" in document["tests"][4]["why"][0]
    assert [row["path"] for row in document["coverage"]["untouchedRoutes"]] == ["/spec/http/1", "/spec/http/2", "/spec/http/3"]


def test_for_ci() -> None:
    """JUnit has a case an expectation, GitHub an annotation on the line of each that does not hold, Markdown a table."""
    junit = Xml.fromstring(run("test", "tests", "-f", "deploy", "-o", "junit").stdout)
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in junit] == [
        ("tests/bad.yaml", "2", "1", "0"),
        ("tests/good.yaml", "2", "0", "0"),
        ("tests/missing.yaml", "1", "0", "1"),
    ]
    (failure,) = junit.iter("failure")
    assert failure.get("message", "").startswith("Expected subset v1, but it is v2. It arrives")
    error, failed = run("test", "tests", "-f", "deploy", "-o", "github").stdout.splitlines()
    assert error.startswith("::error title=nobody,file=tests/missing.yaml,line=1::There is no Deployment")
    assert failed.startswith("::error title=new goes to v1%2C 100%25,file=tests/bad.yaml,line=3::Expected subset v1, but it is v2.%0A")
    assert "| ❌ fails | new goes to v1, 100%<br>tests/bad.yaml:3 |" in run("test", "tests", "-f", "deploy", "-o", "markdown").stdout


def test_bad_input(folder: Path) -> None:
    """What is missing, or means nothing here, is an error with what to do."""
    (folder / "empty").mkdir()
    (folder / "typo.yaml").write_text("tests:\n- {from: outside, request: GET http://a, expect: {statsu: 404}}\n")

    assert refused("-f", "deploy") == ("Name a file of expectations.", "To write a first one: kubectl meshfix test --init FILE.")
    assert refused("typo.yaml", "-f", "deploy") == (
        'typo.yaml:2:51: There is no key of what is expected "statsu".', 'Did you mean "status"?',
    )  # fmt: skip
    assert refused("none.yaml", "-f", "deploy")[0] == "none.yaml does not exist; a file of expectations was expected there."
    assert refused("empty", "-f", "deploy")[0] == "The folder empty holds no files of expectations."
    assert refused("deploy/shop.yaml", "-f", "deploy")[0].endswith("This is a manifest, not a file of expectations.")
    assert refused("tests/good.yaml", "-f", "deploy", "-l", "app=x")[0] == "test takes no -l: its files name what they are about."
    assert refused("--init", "-f", "deploy", "-o", "json")[0].startswith("--init writes YAML")
    assert refused("--init", "a.yaml", "b.yaml", "-f", "deploy")[0] == "--init writes one file."


def test_the_first_file(folder: Path) -> None:
    """It is printed or written, holds at once, and is never overwritten."""
    printed = run("test", "--init", "-f", "deploy").stdout
    written = run("test", "--init", "first.yaml", "-f", "deploy")

    assert (written.exit_code, written.stdout) == (0, "")
    assert (folder / "first.yaml").read_text() == printed
    assert "first.yaml written." in written.stderr
    held = run("test", "first.yaml", "-f", "deploy")
    assert held.exit_code == 0
    assert "Tested: 5 of 5 routes" in held.stdout
    (folder / "first.yaml").write_text("mine")
    assert refused("--init", "first.yaml", "-f", "deploy")[0] == "first.yaml exists, and is not overwritten."
    assert (folder / "first.yaml").read_text() == "mine"
    assert run("test", "--init", "new/folder/first.yaml", "-f", "deploy").exit_code == 0
    assert (folder / "new" / "folder" / "first.yaml").read_text() == printed


def test_expectations_among_manifests(folder: Path) -> None:
    """A file of expectations that lies in the folder of -f is no manifest, and no problem."""
    (folder / "deploy" / "tests.yaml").write_text(GOOD)

    assert run("test", "deploy/tests.yaml", "-f", "deploy").exit_code == 0
    assert run("diagnose", "-f", "deploy", "--select", "MF0").exit_code == 0


def objects(*texts: str) -> dict[str, list[dict[str, Any]]]:
    """Manifests as the API has them, by the plural of their kind."""
    plurals = {"Namespace": "namespaces", "Deployment": "deployments", "Service": "services", "VirtualService": "virtualservices",
               "DestinationRule": "destinationrules"}  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {}
    for text in texts:
        for item in yaml.safe_load_all(text):
            found.setdefault(plurals[item["kind"]], []).append(item)
    return found


@pytest.fixture
def log_of_requests() -> Iterator[None]:
    """What -v 6 sets up is for a process of its own: it writes to the standard error of one run."""
    root, ours = logging.getLogger(), logging.getLogger("kubectl_meshfix")
    handlers, level = list(root.handlers), ours.level
    yield
    root.handlers[:] = handlers
    ours.setLevel(level)


@pytest.mark.usefixtures("log_of_requests")
def test_on_a_cluster(folder: Path) -> None:
    """Without -f the cluster is read, once for all expectations; with -f and --context manifests are judged as if applied there."""
    (folder / "routes.yaml").write_text(ROUTES.replace("subset: v2}}]", "subset: v1}}]", 1))
    one = "- {from: shop/anybody, request: GET http://catalog.shop/new, expect: {destination: catalog.shop, subset: v2, flag: UH}}\n"
    (folder / "many.yaml").write_text("tests:\n" + one * 30)
    (folder / "workload.yaml").write_text("tests: [{workload: deploy/cart, injected: false}]\n")
    with serving(folder, objects(SHOP, ROUTES), namespace="shop") as lab:
        live = run("test", "many.yaml", "--kubeconfig", lab, "-o", "json", "-v", "6")
        workload = run("test", "workload.yaml", "--kubeconfig", lab, "-o", "json")
        overlaid = run("test", "many.yaml", "-f", "routes.yaml", "--kubeconfig", lab, "--context", "lab", "-o", "json")

    assert live.exit_code == 0
    assert json.loads(live.stdout)["summary"]["holds"] == 30
    assert len([line for line in live.stderr.splitlines() if "/virtualservices" in line]) == 1
    assert (workload.exit_code, json.loads(workload.stdout)["tests"][0]["namespace"]) == (0, "shop")
    assert {row["complaints"][0]["field"] for row in json.loads(overlaid.stdout)["tests"]} == {"subset"}


def test_a_token_is_never_repeated(folder: Path) -> None:
    """A token among claims is refused without a word of it."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
    (folder / "token.yaml").write_text(
        f"tests: [{{from: outside, request: {{url: http://a, claims: {token}}}, expect: {{arrives: true}}}}]\n"
    )
    result = run("test", "token.yaml", "-f", "deploy")

    assert isinstance(result.exception, UsageError)
    assert "eyJ" not in result.output + result.exception.message + result.exception.hint
