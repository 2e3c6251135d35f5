"""The ingress of a Sidecar: on which ports its pods listen, and where what comes in goes."""

import re

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.protocols import HTTP_LIKE
from kubectl_meshfix.validation.policies.connection_pool import connection_pool
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import UNIX, address, unix_socket
from kubectl_meshfix.validation.values.fields import has, is_true, items, number, part, parts, text
from kubectl_meshfix.validation.values.server_tls import server_tls
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_LOCAL = ("", "127.0.0.1", "0.0.0.0", "::1", "::")  # noqa: S104
_FORM = "127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///PATH"
_NOT_IN_SIDECARS = ("subjectAltNames", "credentialName", "credentialNames", "tlsCertificates")


def ingress(spec: Fields) -> Violations:
    """The listeners of ``ingress``."""
    seen: set[float] = set()
    for path, listener in parts(spec, "ingress", "/spec"):
        port = part(listener, "port")
        if port is None:
            yield Violation(path=path, says="a listener of ingress has no port")
            continue
        yield from no_target_port(port, f"{path}/port")
        value = number(port, "number")
        yield from _port(port, path)
        if text(listener, "bind"):
            yield from address("bind", text(listener, "bind"), f"{path}/bind")
        if value and value in seen:
            yield Violation(path=f"{path}/port/number", says=f"two listeners of ingress have port {value}, and ports have to be unique")
        seen.add(value)
        if text(listener, "defaultEndpoint"):
            yield from _endpoint(text(listener, "defaultEndpoint"), f"{path}/defaultEndpoint")
        if part(listener, "tls") is not None:
            yield from _tls(part(listener, "tls") or {}, f"{path}/tls", port)
        yield from connection_pool(listener, "connectionPool", path)
        if has(part(listener, "connectionPool"), "http") and ports.protocol_of(port) not in HTTP_LIKE:
            says = f'connectionPool.http is set, and the protocol of port {value} is "{text(port, "protocol")}", which is not HTTP'
            yield warning(f"{path}/connectionPool/http", says, effect="Istio ignores it")


def no_target_port(port: Fields, path: str) -> Violations:
    """A ``targetPort``, which a Sidecar does not have."""
    if number(port, "targetPort"):
        yield Violation(path=f"{path}/targetPort", says="targetPort has no effect on a Sidecar", removes=True)


def _port(port: Fields, path: str) -> Violations:
    place, value = f"{path}/port", number(port, "number")
    if text(port, "name"):
        yield from ports.label("port name", text(port, "name"), f"{place}/name")
    yield from ports.protocol(text(port, "protocol"), f"{place}/protocol")
    yield from ports.number("port number", value, f"{place}/number" if value else place)


def _endpoint(endpoint: str, path: str) -> Violations:
    if endpoint.startswith(UNIX):
        yield from unix_socket("defaultEndpoint", endpoint, path)
        return
    written = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)", endpoint)
    if not written or (written[1] or written[2] or "") not in _LOCAL:
        yield Violation(path=path, says=f'defaultEndpoint is "{endpoint}"; write {_FORM}')
    elif not re.fullmatch("[+-]?[0-9]+", written[3]):
        yield Violation(path=path, says=f'defaultEndpoint is "{endpoint}", and "{written[3]}" is no number of a port')
    else:
        yield from ports.number("the port of defaultEndpoint", int(written[3]), path)


def _tls(tls: Fields, path: str, port: Fields) -> Violations:
    for name in _NOT_IN_SIDECARS:
        if text(tls, name) or items(tls, name):
            yield Violation(
                path=path + join(name), says=f"tls has {name}, which a Sidecar does not support; it reads its certificate from files"
            )
    if is_true(tls, "httpsRedirect"):
        yield Violation(path=f"{path}/httpsRedirect", says="tls has httpsRedirect, which a Sidecar does not support")
    if text(tls, "mode") in ("ISTIO_MUTUAL", "AUTO_PASSTHROUGH"):
        yield Violation(
            path=f"{path}/mode", says=f"tls mode is {text(tls, 'mode')}, which a Sidecar does not support; write SIMPLE or MUTUAL"
        )
    if ports.protocol_of(port) not in ports.TLS:
        yield Violation(path=path, says=f'the port\'s protocol is "{text(port, "protocol")}", and tls is for HTTPS and TLS')
    yield from server_tls(tls, path, may_be_credential=False)
