"""Paths are rewritten before anything looks at them."""

import pytest

from kubectl_meshfix.traffic.paths import normalised


@pytest.mark.parametrize(
    ("path", "normalization", "wanted"),
    [
        ("/a/../b/./c", "DEFAULT", "/b/c"),
        ("/a/..", "BASE", "/"),
        ("/../a", "BASE", "/a"),
        ("/a/%2e%2e/b", "BASE", "/b"),
        ("/a\\b", "BASE", "/a/b"),
        ("/%61dmin", "BASE", "/admin"),
        ("/a%2Fb", "BASE", "/a%2Fb"),
        ("//admin", "BASE", "//admin"),
        ("//admin//x", "MERGE_SLASHES", "/admin/x"),
        ("/a%2F%5Cb", "DECODE_AND_MERGE_SLASHES", "/a/b"),
        ("/a/../b", "NONE", "/a/../b"),
        ("/a/", "BASE", "/a/"),
        ("/a%00", "BASE", None),
        ("/a%00", "NONE", "/a%00"),
        ("/a#b", "NONE", None),
        ("/é", "NONE", None),
        ("/a//../b", "BASE", "/a/b"),
        ("/a///../b", "BASE", "/a//b"),
        ("/a/..;x/b", "BASE", "/b"),
        ("/a/%2e%2e;x", "BASE", "/a/..;x"),
        ("/a/...", "BASE", "/a/..."),
        ('/a"{x}|^', "BASE", "/a%22%7Bx%7D%7C%5E"),
        ("/a%2f..%2fb", "BASE", "/a%2f..%2fb"),
        ("/a%2f..%2fb", "DECODE_AND_MERGE_SLASHES", "/b"),
        ("/a%5c..%5cb", "DECODE_AND_MERGE_SLASHES", "/b"),
        ("/a%252fb", "DECODE_AND_MERGE_SLASHES", "/a%252fb"),
        ("/a%zz", "BASE", "/a%zz"),
    ],
)
def test_each_mode_rewrites_more(path: str, normalization: str, wanted: str | None) -> None:
    """BASE resolves dots and decodes letters, the others turn slashes too; a zero byte is refused."""
    assert normalised(path, normalization) == wanted
