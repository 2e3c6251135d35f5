"""Addresses in the words of a command: hosts and ports, those of the pod itself left out."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from kubectl_meshfix.injection.early.programs import CONNECTING, KNOWN_PORTS, WAITING, client_port

_HOST = r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.?|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_SCHEME = r"[a-z][a-z0-9+.-]*"
_BUCKETS = frozenset({"s3", "s3a", "gs", "hdfs", "hf"})
_LOCAL_SCHEMES = frozenset({"file", "unix", "sqlite", "sqlite3", "memory", "oci-archive", "dir"})
_HERE = frozenset({"localhost", "0.0.0.0"})  # noqa: S104 -- a name that is read, not an address to listen on
SOCKET = "/dev/tcp/"
"""How a shell opens a connection."""

_HOST_FLAGS = frozenset({"-h", "--host", "--hostname"})
_PORT_FLAGS = frozenset({"-p", "-P", "--port"})


class Host(msgspec.Struct, frozen=True):
    """An address that is called: a name or an IP, and the port where it is known."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.port}" if self.port else self.name


def is_address(word: str) -> bool:
    """Whether a word can be nothing but an address: a URL, or a host and a port, where a user and a group look different."""
    pair = of_pair(word)
    return of_url(word) is not None or scheme_of(word) in _BUCKETS or (pair is not None and _is_certain(pair))


def authority(word: str) -> str:
    """A bucket's name, with nothing that may be a secret."""
    scheme, _, rest = word.partition("://")
    return f"{scheme}://{_server(rest)}"


def names_only_itself(words: Sequence[str]) -> bool:
    """Whether a client is told to call its own pod: by a URL, an option's value or a word, with a port or without."""
    addresses = (word.partition("://")[2] or word.rpartition("=")[2] for word in words)
    return any(_is_here(_server(address).partition(":")[0]) for address in addresses)


def _server(address: str) -> str:
    """Host and port of an address without its scheme: no user, no path."""
    return re.split(r"[/?#,]", address, maxsplit=1)[0].rpartition("@")[2]


def _is_certain(pair: Host) -> bool:
    return "." in pair.name or pair.port in KNOWN_PORTS


def _is_here(name: str) -> bool:
    return name in _HERE or name.startswith("127.")


def hosts_in(client: str, words: Sequence[str]) -> Iterator[Host]:
    """The addresses in the words of a command, its own pod's left out."""
    flagged, port = "", client_port(client)
    for index, word in enumerate(words):
        flag, sign, value = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        if flag in _HOST_FLAGS and re.fullmatch(_HOST, value if sign else following):
            flagged = value if sign else following
        elif flag in _PORT_FLAGS and (number := _port(value if sign else following)):
            port = number
        host = of_url(word) or (of_url(value) if sign else None)
        pair = of_pair(value if sign else word)
        if host is None and pair is not None and (_is_certain(pair) or client.startswith(WAITING)):
            host = pair
        if host is not None:
            yield host
    if flagged and not _is_here(flagged):
        yield Host(flagged, port)
    if client in CONNECTING or client == "telnet":
        plain = [word for word in words if not word.startswith("-")]
        for name, following in pairwise(plain):
            if (found := _port(following)) and re.fullmatch(_HOST, name) and not _is_here(name):
                yield Host(name, found)


def scheme_of(word: str) -> str:
    """The scheme of an address, that of a database below ``jdbc:``; empty for what is none, or leads to this pod's own files."""
    before, sign, _ = word.partition("://")
    scheme = before.rpartition(":")[2].lower()
    return scheme if sign and scheme not in _LOCAL_SCHEMES and re.fullmatch(_SCHEME, scheme) else ""


def of_url(word: str) -> Host | None:
    """The host of a URL, and its port or that of its scheme; None for what is none, or leads to the pod itself."""
    scheme = scheme_of(word)
    if not scheme or scheme in _BUCKETS:
        return None
    name, _, number = _server(word.partition("://")[2]).partition(":")
    if not re.fullmatch(_HOST, name) or _is_here(name):
        return None
    return Host(name.rstrip("."), _port(number) or client_port(scheme))


def of_pair(word: str) -> Host | None:
    """``host:port``; a user and a group can look like one."""
    name, sign, number = word.rpartition(":")
    port = _port(number) if sign else None
    return Host(name, port) if port and re.fullmatch(_HOST, name) and not _is_here(name) else None


def of_socket(word: str) -> Iterator[Host]:
    """The host and port of ``/dev/tcp/HOST/PORT``."""
    name, _, number = word.partition(SOCKET)[2].partition("/")
    port = _port(re.split(r"[^0-9]", number, maxsplit=1)[0])
    if port and re.fullmatch(_HOST, name) and not _is_here(name):
        yield Host(name, port)


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 2**16 else None
