"""Files of expectations: what may stand in them, and the place and the way out of everything that may not."""

import contextlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.expectations.terms import Asked, Expectation, Injected
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.governance.expectations.written import WrittenExpected, WrittenFile, WrittenRequest, WrittenTest
from kubectl_meshfix.governance.placed_errors import keys

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs" / "schema" / "tests.v1.json").read_text())

WHOLE = """\
namespace: shop
tests:
- name: carts are read
  from: deploy/cart
  request: GET http://catalog.shop/items?page=2
  expect: {arrives: true, destination: "catalog.shop:80", subset: v2, mtls: true, allowed: true}
- from: gateway/shop
  namespace: web
  request:
    url: https://shop.example.com/cart
    method: POST
    headers: {x-user: a}
    http: 2
    sni: other.example.com
    principal: cluster.local/ns/a/sa/b
    claims: {iss: https://accounts.example.com, groups: [admin]}
    sourceIP: 203.0.113.7
  expect:
  - {status: 403, flag: UAEX, share: 12.5%, given: not oldest}
  - {location: http://x.example.com, given: [a, b]}
- {from: outside, request: TCP catalog.shop:9000, expect: {arrives: false}}
---
tests:
- {workload: sts/cart, injected: false}
"""


def about(item: Expectation) -> Asked:
    """An expectation as one of a request."""
    assert isinstance(item.about, Asked)
    return item.about


def complaint(text: str) -> tuple[str, str]:
    """What is said of a file that cannot be taken, and the hint."""
    with pytest.raises(UsageError) as caught:
        parse_expectations(text, "tests.yaml")
    return caught.value.message, caught.value.hint


