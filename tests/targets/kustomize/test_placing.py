"""Where fixes of built objects are written, and that nothing else changes by them."""

import os
import subprocess
from pathlib import Path

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.sources.kustomize.environments import Kustomized, Part, read_environments
from kubectl_meshfix.targets.kustomize.options import Wanted
from kubectl_meshfix.targets.kustomize.placing import ELSEWHERE, NO_PLACE, OTHER_PART, Placed, place
from tests.sources.kustomize.shop import KUBECTL, contents, needs_kubectl, write

pytestmark = needs_kubectl

HTTP = (Operation("test", "/spec/ports/1/name", "web"), Operation("replace", "/spec/ports/1/name", "http-web"))


class Shop:
    """A folder, what it builds, and what is wanted of it."""

    def __init__(self, folder: Path, failed: int = 0) -> None:
        self.folder = folder
        self.found: Kustomized = read_environments([str(folder)], recursive=True)
        assert len(self.found.builds.failed) == failed
        self.wanted: list[Wanted] = []

    def part(self, environment: str, kind: str, name: str) -> Part:
        """One built object."""
        for part in self.found.objects:
            if Path(part.environment.environment.folder).name == environment and part.built.identity[1::2] == (kind, name):
                return part
        raise AssertionError(name)

    def want(self, environment: str, kind: str, name: str, *operations: Operation, fix: int | None = None) -> None:
        """Ask for a change of one built object."""
        part = self.part(environment, kind, name)
        number = len(self.wanted) if fix is None else fix
        self.wanted.append(Wanted(environment=part.environment, built=part.built, operations=operations, fix=number))

    def placed(self, *roots: Path) -> Placed:
        """Where the changes go; files below ``roots`` may be written."""
        builder = self.found.builder
        assert builder is not None
        before = contents(self.folder)
        may_write = Kustomized(self.found.tree, self.found.builds, builder, [str(root) for root in roots or (self.folder,)]).may_write
        result = place(self.wanted, self.found.builds.built, self.found.origins, may_write)
        assert contents(self.folder) == before
        return result

    def written(self, result: Placed) -> dict[str, str]:
        """The files that change, written; returns their new texts."""
        for edit in result.edits:
            Path(edit.file).write_text(edit.after)
        return {os.path.relpath(edit.file, self.folder): edit.after for edit in result.edits}

    def build(self, environment: str) -> str:
        """What kustomize makes of an environment now."""
        assert KUBECTL is not None
        command = [KUBECTL, "kustomize", str(self.folder / environment)]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The shop in three environments."""
    return Shop(write(tmp_path))


def want_http_everywhere(shop: Shop) -> None:
    """The same fix in all environments."""
    for environment, name in (("dev", "cart"), ("staging", "cart-rc"), ("prod", "live-cart")):
        shop.want(environment, "Service", name, *HTTP)


def test_one_fix_in_the_base_heals_all_that_need_it(shop: Shop) -> None:
    """What three environments need alike is one edit of one line, and every build shows it and nothing else."""
    before = {name: shop.build(name) for name in ("dev", "staging", "prod")}
    want_http_everywhere(shop)

    result = shop.placed()

    (edit,) = result.edits
    assert (os.path.relpath(edit.file, shop.folder), edit.wanted) == ("base/services.yaml", (0, 1, 2))
    assert edit.after == (edit.before or "").replace("name: web", "name: http-web")
    shop.written(result)
    for name, text in before.items():
        assert shop.build(name) == text.replace("name: web\n    port: 80\n", "name: http-web\n    port: 80\n")


def test_what_only_one_environment_needs_goes_into_its_overlay(shop: Shop) -> None:
    """The base stays as it is where others do not need the change, and every byte of the kustomization but the new entry."""
    before = {name: shop.build(name) for name in ("dev", "staging")}
    own = (shop.folder / "prod/kustomization.yaml").read_text()
    shop.want("prod", "Service", "live-cart", *HTTP)

    texts = shop.written(shop.placed())

    assert texts == {
        "prod/meshfix-service-cart.yaml": (
            "- op: test\n  path: /spec/ports/1/name\n  value: web\n- op: replace\n  path: /spec/ports/1/name\n  value: http-web\n"
        ),
        "prod/kustomization.yaml": own + "- path: meshfix-service-cart.yaml\n  target:\n    kind: Service\n    name: cart\n",
    }
    assert {name: shop.build(name) for name in before} == before
    assert "name: http-web\n    port: 80" in shop.build("prod")


def test_environments_that_need_different_things(shop: Shop) -> None:
    """Two environments agree, and get it in the base; the third has its own in a patch, which says what it is to have."""
    for environment, name, version in (("dev", "cart", "1.0"), ("staging", "cart-rc", "1.0"), ("prod", "live-cart", "2.4")):
        shop.want(environment, "Deployment", name, Operation("add", "/spec/template/metadata/labels/version", version))

    texts = shop.written(shop.placed())

    assert 'labels: {app: cart, version: "1.0"}' in texts["base/deployment.yaml"]
    assert texts["prod/meshfix-deployment-cart.yaml"] == (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\n"
        'spec:\n  template:\n    metadata:\n      labels:\n        version: "2.4"\n'
    )
    assert 'version: "2.4"' in shop.build("prod")
    assert 'version: "1.0"' in shop.build("dev")


def test_a_patch_that_is_wrong_is_mended_itself(shop: Shop) -> None:
    """What a strategic merge patch sets is changed there, beside its comment."""
    shop.want("prod", "Service", "live-cart-admin", Operation("replace", "/spec/ports/0/name", "https-secure"))

    assert shop.written(shop.placed()) == {
        "prod/ports.yaml": (shop.folder / "prod/ports.yaml").read_text().replace("udp-secure  #", "https-secure  #")
    }


def test_an_inline_patch_is_answered_by_another(shop: Shop) -> None:
    """A patch inside of a kustomization's text is not edited; one that comes after it sets the value."""
    shop.want("staging", "Service", "cart-rc", Operation("replace", "/spec/ports/2/name", "tcp-debug"))

    texts = shop.written(shop.placed())

    assert list(texts) == ["staging/meshfix-service-cart.yaml", "staging/kustomization.yaml"]
    assert "name: tcp-debug" in shop.build("staging")


