"""Folders for kustomize and Helm's charts through the command line."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import run
from tests.sources.kustomize.shop import contents, needs_kubectl, write
from tests.sources.test_charts import FILES as CHART

ALL = ("--yes", "--restart", "--unsafe", "--scope", "all")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop in three environments."""
    return write(tmp_path / "shop")


def found(*words: str) -> set[tuple[str, str, str, int]]:
    """Codes, objects, files' names and lines."""
    rows = json.loads(run("diagnose", "--scope", "all", *words, "-o", "json").stdout)["findings"]
    return {(row["code"], row["resource"]["name"], Path(row["location"]["file"]).name, row["location"]["line"]) for row in rows}


@needs_kubectl
def test_environments_are_judged_as_they_are_built(shop: Path) -> None:
    """Each has its own names; the base is not judged by itself, and neither are patches."""
    rows = found("-R", "-f", str(shop))

    assert ("MF102", "live-cart-admin", "ports.yaml", 8) in rows
    assert {name for code, name, _, line in rows if (code, line) == ("MF101", 11)} == {"cart", "cart-rc", "live-cart"}
    assert not any(code == "MF001" for code, *_ in rows)


@needs_kubectl
def test_what_two_builds_have_from_one_base_is_told_once(tmp_path: Path) -> None:
    """A finding of the same object at the same place is one finding, where only other objects differ between the builds."""
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: web, port: 80}]}\n"
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
    write(tmp_path, {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": service})
    for name in ("one", "two"):
        write(tmp_path / name, {"kustomization.yaml": "resources: [../base, b.yaml]\n", "b.yaml": other})

    assert len(json.loads(run("diagnose", "--scope", "all", "-R", "-f", str(tmp_path), "-o", "json").stdout)["findings"]) == 1


@needs_kubectl
def test_only_files_that_a_rule_would_look_at_are_missed(tmp_path: Path) -> None:
    """A file that the kustomization does not name is told where it holds an object of a kind that is read."""
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\n"
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: http, port: 80}]}\n"
    files = {"a.yaml": service, "b.yaml": role, "c.yaml": service, "kustomization.yaml": "resources: [a.yaml]\n"}

    rows = json.loads(run("diagnose", "-f", str(write(tmp_path, files)), "-o", "json").stdout)["findings"]

    assert [row["message"] for row in rows] == ["It does not name c.yaml in its folder, so it was not checked."]


@needs_kubectl
def test_apply_heals_all_and_undo_takes_it_back(shop: Path) -> None:
    """The second run of apply changes nothing, and undo leaves every byte as it was."""
    before = contents(shop)

    assert run("apply", "-R", "-f", str(shop), *ALL).exit_code == 0
    after = contents(shop)
    assert run("diagnose", "--scope", "all", "-R", "-f", str(shop)).exit_code == 0
    assert run("apply", "-R", "-f", str(shop), *ALL).exit_code == 0
    assert contents(shop) == after
    assert run("undo", "-f", str(shop), "--yes").exit_code == 0
    assert contents(shop) == before


@needs_kubectl
def test_one_overlay_leaves_its_base_alone(shop: Path) -> None:
    """With prod named, prod is healed in its own folder."""
    run("apply", "-f", str(shop / "prod"), *ALL)

    assert run("diagnose", "--scope", "all", "-f", str(shop / "prod")).exit_code == 0
    assert (shop / "base/services.yaml").read_text() == write(shop.parent / "again").joinpath("base/services.yaml").read_text()


@needs_kubectl
def test_k_names_one_folder(shop: Path) -> None:
    """-k is one environment, for every verb; what lies below it is not looked at."""
    write(
        shop / "dev/below", {"a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: below}\nspec: {ports: [{port: 80, name: udp-x}]}\n"}
    )

    assert {name for _, name, *_ in found("-k", str(shop / "dev"))} == {"cart", "cart-admin"}
    assert "Deployment dev/cart" in run("explain", "-k", str(shop / "dev")).stdout
    run("apply", "-k", str(shop / "dev"), *ALL)
    assert found("-k", str(shop / "dev")) == set()
    assert (shop / "dev/meshfix-service-cart.yaml").exists()


