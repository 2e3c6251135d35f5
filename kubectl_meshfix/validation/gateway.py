"""What istiod's webhook says of a Gateway (`pkg/config/validation/validation.go ValidateGateway`)."""

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import UNIX, address, unix_socket
from kubectl_meshfix.validation.values.annotations import annotations, is_of_gateway_api
from kubectl_meshfix.validation.values.fields import is_true, items, number, part, parts, text, texts
from kubectl_meshfix.validation.values.hosts import is_label, scoped
from kubectl_meshfix.validation.values.server_tls import mode_of, passes_through, server_tls
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a Gateway."""
    yield from annotations(metadata)
    name, is_made = text(metadata, "name"), is_of_gateway_api(metadata)
    if name and not is_label(name) and not is_made:
        says = f'a Gateway\'s name, "{name}", has to be a DNS label: 1 to 63 letters, digits and "-"'
        yield Violation(path="/metadata/name", says=says)
    if not items(spec, "servers"):
        yield Violation(path="/spec", says="servers is empty, and a Gateway needs at least one")
    names: set[str] = set()
    for path, server in parts(spec, "servers", "/spec"):
        yield from _server(server, path, is_made=is_made)
        port = part(server, "port")
        called = text(port, "name")
        if called and called in names:
            yield Violation(
                path=f"{path}/port/name", says=f'two servers have a port named "{called}", and names of ports have to be unique'
            )
        names.add(called)
        if (
            port is not None
            and ports.protocol_of(port) not in HTTP_LIKE | {Protocol.UNSUPPORTED}
            and is_true(part(server, "tls"), "httpsRedirect")
        ):
            says = f'httpsRedirect is set, and is for servers of HTTP; the port\'s protocol is "{text(port, "protocol")}"'
            yield warning(f"{path}/tls/httpsRedirect", says)


def _server(server: Fields, path: str, *, is_made: bool) -> Violations:
    if not items(server, "hosts"):
        yield Violation(path=path, says='a server has no hosts; write "*" for all')
    for place, host in texts(server, "hosts", path):
        yield from scoped(host, place, of_gateway=True, from_gateway_api=is_made)
    port_flaws = list(_port(server, path))
    yield from port_flaws
    yield from _bind(server, path)
    tls = part(server, "tls")
    if tls is not None:
        yield from server_tls(tls, f"{path}/tls")
    if not port_flaws:
        yield from _protocol_of_tls(server, path)


def _port(server: Fields, path: str) -> Violations:
    port, place = part(server, "port"), f"{path}/port"
    if port is None:
        yield Violation(path=path, says="a server has no port")
        return
    word, value = text(port, "protocol"), number(port, "number")
    yield from ports.protocol(word, f"{place}/protocol" if word else place, required=True)
    if value or not text(server, "bind").startswith(UNIX):
        yield from ports.number("port number", value, f"{place}/number" if value else place)
    if number(port, "targetPort"):
        yield Violation(path=f"{place}/targetPort", says="targetPort has no effect on a Gateway", removes=True)
    if not text(port, "name"):
        yield Violation(path=place, says="port name is missing, and every server's port needs one")


def _bind(server: Fields, path: str) -> Violations:
    bind, place = text(server, "bind"), f"{path}/bind"
    if bind.startswith(UNIX):
        yield from unix_socket("bind", bind, place)
        value = number(part(server, "port"), "number")
        if value:
            yield Violation(path=f"{path}/port/number", says=f'port number is {value}, and bind is a Unix socket, "{bind}"; write 0')
    elif bind:
        yield from address("bind", bind, place)


def _protocol_of_tls(server: Fields, path: str) -> Violations:
    """Whether a server of TLS has settings, and one of another protocol has none but a redirect."""
    protocol, tls, place = ports.protocol_of(part(server, "port")), part(server, "tls"), f"{path}/tls"
    word = text(part(server, "port"), "protocol")
    if protocol in ports.TLS:
        if tls is None:
            yield Violation(path=path, says=f"port protocol is {word}, and the server has no tls")
    elif tls is not None and protocol not in HTTP_LIKE:
        yield Violation(path=place, says=f"port protocol is {word}, and tls is for HTTPS and TLS" + _hint(protocol))
    elif tls is not None:
        if not passes_through(tls):
            yield Violation(path=place, says=f"port protocol is {word}, and tls mode {mode_of(tls)} is for HTTPS and TLS")
            return
        for name in ("caCertificates", "privateKey", "serverCertificate"):
            if text(tls, name):
                says = f"tls has {name}, and port protocol is {word}, for which only httpsRedirect can be set"
                yield Violation(path=f"{place}/{name}", says=says)


def _hint(protocol: Protocol) -> str:
    return "; write TLS to add it to TCP" if protocol is Protocol.TCP else ""
