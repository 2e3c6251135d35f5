"""Modules of Wasm: where they come from, and what runs them (`pkg/config/validation/validation.go validateWasmPlugin…`)."""

import re

from kubectl_meshfix.validation.values import urls
from kubectl_meshfix.validation.values.fields import number, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_SCHEMES = ("", "file", "http", "https", "oci")
_LONGEST_SECRET = 253
_LONGEST_NAME = 256
_HASH = 64


def module(fields: Fields, path: str) -> Violations:
    """A module: its address, hash, secret, name, and the environment of its virtual machine."""
    yield from _url(text(fields, "url"), path)
    digest = text(fields, "sha256")
    if digest and not re.fullmatch(f"[a-f0-9]{{{_HASH}}}", digest):
        meant = digest.lower() if re.fullmatch(f"[a-fA-F0-9]{{{_HASH}}}", digest) else None
        says = f'sha256 is "{digest}", and it is {_HASH} digits and letters from a to f'
        yield Violation(path=f"{path}/sha256", says=says, correction=meant)
    for name, most in (("imagePullSecret", _LONGEST_SECRET), ("pluginName", _LONGEST_NAME)):
        if len(text(fields, name).encode()) > most:
            yield Violation(path=f"{path}/{name}", says=f"{name} is longer than {most} letters")
    yield from _environment(part(fields, "vmConfig"), f"{path}/vmConfig")


def matches(spec: Fields) -> Violations:
    """The ports of ``match``."""
    for path, match in parts(spec, "match", "/spec"):
        for place, port in parts(match, "ports", path):
            value = number(port, "number")
            if not 0 < value <= 65535:
                where = f"{place}/number" if value else place
                yield Violation(path=where, says=f"a port of match is {value}, and a port is 1 to 65535")


def _url(url: str, path: str) -> Violations:
    place = f"{path}/url"
    if not url:
        yield Violation(path=path, says="url is missing, and it has to name a module")
        return
    scheme = urls.scheme(url)
    if unlike := _url_flaw(url):
        yield Violation(path=place, says=f"url is not one: {unlike}")
    elif not urls.flaw(url, of_request=True) and scheme not in _SCHEMES:
        hint = f"; for an image at a port write oci://{url}" if "." in scheme or scheme == "localhost" else ""
        yield Violation(
            path=place, says=f"url begins with {scheme}:, and Istio knows oci, http, https and file{hint}", correction=_meant(url, hint)
        )


def _url_flaw(url: str) -> str:
    """What is wrong with an address, which may lack its scheme (`strictParseURL`); empty for a good one."""
    for address in (url, f"http://{url}"):
        if not urls.flaw(address, of_request=True):
            return urls.flaw(address)
    return urls.flaw(url, of_request=True)


def _meant(url: str, hint: str) -> str | None:
    return f"oci://{url}" if hint and re.fullmatch("[^:/]+:[0-9]+/.+", url) else None


def _environment(machine: Fields | None, path: str) -> Violations:
    seen: set[str] = set()
    for place, variable in parts(machine, "env", path):
        name = text(variable, "name")
        if not name:
            yield Violation(path=place, says="a variable of env has no name")
        elif len(name.encode()) > _LONGEST_NAME:
            yield Violation(path=f"{place}/name", says=f"a variable of env has a name that is longer than {_LONGEST_NAME} letters")
        elif name in seen:
            yield Violation(path=f"{place}/name", says=f'env has the variable "{name}" twice')
        elif text(variable, "valueFrom") == "HOST" and text(variable, "value"):
            says = f'the variable "{name}" has a value, and takes it from the host'
            yield Violation(path=f"{place}/value", says=says, removes=True)
        seen.add(name)
