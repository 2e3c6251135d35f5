"""What istiod's webhook says of a WorkloadGroup (`pkg/config/validation/validation.go ValidateWorkloadGroup`)."""

import re

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.fields import has, items, number, part, parts, text
from kubectl_meshfix.validation.values.labels import labels
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_COUNTS = ("periodSeconds", "initialDelaySeconds", "timeoutSeconds", "successThreshold", "failureThreshold")


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused in a WorkloadGroup. Its template is not looked into: what it lacks is filled in where a workload registers."""
    yield from annotations(metadata)
    if part(spec, "template") is None:
        yield Violation(path="/spec", says="template is missing")
    yield from labels(part(spec, "metadata"), "labels", "/spec/metadata")
    probe = part(spec, "probe")
    if probe is not None:
        yield from _probe(probe, "/spec/probe")


def _probe(probe: Fields, path: str) -> Violations:
    for name in _COUNTS:
        value = number(probe, name)
        if value < 0:
            yield Violation(path=path + join(name), says=f"{name} is {value}, and cannot be negative")
    if has(probe, "httpGet"):
        yield from _http(part(probe, "httpGet") or {}, f"{path}/httpGet")
    elif has(probe, "tcpSocket"):
        yield from _port(part(probe, "tcpSocket") or {}, f"{path}/tcpSocket")
    elif has(probe, "exec"):
        if not items(part(probe, "exec"), "command"):
            yield Violation(path=f"{path}/exec", says="exec has no command")
    else:
        lacking = "has grpc, which istiod's webhook refuses" if has(probe, "grpc") else "does not say how to check"
        yield Violation(path=path, says=f"probe {lacking}; write httpGet, tcpSocket or exec")


def _http(http: Fields, path: str) -> Violations:
    yield from _port(http, path)
    scheme = text(http, "scheme")
    if scheme not in ("", "HTTP", "HTTPS"):
        meant = scheme.upper() if scheme.upper() in ("HTTP", "HTTPS") else None
        yield Violation(path=f"{path}/scheme", says=f'httpGet.scheme is "{scheme}"; write HTTP or HTTPS', correction=meant)
    for place, header in parts(http, "httpHeaders", path):
        name = text(header, "name")
        if not name:
            yield Violation(path=place, says="a header of httpGet has no name")
        elif not re.fullmatch("[-A-Za-z0-9]+", name):
            yield Violation(path=f"{place}/name", says=f'a header of httpGet is named "{name}", and a name is letters, digits and "-"')


def _port(probe: Fields, path: str) -> Violations:
    port = number(probe, "port")
    yield from ports.number("the probe's port", port, f"{path}/port" if port else path)
