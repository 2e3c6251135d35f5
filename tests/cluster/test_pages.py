"""What the pages show of a cluster is what a real API server's shop gives."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docs.pages import PAGES, on_files, rewritten, shown, title
from kubectl_meshfix.cli.main import app
from tests.cluster.conftest import Lab
from tests.cluster.test_loop import open_shop

ON_A_CLUSTER = [page for page in PAGES if any(not on_files(arguments) for arguments in shown(page))]


@pytest.mark.vcr
@pytest.mark.parametrize("page", ON_A_CLUSTER, ids=title)
def test_commands_print_what_the_page_shows(page: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A page's commands on a cluster, one after the other in the shop of the examples. Recording anew writes the page anew."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("KUBECONFIG", lab.kubeconfig())
    lab.prepare(open_shop)

    def printed(arguments: Sequence[str]) -> str:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False).output

    now = rewritten(page, lambda arguments: not on_files(arguments), printed)

    if request.config.getoption("--record-mode") == "rewrite":
        page.write_text(now, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == now
