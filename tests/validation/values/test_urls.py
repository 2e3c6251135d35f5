"""URLs as Go reads them."""

import pytest

from kubectl_meshfix.validation.values.urls import flaw, port, scheme


@pytest.mark.parametrize("url", ["https:a", "//a/b", "a/b:c", "*", "", "http://[fe80::1%25eth0]:80/", "http://é<>/%41?%zz", "a#%41"])
def test_urls_are_read(url: str) -> None:
    """Go admits more than browsers do."""
    assert flaw(url) == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a\t", "it has a control character"),
        (":a", "it has no scheme before the colon"),
        ("1a:b", "it has a colon in its first part"),
        ("http://a^b", "its host has a sign that is not allowed"),
        ("http://a:b", "its port is no number"),
        ("http://a:1:2", "its port is no number"),
        ("http://[a]", "what its host has in brackets is no IPv6 address"),
        ("http://[::1", "a bracket of its host is not closed"),
        ("http://u[@a", "the user before the @ has a sign that is not allowed"),
        ("http://a/%4", "it has a % that is no escape"),
        ("a#%4", "it has a % that is no escape"),
    ],
)
def test_what_is_none_is_told(url: str, why: str) -> None:
    """What is wrong with it, without the URL, which may hold a password."""
    assert flaw(url) == why


def test_a_url_of_a_request_is_absolute() -> None:
    """A path is one too, and a fragment is part of it."""
    assert [flaw(url, of_request=True) for url in ("/a", "//^", "http://a#b", "oci:/a")] == [
        "",
        "",
        "its host has a sign that is not allowed",
        "",
    ]
    assert [bool(flaw(url, of_request=True)) for url in ("", "a", "a/b:c")] == [True, True, True]


def test_parts_are_found() -> None:
    """The scheme in lower case, and the port without what stands around it."""
    assert [scheme(url) for url in ("HTTPS://a", "a/b", "a.b:1/c")] == ["https", "", "a.b"]
    assert [port(url) for url in ("http://u:p@[::1]:80/a:1", "http://a", "https:a:1", "http://a:")] == ["80", "", "", ""]
