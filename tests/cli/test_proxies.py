"""``--proxies`` on the command line, against a stand-in API server on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from kubectl_meshfix.errors import UsageError
from tests.command import run
from tests.sources.proxies.stand_in import ANSWERS, StandIn, istiod_deployment, istiod_pod, proxied_pod, standing_in

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report.v1.json").read_text())


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A cluster with an istiod and three proxies, one of which does not answer."""
    with standing_in() as found:
        found.objects = [
            istiod_deployment(),
            istiod_pod(),
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
            *(proxied_pod(name) for name in ("cart", "db", "queue")),
        ]
        istiod = {"/metrics?": (ANSWERS / "istiod.txt").read_bytes(), "/debug/syncz": (ANSWERS / "syncz.json").read_bytes()}
        found.pods["istio-system/istiod-1:15014"] = lambda target: istiod[target]
        for name in ("cart", "db"):
            found.pods[f"shop/{name}:15020"] = lambda _: (ANSWERS / "proxy.txt").read_bytes()
        monkeypatch.setenv("KUBECONFIG", found.kubeconfig(tmp_path))
        monkeypatch.chdir(tmp_path)
        yield found


def asked(server: StandIn) -> list[str]:
    """The requests to pods."""
    return [line for line in server.requests if "/proxy/" in line or "/portforward" in line]


def test_who_did_not_ask_is_told_how(server: StandIn) -> None:
    """Without the flag no pod is asked, and one line says so; for programs it is in the report."""
    result = run("diagnose", "-n", "shop")
    document = json.loads(run("diagnose", "-n", "shop", "-o", "json").stdout)

    assert "Not asked: istiod and 3 proxies, whether they have this" in result.stdout
    assert "add --proxies" in result.stdout
    assert document["asked"] == {"wanted": False, "istiods": 0, "proxies": 0, "of": 3, "missing": []}
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert asked(server) == []


def test_a_report_says_who_was_asked(server: StandIn) -> None:
    """With the flag it says how many answered, and who did not and why; what is for programs says the same."""
    result = run("diagnose", "-n", "shop", "--proxies")
    document = json.loads(run("diagnose", "-n", "shop", "--proxies", "-o", "json").stdout)

    assert "Asked: 1 istiod and 2 of 3 proxies." in result.stdout
    assert "Not answered: proxy of Pod shop/queue: nothing listens on port 15020" in result.stdout
    missing = [{"subject": "proxy of Pod shop/queue", "reason": "nothing listens on port 15020"}]
    assert document["asked"] == {"wanted": True, "istiods": 1, "proxies": 2, "of": 3, "missing": missing}
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert len(asked(server)) == 2 * 5


def test_a_sample_is_said_to_be_one(server: StandIn) -> None:
    """A number asks as many proxies, and the report says of how many."""
    result = run("diagnose", "-n", "shop", "--proxies=2")

    assert "Asked: 1 istiod and 2 of 3 proxies, a sample." in result.stdout
    assert json.loads(run("diagnose", "-n", "shop", "--proxies=2", "-o", "json").stdout)["asked"]["sample"] == 2


def test_what_is_missing_counts_where_it_should(server: StandIn) -> None:
    """An answer that did not come makes the exit code 1 with --fail-on-unread alone."""
    codes = [run("diagnose", "-n", "shop", "--proxies", "--fail-on", "never", *more).exit_code for more in ((), ("--fail-on-unread",))]

    assert codes == [0, 1]


def test_reasons_are_told_once(server: StandIn) -> None:
    """Who may reach no pod reads one line a right, not one a pod; nothing else is tried."""
    server.refused = {"pods/proxy", "pods/portforward"}

    said = " ".join(run("diagnose", "-n", "shop", "--proxies").stdout.split())

    assert "Asked: 0 istiods and 0 of 3 proxies." in said
    assert "Not answered: proxy of Pod shop/cart and 2 more: not allowed to get pods/proxy in namespace shop" in said


