"""A request that meets the conditions of a route."""

import msgspec

from kubectl_meshfix.expectations.drafts.terms import Opening
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request, Scheme

SAMPLE = "x"
"""The value of what only has to be there."""


def request_for(opening: Opening) -> Request | str:
    """The request, or why none is made: a clause."""
    made = Request(
        scheme=opening.scheme, host=opening.host, port=opening.port, method="POST" if opening.scheme is Scheme.GRPC else "GET",
        version="2" if opening.scheme is Scheme.GRPC else "1.1",
    )  # fmt: skip
    for condition in opening.conditions:
        met = _met(made, condition)
        if isinstance(met, str):
            return met
        made = met
    return made


def _met(made: Request, condition: Condition) -> Request | str:
    """The request with one more condition met."""
    if condition.is_negated:
        return made  # what is not there is not equal
    if condition.comparison is Comparison.REGEX:
        what = f"{condition.field} {condition.name}".rstrip()
        return f"its {what} is compared with the regular expression {condition.value}"
    value = SAMPLE if condition.comparison is Comparison.PRESENT else condition.value
    match condition.field:
        case Field.PATH:
            return msgspec.structs.replace(made, path=value if value.startswith("/") else f"/{value}")
        case Field.METHOD:
            return msgspec.structs.replace(made, method=value)
        case Field.HEADER:
            return msgspec.structs.replace(made, headers=(*made.headers, (condition.name, value)))
        case Field.AUTHORITY:
            return msgspec.structs.replace(made, headers=(*made.headers, ("host", value)))
        case Field.QUERY:
            pair = f"{condition.name}={value}"
            return msgspec.structs.replace(made, query=f"{made.query}&{pair}" if made.query else pair)
        case Field.SCHEME:
            return made
        case Field.CLAIM:
            return f"it needs a token with {condition.name}"
