"""An archive that krew unpacks, and the same bytes each time."""

import tarfile
from pathlib import Path

import pytest

from krew.archive import pack

NOON = 1_772_366_400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What PyInstaller leaves on some systems: a program, a library, and links to files and folders."""
    made = tmp_path / "made"
    (made / "lib" / "1.0").mkdir(parents=True)
    (made / "LICENSE").write_text("Apache-2.0")
    (made / "program").write_text("#!/bin/sh\n")
    (made / "program").chmod(0o700)
    (made / "lib" / "1.0" / "so").write_text("ELF")
    (made / "lib" / "so").symlink_to("1.0/so")
    (made / "lib" / "current").symlink_to("1.0")
    (made / "lib" / "twin").hardlink_to(made / "lib" / "1.0" / "so")
    return made


def test_there_is_nothing_but_files(folder: Path, tmp_path: Path) -> None:
    """Links become what they lead to: krew stops at any link, symbolic or hard."""
    pack(folder, tmp_path / "a.tar.gz", NOON)

    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        assert all(entry.isreg() for entry in archive)
        assert {archive.extractfile(f"lib/{name}").read() for name in ("1.0/so", "so", "current/so", "twin")} == {b"ELF"}  # type: ignore[union-attr]


def test_nothing_of_this_machine_is_in_it(folder: Path, tmp_path: Path) -> None:
    """Neither owners nor times nor a mode but two; names in order, at the root."""
    pack(folder, tmp_path / "a.tar.gz", NOON)

    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        entries = archive.getmembers()
    assert [entry.name for entry in entries] == ["LICENSE", "lib/1.0/so", "lib/current/so", "lib/so", "lib/twin", "program"]
    assert {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime) for entry in entries} == {(0, 0, "", "", NOON)}
    assert {entry.name: entry.mode for entry in entries} == dict.fromkeys([entry.name for entry in entries], 0o644) | {"program": 0o755}


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """Whoever builds a release again can compare checksums."""
    pack(folder, tmp_path / "a.tar.gz", NOON)
    (folder / "LICENSE").touch()
    pack(folder, tmp_path / "b.tar.gz", NOON)

    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_a_name_that_krew_refuses_stops_the_build(folder: Path, tmp_path: Path) -> None:
    """The installer takes two dots anywhere in a name for an attack."""
    (folder / "a..b").touch()

    with pytest.raises(ValueError, match=r"a\.\.b"):
        pack(folder, tmp_path / "a.tar.gz", NOON)
