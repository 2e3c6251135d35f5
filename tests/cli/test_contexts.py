"""Several clusters in one report."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app, main

ROOT = Path(__file__).parent.parent.parent
FINDINGS = ["blue", "red"]
ISTIO = [{"name": "networking.istio.io", "versions": [{"version": "v1"}]}]


class Cluster(BaseHTTPRequestHandler):
    """An API server with a namespace in the mesh and a Service whose port declares no protocol; it has no ConfigMaps."""

    def do_GET(self) -> None:
        """Answer lists; discovery knows Istio's group beside those that come with the server."""
        meta = {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}}
        items: dict[str, list[dict[str, Any]]] = {
            "namespaces": [{"metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}}}],
            "services": [{"metadata": meta, "spec": {"ports": [{"name": "web", "port": 80}], "selector": {"app": "cart"}}}],
        }
        found = items.get(self.path.partition("?")[0].rpartition("/")[2], [])
        body = json.dumps({"groups": ISTIO} if self.path == "/apis" else {"metadata": {}, "items": found}).encode()
        is_one = "/configmaps/" in self.path
        body = b'{"kind": "Status", "reason": "NotFound"}' if is_one else body
        self.send_response(404 if is_one else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(autouse=True)
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two clusters that answer and one that is away, as the contexts of a kubeconfig."""
    servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), Cluster) for name in FINDINGS}
    addresses = {name: f"http://127.0.0.1:{server.server_address[1]}" for name, server in servers.items()}
    addresses["dead"] = "http://127.0.0.1:1"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": address}} for name, address in addresses.items()],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "", "namespace": "shop"}} for name in addresses],
        "current-context": "dead",
    }
    (tmp_path / "config").write_text(json.dumps(document))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    for server in servers.values():
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    for server in servers.values():
        server.shutdown()
        server.server_close()


def run(*words: str) -> Result:
    """``diagnose`` for one rule in this process."""
    return CliRunner().invoke(app, ["diagnose", "--select", "MF101", *words])


def test_every_finding_names_its_cluster_in_a_stable_order() -> None:
    """The clusters are sorted by name, whatever the order they were asked for; the report keeps to its schema."""
    documents = [run("--contexts", order, "-o", "json") for order in ("red,blue", "blue,red,blue")]
    document = json.loads(documents[0].stdout)

    assert [row["cluster"] for row in document["findings"]] == FINDINGS
    assert json.loads(documents[1].stdout)["findings"] == document["findings"]
    assert document["coverage"]["read"]["Service"] == 2
    assert documents[0].exit_code == 1
    jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schema" / "report.v1.json").read_text())).validate(document)


@pytest.mark.parametrize("output", ["table", "wide", "json", "yaml", "sarif", "junit", "github", "gitlab", "markdown", "html"])
def test_a_cluster_that_is_away_stops_no_other_and_is_told_in_every_format(output: str) -> None:
    """What the others have is reported with its cluster, the hole is named, and the exit code is 2, --fail-on never or not."""
    done = run("--contexts", "all", "--fail-on", "never", "-o", output)

    assert done.exit_code == 2
    for name in FINDINGS:
        assert name in done.stdout
    assert "dead: The API server http://127.0.0.1:1 cannot be reached" in done.stderr
    if output in ("json", "yaml", "sarif", "junit", "github", "markdown", "html"):
        assert "dead" in done.stdout
        assert "cannot be reached" in done.stdout


def test_equal_findings_of_two_clusters_stay_two() -> None:
    """Their fingerprints are those that each cluster's own report has."""
    alone = [json.loads(run("--context", name, "-o", "gitlab").stdout)[0]["fingerprint"] for name in FINDINGS]

    assert [row["fingerprint"] for row in json.loads(run("--contexts", "red,blue", "-o", "gitlab").stdout)] == alone
    assert len(set(alone)) == 2


def test_settings_are_stale_only_where_they_are_so_in_every_cluster(tmp_path: Path) -> None:
    """A suppression that one cluster needs is no news because another has nothing for it; one that none needs is told once."""
    accepted = "- {code: MF101, resource: Service shop/cart, reason: known}"
    needless = "- {code: MF101, resource: Service shop/gone, reason: old}"
    (tmp_path / "settings.yaml").write_text(f"suppressions:\n{accepted}\n{needless}\n")

    done = CliRunner().invoke(
        app, ["diagnose", "--contexts", "red,blue", "-A", "--select", "MF101,MF002", "--config", "settings.yaml", "-o", "json"]
    )
    rows = json.loads(done.stdout)["findings"]

    assert [row.get("cluster") for row in rows if row["code"] == "MF101" and row["suppressed"]] == FINDINGS
    assert [row.get("cluster") for row in rows if row["code"] == "MF002"] == [None]


def test_a_report_of_one_cluster_is_what_it_was() -> None:
    """Without --contexts no field speaks of clusters."""
    document = json.loads(run("--context", "red", "-o", "json").stdout)

    assert "cluster" not in document["findings"][0]
    assert set(document["source"]) == {"kind", "context", "server"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["diagnose", "--contexts", "red", "-f", "x.yaml"], "--contexts and -f cannot be used together"),
        (["diagnose", "--contexts", "red", "--context", "blue"], "--contexts and --context cannot be used together"),
        (["diagnose", "--contexts", "red,blue", "--write-baseline", "b.json"], "--contexts and --write-baseline cannot be used together"),
        (["diagnose", "--contexts", "red,blue", "-o", "openreports"], "-o openreports works for one cluster"),
        (["diagnose", "--contexts", "red", "--select", "MF999"], 'No rule is called "MF999"'),
        (["apply", "--contexts", "red,blue"], "--contexts works only with diagnose"),
        (["explain", "deploy", "--contexts", "red"], "--contexts works only with diagnose"),
        (["undo", "--contexts", "red"], "--contexts works only with diagnose"),
        (["diagnose", "--contexts", ","], "names no context"),
    ],
)
def test_where_several_clusters_make_no_sense_a_sentence_says_so(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Changes and explanations are about one cluster; nothing is read or changed."""
    monkeypatch.setattr("sys.argv", ["kubectl-meshfix", *words])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
