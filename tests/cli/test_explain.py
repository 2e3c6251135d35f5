"""``explain`` on manifests: formats, exit codes, bad input."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError

CART = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: cart, image: "cart:1"}]}
"""
LATE = """\
---
apiVersion: v1
kind: Pod
metadata: {name: late, namespace: shop, labels: {app: late}, annotations: {sidecar.istio.io/interceptionMode: sideways}}
spec: {containers: [{name: late, image: "late:1"}]}
"""


def run(*arguments: str, text: str = "") -> Result:
    """One command in this process; errors are raised."""
    return CliRunner().invoke(app, ["explain", *arguments], input=text, catch_exceptions=False)


@pytest.fixture
def cart(tmp_path: Path) -> str:
    """A manifest whose pods are injected."""
    path = tmp_path / "cart.yaml"
    path.write_text(CART)
    return str(path)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The same, and a pod that the injector refuses."""
    path = tmp_path / "shop.yaml"
    path.write_text(CART + LATE)
    return str(path)


@pytest.mark.parametrize("output", ["tree", "table", "json", "yaml", "mermaid"])
def test_the_exit_code_is_the_same_for_every_format(output: str, cart: str, shop: str) -> None:
    """0 where every target is as its labels ask for, 1 where one is not."""
    assert run("-f", cart, "-o", output).exit_code == 0
    assert run("-f", shop, "-o", output).exit_code == 1


def test_the_verdict_comes_first(cart: str) -> None:
    """The first line of the tree has the verdict, the second the check that decided."""
    first = run("-f", cart, "deploy/cart").stdout.splitlines()

    assert first[0].startswith("✓ Deployment shop/cart gets a sidecar: the namespace label istio-injection=enabled selects revision")
    assert "  Decided by injector: policy" in first


def test_verbose_shows_every_check_with_its_evidence(cart: str) -> None:
    """What is passed over by default is there with -v."""
    brief, whole = run("-f", cart, "deploy/cart").stdout, run("-f", cart, "deploy/cart", "-v").stdout

    assert "hostNetwork" not in brief
    assert all(name in whole for name in ("hostNetwork", "neverInjectSelector", "containerOrder", "policy: enabled"))


def test_json_and_yaml_are_one_document(shop: str) -> None:
    """The machine contract: target, verdict, stages, advice; the same in both formats."""
    document = json.loads(run("-f", shop, "-o", "json").stdout)

    schema = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "explanation.v1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document == yaml.safe_load(run("-f", shop, "-o", "yaml").stdout)
    refused = next(item for item in document["explanations"] if item["target"]["name"] == "late")
    assert refused["target"] == {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "late"}
    assert refused["verdict"]["injected"] is False
    assert refused["verdict"]["decidedBy"] == {"stage": "injector", "check": "annotations", "resource": None, "path": ""}
    assert [stage["stage"] for stage in refused["stages"]] == ["apiserver", "injector", "kubelet"]
    assert refused["matchedWebhooks"] == [{"configuration": "istio-sidecar-injector", "webhook": "namespace.sidecar-injector.istio.io"}]
    assert refused["probe"] is None
    assert refused["advice"][0].keys() == {"summary", "command", "fix"}


def test_many_targets_make_a_table_and_a_next_step(shop: str) -> None:
    """A line each, and the command that explains the first that is not as asked for."""
    result = run("-f", shop)

    rows = [line.split() for line in result.stdout.splitlines()[1:] if line and line[0] in "✓✗?"]
    assert [row[1:4] for row in rows] == [["deployment", "shop/cart", "yes"], ["pod", "shop/late", "no"]]
    assert f"Next: kubectl meshfix explain -f {shop} pod/late -n shop" in result.stdout


def test_mermaid_obeys_nothing_that_it_shows(cart: str) -> None:
    """Quotes and angle brackets of a message cannot end a node."""
    chart = run("-f", "-", "-o", "mermaid", text=CART.replace("{name: cart, namespace: shop}", "{name: 'a\"]<1>', namespace: shop}")).stdout

    assert chart.startswith("flowchart LR\n")
    assert 'a"]<1>' not in chart
    assert "a#quot;]#lt;1#gt;" in chart


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deploy/carte",), 'There is no Deployment "carte".\nDid you mean cart?'),
        (("vs/cart",), "A VirtualService makes no pods"),
        (("-n", "none"), 'These files hold nothing in namespace "none".'),
        (("-n", "shp"), "Did you mean shop?"),
        (("svc/cart",), 'There is no Service "cart"'),
        (("pods", "-l", "app in (a"), "is not a label selector"),
        (("cart",), 'meshfix reads no kind "cart"'),
        (("--probe",), "--probe needs an API server"),
    ],
)
def test_bad_input_is_said_to_be(arguments: tuple[str, ...], words: str, cart: str) -> None:
    """What names nothing is an error with a way on, and no traceback."""
    with pytest.raises(MeshfixError) as error:
        run("-f", cart, *arguments)

    assert words in f"{error.value.message}\n{error.value.hint}"


def test_a_name_in_two_namespaces_is_ambiguous(tmp_path: Path) -> None:
    """One has to say which, or ask for all."""
    both = tmp_path / "both.yaml"
    both.write_text(CART + "---\n" + CART.replace("shop", "store"))

    with pytest.raises(MeshfixError, match="several namespaces: shop, store"):
        run("-f", str(both), "deploy/cart")

    assert run("-f", str(both), "deploy/cart", "-n", "store").exit_code == 0
    assert run("-f", str(both), "deploy/cart", "-A", "-o", "table").exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: shop}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bare}\nspec: {}\n",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: bare}\nspec: {jobTemplate: null}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: bare, labels: null}\nspec: {containers: null}\nstatus: null\n",
    ],
)
def test_objects_with_half_their_fields_are_explained(text: str) -> None:
    """What is not there is absent, and nothing breaks over it."""
    assert run("-f", "-", text=text).exit_code in (0, 1)


def test_a_large_broken_config_map_is_no_stumbling_block(cart: str, tmp_path: Path) -> None:
    """A megabyte of what is no YAML makes the injector's answer unknown, in a second."""
    text = "policy: [" + "x" * 1_000_000
    broken = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio-sidecar-injector", "namespace": "istio-system"}}
    path = tmp_path / "broken.json"
    path.write_text(json.dumps({**broken, "data": {"config": text, "values": "{}"}}))

    result = run("-f", cart, "-f", str(path), "deploy/cart", "-o", "json")

    (found,) = json.loads(result.stdout)["explanations"]
    assert found["verdict"]["injected"] is None
    assert result.exit_code == 1


def test_files_need_no_client(cart: str) -> None:
    """Explaining manifests imports neither kubernetes nor urllib3."""
    code = "import sys\nfrom kubectl_meshfix.cli.main import app\napp(sys.argv[1:], standalone_mode=False)\n"
    code += "print([name for name in ('kubernetes', 'urllib3') if name in sys.modules], file=sys.stderr)"

    done = subprocess.run([sys.executable, "-c", code, "explain", "-f", cart], capture_output=True, text=True, check=False)

    assert "✓" in done.stdout
    assert done.stderr.strip() == "[]"
