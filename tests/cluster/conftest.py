"""Tests that speak to a cluster run live where KUBEBUILDER_ASSETS names a kube-apiserver, else on recordings of one.

Record anew with: KUBEBUILDER_ASSETS=… pytest tests/cluster --record-mode=rewrite
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from vcr.request import Request

from tests.cluster.server import Server, assets, kubeconfig, running

PLACEHOLDER = "https://cluster.test"
VOLATILE = frozenset({"date", "audit-id", "x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid", "content-length"})


def _anonymous(request: Request) -> Request | None:
    """A request without address and credentials; None, which is not recorded, for the wait until the server is ready."""
    if request.path == "/readyz":
        return None
    request.uri = re.sub(r"^https://[^/]+", PLACEHOLDER, request.uri)
    request.headers = {}
    return request


def _scrubbed(response: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs between two runs and no test reads."""
    response["headers"] = {name: value for name, value in response["headers"].items() if name.lower() not in VOLATILE}
    response["headers"]["Date"] = ["Sun, 01 Mar 2026 12:00:00 GMT"]
    body = response["body"].get("string")
    if body:
        document = json.loads(body)
        for item in document.get("items") or [document]:
            if isinstance(item, dict):
                (item.get("metadata") or {}).pop("managedFields", None)
        response["body"]["string"] = json.dumps(document).encode()
    return response


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, Any]:
    """How recordings are matched and cleaned."""
    return {
        "match_on": ["method", "path", "query", "same_body"],
        "before_record_request": _anonymous,
        "before_record_response": _scrubbed,
        "decode_compressed_response": True,
        "serializer": "yaml",
    }


@pytest.fixture(scope="module")
def disable_recording(request: pytest.FixtureRequest) -> bool:
    """Live without recording, unless recording was asked for."""
    return assets() is not None and request.config.getoption("--record-mode") in (None, "none")


Prepare = Callable[[Server], None]


class Lab:
    """The cluster of one test: live, or played back."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self.folder, self.server = folder, server

    def prepare(self, work: Prepare) -> None:
        """Bring the live cluster into the state the test starts from; a recording starts there."""
        if self.server:
            work(self.server)

    def kubeconfig(self, user: str = "admin") -> str:
        """The path of a user's kubeconfig."""
        if self.server:
            return str(self.server.kubeconfig(user))
        path = self.folder / f"{user}.kubeconfig"
        path.write_text(kubeconfig(PLACEHOLDER, "", f"lab-{user}"))
        return str(path)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disable_recording: bool) -> Iterator[Lab]:
    """A fresh cluster with the custom resources of every kind, or its recording. Recordings know no requests side by side."""
    binaries = assets()
    if not disable_recording:
        monkeypatch.setattr("kubectl_meshfix.sources.cluster.PARALLEL_REQUESTS", 1)
    if binaries is None:
        yield Lab(tmp_path, None)
        return
    with running(binaries, tmp_path) as server:
        yield Lab(tmp_path, server)