def test_what_the_kustomization_sets_afterwards_is_left_to_a_person(shop: Shop) -> None:
    """A label of commonLabels comes after every patch: no file would show another value, so none is changed."""
    shop.want("staging", "Service", "cart-rc", Operation("replace", "/metadata/labels/stage", "final"))
    shop.want("staging", "Service", "cart-rc", Operation("replace", "/spec/ports/2/name", "tcp-debug"))

    result = shop.placed()

    assert result.refused == {0: ELSEWHERE}
    assert {index for edit in result.edits for index in edit.wanted} == {1}


def test_a_fix_is_made_whole_or_not_at_all(shop: Shop) -> None:
    """Where one object of a fix cannot be changed, the other is not either."""
    shop.want("staging", "Service", "cart-rc", Operation("replace", "/metadata/labels/stage", "final"), fix=1)
    shop.want("staging", "Service", "cart-admin-rc", Operation("replace", "/spec/ports/0/name", "http"), fix=1)

    result = shop.placed()

    assert result.edits == ()
    assert result.refused == {0: ELSEWHERE, 1: OTHER_PART}


def test_a_generated_object_is_left_to_a_person(shop: Shop) -> None:
    """A ConfigMap's name has the hash of its content; a patch would move the name in every object that uses it."""
    name = next(part.built.identity.name for part in shop.found.objects if part.built.identity.name.startswith("settings-"))
    shop.want("dev", "ConfigMap", name, Operation("replace", "/data/colour", "red"))

    assert shop.placed().refused == {0: ELSEWHERE}


def test_what_was_not_named_is_not_rewritten(shop: Shop) -> None:
    """With only an overlay named, a base that lies elsewhere stays as it is, though all environments need the fix."""
    shop.want("prod", "Service", "live-cart", *HTTP)
    shop.want("dev", "Service", "cart", *HTTP)

    result = shop.placed(shop.folder / "prod")

    assert [os.path.relpath(edit.file, shop.folder) for edit in result.edits] == [
        "prod/meshfix-service-cart.yaml",
        "prod/kustomization.yaml",
    ]
    assert result.refused == {1: NO_PLACE}


