"""What routes ask of a request, whether they come from a VirtualService or an HTTPRoute."""

from enum import StrEnum

from kubectl_meshfix.resources.meta import Ref, Struct


class Comparison(StrEnum):
    """How a text is compared."""

    EXACT = "exact"
    PREFIX = "prefix"
    PATH_PREFIX = "path prefix"
    """By whole segments of a path: ``/foo`` covers ``/foo/bar`` and not ``/foobar`` (Gateway API)."""
    SUFFIX = "suffix"
    REGEX = "regex"
    """RE2, of the whole text."""
    PRESENT = "present"


class Field(StrEnum):
    """What of a request is compared."""

    PATH = "path"
    METHOD = "method"
    SCHEME = "scheme"
    AUTHORITY = "authority"
    HEADER = "header"
    QUERY = "query"
    CLAIM = "claim"
    """A claim of a token that was verified (``@request.auth.claims``)."""


class Condition(Struct, frozen=True):
    """One condition of a route. ``name`` is that of the header, query parameter or claim; ``path`` is its JSON pointer in the object.

    ``resource`` is that object where it is not the rule's own: the VirtualService that delegates to it.
    """

    field: Field
    comparison: Comparison
    value: str = ""
    name: str = ""
    ignores_case: bool = False
    is_negated: bool = False
    path: str = ""
    resource: Ref | None = None
