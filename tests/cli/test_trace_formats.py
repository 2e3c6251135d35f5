"""``trace`` on manifests: formats, exit codes, next commands, and words of other tools."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.completion.answer import completions
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError

ROOT = Path(__file__).parents[2]
BOOKINFO = str(ROOT / "examples" / "bookinfo")
SHOP = str(ROOT / "examples" / "shop")

ARRIVES = ("deploy/productpage-v1", "http://details:9080/details/0")
IN_PART = ("deploy/productpage-v1", "http://reviews:9080/reviews/0")
REFUSED = ("deploy/productpage-v1", "http://ratings:9080/ratings/0")
FROM_OUTSIDE = ("outside", "http://bookinfo.example.com/productpage")


def run(*arguments: str, where: str = BOOKINFO) -> Result:
    """One trace in this process; errors are raised."""
    return CliRunner().invoke(app, ["trace", "-f", where, *arguments], catch_exceptions=False)


@pytest.mark.parametrize("output", ["tree", "json", "yaml", "mermaid", "html"])
def test_the_exit_code_is_the_same_for_every_format(output: str) -> None:
    """0 where the request arrives, 1 where it does not, or not all of it, or nobody knows."""
    codes = [run(*words, "-o", output).exit_code for words in (ARRIVES, IN_PART, REFUSED, FROM_OUTSIDE)]

    assert codes == [0, 1, 1, 1]


def test_json_and_yaml_are_one_document() -> None:
    """The machine contract: what is asked, the verdict, its branches, stages, findings and advice."""
    document = json.loads(run(*REFUSED, "-o", "json").stdout)

    schema = json.loads((ROOT / "docs" / "schema" / "trace.v1.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document == yaml.safe_load(run(*REFUSED, "-o", "yaml").stdout)
    (found,) = document["traces"]
    assert (found["from"]["name"], found["from"]["plane"]) == ("Deployment bookinfo/productpage-v1", "sidecar")
    assert found["request"]["path"] == "/ratings/0"
    assert (found["verdict"]["arrives"], found["verdict"]["status"]) == (False, 403)
    assert found["verdict"]["decidedBy"]["path"] == "/spec/rules/0/from/0/source/principals"
    assert [stage["stage"] for stage in found["stages"]][-2:] == ["policy", "authentication"]
    assert found["stages"][-2]["status"] == "fail"


def test_the_matrix_as_json() -> None:
    """A row a request, valid against its schema; gateways' Services and gateways are left out."""
    document = json.loads(run("--matrix", "deploy", "-o", "json").stdout)

    schema = json.loads((ROOT / "docs" / "schema" / "matrix.v1.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert len(document["requests"]) == 6 * 4
    assert not [row for row in document["requests"] if "gateway" in row["from"] or "gateway" in row["url"]]
    refused = [row for row in document["requests"] if row["status"] == 403]
    assert {row["decidedBy"]["resource"]["kind"] for row in refused} == {"AuthorizationPolicy"}


def test_a_host_of_a_gateway_leads_to_the_trace_of_the_gateway() -> None:
    """For a caller outside; the command has the same request, but nothing that may be a secret, and runs."""
    result = run(*FROM_OUTSIDE, "-H", "x-user: ann", "-H", "Authorization: Bearer abc", "-X", "POST")

    (command,) = re.findall(r"^Next: kubectl meshfix (.*)$", result.stdout, re.MULTILINE)
    assert command.startswith("trace gateway/bookinfo http://bookinfo.example.com/productpage -H 'x-user: ann' -X POST -n bookinfo -f ")
    assert "Bearer" not in result.stdout
    assert "Next:" not in run(*FROM_OUTSIDE, "-q").stdout
    assert run("gateway/bookinfo", FROM_OUTSIDE[1], "-n", "bookinfo").exit_code == 0


def test_findings_on_the_way_come_with_the_command_that_fixes_them() -> None:
    """Those that a rule can patch are named by --select, and by the objects."""
    text = run("deploy/checkout", "http://catalog/", where=SHOP).stdout

    assert "→ MF204 Deployment shop/checkout: " in text
    assert f"Next: kubectl meshfix apply deployment/checkout -n shop -f {SHOP} --select MF204 --dry-run" in text


def test_a_document_that_cannot_be_read_is_said_to_be_left_out() -> None:
    """It might have decided; that is no part of the answer, so it goes to standard error."""
    result = run("deploy/cart-v2", "http://catalog/", where=SHOP)

    assert "Warning: 1 document cannot be read and is left out: " in result.stderr
    assert "broken.yaml:15." in result.stderr
    assert "broken" not in result.stdout


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("deploy/ratings-v1", "http://details:9080/", "-n", "shop"), 'no Deployment "ratings-v1" in namespace shop', "add -n bookinfo"),
        (("deploy/productpage", "http://details:9080/"), 'no Deployment "productpage"', "Did you mean productpage-v1?"),
        (("bokinfo/ratings", "http://details:9080/"), 'no namespace "bokinfo"', "Did you mean bookinfo?"),
        ((), "who calls, and the URL", "kubectl meshfix trace deploy/cart http://catalog.shop/items"),
    ],
)  # fmt: skip
def test_a_caller_that_is_not_there_is_answered_with_one_that_is(words: tuple[str, ...], message: str, hint: str) -> None:
    """The error names what was looked for, and what to write instead."""
    with pytest.raises(MeshfixError) as found:
        run(*words)

    assert message in str(found.value)
    assert hint in (found.value.hint or "")


def test_a_gateway_that_selects_nothing_says_what_it_looks_for() -> None:
    """Its labels, and the gateways there are."""
    with pytest.raises(MeshfixError) as found:
        run("gateway/shop", "http://shop.example.com/", "-f", str(ROOT / "examples" / "istio"), where=SHOP)

    assert "it selects istio=ingress-gateway" in str(found.value)
    assert "Deployment istio-system/istio-ingressgateway" in (found.value.hint or "")


@pytest.mark.parametrize("flag", ["--data", "--method", "--jwt", "--host", "--insecure", "--dry-run", "--http2"])
def test_flags_of_curl_are_answered_with_what_is_meant(flag: str) -> None:
    """The hint is what to write here."""
    with pytest.raises(MeshfixError) as found:
        run(*ARRIVES, flag)

    assert f"{flag} is no flag of kubectl meshfix trace." in str(found.value)
    assert not (found.value.hint or "").startswith("See")


@pytest.mark.parametrize("verb", ["describe", "proxy-config", "curl", "troubleshoot"])
def test_verbs_of_other_tools_lead_to_trace(verb: str) -> None:
    """Who types istioctl's or consul's verb is told of ours."""
    with pytest.raises(MeshfixError) as found:
        CliRunner().invoke(app, [verb, "deploy/cart"], catch_exceptions=False)

    assert "trace TYPE/NAME URL" in (found.value.hint or "")


def test_callers_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds with a slash to go on, gateways and the outside; with --matrix kinds alone; flags of the request."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))

    def texts(*words: str) -> list[str]:
        return [line.partition("\t")[0] for line in completions(words).splitlines()]

    assert {"deployments/", "pods/", "gateway/", "outside", ":6"} <= set(texts("trace", ""))
    assert {"deployments", "pods", ":4"} <= set(texts("trace", "--matrix", ""))
    assert "gateway/" not in texts("trace", "--matrix", "")
    assert texts("trace", "-f", BOOKINFO, "deploy/cart", "http://") == [":4"]
    assert {"--header", "--http"} <= set(texts("trace", "--h"))
