"""Init containers that need the network, as far as their commands, images and addresses show it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kubectl_meshfix.injection.early.commands import commands
from kubectl_meshfix.injection.early.programs import CLIENTS, DATABASES, IMAGES, KNOWN_PORTS, LOCAL, MIGRATING, WAITING, client_port
from kubectl_meshfix.resources.core import Container, PodSpec
from kubectl_meshfix.resources.meta import Struct

_WORDS = re.compile(r"[^A-Za-z0-9]+")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.?|[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_BUCKETS = frozenset({"s3", "s3a", "gs", "hdfs", "hf"})
_LOCAL_SCHEMES = frozenset({"file", "unix", "sqlite", "sqlite3", "memory", "oci-archive", "dir"})
_HERE = frozenset({"localhost", "0.0.0.0"})  # noqa: S104 -- a name that is read, not an address to listen on
_TCP = "/dev/tcp/"
_HOST_FLAGS = frozenset({"-h", "-H", "--host", "--hostname"})
_PORT_FLAGS = frozenset({"-p", "-P", "--port"})
_CONNECTING = frozenset({"nc", "ncat", "netcat"})


class Host(NamedTuple):
    """An address that is called: a name or an IP, and the port where it is known."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.port}" if self.port else self.name


class InitCall(Struct, frozen=True):
    """An init container that needs the network: its place among them, what shows it, and the hosts that it is known to call.

    ``only_connects`` says that it opens connections and sends nothing, as ``nc -z`` does. ``user`` and ``group`` are those that it runs as,
    None for the image's own.
    """

    container: str
    index: int
    says: str
    hosts: tuple[Host, ...] = ()
    only_connects: bool = False
    user: int | None = None
    group: int | None = None


class _Sign(NamedTuple):
    """What shows that a container calls."""

    says: str
    hosts: tuple[Host, ...] = ()
    only_connects: bool = False


def init_calls(spec: PodSpec) -> tuple[InitCall, ...]:
    """The init containers of a pod that need the network; those that keep running may try again, and are left out."""
    general = spec.security_context
    found: list[InitCall] = []
    for index, container in enumerate(spec.init_containers):
        signs = tuple(_signs(container)) if container.restart_policy != "Always" else ()
        if not signs:
            continue
        own = container.security_context
        user = own.run_as_user if own and own.run_as_user is not None else general.run_as_user if general else None
        group = own.run_as_group if own and own.run_as_group is not None else general.run_as_group if general else None
        hosts = (*(host for sign in signs for host in sign.hosts), *_of_env(container))
        found.append(
            InitCall(
                container=container.name or f"number {index + 1}",
                index=index,
                says=signs[0].says,
                hosts=tuple(dict.fromkeys(hosts)),
                only_connects=all(sign.only_connects for sign in signs),
                user=user,
                group=group,
            )
        )
    return tuple(found)


def _signs(container: Container) -> Iterator[_Sign]:
    is_local_database = any("sqlite" in text for text in (*container.command, *container.args, *(item.value for item in container.env)))
    is_unknown = True
    for program, *words in commands(container):
        is_unknown = is_unknown and program not in LOCAL
        if sign := _of_command(program, words, is_local_database=is_local_database):
            yield sign
    names = _WORDS.split(container.name.lower())
    if is_unknown and (container.name.startswith(WAITING) or (not is_local_database and not MIGRATING.isdisjoint(names))):
        yield _Sign(f"its name is {container.name}", only_connects=container.name.startswith(WAITING))
    if container.command:
        return
    image = container.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    if image.startswith(IMAGES) or (not is_local_database and not MIGRATING.isdisjoint(_WORDS.split(image))):
        named = tuple(host for _, *words in commands(container) for host in _hosts(image, words))
        yield _Sign(f"its image is {image}", named, only_connects=image.startswith(WAITING))
    elif databases := [host for variable in container.env for host in _database(variable.value)]:
        yield _Sign(f"its environment names {databases[0]}", tuple(databases))


