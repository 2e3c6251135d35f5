"""Routes as Envoy gets them, whether they come from a VirtualService, an HTTPRoute or a Service alone."""

from collections.abc import Mapping
from fractions import Fraction

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.terms.conditions import Condition


class HeaderChanges(Struct, frozen=True):
    """What is done to a request's headers on its way to one target; an empty ``authority`` leaves it alone."""

    set: Mapping[str, str] = {}
    add: Mapping[str, str] = {}
    removed: tuple[str, ...] = ()
    authority: str = ""


class Target(Struct, frozen=True):
    """Where a route sends: a full host of the registry. ``port`` 0 means that the route names none.

    ``missing_status`` is what Envoy answers where there is no such cluster: 503, or 500 for Gateway API.
    """

    host: str
    port: int = 0
    subset: str = ""
    weight: int = 1
    at: Where | None = None
    missing_status: int = 503
    changes: HeaderChanges | None = None


class Fault(Struct, frozen=True):
    """What a route injects, with its part of the requests. ``status`` 0 means no abort; ``delay`` is in seconds."""

    status: int = 0
    abort_share: Fraction = Fraction(0)
    delay: float = 0.0
    delay_share: Fraction = Fraction(0)
    path: str = ""


class Redirect(Struct, frozen=True):
    """An answer that names another place: as much of it as the route decides, empty for what stays as it was.

    ``prefix`` replaces what the route matched of the path, ``path`` all of it.
    """

    status: int = 301
    scheme: str = ""
    authority: str = ""
    path: str = ""
    port: int = 0
    prefix: str = ""


class DirectResponse(Struct, frozen=True):
    """An answer of the proxy's own."""

    status: int
    body: str = ""


class Forward(Struct, frozen=True):
    """A request that goes on. ``rewrite`` and ``set_headers`` tell what the server sees; an empty value leaves it alone.

    ``timeout`` is in seconds, None for none. ``retries`` is how often a failed connection is tried again. ``rewrite_regex`` is a pattern,
    each match of which in the path is replaced, and the replacement. ``unknown`` is set, and there are no targets, where a VirtualService
    that was not read decides where it goes.
    """

    targets: tuple[Target, ...]
    fault: Fault | None = None
    timeout: float | None = None
    retries: int = 2
    rewrite_path: str | None = None
    rewrite_prefix: str | None = None
    rewrite_regex: tuple[str, str] | None = None
    rewrite_authority: str = ""
    set_headers: Mapping[str, str] = {}
    add_headers: Mapping[str, str] = {}
    removed_headers: tuple[str, ...] = ()
    mirrors: tuple[Target, ...] = ()
    has_cors: bool = False
    unknown: Unknown | None = None


class Cors(Struct, frozen=True):
    """Whose preflights are answered: those whose ``Origin`` fits one of ``origins``; of others too, unless they are ``forwarded``."""

    origins: tuple[Condition, ...] = ()
    forwards_others: bool = True


class Rule(Struct, frozen=True):
    """One route of a virtual host: conditions that all have to hold, and what is done. ``at`` is the object and the rule in it.

    ``at`` is None for the route that a Service has without any VirtualService or HTTPRoute.
    """

    conditions: tuple[Condition, ...]
    action: Redirect | DirectResponse | Forward
    at: Where | None = None
    name: str = ""
    cors: Cors | None = None


class VirtualHost(Struct, frozen=True):
    """The routes for a host, in the order in which they are tried. ``domain`` is the one that matched; ``by`` the object it comes from."""

    domain: str
    rules: tuple[Rule, ...]
    by: Ref | None = None
    has_https_redirect: bool = False
