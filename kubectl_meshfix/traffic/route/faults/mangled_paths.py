"""Rewrites that spoil the paths of a prefix: Envoy replaces the very letters that matched (`prefix_rewrite`)."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.resources.istio_networking.routes import VirtualService, VirtualServiceHTTPRoute


class Mangled(msgspec.Struct, frozen=True):
    """A route, by its index, and its match (-1 for none), whose ``prefix`` is rewritten; ``before`` and ``after`` are a path as an example.

    ``is_double`` says that a slash comes in twice, else one is lost.
    """

    route: int
    match: int
    prefix: str
    rewritten: str
    before: str
    after: str
    is_double: bool


def mangled(virtual_service: VirtualService) -> Iterator[Mangled]:
    """Each route of which a match gives a path that nobody means (`pilot/pkg/networking/core/route/route.go applyHTTPRouteDestination`).

    A slash too much is left alone where the paths below the prefix are taken by an earlier match.
    """
    below: set[str] = set()
    for index, route in enumerate(virtual_service.spec.http):
        rewritten = route.rewrite.uri if route.rewrite and not route.rewrite.uri_regex_rewrite else ""
        for position, prefix in _prefixes(route):
            if rewritten.startswith("/") and prefix.startswith("/") and prefix.endswith("/") != rewritten.endswith("/"):
                is_double = rewritten.endswith("/")
                if not (is_double and f"{prefix}/" in below):
                    before = f"{prefix}/api" if is_double else f"{prefix}api"
                    after = rewritten + before.removeprefix(prefix)
                    yield Mangled(index, position, prefix, rewritten, before, after, is_double)
                    break
            below.add(prefix)


def _prefixes(route: VirtualServiceHTTPRoute) -> Iterator[tuple[int, str]]:
    """The prefixes that a route matches; without a match, or one of the path, that is the first slash."""
    if not route.match:
        yield -1, "/"
    for position, match in enumerate(route.match):
        if match.uri is None:
            yield position, "/"
        elif match.uri.prefix is not None:
            yield position, match.uri.prefix
