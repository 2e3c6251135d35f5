"""Where settings are looked for."""

from pathlib import Path

import pytest

from kubectl_meshfix.governance import search


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with settings at its root and manifests further down, below a folder with settings of its own."""
    (tmp_path / ".meshfix.yaml").touch()
    root = tmp_path / "repository"
    for folder in (".git", "deploy/shop", "deploy/till"):
        (root / folder).mkdir(parents=True)
    (root / ".meshfix.yaml").touch()
    for name in ("deploy/shop/cart.yaml", "deploy/till/till.yaml"):
        (root / name).touch()
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", "/nonexistent")
    return root


def test_upwards_from_the_manifests(repository: Path) -> None:
    """A file, a folder and standard input find the settings at the root, by a short name."""
    for manifests in (["deploy/shop/cart.yaml"], ["deploy"], ["-"], [str(repository / "deploy/shop")]):
        assert search.find_settings(manifests) == ".meshfix.yaml"


def test_the_nearest_that_holds_all_manifests(repository: Path) -> None:
    """A folder's own settings go before the repository's, but only where all manifests are in that folder."""
    (repository / "deploy/shop/.meshfix.yaml").touch()

    assert search.find_settings(["deploy/shop/cart.yaml"]) == "deploy/shop/.meshfix.yaml"
    assert search.find_settings(["deploy/shop", "deploy/till"]) == ".meshfix.yaml"


def test_not_above_the_repository(repository: Path) -> None:
    """What lies above the repository belongs to somebody else."""
    (repository / ".meshfix.yaml").unlink()

    assert search.find_settings(["deploy/shop/cart.yaml"]) == ""


def test_not_in_the_home_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in somebody's home folder changes no report of what lies below."""
    monkeypatch.setenv("HOME", str(repository))

    assert search.find_settings(["deploy/shop/cart.yaml"]) == ""


def test_not_where_anybody_may_put_it(repository: Path) -> None:
    """Settings in a folder like /tmp may be anybody's; a checkout that anybody may write to, as GitLab's are, is no such folder."""
    (repository / "deploy").chmod(0o777)
    assert search.find_settings(["deploy/shop/cart.yaml"]) == ".meshfix.yaml"

    (repository / "deploy").chmod(0o1777)
    assert search.find_settings(["deploy/shop/cart.yaml"]) == ""


def test_a_link_leads_to_where_the_manifest_is(repository: Path, tmp_path: Path) -> None:
    """A manifest behind a link goes with the settings of the folder that it really is in."""
    (tmp_path / "link.yaml").symlink_to(repository / "deploy/shop/cart.yaml")
    (repository / "deploy/shop/.meshfix.yaml").touch()

    assert search.find_settings([str(tmp_path / "link.yaml")]) == "deploy/shop/.meshfix.yaml"


def test_manifests_that_are_not_there(repository: Path) -> None:
    """A path that does not exist finds what would be beside it, so that the one complaint is about the path."""
    assert search.find_settings(["deploy/none.yaml"]) == ".meshfix.yaml"
    assert search.find_settings(["none/none.yaml"]) == ""
