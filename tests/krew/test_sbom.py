"""What an archive's bill of materials says."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from krew import sbom
from krew.notices import Component, components


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """The bill of an archive with two packages of Python and a library of the system."""
    for name in ("yaml", "msgspec"):
        (tmp_path / "bundle" / name).mkdir(parents=True)
    (tmp_path / "meshfix_linux_amd64.tar.gz").write_bytes(b"archive")
    found = [*components(tmp_path / "bundle", {}), Component("deb", "zlib1g", "1:1.2.13.dfsg-1", "see its notice", False, ())]
    read: dict[str, Any] = json.loads(sbom.text(found, tmp_path / "meshfix_linux_amd64.tar.gz", 1_800_000_000))
    return read


def test_each_component_is_known_by_its_package_url(document: dict[str, Any]) -> None:
    """Scanners find a component by its package URL: lower case for Python, percent signs where a version has a colon."""
    urls = {row["purl"].partition("@")[0]: row["purl"] for row in document["components"]}

    assert set(urls) == {"pkg:pypi/msgspec", "pkg:pypi/pyyaml", "pkg:pypi/pyinstaller", "pkg:generic/python", "pkg:deb/debian/zlib1g"}
    assert urls["pkg:deb/debian/zlib1g"].endswith("@1%3A1.2.13.dfsg-1")


def test_it_is_about_its_archive(document: dict[str, Any]) -> None:
    """The archive's checksum is in it, and everything else in it is what the archive depends on."""
    own = document["metadata"]["component"]

    assert own["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"archive").hexdigest()}]
    assert document["dependencies"][0]["dependsOn"] == [row["bom-ref"] for row in document["components"]]
    assert document["metadata"]["timestamp"] == "2027-01-15T08:00:00Z"


def test_a_licence_is_an_expression_only_where_it_is_said_as_one(document: dict[str, Any]) -> None:
    """What older packages call their licence is a name; what nobody says is left out."""
    licences = {row["name"]: row.get("licenses") for row in document["components"]}

    assert licences["msgspec"] == [{"expression": "BSD-3-Clause"}]
    assert licences["PyYAML"] == [{"license": {"name": "MIT"}}]
    assert licences["zlib1g"] is None
