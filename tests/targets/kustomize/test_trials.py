"""What is tried in a copy, and what is given up when a build shows something else."""

import os
from pathlib import Path

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.targets.kustomize.placing import ELSEWHERE, NO_PLACE, UNTRIED
from tests.sources.kustomize.shop import needs_kubectl, write
from tests.targets.kustomize.test_placing import HTTP, JSON_PATCH, MERGE, NAME, TARGET, Shop, patched

pytestmark = needs_kubectl

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: ClusterIP, ports: [{port: 80, name: web}]}\n"
BASE = {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": SERVICE}
TYPE = Operation("replace", "/spec/type", "NodePort")


def changed(shop: Shop, *roots: Path) -> tuple[list[str], dict[int, str]]:
    """The files that change, and what is refused."""
    result = shop.placed(*roots)
    return list(shop.written(result)), dict(result.refused)


def test_a_document_that_others_share_is_given_up_for_good(tmp_path: Path) -> None:
    """Only the base may be written, and others would show it."""
    shop = Shop(write(tmp_path))
    shop.want("prod", "Service", "live-cart", *HTTP)

    assert changed(shop, shop.folder / "base") == ([], {0: ELSEWHERE})


def test_what_has_no_place_does_not_keep_others_from_theirs(tmp_path: Path) -> None:
    """A fix that goes nowhere stands beside one that goes into a manifest."""
    shop = Shop(write(tmp_path))
    shop.want("dev", "Service", "cart", *HTTP)
    shop.want("prod", "Namespace", "prod", Operation("add", "/metadata/labels/istio-injection", "enabled"))

    assert changed(shop, shop.folder / "prod") == (["prod/namespace.yaml"], {0: NO_PLACE})


def test_another_name_is_another_object(tmp_path: Path) -> None:
    """What would rename an object in what is built is refused, wherever it is written."""
    shop = Shop(write(tmp_path))
    shop.want("dev", "Service", "cart", Operation("replace", "/metadata/name", "other"))
    shop.want("prod", "Namespace", "prod", Operation("add", "/metadata/labels/istio-injection", "enabled"))

    assert changed(shop) == (["prod/namespace.yaml"], {0: ELSEWHERE})


def test_an_object_of_the_same_name_in_another_environment(tmp_path: Path) -> None:
    """The second environment has a patch of its own at the place: it shows nothing of the base's edit, and needs none."""
    files = {f"{name}/kustomization.yaml": "resources: [../base]\n" for name in ("one", "two")}
    files |= {"two/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n", "two/p.yaml": MERGE}
    shop = Shop(write(tmp_path, BASE | files))
    shop.want("one", "Service", "a", TYPE)

    assert changed(shop) == (["base/a.yaml"], {})


def test_two_that_contradict_each_other(tmp_path: Path) -> None:
    """No build shows both, so one is made."""
    shop = Shop(write(tmp_path, BASE))
    shop.want("base", "Service", "a", TYPE)
    shop.want("base", "Service", "a", Operation("replace", "/spec/type", "LoadBalancer"))

    assert changed(shop) == (["base/meshfix-service-a.yaml", "base/kustomization.yaml"], {1: ELSEWHERE})


def test_a_fix_of_what_is_not_so(tmp_path: Path) -> None:
    """Its test does not hold in what is built; a patch would be laid on all the same."""
    shop = Shop(write(tmp_path, BASE))
    shop.want("base", "Service", "a", Operation("test", "/spec/type", "NodePort"), Operation("add", "/spec/more", "x"))

    assert changed(shop) == ([], {0: ELSEWHERE})


def test_what_a_part_may_show_is_only_what_was_edited(tmp_path: Path) -> None:
    """A base also stands in for what cannot be built. There a copied value would change too, which nobody asked for: a patch it is."""
    copied = "replacements: [{source: {kind: Service, name: a, fieldPath: spec.type}, targets: [{select: {kind: Service, name: b}, "
    copied += "fieldPaths: [spec.type]}]}]\n"
    files = {
        "here/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\nnamespace: here\n",
        "here/p.yaml": MERGE.replace("name: a", "name: b"),
        "middle/kustomization.yaml": "resources: [../base]\nnamespace: far\n",
        "far/kustomization.yaml": "resources: [../middle, 'https://example.com/a.yaml']\n",
        "base/kustomization.yaml": f"resources: [a.yaml]\n{copied}",
        "base/a.yaml": f"{SERVICE}---\n{SERVICE.replace('name: a', 'name: b')}",
    }
    shop = Shop(write(tmp_path, files), failed=1)
    shop.want("here", "Service", "a", TYPE)

    assert changed(shop) == (["here/meshfix-service-a.yaml", "here/kustomization.yaml"], {})


def test_the_one_that_breaks_a_build_is_given_up_alone(tmp_path: Path) -> None:
    """Of several edits of one environment, the others stay where they are, also those that are alike."""
    files = {f"{name}/kustomization.yaml": f"resources: [../base]\nnamePrefix: {name}-\n" for name in ("one", "two")}
    shop = Shop(write(tmp_path, BASE | files))
    for name in ("one", "two"):
        shop.want(name, "Service", f"{name}-a", TYPE)
        shop.want(name, "Service", f"{name}-a", Operation("replace", "/kind", "Pod"))
        shop.want(name, "Service", f"{name}-a", NAME)

    assert changed(shop) == (["base/a.yaml"], {1: ELSEWHERE, 4: ELSEWHERE})


def test_what_cannot_be_built_in_a_copy_is_not_tried(tmp_path: Path) -> None:
    """A folder of transformers is nothing that a kustomization builds on, so that it is not in the copy."""
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\ntransformers: [../more]\n",
        "more/kustomization.yaml": "resources: [p.yaml]\n",
        "more/p.yaml": (
            "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: x-\nfieldSpecs: [{path: metadata/name}]\n"
        ),
        "base/a.yaml": SERVICE,
        "other/kustomization.yaml": "resources: [a.yaml]\n",
        "other/a.yaml": SERVICE,
    }
    shop = Shop(write(tmp_path, files))
    shop.want("base", "Service", "x-a", TYPE)
    shop.want("other", "Service", "a", TYPE)

    assert changed(shop) == (["other/a.yaml"], {0: UNTRIED})


