"""A scalar means what Kubernetes reads: the rows come from running go.yaml.in/yaml/v2 2.4.2 through sigs.k8s.io/yaml 1.6.0."""

import math

import pytest

from kubectl_meshfix.documents.reading.scalars import key_name, plain, tagged


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
        (None, "~ null Null NULL"),
    ],
)
def test_words(value: object, words: str) -> None:
    """YAML 1.1's booleans and nulls are no text, in three casings and no other."""
    assert [plain(word) for word in words.split()] == [value] * len(words.split())
    assert [plain(word) for word in ("yES", "tRUE", "nULL", "oN", "None", "nil")] == ["yES", "tRUE", "nULL", "oN", "None", "nil"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("8080", 8080),
        ("1_000", 1000),
        ("0777", 511),
        ("0o17", 15),
        ("0O17", 15),
        ("0x1F", 31),
        ("-0X1f", -31),
        ("0b101", 5),
        ("-0b11", -3),
        ("08", 8.0),
        ("08.5", 8.5),
        ("1e3", 1000.0),
        ("12e03", 12000.0),
        ("1.", 1.0),
        (".5", 0.5),
        (".7_5", 0.75),
        ("1.10", 1.1),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("-9223372036854775809", -(2.0**63)),
        ("-9223372036854775808", -(2**63)),
        ("+9223372036854775807", 2**63 - 1),
        ("+9223372036854775808", 2.0**63),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    """Numbers are what Go's strconv makes of them: octal with a leading zero, hex and binary, floats where integers overflow."""
    read = plain(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "1:30",
        "190:20:30",
        "2001-01-01",
        "2001-12-14t21:59:43Z",
        "1e999",
        "0xFFFFFFFFFFFFFFFFF",
        "0o8",
        "._5",
        "1.2.3",
        "10.0.0.1",
        "-",
        "+",
        "٣",
        "9" * 5000,
    ],
)
def test_text(text: str) -> None:
    """A timestamp, a base-60 number, an address and what overflows are text."""
    assert plain(text) == text


def test_not_a_number() -> None:
    """A ``.nan`` is a float."""
    assert math.isnan(plain(".NaN"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "123", "123"),
        ("int", "5", 5),
        ("float", "1", 1.0),
        ("bool", "yes", True),
        ("null", "", None),
        ("timestamp", "2001-01-01", "2001-01-01"),
        ("binary", "aGVsbG8=", "hello"),
        ("binary", "aGVs\nbG8=", "hello"),
        ("binary", "/w==", "\ufffd"),
        ("vendor", "12", "12"),
    ],
)
def test_tags(tag: str, text: str, value: object) -> None:
    """A tag decides where it names a type; an unknown one leaves the text as it is."""
    read = tagged(f"tag:yaml.org,2002:{tag}", text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("tag", "text"), [("int", "web"), ("float", "yes"), ("bool", "1"), ("null", "x"), ("binary", "?")])
def test_tags_that_lie(tag: str, text: str) -> None:
    """A tag that the text does not bear out is an error, as it is for Kubernetes."""
    with pytest.raises(ValueError, match=f"!!{tag}"):
        tagged(f"tag:yaml.org,2002:{tag}", text)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (8080, "8080"),
        (1.1, "1.1"),
        (1000.0, "1000"),
        (1e6, "1e+06"),
        (12345678.0, "1.2345678e+07"),
        (0.00001, "1e-05"),
        (123456789.5, "1.2345679e+08"),
        (math.inf, ".inf"),
        (-1e300, "-.inf"),
        (math.nan, ".nan"),
    ],
)
def test_keys(value: object, name: str) -> None:
    """A key that is no text becomes text as sigs.k8s.io/yaml has it, floats with 32 bits."""
    assert key_name(value) == name


@pytest.mark.parametrize("value", [None, [], {}, 2**63])
def test_keys_without_a_name(value: object) -> None:
    """What JSON has no key for is an error."""
    with pytest.raises(ValueError, match="Kubernetes needs a string"):
        key_name(value)