def _of_command(program: str, words: Sequence[str], *, is_local_database: bool) -> _Sign | None:
    sockets = tuple(host for word in (program, *words) if _TCP in word for host in _of_socket(word))
    if sockets:
        return _Sign(f"it opens {sockets[0]}", sockets, only_connects=True)
    if program in LOCAL:
        return None
    if program.startswith("-"):
        program, words = "", (program, *words)
    name = program.partition(".")[0].lower()
    hosts = tuple(_hosts(name, words))
    if name in CLIENTS:
        subcommands = CLIENTS[name]
        if subcommands and subcommands.isdisjoint(words):
            return None
        if hosts or not _only_here(words):
            sends_nothing = name in _CONNECTING and any(word.startswith("-") and "z" in word for word in words)
            return _Sign(f"it runs {name}", hosts, only_connects=sends_nothing)
        return None
    if name.startswith(WAITING):
        return _Sign(f"it runs {program}", hosts, only_connects=not any("http" in word for word in words))
    migrating = next((word for word in (program, *words) if not MIGRATING.isdisjoint(_WORDS.split(word.lower()))), "")
    if migrating and not is_local_database:
        return _Sign(f"it runs {migrating}" if migrating.isprintable() and len(migrating) <= 40 else "it runs a migration", hosts)
    plain = next((word for word in (program, *words) if _is_address(word)), "")
    if not plain:
        return None
    host = _of_url(plain) or _of_pair(plain)
    return _Sign(f"it names {host or _authority(plain)}", hosts or ((host,) if host else ()))


def _authority(word: str) -> str:
    """A bucket's name, with nothing that may be a secret."""
    scheme, _, rest = word.partition("://")
    return f"{scheme}://{re.split(r'[/?#,]', rest, maxsplit=1)[0].rpartition('@')[2]}"


def _is_address(word: str) -> bool:
    """Whether a word can be nothing but an address: a URL, or a host and a port, where a user and a group look different."""
    pair = _of_pair(word)
    return _of_url(word) is not None or _scheme(word) in _BUCKETS or (pair is not None and _is_certain(pair))


def _is_certain(pair: Host) -> bool:
    return "." in pair.name or pair.port in KNOWN_PORTS


def _only_here(words: Sequence[str]) -> bool:
    """Whether a client is told to call its own pod."""
    return any(_is_here(word.partition("://")[2].partition("/")[0].partition(":")[0] or word) for word in words)


def _is_here(name: str) -> bool:
    return name in _HERE or name.startswith("127.")


def _hosts(client: str, words: Sequence[str]) -> Iterator[Host]:
    """The addresses in the words of a command, its own pod's left out."""
    flagged, port = "", client_port(client)
    for index, word in enumerate(words):
        flag, sign, value = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        if flag in _HOST_FLAGS and _HOST.fullmatch(value if sign else following):
            flagged = value if sign else following
        elif flag in _PORT_FLAGS and (number := _port(value if sign else following)):
            port = number
        host = _of_url(word) or (_of_url(value) if sign else None)
        pair = _of_pair(value if sign else word)
        if host is None and pair is not None and (_is_certain(pair) or client.startswith(WAITING)):
            host = pair
        if host is not None:
            yield host
    if flagged and not _is_here(flagged):
        yield Host(flagged, port)
    if client in _CONNECTING or client == "telnet":
        plain = [word for word in words if not word.startswith("-")]
        for name, following in pairwise(plain):
            if (found := _port(following)) and _HOST.fullmatch(name) and not _is_here(name):
                yield Host(name, found)


def _scheme(word: str) -> str:
    """The scheme of an address, that of a database below ``jdbc:``; empty for what is none, or leads to this pod's own files."""
    before, sign, _ = word.partition("://")
    scheme = before.rpartition(":")[2].lower()
    return scheme if sign and scheme not in _LOCAL_SCHEMES and _SCHEME.fullmatch(scheme) else ""


def _of_url(word: str) -> Host | None:
    scheme = _scheme(word)
    if not scheme or scheme in _BUCKETS:
        return None
    rest = word.partition("://")[2]
    authority = re.split(r"[/?#,]", rest, maxsplit=1)[0].rpartition("@")[2]
    name, _, number = authority.partition(":")
    if not _HOST.fullmatch(name) or _is_here(name):
        return None
    return Host(name.rstrip("."), _port(number) or client_port(scheme))


def _of_pair(word: str) -> Host | None:
    name, sign, number = word.rpartition(":")
    port = _port(number) if sign else None
    return Host(name, port) if port and _HOST.fullmatch(name) and not _is_here(name) else None


def _of_socket(word: str) -> Iterator[Host]:
    name, _, number = word.partition(_TCP)[2].partition("/")
    port = _port(re.split(r"[^0-9]", number, maxsplit=1)[0])
    if port and _HOST.fullmatch(name) and not _is_here(name):
        yield Host(name, port)


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 2**16 else None


def _of_env(container: Container) -> Iterator[Host]:
    return (host for variable in container.env if (host := _of_url(variable.value) or _of_pair(variable.value)))


def _database(value: str) -> Iterator[Host]:
    scheme = value.partition("://")[0].rpartition(":")[2].partition("+")[0].lower()
    if scheme in DATABASES and (host := _of_url(value)):
        yield host
