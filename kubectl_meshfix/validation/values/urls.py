"""URLs as Go reads them (`net/url`), which admits more than browsers do."""

import re

from kubectl_meshfix.validation.values.addresses import is_address

_SCHEME = r"(?s)([A-Za-z][A-Za-z0-9+.\-]*):(.*)"
_HOST = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:\[\]<>\"\x80-\U0010ffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*"
_USER = r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*"
_ESCAPES = "(?s)(?:[^%]|%[0-9A-Fa-f]{2})*"
_PORT = "(?::[0-9]*)?"


def scheme(url: str) -> str:
    """The scheme in lower case; empty where there is none."""
    found = re.match(_SCHEME, url)
    return found[1].lower() if found else ""


def flaw(url: str, *, of_request: bool = False) -> str:
    """What keeps a text from being a URL, as a clause; empty for a good one. One of a request is absolute (`url.ParseRequestURI`)."""
    if re.search("[\x00-\x1f\x7f]", url):
        return "it has a control character"
    if not url and of_request:
        return "it is empty"
    rest, hash_, fragment = url.partition("#")
    if of_request:
        rest, fragment = url, ""
    if hash_ and not re.fullmatch(_ESCAPES, fragment):
        return "it has a % that is no escape"
    if rest.startswith(":"):
        return "it has no scheme before the colon"
    found = re.match(_SCHEME, rest)
    if rest == "*":
        return ""
    rest = (found[2] if found else rest).partition("?")[0]
    if not rest.startswith("/"):
        if found:
            return ""
        if of_request:
            return "it is neither absolute nor a path"
        return "it has a colon in its first part" if ":" in rest.partition("/")[0] else ""
    if rest.startswith("//") and (found or not (of_request or rest.startswith("///"))):
        authority, slash, rest = rest[2:].partition("/")
        if unlike := _authority_flaw(authority):
            return unlike
        rest = slash + rest
    return "" if re.fullmatch(_ESCAPES, rest) else "it has a % that is no escape"


def port(url: str) -> str:
    """What is written for the port of a URL without a flaw; empty where there is none."""
    found = re.match(_SCHEME, url.partition("#")[0])
    rest = (found[2] if found else url).partition("?")[0]
    host = rest[2:].partition("/")[0].rpartition("@")[2] if rest.startswith("//") else ""
    return host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""


def _authority_flaw(authority: str) -> str:
    user, _, host = authority.rpartition("@")
    if not re.fullmatch(_USER, user) or not re.fullmatch(_ESCAPES, user):
        return "the user before the @ has a sign that is not allowed"
    if "[" in host:
        if not host.startswith("[") or "]" not in host:
            return "a bracket of its host is not closed"
        inside, _, after = host[1:].rpartition("]")
        name = inside.partition("%25")[0]
        if ":" not in name or not is_address(name):
            return "what its host has in brackets is no IPv6 address"
    else:
        name, colon, digits = host.partition(":")
        after = colon + digits
    if not re.fullmatch(_PORT, after):
        return "its port is no number"
    return "" if re.fullmatch(_HOST, name) else "its host has a sign that is not allowed"
