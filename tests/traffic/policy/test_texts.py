"""How policies compare texts, each field in its own way."""

import pytest

from kubectl_meshfix.traffic.policy.evaluation import texts

CART = "cluster.local/ns/shop/sa/cart"


@pytest.mark.parametrize(
    ("pattern", "text", "so"),
    [
        ("*", "a", True), ("*", "", False), ("a*", "a", True), ("a*", "ab", True), ("a*", "ba", False), ("*a", "a", True),
        ("*a", "ba", True), ("*a", "ab", False), ("a", "a", True), ("a", "A", False), ("a*b", "a*b", True), ("a*b", "axb", False),
        ("**", "x", False), ("**", "x*", True), ("", "", True), ("", "a", False),
    ],
)  # fmt: skip
def test_a_star_stands_at_an_end(pattern: str, text: str, so: bool) -> None:
    """Anywhere else it is a letter, and alone it is any text that is not empty."""
    assert texts.matches(pattern, text) is so


@pytest.mark.parametrize(
    ("identity", "so"),
    [
        (CART, True), ("", False), ("cluster.local/ns/shop/sa/cart2", False), ("cluster.local/ns/shop/sa/acart", False),
        ("cluster.local/ns/other/sa/cart", False), ("/ns/shop/sa/cart", False), ("a/ns/shop/sa/cart/x", True),
        ("a/ns/shop/sa/cart/", False),
        ("a/ns/shop/x/sa/cart", True), ("a/ns/shop//sa/cart", False), ("a/ns/shop/xsa/cart", False), ("a/ns/shop/x/sa/carts/sa/cart", True),
        ("a/ns/shop/x/sa/carts", False), ("a/ns/shop/sa/carts", False), ("a/ns/shop/sa/carts/sa/cart", True),
    ],
)  # fmt: skip
def test_a_service_account_is_a_part_between_slashes(identity: str, so: bool) -> None:
    """Of the policy's own namespace, or of one that it names (`(.+/|)part(/.+)?`)."""
    assert texts.is_service_account("cart", "shop", identity) is so
    assert texts.is_service_account("shop/cart", "bank", identity) is so
    assert not texts.is_service_account("cart", "bank", identity)


@pytest.mark.parametrize(
    ("pattern", "identity", "so"),
    [
        ("shop", CART, True), ("s*", CART, True), ("*p", CART, True), ("s*o*", CART, True), ("*", CART, True), ("sho", CART, False),
        ("shop", "", False), ("*", "", False), ("shop/sa", CART, True), ("o*s", CART, False),
    ],
)  # fmt: skip
def test_any_star_of_a_namespace_counts(pattern: str, identity: str, so: bool) -> None:
    """They stand for anything, slashes too."""
    assert texts.is_of_namespace(pattern, identity) is so


@pytest.mark.parametrize(
    ("pattern", "text", "so"),
    [
        ("a", "a", True), ("a", "ab", False), ("a*b", "ab", True), ("a*b", "acb", True), ("a*b", "a", False), ("a*a", "a", False),
        ("a*b*c", "abc", True), ("a*b*c", "axbyc", True), ("a*b*c", "ac", False), ("a*b*b", "ab", False), ("*b*b*", "b", False),
        ("*", "", True), ("a*bc*d", "abd", False),
    ],
)  # fmt: skip
def test_pieces_follow_each_other(pattern: str, text: str, so: bool) -> None:
    """None of them is used twice."""
    assert texts.matches_pieces(pattern, text) is so


@pytest.mark.parametrize(
    ("pattern", "identity", "so"),
    [
        ("cluster.local", CART, True), ("*", CART, True), ("*", "", False), ("cluster*", CART, True), ("*local", CART, True),
        ("c*l", CART, True), ("c*x", CART, False), ("x*l", CART, False), ("cluster.local", "cluster.local", False), ("local", CART, False),
        ("cluster*cluster.local", CART, False), ("*.local/ns", CART, False),
    ],
)  # fmt: skip
def test_a_trust_domain_is_what_comes_before_the_first_slash(pattern: str, identity: str, so: bool) -> None:
    """With one star at most."""
    assert texts.is_of_trust_domain(pattern, identity) is so


@pytest.mark.parametrize(
    ("pattern", "issuer", "subject", "so"),
    [
        ("i/s", "i", "s", True), ("i/s", "i", "x", False), ("i/s", "x", "s", False), ("i/s", "i", "", False), ("a/b/s", "a/b", "s", True),
        ("s", "", "s", False), ("*", "i", "s", True), ("*", "", "s", False), ("*", "i", "", False),
        ("*/s", "i", "s", True), ("*/s", "", "s", False), ("*/s", "i", "xs", False), ("*x/s", "ax", "s", True), ("*x/s", "a", "s", False),
        ("*s", "i", "as", True), ("*s", "", "as", False), ("*s", "i", "a", False),
        ("i/*", "i", "s", True), ("i/*", "i", "", False), ("i/*", "x", "s", False), ("i/s*", "i", "sx", True), ("i/s*", "i", "x", False),
        ("i*", "ix", "s", True), ("i*", "x", "s", False), ("i*", "i", "", False),
    ],
)  # fmt: skip
def test_who_asks_is_an_issuer_and_a_subject(pattern: str, issuer: str, subject: str, so: bool) -> None:
    """Split at the last slash; a star at the start frees the issuer, one at the end the subject."""
    assert texts.is_requester(pattern, issuer, subject) is so


@pytest.mark.parametrize(
    ("block", "address", "so"),
    [
        ("10.1.0.0/16", "10.1.255.255", True), ("10.1.0.0/16", "10.2.0.0", False), ("10.1.2.3/16", "10.1.0.0", True),
        ("10.1.2.3", "10.1.2.3", True), ("10.1.2.3", "10.1.2.4", False), ("fd00::/8", "fd01::1", True), ("fd00::/8", "10.1.2.3", False),
        ("10.1.0.0/16", "", False), ("x", "10.1.2.3", False),
    ],
)  # fmt: skip
def test_addresses_are_in_ranges(block: str, address: str, so: bool) -> None:
    """What is no range, or no address, matches nothing."""
    assert texts.is_within(block, address) is so
    assert texts.is_block(block) is (block != "x")


def test_a_principal_is_there() -> None:
    """No pattern fits a caller without an identity."""
    assert texts.is_principal("*", CART)
    assert texts.is_principal("*/sa/cart", CART)
    assert not texts.is_principal("*", "")
    assert not texts.is_principal("", "")