def is_valid(text: str) -> bool:
    """Whether the published schema takes every document of a text."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return all(validator.is_valid(json.loads(json.dumps(item, default=str))) for item in yaml.safe_load_all(text))


def test_everything_that_may_be_said() -> None:
    """All keys at once are taken, by us and by the published schema."""
    first, second, third, fourth = parse_expectations(WHOLE, "tests.yaml", "default")

    assert (first.name, first.namespace) == ("carts are read", "shop")
    assert first.location
    assert first.location.line == 3
    assert (about(first).request.path, about(first).request.query) == ("/items", "page=2")
    assert (second.name, second.namespace) == ("gateway/shop: POST https://shop.example.com/cart", "web")
    assert about(second).request.claims == {"iss": "https://accounts.example.com", "groups": ["admin"]}
    assert (about(second).request.version, about(second).request.source_ip) == ("2", "203.0.113.7")
    assert about(second).expected[0].share == Fraction(1, 8)
    assert about(second).expected[1].given == ("a", "b")
    assert (third.name, about(third).request.port) == ("outside: TCP catalog.shop:9000", 9000)
    assert (fourth.about, fourth.namespace) == (Injected(workload="sts/cart", injected=False), "default")
    assert is_valid(WHOLE)


def test_the_schema_has_the_keys_of_the_structs() -> None:
    """What is taken and what editors offer are the same keys, each described."""
    test = SCHEMA["$defs"]["test"]
    described: dict[type[msgspec.Struct], dict[str, Any]] = {
        WrittenFile: SCHEMA["properties"],
        WrittenTest: {
            key: value for kind in test["oneOf"] for key, value in SCHEMA["$defs"][kind["$ref"].split("/")[-1]]["properties"].items()
        },
        WrittenRequest: SCHEMA["$defs"]["request"]["properties"],
        WrittenExpected: SCHEMA["$defs"]["expected"]["properties"],
    }

    for struct, properties in described.items():
        assert set(properties) == set(keys(struct)), struct
        assert all("description" in value or "$ref" in value for value in properties.values()), struct


def one(test: str) -> str:
    """A file of one expectation."""
    return f"tests:\n- {test}\n"


REQUEST = "from: deploy/cart, request: GET http://catalog.shop"


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("test: []\n", 'tests.yaml:1:1: There is no key of a file of expectations "test".', 'Did you mean "tests"?'),
        (one("{form: deploy/cart}"), 'tests.yaml:2:4: There is no key of an expectation "form".', 'Did you mean "from"?'),
        (one("{" + REQUEST + ", expect: {arives: true}}"), 'There is no key of what is expected "arives".', 'Did you mean "arrives"?'),
        (one("{" + REQUEST + ", expect: {}}"), 'This expectation has no "expect".', "A request needs"),
        (one("{" + REQUEST + ", expect: []}"), 'This expectation has no "expect".', "A request needs"),
        (one("{" + REQUEST + ", expect: {share: 10%}}"), "Nothing is expected here.", "Write one of arrives"),
        (one("{" + REQUEST + ", expect: {subset: v1, share: 0.1}}"), "A share is written in percent.", "share: 10%"),
        (one("{" + REQUEST + ", expect: {subset: v1, share: 101%}}"), "A share is written in percent.", "share: 10%"),
        (one("{" + REQUEST + ", expect: {status: 99}}"), "99 is not a status of HTTP.", ""),
        (one("{" + REQUEST + ", expect: {status: '404'}}"), "Status is a string and must be a number.", ""),
        (one("{from: outside, request: TCP a.b:1, expect: {status: 404}}"), "TCP has no status.", "arrives: false"),
        (one("{from: cart, request: GET http://a, expect: {arrives: true}}"), '"cart" does not name a caller.', "deploy/NAME"),
        (one("{from: outside, request: GET catalog, expect: {arrives: true}}"), "", ""),
        (one("{from: outside, request: {uri: http://a}, expect: {arrives: true}}"), 'There is no key of a request "uri".', "url"),
        (
            one("{from: outside, request: {url: http://a, sourceIp: 1.2.3.4}, expect: {arrives: true}}"),
            'key of a request "sourceIp"',
            "sourceIP",
        ),
        (one("{workload: cart, injected: true}"), '"cart" does not name a workload.', "deploy/NAME"),
        (one("{workload: vs/cart, injected: true}"), '"vs/cart" does not name a workload.', ""),
        (one("{workload: deploy/cart}"), "needs both workload and injected", ""),
        (one("{workload: deploy/cart, injected: true, from: outside}"), '"from" is of requests', "Make two of it."),
        ("apiVersion: v1\nkind: Service\n", "This is a manifest, not a file of expectations.", "-f"),
        ("", "tests.yaml holds no expectations.", "--init"),
        ("tests: []\n", "tests.yaml holds no expectations.", "--init"),
        ("- a\n", "A file of expectations holds keys with values.", "tests:"),
        (one("text"), "Here a map belongs", ""),
        ("tests: {a: 1}\n", "Tests is a map and must be a list.", ""),
        ("tests: [\n", "tests.yaml:2:1", "Correct the file."),
        ("tests: []\ntests: []\n", "tests.yaml:2:1", ""),
    ],
)
def test_what_may_not_be_said(text: str, sentence: str, hint: str) -> None:
    """Every mistake has its line, and the nearest key or what to write instead."""
    message, advice = complaint(text)

    assert message.startswith("tests.yaml")
    assert sentence in message
    assert hint in advice


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize("claims", [TOKEN, f"Bearer {TOKEN}", f"{{token: {TOKEN}}}", f"[{TOKEN}]"])
def test_a_token_is_refused(claims: str) -> None:
    """A token among the claims is an error that does not repeat it."""
    message, hint = complaint(one(f"{{from: outside, request: {{url: http://a, claims: {claims}}}, expect: {{arrives: true}}}}"))

    assert "This is a token; only its claims belong here." in message
    assert "eyJ" not in message + hint


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """No text ends in anything but expectations or an error with a sentence."""
    with contextlib.suppress(UsageError):
        assert parse_expectations(text, "tests.yaml")


KEYS = st.sampled_from([*keys(WrittenTest), *keys(WrittenRequest), *keys(WrittenExpected)])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(VALUES, max_size=3))
def test_any_values_are_taken_or_refused(tests: list[Any]) -> None:
    """The same of values of every type below the right keys."""
    with contextlib.suppress(UsageError):
        assert parse_expectations(yaml.safe_dump({"tests": tests}), "tests.yaml")