def test_one_of_two_values_that_a_patch_of_operations_sets_is_removed(tmp_path: Path) -> None:
    """Nothing but values is replaced in such a list, so that both changes are a patch after it."""
    both = f"{JSON_PATCH}- {{op: replace, path: /spec/type, value: LoadBalancer}}\n"
    shop = patched(tmp_path, f"- {{path: p.yaml, {TARGET}}}\n", p=both)
    shop.want("over", "Service", "a", NAME, Operation("remove", "/spec/type"))

    files, refused = changed(shop, tmp_path / "over")

    assert (files, refused) == (["over/meshfix-service-a.yaml", "over/kustomization.yaml"], {})
    assert "LoadBalancer" not in shop.build("over")


def test_a_copied_value_is_a_patch(tmp_path: Path) -> None:
    """What is copied inside of an object is copied where it is built."""
    shop = Shop(write(tmp_path, BASE))
    shop.want("base", "Service", "a", Operation("copy", "/metadata/labels", from_="/spec/selector"), fix=1)
    shop.want("base", "Service", "a", Operation("copy", "/spec/ports/0/appProtocol", from_="/spec/ports/0/name"), fix=2)

    result = shop.placed()

    assert result.refused == {0: ELSEWHERE}
    assert [os.path.relpath(edit.file, tmp_path) for edit in result.edits] == ["base/meshfix-service-a.yaml", "base/kustomization.yaml"]
    shop.written(result)
    assert "appProtocol: web" in shop.build("base")
