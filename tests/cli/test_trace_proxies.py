"""``trace --proxies`` on the command line, against a cluster that was recorded."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_meshfix.errors import ExitCode, UsageError
from tests.cli.api_server import serving
from tests.command import run
from tests.traffic.observed.scenes import recorded

ROOT = Path(__file__).parents[2]
REQUEST = ("trace", "-n", "demo", "deploy/client", "http://server/v2", "--proxies")


def objects(name: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The objects of a recorded moment, by the plurals of their kinds."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for raw in recorded(name)["objects"]:
        kind = raw["kind"].lower()
        found[f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"].append(raw)
    return found


def test_a_proxy_that_cannot_be_asked_is_said_to_be(tmp_path: Path) -> None:
    """Without a way to the pod the verdict is the one of the objects, and the reason stands beside it."""
    with serving(tmp_path, objects("predicted")) as lab:
        found = run(*REQUEST, "--kubeconfig", lab)

    assert found.exit_code == ExitCode.OK, found.output
    assert "? proxy: The proxy of Pod demo/client-7fc5f9f5c-lpnth was not asked: " in " ".join(found.stdout.split())


def test_its_json_is_of_the_schema(tmp_path: Path) -> None:
    """What is said of proxies is a stage like others."""
    with serving(tmp_path, objects("predicted")) as lab:
        document = json.loads(run(*REQUEST, "--kubeconfig", lab, "-o", "json").stdout)

    jsonschema.validate(document, json.loads((ROOT / "docs" / "schema" / "trace.v1.json").read_text("utf-8")))
    assert [stage["status"] for stage in document["traces"][0]["stages"] if stage["stage"] == "proxy"] == ["unknown"]


@pytest.mark.parametrize("words", [("-f", "examples/shop"), ("--matrix",)])
def test_proxies_are_of_a_cluster_and_of_one_request(words: tuple[str, ...]) -> None:
    """Manifests have no proxies, and a matrix would ask all of them."""
    found = run(*REQUEST, *words)

    assert isinstance(found.exception, UsageError)
    assert "--proxies asks the proxies of a cluster about one request." in found.exception.message


def test_a_number_of_proxies_is_a_number() -> None:
    """Other words are refused before anything is read."""
    found = run(*REQUEST[:-1], "--proxies=some")

    assert isinstance(found.exception, UsageError)
    assert '"--proxies=some" is no number of proxies.' in found.exception.message
