"""The whole loop on a cluster: diagnose, show, apply, and be silent afterwards."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.injection.answering import answered

pytestmark = pytest.mark.vcr

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

SHOP = EXAMPLES / "shop"


def open_shop(server: Server) -> None:
    """The shop, with a pod that is older than the webhooks, and an istiod that answers as far as the API shows it."""
    server.load(SHOP / "namespaces.yaml", SHOP / "legacy.yaml")
    server.kubectl("patch", "pod", "legacy", "-n", "shop", "--subresource=status", "--type=merge", "-p", '{"status": {"phase": "Running"}}')
    server.load(EXAMPLES / "istio", *sorted(set(SHOP.glob("*.yaml")) - {SHOP / "broken.yaml"}))
    read = [item for path in sorted((EXAMPLES / "istio").glob("*.yaml")) for item in yaml.safe_load_all(path.read_text()) if item]
    added = [item for item in answered(read) if item not in read]
    server.kubectl(
        "apply", "--server-side", "--force-conflicts", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": added})
    )


def run(lab: Lab, *arguments: str, user: str = "admin") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command."""
    result = CliRunner().invoke(app, [*arguments, "--kubeconfig", lab.kubeconfig(user)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def report(lab: Lab, *arguments: str) -> dict[str, Any]:
    """What diagnose says, as JSON."""
    document: dict[str, Any] = json.loads(run(lab, "diagnose", "-A", "-o", "json", *arguments)[1])
    return document


def test_every_planted_mistake_is_found_and_repaired(lab: Lab) -> None:
    """Each mistake of the shop is found; every fix passes the server; afterwards only what needs a person is left."""
    lab.prepare(open_shop)

    before = report(lab, "--scope", "all")
    code, shown, _ = run(lab, "apply", "-A", "--scope", "all", "--dry-run=server")

    found = {row["code"] for row in before["findings"]}
    assert found == {
        *("MF101", "MF102", "MF103", "MF104", "MF201", "MF202", "MF203", "MF204", "MF205"),
        *("MF301", "MF302", "MF303", "MF304", "MF305", "MF306", "MF307", "MF308", "MF401", "MF402", "MF403", "MF501", "MF701", "MF702"),
    }
    assert code == 1
    assert shown.count("--- a/") == len(
        {json.dumps(patch["resource"]) for row in before["findings"] for patch in (row["fix"] or {"patches": []})["patches"]}
    )

    for _ in range(2):  # the second makes what the first let be made
        code, _, said = run(lab, "apply", "-A", "--scope", "all", "--yes", "--restart", "--unsafe")
        assert code == 0, said
    left = report(lab, "--scope", "all")
    assert {row["fix"]["safety"] if row["fix"] else "none" for row in left["findings"]} <= {"manual"}

    code, out, said = run(lab, "apply", "-A", "--scope", "all", "--yes", "--restart", "--unsafe")

    assert (code, out) == (0, "")
    assert "nothing to change" in said