@needs_kubectl
def test_a_kustomization_without_extension_makes_a_folder_too(tmp_path: Path) -> None:
    """A folder in which nothing else is a manifest is found by it, and what it builds from counts as files that were read."""
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: web, port: 80}]}\n"
    write(tmp_path, {"base/Kustomization": "resources: [a.yaml]\n", "base/a.yaml": service, "over/Kustomization": "resources: [../base]\n"})

    assert ("MF101", "a", "a.yaml", 4) in found("-f", str(tmp_path / "over"))
    assert json.loads(run("diagnose", "-f", str(tmp_path / "over"), "-o", "json").stdout)["coverage"]["files"] == 3
    assert "add -R" in str(run("diagnose", "-f", str(tmp_path)).exception.hint)  # type: ignore[union-attr]


@needs_kubectl
def test_explain_sees_what_patches_say(tmp_path: Path) -> None:
    """A patch labels the namespace: its pods get a sidecar."""
    write(
        tmp_path,
        {
            "kustomization.yaml": "resources: [base.yaml]\npatches: [{path: ns.yaml}]\n",
            "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n",
            "base.yaml": (
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: apps/v1\nkind: Deployment\n"
                "metadata: {name: cart, namespace: shop}\n"
                "spec: {selector: {matchLabels: {app: c}}, template: {metadata: {labels: {app: c}},\n"
                "  spec: {containers: [{name: c, image: c}]}}}\n"
            ),
        },
    )

    assert "gets a sidecar" in run("explain", "-f", str(tmp_path)).stdout


def test_what_cannot_be_built_is_not_clean(tmp_path: Path) -> None:
    """A remote base alone: nothing was looked at, exit code 2; beside other objects a warning that says so."""
    write(tmp_path, {"far/kustomization.yaml": "resources: ['https://example.com/a.yaml']\n"})
    write(tmp_path, {"all/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: a}\n"})

    alone = run("diagnose", "--scope", "all", "-f", str(tmp_path / "far"))
    beside = run("diagnose", "--scope", "all", "-R", "-f", str(tmp_path))

    assert alone.exit_code == 2 or "not fetched" in str(alone.exception)
    assert beside.exit_code == 1
    assert "which are not fetched" in " ".join(beside.stdout.split())


def test_without_kubectl_rules_that_a_build_could_prove_wrong_are_left_out(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Manifests are judged as they are written, and that is said once."""
    monkeypatch.setenv("PATH", "")

    rows = found("-R", "-f", str(shop))

    assert {code for code, *_ in rows} == {"MF001", "MF101", "MF102"}
    assert len([code for code, *_ in rows if code == "MF001"]) == 1


def test_a_chart_is_a_warning_or_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart that was not rendered is not clean; with --helm and helm, its objects lead back to their templates and are not edited."""
    write(tmp_path / "chart", CHART)
    write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: a}\n"})
    before = contents(tmp_path)

    plain = run("diagnose", "--scope", "all", "-R", "-f", str(tmp_path))

    assert plain.exit_code != 0
    said = run("apply", "--dry-run", "-R", "-f", str(tmp_path)).stderr
    assert said.count("The chart's templates were not checked.") == 1
    assert "by hand" not in said
    if shutil.which("helm"):
        assert ("MF101", "release-name", "service.yaml", 1) in found("-R", "--helm", "-f", str(tmp_path))
        run("apply", "-R", "--helm", "-f", str(tmp_path), *ALL)
        assert contents(tmp_path) == before
    monkeypatch.setenv("PATH", "")
    asked = run("diagnose", "--scope", "all", "-R", "--helm", "-f", str(tmp_path))
    assert "helm is not on the path" in " ".join(asked.stdout.split())
