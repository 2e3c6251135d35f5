"""Values of policies that no request can have (`pilot/pkg/security/authz/model/generator.go`, `authz/matcher/{string,header}.go`)."""

import re

import msgspec

from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.traffic import paths
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.texts import matches

_USUAL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")
_OTHERS = """
ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE
NOTIFY ORDERPATCH PRI PROPFIND PROPPATCH PURGE QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNCHECKOUT UNLINK UNLOCK UNSUBSCRIBE
UPDATE UPDATEREDIRECTREF VERSION-CONTROL
"""
_METHODS = frozenset((*_USUAL, *_OTHERS.split()))
"""The methods of HTTP (IANA's registry), and those that UPnP and caches use."""

SPIFFE = "spiffe://"
_STARS = "a * counts only at one end"


class Impossible(msgspec.Struct, frozen=True):
    """Why no request has a value, as a clause, and what was meant; None where that is not certain.

    ``is_certain`` is unset where an unusual request may have it after all.
    """

    why: str
    meant: str | None = None
    is_certain: bool = True


def impossible(attribute: str, value: str) -> Impossible | None:
    """Why no request has a value that a policy asks for; None where one may."""
    match attribute:
        case names.PRINCIPAL if value.startswith(SPIFFE):
            return Impossible("Istio adds spiffe:// itself", value.removeprefix(SPIFFE))
        case names.PRINCIPAL | names.SNI if _has_literal_star(value):
            return Impossible(_STARS)
        case names.REQUESTER:
            return _requester(value)
        case names.METHOD:
            return _method(value)
        case names.HOST:
            return _host(value)
        case names.PATH:
            return _path(value)
        case names.AUDIENCES | names.PRESENTER if _has_stars_around(value):
            return Impossible(_STARS, is_certain=False)
        case _ if attribute.startswith((names.CLAIM, names.HEADER)) and _has_stars_around(value):
            return Impossible(_STARS, is_certain=False)
    return None


def _has_literal_star(value: str) -> bool:
    """Whether a value has a ``*`` that is read as a letter."""
    return "*" in (value[1:] if value.startswith("*") else value[:-1])


def _has_stars_around(value: str) -> bool:
    return len(value) > 1 and value.startswith("*") and value.endswith("*")


def _requester(value: str) -> Impossible | None:
    """A value is split at its last slash; a ``*`` at its start frees the issuer alone, and one at its end the subject."""
    if value in ("*/*", "**"):
        return Impossible(_STARS, "*")
    if _has_literal_star(value):
        return Impossible(_STARS)
    return Impossible("it has to be ISSUER/SUBJECT") if "*" not in value and "/" not in value else None


def _method(value: str) -> Impossible | None:
    if any(matches(value, method) for method in _METHODS):
        return None
    if any(matches(value.upper(), method) for method in _METHODS):
        return Impossible("methods are upper-case", value.upper())
    if _has_literal_star(value):
        return Impossible(_STARS)
    meant = nearest(value.upper(), _USUAL)
    is_slip = meant is not None and (len(meant) > 4 or sorted(meant) == sorted(value.upper()))
    return Impossible("HTTP has no such method", meant if is_slip else None, is_certain=False)


def _host(value: str) -> Impossible | None:
    if found := re.fullmatch(r"https?://([^/]+)(/.*)?", value):
        return Impossible("a Host has no scheme and no path", None if found[2] not in (None, "/") else found[1])
    if "/" in value:
        return Impossible("a Host has no path")
    if value.startswith("*") and value.endswith(":*") and not _has_literal_star(value.removesuffix(":*")):
        return Impossible(_STARS, value.removesuffix(":*"))
    return Impossible(_STARS) if _has_literal_star(value) else None


def _path(value: str) -> Impossible | None:
    if paths.is_template(value):
        return None
    if "?" in value or "#" in value:
        return Impossible("paths are compared without the query")
    if not value.startswith(("/", "*")):
        return Impossible("paths start with a slash", f"/{value}" if re.match(r"[\w.-]", value) and not _has_literal_star(value) else None)
    if not _has_literal_star(value):
        return None
    pieces = value.split("/")
    is_of_segments = all("*" not in piece or piece == "*" for piece in pieces) and "*" in pieces and value.startswith("/")
    return Impossible(_STARS, "/".join("{*}" if piece == "*" else piece for piece in pieces) if is_of_segments else None)
