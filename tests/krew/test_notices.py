"""Whose work goes along, and under which licence."""

from pathlib import Path

from krew.notices import collect, components


def test_each_package_brings_its_licence(tmp_path: Path) -> None:
    """Packages in the bundle are found by what they are imported as; Python and PyInstaller's loader are always in it."""
    for name in ("yaml", "tabulate", "kubectl_meshfix"):
        (tmp_path / "bundle" / name).mkdir(parents=True)
    (tmp_path / "bundle" / "jsonpatch.pyc").touch()

    missing = collect(components(tmp_path / "bundle", {}), tmp_path / "licenses")

    assert missing == []
    folders = [path for path in (tmp_path / "licenses").iterdir() if path.is_dir()]
    assert sorted(path.name.rpartition("-")[0] for path in folders) == ["PyYAML", "jsonpatch", "pyinstaller", "python", "tabulate"]
    assert all(notice.stat().st_size > 500 for path in folders for notice in path.iterdir())
    assert "PyYAML-" in (tmp_path / "licenses" / "README.txt").read_text()


def test_a_library_of_nobody_is_named(tmp_path: Path) -> None:
    """What no package of the system owns has no licence that could go along, and the build says so."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "libhome.so.1").touch()

    found = components(tmp_path / "bundle", {"libhome.so.1": str(tmp_path / "libhome.so.1")})
    missing = collect(found, tmp_path / "licenses")

    assert missing == ["libhome.so.1"]