def test_maps_that_kustomize_makes_are_made_in_the_manifest(shop: Shop) -> None:
    """The namespace has no labels of its own; the label that is added to those kustomize gives it is written into the manifest."""
    shop.want("prod", "Namespace", "prod", Operation("add", "/metadata/labels/istio-injection", "enabled"))

    assert shop.written(shop.placed()) == {
        "prod/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: prod\n  labels:\n    istio-injection: enabled\n"
    }


def test_names_of_new_files_are_free(shop: Shop) -> None:
    """A file of that name is somebody's, and stays."""
    (shop.folder / "prod/meshfix-service-cart.yaml").write_text("mine")
    shop.want("prod", "Service", "live-cart", *HTTP)

    assert "prod/meshfix-service-cart-2.yaml" in shop.written(shop.placed())


@pytest.mark.parametrize("patches", ["", "patches: []\n", "patches:\n  # none yet\n"])
def test_a_kustomization_gets_its_first_patch(tmp_path: Path, patches: str) -> None:
    """With Windows' line ends, the list is made as the rest of the file is written."""
    files = {"kustomization.yaml": f"resources: [../base]\n{patches}", "../base/kustomization.yaml": "resources: [a.yaml]\n"}
    files |= {"../base/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: web}]}\n"}
    write(tmp_path / "over", files)
    own = tmp_path / "over/kustomization.yaml"
    own.write_bytes(own.read_bytes().replace(b"\n", b"\r\n"))
    shop = Shop(tmp_path)
    shop.want("over", "Service", "a", Operation("replace", "/spec/ports/0/name", "http-web"))

    result = shop.placed(tmp_path / "over")

    patch, kustomization = result.edits
    assert "\n" not in kustomization.after.replace("\r\n", "")
    assert "\n" not in patch.after.replace("\r\n", "")
    for edit in result.edits:
        Path(edit.file).write_bytes(edit.after.encode())
    assert "http-web" in shop.build("over")


def test_a_base_that_is_used_twice(tmp_path: Path) -> None:
    """One manifest makes two objects of one environment: what both need is one edit, what one needs is a patch of that one."""
    files = {
        "kustomization.yaml": "resources: [red, blue]\n",
        "red/kustomization.yaml": "resources: [../base]\nnamePrefix: red-\n",
        "blue/kustomization.yaml": "resources: [../base]\nnamePrefix: blue-\n",
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: web}]}\n",
    }
    change = Operation("replace", "/spec/ports/0/name", "http-web")
    both, one = Shop(write(tmp_path / "both", files)), Shop(write(tmp_path / "one", files))
    both.want("both", "Service", "red-a", change)
    both.want("both", "Service", "blue-a", change)
    one.want("one", "Service", "red-a", change)

    assert list(both.written(both.placed())) == ["base/a.yaml"]
    assert list(one.written(one.placed())) == ["meshfix-service-red-a.yaml", "kustomization.yaml"]
    assert one.build(".").count("name: web") == 1


def test_a_second_run_has_nothing_to_do(shop: Shop) -> None:
    """After the change the build has the value, also where a patch of the first run says so."""
    shop.want("prod", "Service", "live-cart", *HTTP)
    shop.written(shop.placed())

    again = Shop(shop.folder)

    assert again.part("prod", "Service", "live-cart").built.value["spec"]["ports"][1]["name"] == "http-web"
    place_of = again.found.locate(again.part("prod", "Service", "live-cart"), "/spec/ports/1/name")
    assert (Path(place_of.file).name, place_of.line) == ("meshfix-service-cart.yaml", 6)


def test_a_link_to_a_manifest_is_left_alone_or_followed(tmp_path: Path) -> None:
    """Kustomize follows links inside of its root; what the copy cannot show alike is left to a person."""
    write(tmp_path, {"kustomization.yaml": "resources: [b.yaml]\n", "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"})
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    shop = Shop(tmp_path)
    shop.want(tmp_path.name, "Service", "a", Operation("add", "/metadata/labels", {"app": "a"}))

    result = shop.placed()

    assert bool(result.edits) != bool(result.refused)


