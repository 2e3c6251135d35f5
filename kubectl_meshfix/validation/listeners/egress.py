"""The egress of a Sidecar: which hosts its pods may call, and on which listeners."""

from kubectl_meshfix.validation.listeners.ingress import no_target_port
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import UNIX, address, unix_socket
from kubectl_meshfix.validation.values.fields import items, number, part, parts, text, texts
from kubectl_meshfix.validation.values.hosts import scoped
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_ALL = "*"


def egress(spec: Fields, namespace: str) -> Violations:
    """The listeners of ``egress``. ``namespace`` is the Sidecar's, empty where it names none."""
    listeners = list(parts(spec, "egress", "/spec"))
    seen: set[float | str] = set()
    for index, (path, listener) in enumerate(listeners):
        port, bind = part(listener, "port"), text(listener, "bind")
        if port is None:
            if index < len(listeners) - 1:
                yield Violation(path=path, says="a listener of egress without a port is for all ports, and has to be the last one")
        else:
            yield from no_target_port(port, f"{path}/port")
            yield from _port(listener, port, path)
            key = number(port, "number") or bind
            if key in seen:
                name, place = ("port", f"{path}/port/number") if number(port, "number") else ("bind", f"{path}/bind" if bind else path)
                yield Violation(path=place, says=f"two listeners of egress have {name} {key or 0}")
            seen.add(key)
        if not items(listener, "hosts"):
            yield Violation(path=path, says="a listener of egress has no hosts; write ./* for the own namespace, */* for all")
        for place, host in texts(listener, "hosts", path):
            yield from scoped(host, place, of_gateway=False)
        yield from _repeated(listener, path, namespace)


def _port(listener: Fields, port: Fields, path: str) -> Violations:
    place, value, bind = f"{path}/port", number(port, "number"), text(listener, "bind")
    if text(port, "name"):
        yield from ports.label("port name", text(port, "name"), f"{place}/name")
    yield from ports.protocol(text(port, "protocol"), f"{place}/protocol")
    if value:
        yield from ports.number("port number", value, f"{place}/number")
        if bind:
            yield from address("bind", bind, f"{path}/bind")
        return
    if bind.startswith(UNIX):
        yield from unix_socket("bind", bind, f"{path}/bind")
    else:
        yield Violation(path=place, says="port number is 0 or missing, which is for listeners whose bind is a Unix socket; write a number")
    mode = text(listener, "captureMode")
    if mode == "IPTABLES":
        yield Violation(path=f"{path}/captureMode", says="captureMode is IPTABLES, and a Unix socket is not captured; write NONE")


def _repeated(listener: Fields, path: str, namespace: str) -> Violations:
    """Hosts that are in the list already, by themselves or by a ``*`` for all of their namespace. Those with ``~`` are left out of it."""
    known: dict[str, set[str]] = {}
    for place, host in texts(listener, "hosts", path):
        home, slash, name = host.partition("/")
        if not slash or home.startswith("~"):
            continue
        hosts = known.setdefault(namespace if home == "." and namespace else home, set())
        if name == _ALL and hosts:
            yield warning(place, f'egress host "{host}" repeats hosts of the same namespace before it')
        elif name in hosts or _ALL in hosts:
            yield warning(place, f'egress host "{host}" is in the list already', removes=True)
        hosts.add(name)
    if _ALL in known.get(_ALL, set()) and len(known) > 1:
        kept = [host for _, host in texts(listener, "hosts", path) if host == "*/*" or host.startswith("~")]
        yield warning(f"{path}/hosts", "egress has */*, which is all hosts, and others beside it", correction=kept)
