"""Which folders are environments."""

from pathlib import Path

from kubectl_meshfix.sources.kustomize.tree import Tree, folders_in, tree
from tests.sources.kustomize.shop import write


def all_of(folder: Path) -> Tree:
    """The tree of everything below a folder."""
    return tree(folders_in(str(folder), recursive=True))


def environments(found: Tree, folder: Path) -> list[str]:
    """Environments' folders, from the root."""
    return [str(Path(one.folder).relative_to(folder)) for one in found.environments]


def test_environments_are_what_nothing_builds_on(tmp_path: Path) -> None:
    """The base and the component are parts; the three that build on them are environments."""
    assert environments(all_of(write(tmp_path)), tmp_path) == ["dev", "prod", "staging"]


def test_an_overlay_alone_reaches_its_base_outside(tmp_path: Path) -> None:
    """With one folder named, it is the environment, and the base beside it one of its parts."""
    write(tmp_path)

    (found,) = tree([str(tmp_path / "prod")]).environments

    assert [Path(part.folder).name for part in found.parts] == ["prod", "base"]


def test_a_component_alone_is_no_environment(tmp_path: Path) -> None:
    """Nothing builds a component by itself."""
    assert tree([str(write(tmp_path) / "component")]).environments == ()


def test_flux_has_a_kind_of_that_name(tmp_path: Path) -> None:
    """A Kustomization of Flux is an object of a cluster, also in a file called kustomization.yaml."""
    text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\n"

    assert not all_of(write(tmp_path, {"kustomization.yaml": text})).nodes


def test_folders_that_build_on_each_other_end(tmp_path: Path) -> None:
    """A circle, which kustomize refuses, is no endless walk, and no environment."""
    found = all_of(write(tmp_path, {"a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../a]"}))

    assert found.environments == ()
    assert len(found.nodes) == 2


def test_remote_bases_are_known_before_anything_runs(tmp_path: Path) -> None:
    """All ways to name what has to be fetched are found, also in a base; what lies on the disk is not taken for it."""
    remote = [
        "https://github.com/example/shop/base?ref=v1",
        "github.com/example/shop//base",
        "git@example.com:shop/base.git",
        "ssh://git@example.com/shop.git//base",
        "https://example.com/service.yaml",
    ]
    local = {"github.com/shop/kustomization.yaml": "resources: []", "v1.git/kustomization.yaml": "resources: []"}
    literals = "configMapGenerator: [{name: a, literals: ['url=https://example.com/a.yaml']}]\ncommonAnnotations: {a: 'git@b'}\n"
    base = literals + "resources:\n" + "".join(f"- {entry}\n" for entry in (*remote, "github.com/shop", "v1.git", "missing"))
    write(tmp_path, {"kustomization.yaml": "resources: [base]", "base/kustomization.yaml": base})
    write(tmp_path / "base", local)

    (found,) = all_of(tmp_path).environments

    assert list(found.remote) == remote


def test_all_that_is_named_is_part_of_what_is_built(tmp_path: Path) -> None:
    """Manifests, patches, files of generators and of transformers belong to a kustomization; what lies beside them does not."""
    transformer = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: more.yaml\n"
    write(tmp_path)
    write(tmp_path, {"dev/stray.yaml": "a: b", "dev/transformer.yaml": transformer, "dev/more.yaml": "a: b"})
    (tmp_path / "dev/kustomization.yaml").write_text("resources: [../base]\ntransformers: [transformer.yaml]\n")

    names = {str(Path(file).relative_to(tmp_path.resolve())) for file in all_of(tmp_path).files}

    assert names == {
        *("base/kustomization.yaml", "base/deployment.yaml", "base/services.yaml", "base/greeting.txt", "component/kustomization.yaml"),
        *("dev/kustomization.yaml", "dev/transformer.yaml", "dev/more.yaml", "staging/kustomization.yaml"),
        *("prod/kustomization.yaml", "prod/namespace.yaml", "prod/ports.yaml"),
    }
