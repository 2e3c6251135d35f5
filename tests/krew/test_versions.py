"""Versions for Python and for krew."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from krew.render import TAG
from krew.versions import must_agree, tag

NUMBERS = st.integers(0, 999)


@st.composite
def versions(draw: st.DrawFn) -> str:
    """Versions that setuptools-scm makes of tags and of commits after them."""
    release = ".".join(str(draw(NUMBERS)) for _ in range(3))
    pre = draw(st.sampled_from(["", "a", "b", "rc"]))
    dev = draw(st.sampled_from(["", ".dev7", ".dev12+g2b20e0f", ".dev12+g2b20e0f.d20260301"]))
    return release + (f"{pre}{draw(NUMBERS)}" if pre else "") + dev


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("0.1.0", "v0.1.0"),
        ("0.2.0rc1", "v0.2.0-rc.1"),
        ("1.0.0a2", "v1.0.0-alpha.2"),
        ("1.0", "v1.0.0"),
        ("0.1.1.dev3+gabc", "v0.1.1-dev.3+gabc"),
    ],
)
def test_one_version_has_two_spellings(version: str, name: str) -> None:
    """A pre-release reads as semantic versioning wants it."""
    assert tag(version) == name


@given(versions())
def test_a_tag_is_the_version_it_was_made_of(version: str) -> None:
    """Python's reading of the tag gives the version back, and krew takes the tag."""
    assert Version(tag(version).removeprefix("v")) == Version(version)
    assert TAG.fullmatch(tag(version))


@pytest.mark.parametrize("version", ["1.0.0.post1", "1!1.0.0", "1.2.3.4"])
def test_what_semantic_versioning_cannot_say_is_refused(version: str) -> None:
    """Better no release than one that krew sorts wrongly."""
    with pytest.raises(ValueError, match="cannot be written"):
        tag(version)


@pytest.mark.parametrize(("name", "version"), [("v0.2.0", "0.2.0rc1"), ("v0.2.0rc1", "0.2.0rc1"), ("v0.1.0", "0.1.1.dev1+gabc")])
def test_a_tag_that_is_not_what_was_built_stops_a_release(name: str, version: str) -> None:
    """PyPI and krew get one and the same version or none."""
    with pytest.raises(ValueError, match=re.escape(name)):
        must_agree(name, version)


def test_no_version_is_written_down() -> None:
    """The tag is the only source: no number in pyproject.toml."""
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]

    assert "version" not in project
    assert project["dynamic"] == ["urls", "version"]