def test_a_fix_of_the_same_report_asks_too(server: StandIn) -> None:
    """The next command is for the same report, so it asks as this one did."""
    server.objects.append(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "cart", "namespace": "shop"},
            "spec": {"selector": {"app": "cart"}, "ports": [{"name": "web", "port": 80}]},
        }
    )

    assert (
        "Next: kubectl meshfix apply -n shop --scope all --proxies=2 --dry-run"
        in run("diagnose", "-n", "shop", "--scope", "all", "--proxies=2").stdout
    )


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "99999999999", "²"])
def test_what_is_no_number_is_refused(server: StandIn, value: str) -> None:
    """Only a number of proxies may stand behind the flag; nothing is read then."""
    result = run("diagnose", f"--proxies={value}")

    assert isinstance(result.exception, UsageError)
    assert server.requests == []


def test_files_have_no_proxies(server: StandIn, tmp_path: Path) -> None:
    """With manifests alone there is nobody to ask, and the way out is named; with a cluster beside them there is."""
    (tmp_path / "cart.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\n")

    alone = run("diagnose", "-f", "cart.yaml", "--proxies")
    beside = run("diagnose", "-f", "cart.yaml", "--context", "lab", "--proxies")

    assert isinstance(alone.exception, UsageError)
    assert "--context" in alone.exception.hint
    assert "2 of 3 proxies" in beside.stdout


def test_only_what_is_named_is_asked(server: StandIn) -> None:
    """Where workloads or pods are named, istiods and their proxies are asked, and no other; for what is behind no pod, everybody is."""
    named = run("diagnose", "pod/cart", "-n", "shop", "--proxies")
    told = run("diagnose", "pod/cart", "-n", "shop")

    assert "Asked: 1 istiod and 1 proxy." in named.stdout
    assert "Not asked: istiod and 1 proxy" in told.stdout
    assert {line.split("/pods/")[1].split("/")[0].split(":")[0] for line in asked(server)} == {"istiod-1", "cart"}
    assert "2 of 3 proxies" in run("diagnose", "ns/shop", "-n", "shop", "--proxies").stdout


def test_explain_asks_the_explained_pods_alone(server: StandIn) -> None:
    """The third stage has istiod's word, and nobody else's proxy is asked; without the flag nobody is."""
    silent = run("explain", "pod/cart", "-n", "shop")
    assert asked(server) == []
    told = run("explain", "pod/cart", "-n", "shop", "--proxies")

    assert "istiod:" not in silent.stdout
    assert "istiod: " in told.stdout
    assert {line.split("/pods/")[1].split("/")[0].split(":")[0] for line in asked(server)} == {"istiod-1", "cart"}


def test_explain_names_what_makes_a_refusal(server: StandIn) -> None:
    """Where the proxy refuses something, EnvoyFilters are read, and the one whose patch makes it is named with the way to withdraw it."""
    words = "Invalid duration: Expected positive duration: goo.gle/debugonly  \nseconds: -5\n"
    resources = {"type.googleapis.com/envoy.config.cluster.v3.Cluster": {"sent": "b", "acked": "a", "lastError": words}}
    rows = json.dumps([{"proxy": "cart.shop", "istio_version": "1.31.0", "resources": resources}]).encode()
    server.pods["istio-system/istiod-1:15014"] = lambda target: rows if "syncz" in target else (ANSWERS / "istiod.txt").read_bytes()
    patch = {"operation": "MERGE", "value": {"connect_timeout": "-5s"}}
    spec = {"configPatches": [{"applyTo": "CLUSTER", "match": {"context": "SIDECAR_OUTBOUND"}, "patch": patch}]}
    server.objects.append(
        {
            "apiVersion": "networking.istio.io/v1alpha3",
            "kind": "EnvoyFilter",
            "metadata": {"name": "timeouts", "namespace": "shop"},
            "spec": spec,
        }
    )

    result = run("explain", "pod/cart", "-n", "shop", "--proxies")

    assert result.exit_code == 1
    assert "refuses the clusters" in " ".join(result.stdout.split())
    assert "EnvoyFilter shop/timeouts makes it, by patch 1" in " ".join(result.stdout.split())
    assert "kubectl meshfix apply envoyfilter/timeouts -n shop --proxies --dry-run" in result.stdout


def test_manifests_have_no_proxies_to_explain(server: StandIn, tmp_path: Path) -> None:
    """With manifests the flag is an error that says what to do, before anything is read."""
    (tmp_path / "cart.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: cart, namespace: shop}\n")

    result = run("explain", "-f", "cart.yaml", "--proxies")

    assert isinstance(result.exception, UsageError)
    assert "leave -f out" in result.exception.hint
    assert server.requests == []
