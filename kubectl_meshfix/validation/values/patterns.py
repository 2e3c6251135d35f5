"""Lists of texts that policies compare with: empty values, wildcards, templates of paths, ports (`pkg/config/security/security.go`)."""

import re

from kubectl_meshfix.validation.values.addresses import subnet
from kubectl_meshfix.validation.values.fields import texts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

ONE, ANY = "{*}", "{**}"
_LITERAL = r"[a-zA-Z0-9\-._~%!$&'()+,;:@=]+"
_LARGEST_PORT = 65535


def filled(fields: Fields, name: str, path: str) -> Violations:
    """Texts of which none is empty (`CheckEmptyValues`). ``path`` is that of ``fields``, as below."""
    for place, word in texts(fields, name, path):
        if not word:
            yield _empty(name, place)


def blocks(fields: Fields, name: str, path: str) -> Violations:
    """IP addresses and blocks of them (`ValidateIPs`)."""
    for place, word in texts(fields, name, path):
        if word:
            yield from subnet(name, word, place)
        else:
            yield _empty(name, place)


def port_numbers(fields: Fields, name: str, path: str) -> Violations:
    """Ports as texts, 0 among them (`ValidatePorts`)."""
    for place, word in texts(fields, name, path):
        if not word:
            yield _empty(name, place)
        elif not (word.isascii() and word.isdigit() and int(word) <= _LARGEST_PORT):
            yield Violation(path=place, says=f'{name} has "{word}", and a port is a number up to {_LARGEST_PORT}')


def wildcards(fields: Fields, name: str, path: str) -> Violations:
    """Texts with one ``*`` at most, at the start or at the end (`CheckWildcardValues`)."""
    for place, word in texts(fields, name, path):
        if not word:
            yield _empty(name, place)
        elif "*" in word[1:-1] or word.count("*") > 1:
            yield Violation(path=place, says=f'{name} has "{word}", and there may be one *, at the start or at the end')


def trust_domains(fields: Fields, name: str, path: str) -> Violations:
    """Trust domains (`CheckTrustDomainValues`)."""
    yield from wildcards(fields, name, path)
    for place, word in texts(fields, name, path):
        if "/" in word:
            yield Violation(path=place, says=f'{name} has "{word}", and a trust domain has no slash')


def paths(fields: Fields, name: str, path: str) -> Violations:
    """Paths of requests, with ``{*}`` for one part of a path and ``{**}`` for its rest (`CheckValidPathTemplate`)."""
    yield from filled(fields, name, path)
    for place, word in texts(fields, name, path):
        if unlike := _path_flaw(word):
            yield Violation(path=place, says=f'{name} has "{word}", and {unlike}')


def _path_flaw(word: str) -> str:
    """What is wrong with a path, as a clause; empty for a good one."""
    is_template, is_after_any = ONE in word or ANY in word, False
    for piece in word.strip("/").split("/"):
        if piece in (ONE, ANY):
            if is_after_any:
                return f"{ANY} has to be the last of its templates"
            is_after_any = piece == ANY
        elif "{" in piece or "}" in piece:
            return f"braces are only for {ONE} and {ANY}, each between slashes"
        elif is_template and not re.fullmatch(_LITERAL, piece):
            wrong = f'"{piece}" is not allowed' if piece else "an empty part is not allowed"
            return f"{wrong} beside a template; write letters, digits and signs of URLs, without *"
    return ""


def _empty(name: str, path: str) -> Violation:
    return Violation(path=path, says=f"{name} has an empty value")
