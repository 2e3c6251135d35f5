"""Label selectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.selectors import holds, is_valid, matches, parse
from kubectl_meshfix.resources.meta import LabelSelector, Requirement

labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@pytest.mark.parametrize(
    ("text", "matching", "other"),
    [
        ("app=cart", {"app": "cart"}, {"app": "db"}),
        ("app==cart", {"app": "cart"}, {}),
        ("app!=cart", {}, {"app": "cart"}),
        ("app in (a, b)", {"app": "b"}, {"app": "c"}),
        ("app notin (a,b)", {}, {"app": "a"}),
        ("app", {"app": ""}, {}),
        ("!app", {}, {"app": "x"}),
        ("app=cart,tier in (a,b),!old", {"app": "cart", "tier": "a"}, {"app": "cart", "tier": "a", "old": "1"}),
        ("app=", {"app": ""}, {"app": "x"}),
        ("app =cart", {"app": "cart"}, {"app": "x"}),
        ("! app", {}, {"app": "x"}),
    ],
)
def test_kubectl_syntax(text: str, matching: dict[str, str], other: dict[str, str]) -> None:
    """A selector of ``-l`` means what it means to kubectl."""
    assert matches(parse(text), matching)
    assert not matches(parse(text), other)


@pytest.mark.parametrize("text", ["a b", "a in b", "=x", "a in (x", "(a)"])
def test_nonsense_is_refused(text: str) -> None:
    """What kubectl does not take is a ValueError."""
    with pytest.raises(ValueError, match=r".*"):
        parse(text)


@given(labels, st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), min_size=1).map(tuple))
def test_opposites(given_labels: dict[str, str], key: str, values: tuple[str, ...]) -> None:
    """In and NotIn, Exists and DoesNotExist exclude each other and leave nothing out."""
    for one, other in (("In", "NotIn"), ("Exists", "DoesNotExist")):
        assert holds(Requirement(key=key, operator=one, values=values), given_labels) is not holds(
            Requirement(key=key, operator=other, values=values), given_labels
        )


def test_another_operator_never_holds() -> None:
    """Whether the key is there or not."""
    assert not any(holds(Requirement(key="a", operator="Gt", values=("1",)), given_labels) for given_labels in ({}, {"a": "1"}, {"a": "2"}))


@given(labels)
def test_empty_matches_everything(given_labels: dict[str, str]) -> None:
    """A selector without terms matches any labels."""
    assert matches(LabelSelector(), given_labels)
    assert parse("") == parse(" ") == LabelSelector()


@pytest.mark.parametrize(
    ("operator", "values", "is_good"),
    [
        ("In", ("a",), True),
        ("In", (), False),
        ("NotIn", ("a", "b"), True),
        ("NotIn", (), False),
        ("Exists", (), True),
        ("Exists", ("a",), False),
        ("DoesNotExist", (), True),
        ("DoesNotExist", ("a",), False),
        ("in", ("a",), False),
        ("", (), False),
    ],
)
def test_an_operator_has_the_values_that_it_needs(operator: str, values: tuple[str, ...], is_good: bool) -> None:
    """Lists need some, existence none; Kubernetes knows no other operator, and no empty key."""
    good, nameless = (LabelSelector(match_expressions=(Requirement(key=key, operator=operator, values=values),)) for key in ("app", ""))

    assert is_valid(good) is is_good
    assert not is_valid(nameless)
