"""Settings: what they may say, and the place and the way out of everything they may not."""

import contextlib
import json
import os
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance.config import Config, parse_settings, read_settings, words

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs" / "schema" / "config.v1.json").read_text())

WHOLE = """\
# what the shop's team has decided
select: [MF1, missing-sidecar]
ignore: MF104, IST0102
severities:
  MF1: info
  undeclared-port-protocol: error
protocols:
  shop/cart/8080: http
  cart/web: GRPC
scope: mesh
fail-on: error
revision: canary
suppressions:
- code: [MF101, MF103]
  resource: Service shop/legacy-*
  reason: The client is a fax
  expires: 2027-01-31
"""


def complaint(text: str) -> tuple[str, str]:
    """What is said of settings that cannot be taken, and the hint."""
    with pytest.raises(UsageError) as caught:
        parse_settings(text, ".meshfix.yaml")
    return caught.value.message, caught.value.hint


def is_valid(text: str) -> bool:
    """Whether the published schema takes a text."""
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.load(text, Loader=yaml.BaseLoader)))


def test_everything_that_may_be_said() -> None:
    """All keys at once are taken, by us and by the published schema."""
    config = parse_settings(WHOLE, "team.yaml")

    assert words(config.settings.select) == ("MF1", "missing-sidecar")
    assert words(config.settings.ignore) == ("MF104", "IST0102")
    assert config.settings.suppressions[0].expires == "2027-01-31"
    assert config.places["/suppressions/0"].line == 14
    assert is_valid(WHOLE)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "select:\n", "suppressions: []\n", "{}"])
def test_nothing_is_said(text: str) -> None:
    """Settings that say nothing are settings."""
    assert parse_settings(text, "f").settings == Config("f", parse_settings("", "f").settings, {}).settings


@pytest.mark.parametrize(
    ("text", "place", "sentence", "hint"),
    [
        ("sevrities: {}\n", "1:1", 'There is no setting "sevrities".', 'Did you mean "severities"?'),
        ("ignore: []\nfailOn: error\n", "2:1", 'There is no setting "failOn".', 'Did you mean "fail-on"?'),
        ("rules: []\n", "1:1", 'There is no setting "rules".', "The keys are select"),
        ("suppressions:\n- cod: MF101\n", "2:3", 'There is no key of a suppression "cod".', 'Did you mean "code"?'),
        (
            "suppressions:\n- code: MF101\n  resource: Service a/b\n",
            "2:3",
            "This suppression has no reason.",
            "a code, a resource and a reason",
        ),
        ("suppressions:\n- code: MF101\n  reason: so\n", "2:3", "This suppression has no resource.", ""),
        ("select: [MF101, MF99]\n", "1:1", 'No rule is called "MF99".', "kubectl meshfix rules"),
        ("ignore: udeclared-port-protocol\n", "1:1", 'No rule is called "udeclared-port-protocol".', "undeclared-port-protocol"),
        ("severities: {MF101: eror}\n", "1:14", '"eror" is not a value of severities.', "error, warning or info"),
        ("severities: {MF101: off}\n", "1:14", "is a boolean and must be a string. Put it in quotes.", ""),
        ("scope: cluster\n", "1:1", '"cluster" is not a value of scope.', "mesh or all"),
        ("fail-on: 3\n", "1:1", "is a number and must be a string. Put it in quotes.", ""),
        ("protocols: {cart: http}\n", "1:13", '"cart" does not name a port of a Service.', "shop/cart/8080"),
        ("protocols: {shop/cart/8080: htp}\n", "1:13", '"htp" is not a value of protocols.', "http"),
        ("select: {MF1: true}\n", "1:1", "is a map and must be a string or a list.", ""),
        ("- select\n", "1:1", "A settings file holds keys with values.", "The keys are select"),
        ("select: MF1\nselect: MF2\n", "2:1", 'The key "select" is set twice', ""),
        ("select: [MF1\n", "2:1", "not closed", "--config none"),
        ("select: MF1\n---\nselect: MF2\n", "3", "A second document begins here.", "one document"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, sentence: str, hint: str) -> None:
    """A key, value or name that nobody knows is one sentence with line and column, and the nearest that is known."""
    message, advice = complaint(text)

    assert message.startswith(f".meshfix.yaml:{place}")
    assert sentence in message
    assert hint in advice


@pytest.mark.parametrize("text", ["sevrities: {}", "severities: {MF101: eror}", "scope: cluster", "suppressions: [{code: MF101}]"])
def test_the_schema_refuses_it_too(text: str) -> None:
    """What an editor that knows the schema marks is what the command refuses."""
    complaint(text)

    assert not is_valid(text)


@pytest.mark.parametrize(
    ("pattern", "sentence", "hint"),
    [
        ("shop/cart", "does not begin with a kind", "Service shop/cart"),
        ("svc shop/cart", 'did you mean "Service"', ""),
        ("Servce shop/cart", 'did you mean "Service"', ""),
        ("Service", "names a kind but no object", ""),
    ],
)
def test_a_pattern_that_can_match_nothing(pattern: str, sentence: str, hint: str) -> None:
    """A name of objects that no report would print is refused where it stands, with how to write it."""
    message, advice = complaint(f"suppressions:\n- code: MF101\n  reason: so\n  resource: {pattern}\n")

    assert message.startswith(".meshfix.yaml:4:3: ")
    assert sentence in message
    assert hint in advice


@pytest.mark.parametrize("pattern", ["*", "* shop/*", "Service shop/c?rt", "Service *", "Namespace shop", "File deploy/*", "[PS]* a/b"])
def test_a_pattern_that_may_match(pattern: str) -> None:
    """Patterns name objects as reports do, with globs anywhere."""
    settings = parse_settings(f"suppressions: [{{code: MF101, reason: so, resource: '{pattern}'}}]", "f").settings

    assert settings.suppressions[0].resource == pattern


@pytest.mark.parametrize("day", ["tomorrow", "2027-02-30", "2027-1-1", "20270131", "2027-01-31T00:00:00Z"])
def test_a_day_that_is_none(day: str) -> None:
    """An expiry that is no day is refused instead of never coming."""
    message, hint = complaint(f'suppressions: [{{code: MF101, reason: so, resource: "*", expires: "{day}"}}]')

    assert f'"{day}" is not a date.' in message
    assert "2027-01-31" in hint


def test_files_that_are_no_settings(tmp_path: Path) -> None:
    """A folder, a named pipe, bytes that are no text, too many of them, and nothing at all each get one sentence, at once."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes(b"select: MF1\nignore: \xe9\n")
    (tmp_path / "large").write_bytes(b"#" * 10_000_000)
    for name, sentence in {
        "": "is a folder",
        "pipe": "is not a regular file",
        "latin": ":2: This is not UTF-8 text",
        "large": "more than 5 MB",
        "absent": "does not exist",
    }.items():
        with pytest.raises(UsageError, match=sentence) as caught:
            read_settings(str(tmp_path / name))
        assert caught.value.hint


@given(st.text(alphabet=st.sampled_from("select:ignore[]{}-& *MF10,'\"\n\t#|>!%@`0sverit?\x00é")))
def test_any_text_is_settings_or_a_sentence(text: str) -> None:
    """Whatever stands in the file, it is understood or refused with a sentence that names the file; nothing else is raised."""
    with contextlib.suppress(UsageError):
        assert parse_settings(text, "f").file == "f"