def test_parts_of_what_cannot_be_built_may_show_a_fix(tmp_path: Path) -> None:
    """An environment needs a change of its base. The base also stands in for one that is not here, and is no reason for a patch."""
    files = {
        "here/kustomization.yaml": "resources: [../base]\nnamespace: here\n",
        "far/kustomization.yaml": "resources: [../middle, 'https://example.com/a.yaml']\n",
        "middle/kustomization.yaml": "resources: [../base]\nnamespace: far\n",
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: web}]}\n",
    }
    shop = Shop(write(tmp_path, files), failed=1)
    shop.want("here", "Service", "a", Operation("replace", "/spec/ports/0/name", "http-web"))

    assert list(shop.written(shop.placed())) == ["base/a.yaml"]


NAME, TYPE = Operation("replace", "/spec/ports/0/name", "http-web"), Operation("replace", "/spec/type", "NodePort")
JSON_PATCH = "- {op: replace, path: /spec/ports/0/name, value: udp-web}\n"
MERGE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: LoadBalancer}\n"
TARGET = "target: {kind: Service, name: a}"


def patched(folder: Path, patches: str, **files: str) -> Shop:
    """One Service of an overlay whose base nobody may write, with patches in files."""
    made = {"over/kustomization.yaml": f"resources: [../base]\npatches:\n{patches}", "base/kustomization.yaml": "resources: [a.yaml]\n"}
    made |= {"base/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: ClusterIP, ports: [{port: 80, name: web}]}\n"}
    return Shop(write(folder, made | {f"over/{name}.yaml": text for name, text in files.items()}))


@pytest.mark.parametrize(
    ("patches", "files", "operations", "changed"),
    [
        (f"- {{path: p.yaml, {TARGET}}}\n", {"p": JSON_PATCH}, [NAME], ["over/p.yaml"]),
        (
            f"- {{path: p.yaml, {TARGET}}}\n",
            {"p": JSON_PATCH},
            [Operation("remove", "/spec/ports/0/name")],
            ["over/meshfix-service-a.yaml", "over/kustomization.yaml"],
        ),
        (
            f"- {{path: p.yaml, {TARGET}}}\n",
            {"p": JSON_PATCH},
            [NAME, TYPE],
            ["over/meshfix-service-a.yaml", "over/kustomization.yaml"],
        ),
        (
            f"- {{path: p.yaml, {TARGET}}}\n- path: m.yaml\n",
            {"p": JSON_PATCH, "m": MERGE},
            [NAME, TYPE],
            ["over/meshfix-service-a.yaml", "over/kustomization.yaml"],
        ),
        (
            f"- {{path: p.yaml, {TARGET}}}\n",
            {"p": f"{JSON_PATCH}- {{op: replace, path: /spec/type, value: LoadBalancer}}\n"},
            [NAME, TYPE],
            ["over/p.yaml"],
        ),
        ("- path: m.yaml\n", {"m": MERGE}, [Operation("test", "/spec/type", "LoadBalancer"), TYPE], ["over/m.yaml"]),
        ("- path: m.yaml\n", {"m": MERGE}, [Operation("remove", "/spec/type")], ["over/meshfix-service-a.yaml", "over/kustomization.yaml"]),
    ],
    ids=["one value", "a removal", "one of two", "two patches", "both in one", "a merge", "a removal from a merge"],
)
def test_a_patch_is_mended_where_it_sets_all_that_changes(
    tmp_path: Path, patches: str, files: dict[str, str], operations: list[Operation], changed: list[str]
) -> None:
    """A list of operations has values that are replaced, and nothing else; what one patch does not set alone gets a patch of its own."""
    shop = patched(tmp_path, patches, **files)
    shop.want("over", "Service", "a", *operations)

    texts = shop.written(shop.placed(tmp_path / "over"))

    assert list(texts) == changed
    built = shop.build("over")
    assert all(str(one.value) in built for one in operations if one.op == "replace")


def test_only_files_that_may_be_written_are(shop: Shop) -> None:
    """Neither the patch that is wrong nor the overlay is, where only the base was named."""
    shop.want("prod", "Service", "live-cart-admin", Operation("replace", "/spec/ports/0/name", "https-secure"))

    result = shop.placed(shop.folder / "base")

    assert (result.edits, result.refused) == ((), {0: NO_PLACE})
